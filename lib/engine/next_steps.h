// SPDX-License-Identifier: Apache-2.0
//
// Next steps, found by playing: acts that the program suggests (rules/acts.h)
// are decided by it on a copy of the member (rehearsal.h), and a search
// (core/way.h) takes those that bring a goal nearest (next_goals.h).
#ifndef LOYALTY_LIB_ENGINE_NEXT_STEPS_H_
#define LOYALTY_LIB_ENGINE_NEXT_STEPS_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>
#include <vector>

#include "engine/stored_program.h"
#include "loyalty/next_steps.h"
#include "store/store.h"

namespace loyalty::engine {

// As Queries::NextSteps, of a member who exists and is nobody's alias.
absl::StatusOr<std::vector<NextGoal>> NextStepsOf(
    store::Reader& reader, StoredPrograms& programs, const std::string& member,
    absl::Time at, const NextStepsOptions& options);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_NEXT_STEPS_H_
