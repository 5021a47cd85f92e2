// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an expression over a few slots: refused, or evaluated to the
// same value or error each time, of the type that was asked for.
//
// The first byte says which slots are there, the second what the result must
// be, the third the value of one slot; the rest is the source.
#include <absl/time/time.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "loyalty/cel/cel.h"
#include "require.h"

namespace loyalty {
namespace {

using fuzz::Require;

constexpr uint32_t kSlots = 8;

const cel::Environment& SomeNames() {
  static const auto& environment = *[] {
    auto* made = new cel::Environment;
    for (size_t i = 0; i < cel::kExtensionCount; ++i) {
      made->Enable(static_cast<cel::Extension>(i));
    }
    const auto declare = [&](std::string name, cel::Type type, uint32_t slot,
                             bool optional, bool differs) {
      const absl::Status status = made->Declare({.name = std::move(name),
                                                 .type = std::move(type),
                                                 .slot = slot,
                                                 .optional = optional,
                                                 .absent_differs = differs});
      Require(status.ok(), "names can be declared");
    };
    declare("event.id", cel::Type::String(), 0, false, false);
    declare("event.words", cel::Type::Int(), 1, true, false);
    declare("event.owner", cel::Type::String(), 2, true, true);
    declare("event.tags", cel::Type::List(cel::Type::String()), 3, true, false);
    declare("event.time", cel::Type::Timestamp(), 4, false, false);
    declare("event.long", cel::Type::Duration(), 5, true, false);
    declare("event.rate", cel::Type::Double(), 6, true, false);
    declare("balance.points", cel::Type::Int(), 7, false, false);
    return made;
  }();
  return environment;
}

std::vector<cel::Value> SomeValues(int present, int number) {
  constexpr int64_t kEdges[] = {0, 1, -1, 42, INT64_MAX, INT64_MIN, 1 << 20};
  const int64_t edge = kEdges[static_cast<size_t>(number) % std::size(kEdges)];
  std::vector<cel::Value> slots = {
      cel::Value::BorrowedString("e-17"),
      cel::Value::Int(edge),
      cel::Value::BorrowedString("gr\xC3\xA4"
                                 "ce"),
      cel::Value::List({cel::Value::String("a"), cel::Value::String("bc")}),
      cel::Value::Timestamp(absl::FromUnixSeconds(1'772'366'400)),
      cel::Value::Duration(absl::Minutes(90)),
      cel::Value::Double(static_cast<double>(edge) / 3),
      cel::Value::Int(7)};
  for (size_t i = 0; i < slots.size(); ++i) {
    if ((present >> i & 1) != 0) slots[i] = cel::Value::Absent();
  }
  return slots;
}

std::string Said(const absl::StatusOr<cel::Value>& value) {
  return value.ok() ? value->ToString() : value.status().ToString();
}

bool TookTooManySteps(const absl::StatusOr<cel::Value>& value) {
  return absl::IsResourceExhausted(value.status()) &&
         Said(value).find("too many steps") != std::string::npos;
}

// The walk gives what the compiled form does, within the bound that was
// reckoned beforehand.
void Walk(const cel::Expression& expression, const cel::CompileOptions& options,
          const std::vector<cel::Value>& slots, const std::string& said) {
  int64_t steps = 0;
  const absl::StatusOr<cel::Value> value =
      expression.EvaluateCounting(slots, steps);
  if (TookTooManySteps(value)) {
    Require(expression.cost_bound() == options.max_steps,
            "only the host's limit stops it");
    return;
  }
  Require(steps <= expression.cost_bound(), "the bound is kept");
  Require(Said(value) == said, "walking gives the same");
}

void Evaluate(std::string_view source, const cel::CompileOptions& options,
              const std::vector<cel::Value>& slots) {
  const cel::Compiled compiled = cel::Compile(source, SomeNames(), options);
  Require(compiled.ok() == compiled.issues.empty(), "issues say why not");
  for (const cel::Issue& issue : compiled.issues) {
    Require(issue.offset <= source.size(), "an issue is in the source");
    Require(!cel::FormatIssue(issue, source).empty(), "it can be shown");
  }
  if (!compiled.ok()) return;
  const cel::Expression& expression = *compiled.expression;
  for (const uint32_t slot : expression.slots_used()) {
    Require(slot < kSlots, "only declared slots are read");
  }
  const absl::StatusOr<cel::Value> value = expression.Evaluate(slots);
  Require(Said(value) == Said(expression.Evaluate(slots)),
          "evaluating twice gives the same");
  Walk(expression, options, slots, Said(value));
  if (value.ok() && options.check && options.result.has_value()) {
    Require(value->TypeOfValue() == *options.result,
            "the result is of the type asked for");
  }
}

}  // namespace
}  // namespace loyalty

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using loyalty::cel::Type;
  loyalty::fuzz::Bytes bytes(data, size);
  const int present = bytes.Byte();
  loyalty::cel::CompileOptions options;
  options.max_steps = 20'000;  // of a million: a fuzzer has other inputs too
  switch (bytes.Below(5)) {
    case 0: options.result = Type::Bool(); break;
    case 1: options.result = Type::Int(); break;
    case 2: options.result = Type::String(); break;
    case 3: options.check = false; break;
    default: break;
  }
  const auto slots = loyalty::SomeValues(present, bytes.Byte());
  loyalty::Evaluate(bytes.Rest(), options, slots);
  return 0;
}
