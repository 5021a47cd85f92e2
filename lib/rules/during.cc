// SPDX-License-Identifier: Apache-2.0
//
// See during.h.
#include "rules/during.h"

#include <absl/strings/str_cat.h>
#include <absl/time/civil_time.h>

#include <algorithm>

namespace loyalty::rules {
namespace {

constexpr int kMinutesOfDay = 24 * 60;

// The day of `day`'s week, from 0 for Monday.
int WeekdayOf(absl::CivilDay day) {
  return static_cast<int>(absl::GetWeekday(day));
}

bool HasDay(uint8_t weekdays, absl::CivilDay day) {
  return weekdays == 0 || (weekdays >> WeekdayOf(day) & 1) != 0;
}

}  // namespace

bool During::Holds(absl::Time time, absl::TimeZone zone) const {
  if (time < from || time >= until) return false;
  if (weekdays == 0 && hours.empty()) return true;
  const absl::CivilMinute now = absl::ToCivilMinute(time, zone);
  const absl::CivilDay today(now);
  if (hours.empty()) return HasDay(weekdays, today);
  const int minute = now.hour() * 60 + now.minute();
  // Hours past midnight belong to the day on which they began.
  return std::any_of(hours.begin(), hours.end(), [&](const auto& span) {
    const auto [first, second] = span;
    const int end = second > first ? second : second + kMinutesOfDay;
    return (minute >= first && minute < end && HasDay(weekdays, today)) ||
           (minute + kMinutesOfDay >= first && minute + kMinutesOfDay < end &&
            HasDay(weekdays, today - 1));
  });
}

std::string During::WhyNot(absl::Time time, absl::TimeZone zone) const {
  if (Holds(time, zone)) return "";
  const std::string what =
      campaign.empty() ? "it" : absl::StrCat("campaign ", campaign);
  const auto shown = [&](absl::Time when) {
    return absl::FormatTime("%Y-%m-%d %H:%M:%S %Z", when, zone);
  };
  if (time < from) {
    return absl::StrCat(what, " had not started: it starts ", shown(from));
  }
  if (time >= until) return absl::StrCat(what, " ended ", shown(until));
  return "it holds on other days or at other hours";
}

}  // namespace loyalty::rules
