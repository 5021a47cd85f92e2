// SPDX-License-Identifier: Apache-2.0
//
// Times and values as scenarios write them.
//
// Times: 2024-03-01, the start of that day in the program's zone; RFC 3339 with
// Z or an offset; dN, the start of day N in the program's zone, where d1 is
// 2026-01-01; and DN, N times 24 hours after D0, 2026-01-05T12:00:00Z, a
// Monday's noon. Behind the last two may be an offset: d5+3h, D0-1000s.
#ifndef LOYALTY_TOOLS_SCENARIO_VALUES_H_
#define LOYALTY_TOOLS_SCENARIO_VALUES_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <optional>
#include <string_view>

#include "loyalty/event.h"
#include "loyalty/program.h"
#include "scenario.h"

namespace loyalty::command {

// nullopt if it is none.
std::optional<absl::Time> TimeIn(std::string_view text, absl::TimeZone zone);

inline constexpr char kTimesAre[] =
    "Times are 2024-03-01, 2024-03-01T10:00:00Z, day N as d5 or d5+3h "
    "(d1 is 2026-01-01), or D0-1000s (D0 is 2026-01-05T12:00:00Z).";

// The value of a word for an attribute of that type.
//
// ERRORS: kInvalidArgument, saying what was expected.
absl::StatusOr<Value> TypedValue(const Word& word,
                                 const DeclaredAttribute& attribute,
                                 absl::TimeZone zone);

// The value that a word looks like: true, 5, JSON, or else a text. (Not 0.5:
// that may well be a version.)
//
// ERRORS: kInvalidArgument for JSON that holds null, or a number that is none
//         of ours.
absl::StatusOr<Value> ValueByLook(const Word& word);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_VALUES_H_
