// SPDX-License-Identifier: Apache-2.0
//
// What a member may reach next, and how much of it is missing.
#ifndef LOYALTY_LIB_ENGINE_NEXT_GOALS_H_
#define LOYALTY_LIB_ENGINE_NEXT_GOALS_H_

#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "loyalty/next_steps.h"
#include "model/entity.h"
#include "rules/acts.h"
#include "rules/compiled.h"

namespace loyalty::engine {

// What events may change of it.
struct GoalInputs {
  std::set<int> currencies = {};  // places among the program's
  std::set<int> metrics = {};     // likewise, those that count events
  std::set<std::string> types = {};
  bool anything = false;  // it cannot be told which events do
};

// An INT attribute that a metric adds up: one event may say as much as is
// missing.
struct Amount {
  std::string type = {};
  std::string attribute = {};
  int64_t units = 0;
};

struct Goal {
  NextGoal told = {};
  // 0 or less once it is reached. The state is settled to that time, and has
  // all counters.
  std::function<int64_t(const model::EntityState&, absl::Time)> missing = {};
  // It is units of one thing, and `missing` says how many.
  bool is_units = false;
  GoalInputs inputs = {};
  std::vector<rules::Act> commands = {};  // that it may need
  std::vector<Amount> amounts = {};
};

// All goals that are not reached, in the program's order; `state` is settled to
// `at`, and has all counters. `program` must outlive them.
std::vector<Goal> GoalsOf(const rules::CompiledProgram& program,
                          const model::EntityState& state, absl::Time at);

// Whether events of that type may bring it nearer.
bool MayHelp(const rules::CompiledProgram& program,
             const rules::EventType& type, const GoalInputs& inputs);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_NEXT_GOALS_H_
