// SPDX-License-Identifier: Apache-2.0
//
// What a currency's floor and cap were when each entry was decided: a file may
// have changed its program since, and what was asked under the earlier one is
// re-added by the earlier one's terms.
#ifndef LOYALTY_LIB_LEDGER_TERMS_H_
#define LOYALTY_LIB_LEDGER_TERMS_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "ledger/award.h"

namespace loyalty::ledger {

class TermsInTime {
 public:
  // The same for all entries, so far.
  explicit TermsInTime(const Terms& always) : terms_({{0, always}}) {}

  // Others from entry `seq` on.
  //
  // REQUIRES: `seq` lies behind all that were given before.
  void ChangeAt(int64_t seq, const Terms& terms) {
    terms_.emplace_back(seq, terms);
  }

  // Those that entry `seq` was decided by.
  const Terms& At(int64_t seq) const {
    auto it = terms_.rbegin();
    while (it->first > seq) ++it;
    return it->second;
  }

  // Today's.
  const Terms& Last() const { return terms_.back().second; }

 private:
  std::vector<std::pair<int64_t, Terms>> terms_;  // since when, ascending
};

}  // namespace loyalty::ledger

#endif  // LOYALTY_LIB_LEDGER_TERMS_H_
