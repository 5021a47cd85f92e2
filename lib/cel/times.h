// SPDX-License-Identifier: Apache-2.0
//
// Timestamps and durations as texts, and time zones by name or offset.
#ifndef LOYALTY_LIB_CEL_TIMES_H_
#define LOYALTY_LIB_CEL_TIMES_H_

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loyalty/cel/value.h"

namespace loyalty::cel {

// The range of a timestamp: 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z, in
// seconds since 1970; the last second is whole.
inline constexpr int64_t kFirstUnixSecond = -62135596800;
inline constexpr int64_t kLastUnixSecond = 253402300799;

// RFC 3339, at most nanoseconds: 2024-03-01T10:00:00.5Z, ...+02:00. nullopt if
// malformed or out of range.
std::optional<Value> ParseTimestamp(std::string_view text);

// In UTC, trailing zeros of the fraction dropped.
std::string TimestampText(const Value& timestamp);

// Numbers with units h, m, s, ms, us, ns: 1h30m, -1.5s. The result is in
// nanoseconds; nullopt if malformed or beyond int64.
std::optional<int64_t> ParseDuration(std::string_view text);

// Seconds with a fraction where needed: 90s, -1.5s.
std::string DurationText(int64_t nanos);

// A zone of the tz database ("Europe/Berlin", "UTC") or a fixed offset
// ("+02:00", "-9:30", "02:00").
std::optional<absl::TimeZone> ParseZone(std::string_view name);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_TIMES_H_
