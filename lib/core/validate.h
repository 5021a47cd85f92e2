// SPDX-License-Identifier: Apache-2.0
//
// Is an event well formed? Says nothing yet about what it earns.
#ifndef LOYALTY_LIB_CORE_VALIDATE_H_
#define LOYALTY_LIB_CORE_VALIDATE_H_

#include <absl/status/statusor.h>

#include <optional>
#include <string>
#include <string_view>

#include "loyalty/event.h"
#include "rules/compiled.h"

namespace loyalty::core {

// Returns `event` in canonical form: declared attributes have their declared
// kind, times are cut to microseconds. Attributes the program does not declare
// stay, as they are part of the event's identity (I5), but no rule reads them.
//
// ERRORS: kInvalidArgument, naming the field and what was expected: unknown
//         type, missing or mistyped attribute, text that is empty, too long,
//         not UTF-8 or holds NUL, a time outside the years 1 to 9999, neither
//         actor nor target.
absl::StatusOr<Event> Canonicalized(const rules::CompiledProgram& program,
                                    const Event& event);

// The same without a copy, where there is nothing to change: returns `event`
// itself if it is in canonical form, as most are, or else `canonical`, which it
// sets to that form.
//
// ERRORS: as Canonicalized.
absl::StatusOr<const Event*> InCanonicalForm(
    const rules::CompiledProgram& program, const Event& event,
    Event& canonical);

// Whether `text` may be the id of a member, object or event: 1 to
// model::kMaxIdBytes of UTF-8 without NUL.
bool IsId(std::string_view text);

// The first field in which an event in canonical form differs from what was
// recorded of it, or "" (I5). What of that was erased differs from nothing.
std::string DifferingField(const Event& recorded, const Event& event);

// Whether `type` is one of the reserved types that this library knows.
bool IsReserved(std::string_view type);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_VALIDATE_H_
