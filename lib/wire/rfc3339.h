// SPDX-License-Identifier: Apache-2.0
//
// Times and durations as the texts that JSON holds.
#ifndef LOYALTY_LIB_WIRE_RFC3339_H_
#define LOYALTY_LIB_WIRE_RFC3339_H_

#include <absl/time/time.h>

#include <optional>
#include <string>
#include <string_view>

namespace loyalty::wire {

// RFC 3339 with a zone, years 0001 to 9999; a fraction finer than a microsecond
// is cut. nullopt if `text` is anything else, were it only a blank around it.
// (absl::ParseTime also takes blanks and "infinite-future".)
std::optional<absl::Time> ParseRfc3339(std::string_view text);

// In UTC, with milliseconds or microseconds where there are any:
// 2026-03-01T12:00:00Z, 2026-03-01T12:00:00.250Z.
std::string Rfc3339(absl::Time time);

// Seconds, down to microseconds where there are any: 90s, -1.5s.
std::string SecondsText(absl::Duration duration);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_RFC3339_H_
