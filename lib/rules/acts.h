// SPDX-License-Identifier: Apache-2.0
//
// Acts: events that would make a program's rules fire, and its metrics count,
// for some member. They are read off what conditions ask of an event, and are
// guesses: whoever proposes one has to ask the program what comes of it.
#ifndef LOYALTY_LIB_RULES_ACTS_H_
#define LOYALTY_LIB_RULES_ACTS_H_

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/event.h"
#include "rules/compiled.h"

namespace loyalty::rules {

struct Act {
  int type = -1;             // place among the program's; -1: a command,
  std::string command = {};  // of this type
  int rule = -1;             // number of the one it was read off; -1: none
  bool by_member = true;     // they are its actor;
  int named = -1;            // else the attribute that names them
  // What it is for, and the attribute that names it; "": something new.
  std::string object = {};
  int object_in = kTheTarget;
  Attributes attributes = {};  // but for those that name others and objects
  std::vector<std::string> asked_for = {};  // of them, what a condition asks
  bool as_last_time = false;  // the attributes are those of a past event
};

// All that the program's rules, metrics and badges suggest, each once, in the
// program's order.
std::vector<Act> ActsOf(const CompiledProgram& program);

// The act as an event of `member`. Others and objects are called `prefix`,
// what they are, and `number`, which is to be another each time.
Event EventOf(const CompiledProgram& program, const Act& act,
              const std::string& member, std::string_view prefix,
              int64_t number, absl::Time time);

// The act as `past` was: what it said, but for who took part and what it was
// about.
Act AsLastTime(const CompiledProgram& program, Act act, const Event& past);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_ACTS_H_
