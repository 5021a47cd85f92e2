// SPDX-License-Identifier: Apache-2.0
//
// See award.h.
#include "ledger/award.h"

#include <algorithm>

namespace loyalty::ledger {

Given Give(const Standing& before, int64_t limited, const Terms& terms) {
  Given given{.units = limited, .after = before};
  const int64_t most = kMaxBalance - before.balance;
  if (given.units > most) {
    given.units = most;
    given.cut = CutReason::kOverflow;
  }
  if (terms.daily_cap.has_value()) {
    const int64_t room =
        std::max<int64_t>(0, *terms.daily_cap - before.cap_used);
    if (given.units > room) {
      given.units = room;
      given.cut = CutReason::kDailyCap;
    }
    given.after.cap_used += given.units;
  }
  const int64_t least = terms.floor - before.balance;
  if (given.units < least) {
    given.units = least;
    given.cut = CutReason::kFloor;
  }
  given.after.balance += given.units;
  return given;
}

}  // namespace loyalty::ledger
