// SPDX-License-Identifier: Apache-2.0
//
// The static cost of a plan: how many steps one evaluation can take at most,
// whatever is in the slots, as long as they keep to the sizes that the options
// assume.
#ifndef LOYALTY_LIB_CEL_COST_H_
#define LOYALTY_LIB_CEL_COST_H_

#include <cstdint>

#include "cel/plan.h"

namespace loyalty::cel {

// Never less than what an evaluation takes from Limits::max_steps; INT64_MAX if
// it cannot be told, as of what is dyn.
int64_t CostBound(const Plan& plan, const CompileOptions& options);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_COST_H_
