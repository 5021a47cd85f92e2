// SPDX-License-Identifier: Apache-2.0
//
// What a member may reach next, and how much of it is missing.
#ifndef LOYALTY_LIB_ENGINE_NEXT_GOALS_H_
#define LOYALTY_LIB_ENGINE_NEXT_GOALS_H_

#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <optional>
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

// How things stand at a time to which they are settled.
struct Stands {
  const model::EntityState& member;  // with all counters
  // Of a goal that many have together: what they do it for, a team or the
  // program, with its counters.
  const model::EntityState* whole = nullptr;
  absl::Time time = {};
};

// How much is missing; 0 or less: nothing.
using Measure = std::function<int64_t(const Stands&)>;

// What many do together (next_together.h).
struct Whole {
  model::Entity of = {};
  Measure left = {};  // of all of it, in what its steps count
  Measure own = {};   // of what a share of it asks of the member
};

struct Goal {
  NextGoal told = {};
  Measure missing = {};  // 0 or less once it is reached
  // It is units of one thing, and `missing` says how many.
  bool is_units = false;
  GoalInputs inputs = {};
  std::vector<rules::Act> commands = {};  // that it may need
  std::vector<Amount> amounts = {};
  std::optional<Whole> whole = {};
};

// One thing of several that are missing.
struct Piece {
  int64_t missing = 0;
  int64_t at_first = 0;
};

// How much of several things is missing together: each is as much as any other
// while all of it is missing.
int64_t MissingOf(const std::vector<Piece>& pieces);

// What the badge comes with, of awards that are always the same.
void AddAwards(const rules::CompiledProgram& program, const rules::Badge& badge,
               NextGoal& told);

// All goals that are not reached, in the program's order, but for what many do
// together; `state` is settled to `at`, and has all counters. `program` must
// outlive them.
std::vector<Goal> GoalsOf(const rules::CompiledProgram& program,
                          const model::EntityState& state, absl::Time at);

// Whether events of that type may bring it nearer.
bool MayHelp(const rules::CompiledProgram& program,
             const rules::EventType& type, const GoalInputs& inputs);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_NEXT_GOALS_H_
