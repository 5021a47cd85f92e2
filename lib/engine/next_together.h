// SPDX-License-Identifier: Apache-2.0
//
// Quests that many do together, as goals of one of them: what is missing of the
// whole, and what of it a share asks of the member.
#ifndef LOYALTY_LIB_ENGINE_NEXT_TOGETHER_H_
#define LOYALTY_LIB_ENGINE_NEXT_TOGETHER_H_

#include <absl/status/status.h>
#include <absl/time/time.h>

#include <vector>

#include "engine/next_goals.h"
#include "engine/next_habits.h"
#include "engine/rehearsal.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::engine {

// Adds those that are open, of which the member is to have another share; of
// teams, those for which the member acts. `state` is settled to `at`, and has
// all counters. `rehearsal`, in which nothing was played yet, reads what they
// are done for. `program` must outlive them.
//
// ERRORS: as the store's.
absl::Status AddGoalsTogether(const rules::CompiledProgram& program,
                              const model::EntityState& state, absl::Time at,
                              const Habits& habits, Rehearsal& rehearsal,
                              std::vector<Goal>& goals);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_NEXT_TOGETHER_H_
