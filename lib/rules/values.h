// SPDX-License-Identifier: Apache-2.0
//
// Values against declared types: literals in a program's text, and attributes
// as hosts and logs send them.
#ifndef LOYALTY_LIB_RULES_VALUES_H_
#define LOYALTY_LIB_RULES_VALUES_H_

#include <absl/status/statusor.h>

#include <string_view>

#include "loyalty/event.h"
#include "model/spec.h"

namespace loyalty::rules {

// "an INT", "a list of STRINGs".
std::string Describe(model::Type type, bool list);

// Returns what `text` says as a value of `type`: "5", "0.5", "true", "90m".
//
// ERRORS: kInvalidArgument, saying what is expected.
absl::StatusOr<Value> ParseLiteral(std::string_view text, model::Type type);

// Returns `value` as `type` (or a list of it), in canonical form: the JSON text
// "2026-03-01T12:00:00+01:00" and the instant are one TIME, 5 is the DOUBLE
// 5.0. Times and durations are cut to microseconds.
//
// ERRORS: kInvalidArgument, saying what was expected and what came; a double
//         that is not finite is one, and a duration beyond 292 years.
absl::StatusOr<Value> Coerce(const Value& value, model::Type type, bool list);

// Times are kept to the microsecond, and within the years 1 to 9999.
absl::Time Canonical(absl::Time time);
bool IsInRange(absl::Time time);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_VALUES_H_
