// SPDX-License-Identifier: Apache-2.0
//
// Replay: the lots of one member and currency, from all that ever moved them.
//
// Undoing an award leaves the member where they would stand had it never been
// asked: what it paid for is paid by their other units, and what those do not
// cover is owed. Giving a redemption back returns what funds it by then, what
// was taken last first. Both follow from going through the history again, so
// the order in which they come does not matter.
#ifndef LOYALTY_LIB_LEDGER_REPLAY_H_
#define LOYALTY_LIB_LEDGER_REPLAY_H_

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "ledger/terms.h"
#include "model/journal.h"
#include "model/lots.h"

namespace loyalty::ledger {

struct Replayed {
  model::Lots lots = {};
  int64_t expired = 0;
  int64_t written_off = 0;
  int64_t earned = 0;  // what was opened, awarded, adjusted
  std::map<int64_t, int64_t> cap_used = {};  // by day
};

// Goes through `history`: every movement of one member and currency, in journal
// order; of those who became that member as well, each for themselves until
// they did. Awards and adjustments that are reversed, or in `undone`, are left
// out. Each award has the cap of its time. Then settles to `to`.
//
// COST: in proportion to the history, times the lots open at a time.
Replayed Replay(const std::vector<model::GivenAward>& history,
                const std::set<model::Position>& undone,
                const TermsInTime& terms, absl::Time to);

}  // namespace loyalty::ledger

#endif  // LOYALTY_LIB_LEDGER_REPLAY_H_
