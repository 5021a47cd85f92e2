// SPDX-License-Identifier: Apache-2.0
//
// What to write instead of an expression that makes no sense, where that takes
// knowing the program: the rest is said by cel.
#ifndef LOYALTY_LIB_RULES_ADVICE_H_
#define LOYALTY_LIB_RULES_ADVICE_H_

#include <optional>
#include <string>
#include <string_view>

#include "loyalty/cel/cel.h"
#include "rules/compiled.h"

namespace loyalty::rules {

// Of an expression with that source, read of events of that type: of a badge's
// condition if `is_badge`, or of an award's units if `is_units`.
std::optional<std::string> Advice(const CompiledProgram& program,
                                  const EventType& type,
                                  std::string_view source, bool is_badge,
                                  bool is_units, const cel::Issue& issue);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_ADVICE_H_
