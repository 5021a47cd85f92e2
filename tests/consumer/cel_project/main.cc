// SPDX-License-Identifier: Apache-2.0
//
// Asks one condition about two values.
#include <loyalty/cel/cel.h>

#include <iostream>
#include <string_view>

namespace cel = loyalty::cel;

int main() {
  cel::Environment environment;
  const absl::Status declared = environment.Declare(
      {.name = "event.words", .type = cel::Type::Int(), .slot = 0});
  if (!declared.ok()) {
    std::cerr << declared << '\n';
    return 1;
  }
  constexpr std::string_view kSource = "event.words > 300";
  const cel::Compiled compiled = cel::Compile(kSource, environment);
  for (const cel::Issue& issue : compiled.issues) {
    std::cerr << cel::FormatIssue(issue, kSource) << '\n';
  }
  if (!compiled.ok()) return 1;
  for (const int words : {412, 12}) {
    const cel::Value slots[] = {cel::Value::Int(words)};
    const absl::StatusOr<cel::Value> value =
        compiled.expression->Evaluate(slots);
    if (!value.ok()) return 1;
    std::cout << words << ' ' << value->ToString() << '\n';
  }
  return 0;
}
