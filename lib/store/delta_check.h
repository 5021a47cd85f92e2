// SPDX-License-Identifier: Apache-2.0
//
// What every store asks of a Delta before it writes any of it, so that all of
// them refuse the same ones. Not a decision: a delta that fails is our bug.
#ifndef LOYALTY_LIB_STORE_DELTA_CHECK_H_
#define LOYALTY_LIB_STORE_DELTA_CHECK_H_

#include <absl/status/status.h>

#include "store/store.h"

namespace loyalty::store {

// Whether `delta` is the next entry after `head`, and agrees with itself.
//
// ERRORS: kInternal, naming the entry.
absl::Status CheckDelta(const Delta& delta, const Transaction::Head& head);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_DELTA_CHECK_H_
