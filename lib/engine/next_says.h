// SPDX-License-Identifier: Apache-2.0
//
// Next steps in words, for members.
#ifndef LOYALTY_LIB_ENGINE_NEXT_SAYS_H_
#define LOYALTY_LIB_ENGINE_NEXT_SAYS_H_

#include <absl/time/time.h>

#include <string>

#include "loyalty/next_steps.h"

namespace loyalty::engine {

// "vote on an idea twice"; what others do, "from others: receive kudos"; and
// what limits leave of it, where it is no more: ": limits leave 3 of it until
// 2026-03-03 00:00".
std::string StepSays(const NextStep& step, absl::TimeZone zone);

// "Vote on an idea twice and blog a solution, and you are a guide: 31 expert to
// go."
std::string WaySays(const NextGoal& goal, const NextWay& way,
                    absl::TimeZone zone);

// What is missing, without how: "31 expert to go to guide."
std::string GoalSays(const NextGoal& goal, absl::TimeZone zone);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_NEXT_SAYS_H_
