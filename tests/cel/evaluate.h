// SPDX-License-Identifier: Apache-2.0
//
// What the tests of this folder share: compiling and evaluating in one step,
// and the environment of a small program.
#ifndef LOYALTY_TESTS_CEL_EVALUATE_H_
#define LOYALTY_TESTS_CEL_EVALUATE_H_

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/cel/cel.h"

namespace loyalty::cel {

// The value of `source` as text, or its error: "error: line:column: ...". What
// does not compile gives "issue: " and the first issue's message.
inline std::string Evaluated(std::string_view source,
                             const Environment& environment = Environment(),
                             std::span<const Value> slots = {},
                             const CompileOptions& options = {}) {
  const Compiled compiled = Compile(source, environment, options);
  if (!compiled.ok()) return "issue: " + compiled.issues.at(0).message;
  const absl::StatusOr<Value> value = compiled.expression->Evaluate(slots);
  if (!value.ok()) return "error: " + std::string(value.status().message());
  return value->ToString();
}

// "line:column message; suggestion" of each issue.
inline std::vector<std::string> Issues(
    std::string_view source, const Environment& environment = Environment(),
    const CompileOptions& options = {}) {
  std::vector<std::string> texts;
  for (const Issue& issue : Compile(source, environment, options).issues) {
    texts.push_back(std::to_string(issue.line) + ":" +
                    std::to_string(issue.column) + " " + issue.message +
                    (issue.suggestion.empty() ? "" : "; " + issue.suggestion));
  }
  return texts;
}

// The slots of CommunityEnvironment().
enum CommunitySlot : uint32_t {
  kEventType,
  kEventWords,
  kEventAmount,
  kEventTags,
  kEventTime,
  kMemberCountry,
  kMemberPoints,
  kCommunitySlots,
};

// event.words and event.amount are optional; member.country and member.points
// are too, and differ when absent.
inline Environment CommunityEnvironment() {
  Environment environment;
  const auto declare = [&](std::string name, Type type, uint32_t slot,
                           bool optional, bool absent_differs) {
    Variable variable;
    variable.name = std::move(name);
    variable.type = std::move(type);
    variable.slot = slot;
    variable.optional = optional;
    variable.absent_differs = absent_differs;
    EXPECT_TRUE(environment.Declare(std::move(variable)).ok());
  };
  declare("event.type", Type::String(), kEventType, false, false);
  declare("event.words", Type::Int(), kEventWords, true, false);
  declare("event.amount", Type::Double(), kEventAmount, true, false);
  declare("event.tags", Type::List(Type::String()), kEventTags, false, false);
  declare("event.time", Type::Timestamp(), kEventTime, false, false);
  declare("member.country", Type::String(), kMemberCountry, true, true);
  declare("member.points", Type::Int(), kMemberPoints, true, true);
  return environment;
}

// Slots with everything there.
inline std::vector<Value> CommunitySlots() {
  std::vector<Value> slots(kCommunitySlots);
  slots[kEventType] = Value::BorrowedString("post");
  slots[kEventWords] = Value::Int(500);
  slots[kEventAmount] = Value::Double(12.5);
  slots[kEventTags] =
      Value::List({Value::String("howto"), Value::String("guide-cpp")});
  slots[kEventTime] = Value::Timestamp(absl::FromUnixSeconds(1700000000));
  slots[kMemberCountry] = Value::BorrowedString("DE");
  slots[kMemberPoints] = Value::Int(42);
  return slots;
}

}  // namespace loyalty::cel

#endif  // LOYALTY_TESTS_CEL_EVALUATE_H_
