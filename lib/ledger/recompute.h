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

#include "ledger/terms.h"
#include "model/journal.h"

namespace loyalty::ledger {

// Of an award of which a part was reversed: what is asked of the rest, and what
// limits left of that.
struct LeftOfPart {
  int64_t asked = 0;
  int64_t limited = 0;
};

// As the last movement says that took a part of each.
std::map<model::Position, LeftOfPart> LeftOfParts(
    const std::vector<model::GivenAward>& history);

// What an award came to.
struct GivenUnits {
  model::Position at = {};
  int64_t units = 0;
};

struct Recomputed {
  int64_t balance = 0;
  std::vector<GivenUnits> given;  // in the journal's order; not of the undone
  std::map<int64_t, int64_t> cap_used;  // by day, of the days that were touched
};

// Re-adds what the awards of `history` asked, in order, leaving out those that
// are reversed already or in `undone`.
//
// Those who became the member stand for themselves until they did. A merge does
// not go below the floor, either. Each award has the terms of its time; where
// the floor was raised since, what would lie below it is lifted to it.
//
// REQUIRES: `history` is not empty, holds all movements of one member and
//           currency from some point on, in journal order, and where others
//           became that member, all of everybody; and nothing recorded
//           after that point reversed an award from before it (then what the
//           first award recorded as balance, and the first of a day as used,
//           still holds before it).
Recomputed Recompute(const std::vector<model::GivenAward>& history,
                     const std::set<model::Position>& undone,
                     const TermsInTime& terms);

}  // namespace loyalty::ledger

#endif  // LOYALTY_LIB_LEDGER_RECOMPUTE_H_
