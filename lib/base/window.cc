// SPDX-License-Identifier: Apache-2.0
//
// See window.h.
#include "base/window.h"

#include <absl/time/civil_time.h>

#include <array>
#include <utility>

namespace loyalty::base {
namespace {

// The first instant of a civil day: its midnight, or where the clocks skip
// midnight, the instant they skip to.
int64_t StartOfDay(absl::CivilDay day, absl::TimeZone zone) {
  const auto at = zone.At(absl::CivilSecond(day));
  const bool skipped = at.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return absl::ToUnixSeconds(skipped ? at.trans : at.pre);
}

// The day that `when` belongs to. Where the clocks go back past midnight, the
// new day that had begun goes on, or its window would have a hole.
absl::CivilDay DayOf(absl::Time when, absl::TimeZone zone) {
  const absl::CivilDay shown = absl::ToCivilDay(when, zone);
  const bool next_has_begun =
      when >= absl::FromUnixSeconds(StartOfDay(shown + 1, zone));
  return next_has_begun ? shown + 1 : shown;
}

// The first second from which the clock has run without a change until `last`,
// which it has not from `first`.
int64_t LastChange(int64_t first, int64_t last, absl::TimeZone zone) {
  const int offset = zone.At(absl::FromUnixSeconds(last)).offset;
  while (last - first > 1) {
    const int64_t middle = first + (last - first) / 2;
    const bool before = zone.At(absl::FromUnixSeconds(middle)).offset != offset;
    (before ? first : last) = middle;
  }
  return last;
}

// The second at which the clock came to show this hour. A change of part of an
// hour makes it longer where the hour stays the same, else shorter.
int64_t StartOfHour(int64_t second, absl::TimeZone zone) {
  const auto now = zone.At(absl::FromUnixSeconds(second));
  const int64_t start = second - now.cs.minute() * 60 - now.cs.second();
  if (zone.At(absl::FromUnixSeconds(start)).offset == now.offset) return start;
  const int64_t change = LastChange(start, second, zone);
  const absl::Time before = absl::FromUnixSeconds(change - 1);
  const bool same_hour =
      absl::ToCivilHour(before, zone) == absl::CivilHour(now.cs);
  return same_hour ? StartOfHour(change - 1, zone) : change;
}

// The first day of the day's period, and of the next one.
std::pair<absl::CivilDay, absl::CivilDay> DaysOf(absl::CivilDay day,
                                                 Period period) {
  switch (period) {
    case Period::kWeek: {
      const absl::CivilDay monday =
          absl::PrevWeekday(day + 1, absl::Weekday::monday);
      return {monday, monday + 7};
    }
    case Period::kMonth: {
      const absl::CivilMonth month(day);
      return {absl::CivilDay(month), absl::CivilDay(month + 1)};
    }
    case Period::kQuarter: {
      const absl::CivilMonth month(day.year(), (day.month() - 1) / 3 * 3 + 1);
      return {absl::CivilDay(month), absl::CivilDay(month + 3)};
    }
    case Period::kYear: {
      const absl::CivilYear year(day);
      return {absl::CivilDay(year), absl::CivilDay(year + 1)};
    }
    default: return {day, day + 1};
  }
}

struct Window {
  absl::TimeZone zone;
  int64_t start = 0;
  int64_t end = 0;  // empty at first
};

// Windows of a period that this thread was asked for. Events come in the order
// of their times, mostly, what is read is of now and of days nearby, and
// calendars are slow.
struct KnownWindows {
  std::array<Window, 8> known;
  size_t latest = 0;
  size_t next = 0;  // which makes room
};

const Window& WindowOf(absl::Time when, Period period, absl::TimeZone zone) {
  static thread_local std::array<KnownWindows, kPeriodCount> of_periods;
  auto& [known, latest, next] = of_periods[static_cast<size_t>(period)];
  const int64_t second = absl::ToUnixSeconds(when);
  const auto holds = [&](const Window& window) {
    return second >= window.start && second < window.end && window.zone == zone;
  };
  if (holds(known[latest])) return known[latest];
  for (latest = 0; latest < known.size(); ++latest) {
    if (holds(known[latest])) return known[latest];
  }
  latest = next;
  next = (next + 1) % known.size();
  const auto [first, then] = DaysOf(DayOf(when, zone), period);
  known[latest] = {zone, StartOfDay(first, zone), StartOfDay(then, zone)};
  return known[latest];
}

}  // namespace

int64_t WindowStart(absl::Time when, Period period, absl::TimeZone zone) {
  if (period == Period::kEver) return 0;
  if (period == Period::kHour) {
    return StartOfHour(absl::ToUnixSeconds(when), zone);
  }
  return WindowOf(when, period, zone).start;
}

absl::Time WindowEnd(absl::Time when, Period period, absl::TimeZone zone) {
  if (period == Period::kEver) return absl::InfiniteFuture();
  return absl::FromUnixSeconds(WindowOf(when, period, zone).end);
}

int64_t DayBefore(int64_t start, int64_t days, absl::TimeZone zone) {
  return StartOfDay(DayOf(absl::FromUnixSeconds(start), zone) - days, zone);
}

absl::Time Anniversary(absl::Time since, int64_t n, absl::TimeZone zone) {
  const absl::CivilSecond first = absl::ToCivilSecond(since, zone);
  const absl::CivilSecond then(first.year() + n, first.month(), first.day(),
                               first.hour(), first.minute(), first.second());
  const absl::Duration rest = absl::FromUnixMicros(absl::ToUnixMicros(since)) -
                              absl::FromUnixSeconds(absl::ToUnixSeconds(since));
  return absl::FromCivil(then, zone) + rest;
}

int64_t YearsBetween(absl::Time since, absl::Time until, absl::TimeZone zone) {
  const int64_t years = absl::ToCivilYear(until, zone).year() -
                        absl::ToCivilYear(since, zone).year();
  if (years <= 0) return 0;
  return Anniversary(since, years, zone) <= until ? years : years - 1;
}

std::string ShortTime(absl::Time time, absl::TimeZone zone) {
  const bool is_utc = zone == absl::UTCTimeZone();
  return absl::FormatTime(is_utc ? "%Y-%m-%d %H:%M" : "%Y-%m-%d %H:%M %Z", time,
                          zone);
}

}  // namespace loyalty::base
