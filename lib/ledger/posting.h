// SPDX-License-Identifier: Apache-2.0
//
// From a movement to the posting it is made of.
#ifndef LOYALTY_LIB_LEDGER_POSTING_H_
#define LOYALTY_LIB_LEDGER_POSTING_H_

#include <absl/status/statusor.h>

#include <vector>

#include "model/journal.h"

namespace loyalty::ledger {

// One posting for each movement of other than 0 units, in their order. A gain
// comes from what the rule issued, a loss goes to what it deducted, and a
// reversal's difference goes to, or comes from, what was reversed.
std::vector<model::Posting> PostingsOf(
    const std::vector<model::Movement>& movements);

}  // namespace loyalty::ledger

#endif  // LOYALTY_LIB_LEDGER_POSTING_H_
