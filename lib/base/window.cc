// SPDX-License-Identifier: Apache-2.0
//
// See window.h.
#include "base/window.h"

#include <absl/time/civil_time.h>

namespace loyalty::base {
namespace {

// The first instant of a civil day: its midnight, or where the clocks skip
// midnight, the instant they skip to.
int64_t StartOfDay(absl::CivilDay day, absl::TimeZone zone) {
  const auto at = zone.At(absl::CivilSecond(day));
  const bool skipped = at.kind == absl::TimeZone::TimeInfo::SKIPPED;
  return absl::ToUnixSeconds(skipped ? at.trans : at.pre);
}

// The civil hour as elapsed time: seconds since the hour began by this clock,
// which a change of the offset within the hour does not split.
int64_t StartOfHour(absl::Time when, absl::TimeZone zone) {
  const auto at = zone.At(when);
  return absl::ToUnixSeconds(when) - at.cs.minute() * 60 - at.cs.second();
}

}  // namespace

int64_t WindowStart(absl::Time when, Period period, absl::TimeZone zone) {
  switch (period) {
    case Period::kEver: return 0;
    case Period::kHour: return StartOfHour(when, zone);
    case Period::kDay: return StartOfDay(absl::ToCivilDay(when, zone), zone);
    case Period::kWeek: {
      const absl::CivilDay day = absl::ToCivilDay(when, zone);
      return StartOfDay(absl::PrevWeekday(day + 1, absl::Weekday::monday),
                        zone);
    }
    case Period::kMonth:
      return StartOfDay(absl::CivilDay(absl::ToCivilMonth(when, zone)), zone);
    case Period::kYear:
      return StartOfDay(absl::CivilDay(absl::ToCivilYear(when, zone)), zone);
  }
  return 0;
}

}  // namespace loyalty::base
