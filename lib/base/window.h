// SPDX-License-Identifier: Apache-2.0
//
// Calendar windows: the hour, day, ISO week, month, quarter or year of a time
// zone that an instant lies in.
#ifndef LOYALTY_LIB_BASE_WINDOW_H_
#define LOYALTY_LIB_BASE_WINDOW_H_

#include <absl/time/time.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace loyalty::base {

enum class Period { kEver, kHour, kDay, kWeek, kMonth, kQuarter, kYear };
inline constexpr size_t kPeriodCount = 7;

// The start of the window of `period` that holds `when`, in seconds since 1970;
// 0 for kEver.
//
// Windows are half open, [start, next start): adjacent ones share no instant
// and leave none out, also on the day the clocks change. An hour that the
// clocks repeat is two windows.
int64_t WindowStart(absl::Time when, Period period, absl::TimeZone zone);

// Where that window ends and the next one starts; InfiniteFuture for kEver.
//
// REQUIRES: period != kHour.
absl::Time WindowEnd(absl::Time when, Period period, absl::TimeZone zone);

// The start of the day that is `days` before the one that starts at `start`.
//
// REQUIRES: `start` is the WindowStart of a day.
int64_t DayBefore(int64_t start, int64_t days, absl::TimeZone zone);

// The n-th anniversary of `since`: the same month, day and time of day, n years
// later. That of a 29 February, in a year that has none, is its 1 March.
absl::Time Anniversary(absl::Time since, int64_t n, absl::TimeZone zone);

// How many anniversaries of `since` there have been by `until`; 0 if that is
// before it.
int64_t YearsBetween(absl::Time since, absl::Time until, absl::TimeZone zone);

// As sentences say it, to the minute. Those of a zone other than UTC name it:
// where none is named, UTC is meant.
std::string ShortTime(absl::Time time, absl::TimeZone zone);

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_WINDOW_H_
