// SPDX-License-Identifier: Apache-2.0
//
// What is left of an award once the currency's own terms have had their say:
// first the daily cap, then the floor.
#ifndef LOYALTY_LIB_LEDGER_AWARD_H_
#define LOYALTY_LIB_LEDGER_AWARD_H_

#include <cstdint>
#include <limits>
#include <optional>

#include "loyalty/outcome.h"

namespace loyalty::ledger {

// No balance goes above: so that sums of a few balances stay in range.
inline constexpr int64_t kMaxBalance = std::numeric_limits<int64_t>::max() / 4;

struct Terms {
  int64_t floor = 0;
  std::optional<int64_t> daily_cap;  // of the award: none where it is exempt

  friend bool operator==(const Terms&, const Terms&) = default;
};

// Where a member stands before an award.
struct Standing {
  int64_t balance = 0;
  int64_t cap_used = 0;  // of the award's day
};

struct Given {
  int64_t units = 0;  // signed
  CutReason cut = CutReason::kNone;
  Standing after;
};

// What `limited` units, a gain or a loss, come to.
//
// A gain is cut to what the cap leaves of the day. A loss makes room under the
// cap with all of its units, also with those that the floor then swallows: the
// cap looks at the day, the floor at the balance.
//
// REQUIRES: terms.floor <= before.balance <= kMaxBalance.
// ENSURES:  the same of after.balance == before.balance + units.
Given Give(const Standing& before, int64_t limited, const Terms& terms);

}  // namespace loyalty::ledger

#endif  // LOYALTY_LIB_LEDGER_AWARD_H_
