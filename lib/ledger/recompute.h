// SPDX-License-Identifier: Apache-2.0
//
// The recompute rule: a reversal in a currency with floor or cap leaves the
// member where they would stand had the reversed awards never been asked. So a
// loss that the floor swallowed gives nothing back, and a gain that the cap cut
// comes back when what filled the cap is reversed.
#ifndef LOYALTY_LIB_LEDGER_RECOMPUTE_H_
#define LOYALTY_LIB_LEDGER_RECOMPUTE_H_

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "ledger/award.h"
#include "model/journal.h"

namespace loyalty::ledger {

// Awards of which a part was reversed, and what is left of what limits left of
// them: as the last movement says that took a part.
std::map<model::Position, int64_t> LeftOfParts(
    const std::vector<model::GivenAward>& history);

struct Recomputed {
  int64_t balance = 0;
  std::map<int64_t, int64_t> cap_used;  // by day, of the days that were touched
};

// Re-adds what the awards of `history` asked, in order, leaving out those that
// are reversed already or in `undone`.
//
// Those who became the member stand for themselves until they did. A merge does
// not go below the floor, either.
//
// REQUIRES: `history` is not empty, holds all movements of one member and
//           currency from some point on, in journal order, and where others
//           became that member, all of everybody; and nothing recorded
//           after that point reversed an award from before it (then what the
//           first award recorded as balance, and the first of a day as used,
//           still holds before it).
Recomputed Recompute(const std::vector<model::GivenAward>& history,
                     const std::set<model::Position>& undone, int64_t floor,
                     std::optional<int64_t> daily_cap);

}  // namespace loyalty::ledger

#endif  // LOYALTY_LIB_LEDGER_RECOMPUTE_H_
