// SPDX-License-Identifier: Apache-2.0
//
// What is so, for the lines of a scenario that ask it: one function a kind.
#ifndef LOYALTY_TOOLS_SCENARIO_ANSWERS_H_
#define LOYALTY_TOOLS_SCENARIO_ANSWERS_H_

#include <absl/status/statusor.h>

#include <string>

#include "loyalty/queries.h"
#include "scenario.h"

namespace loyalty::command {

// As the assertion would have to say it; "-" of a member who does not exist, or
// is not on the leaderboard.
absl::StatusOr<std::string> AnswerTo(const Assertion& assertion,
                                     Queries& queries);

// The question as a line, without its answer.
std::string TextOf(const Assertion& assertion);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_ANSWERS_H_
