// SPDX-License-Identifier: Apache-2.0
//
// Habits: what a member has done, or was done to them, of late.
#ifndef LOYALTY_LIB_ENGINE_NEXT_HABITS_H_
#define LOYALTY_LIB_ENGINE_NEXT_HABITS_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <string>

#include "loyalty/event.h"
#include "store/store.h"

namespace loyalty::engine {

struct Habits {
  // Lines of the statement, by rule and by event type.
  std::map<std::string, int64_t> by_rule = {};
  std::map<std::string, int64_t> by_type = {};
  // Of each rule, the newest event that gave something by it.
  std::map<std::string, Event> newest = {};
};

// By the member's newest lines, some hundred of them.
//
// COST: a few pages of the statement, and an event for each rule there.
absl::StatusOr<Habits> HabitsOf(store::Reader& reader,
                                const std::string& member);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_NEXT_HABITS_H_
