// SPDX-License-Identifier: Apache-2.0
//
// Windows against a slow twin, which reads the clock second by second and opens
// a window wherever the clock first shows a later hour, day, week, month or
// year; and what holds of all windows at any instant.
#include <absl/time/civil_time.h>
#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <random>
#include <string>

#include "base/window.h"
#include "zones.h"

namespace loyalty::base {
namespace {

constexpr std::array kPeriods = {Period::kHour,    Period::kDay,
                                 Period::kWeek,    Period::kMonth,
                                 Period::kQuarter, Period::kYear};
constexpr int64_t kHour = 3600;

constexpr std::array kZones = {"UTC",
                               "Europe/Berlin",
                               "Europe/Dublin",
                               "America/New_York",
                               "America/Sao_Paulo",
                               "America/St_Johns",
                               "America/Havana",
                               "Australia/Lord_Howe",
                               "Asia/Kathmandu",
                               "Africa/Cairo",
                               "Africa/Casablanca",
                               "Antarctica/Troll",
                               "Pacific/Apia",
                               "Pacific/Kiritimati",
                               "Etc/GMT+12"};

// A number that grows from one window of `period` to the next.
int64_t Label(const absl::CivilSecond& shown, Period period) {
  const int64_t day = absl::CivilDay(shown) - absl::CivilDay(1970, 1, 1);
  switch (period) {
    case Period::kEver: return 0;
    case Period::kHour: return day * 24 + shown.hour();
    case Period::kDay: return day;
    case Period::kWeek: return (day + 3 + 7'000'000) / 7;  // a Thursday is 0
    case Period::kMonth: return shown.year() * 12 + shown.month();
    case Period::kQuarter: return shown.year() * 4 + (shown.month() - 1) / 3;
    case Period::kYear: return shown.year();
  }
  return 0;
}

// The windows that a clock opens, read second by second.
class Twin {
 public:
  Twin(Period period, int64_t start) : period_(period), start_(start) {}

  int64_t StartAt(int64_t second, const absl::CivilSecond& shown) {
    const int64_t label = Label(shown, period_);
    // An hour may come twice; whatever is longer began when it first came.
    const bool opens =
        period_ == Period::kHour
            ? label != label_ || (shown.minute() == 0 && shown.second() == 0)
            : label > label_;
    if (label_ != kNone && opens) start_ = second;
    if (label_ == kNone || opens) label_ = label;
    return start_;
  }

 private:
  static constexpr int64_t kNone = INT64_MIN;
  const Period period_;
  int64_t start_;
  int64_t label_ = kNone;
};

void ExpectAgreementAround(const std::string& when, const std::string& name) {
  SCOPED_TRACE(name + " around " + when);
  const absl::TimeZone zone = Zone(name);
  const int64_t middle = absl::ToUnixSeconds(At(when));
  const int64_t from = middle - 3 * kHour;
  for (const Period period : kPeriods) {
    Twin twin(period, WindowStart(absl::FromUnixSeconds(from), period, zone));
    for (int64_t s = from; s < middle + 3 * kHour; ++s) {
      const absl::Time time = absl::FromUnixSeconds(s);
      const int64_t start = WindowStart(time, period, zone);
      ASSERT_EQ(start, twin.StartAt(s, absl::ToCivilSecond(time, zone)))
          << "at " << absl::FormatTime(time, zone) << ", period "
          << static_cast<int>(period);
      ASSERT_LE(start, s);
    }
  }
}

struct Edge {
  const char* when;
  const char* zone;
};

TEST(WindowTwin, AgreesOnTheNightsWhenClocksChange) {
  constexpr Edge kEdges[] = {
      {"2026-03-29T01:00:00Z", "Europe/Berlin"},
      {"2026-10-25T01:00:00Z", "Europe/Berlin"},
      {"2026-03-08T07:00:00Z", "America/New_York"},
      {"2026-11-01T06:00:00Z", "America/New_York"},
      {"2018-11-04T03:00:00Z", "America/Sao_Paulo"},
      {"2019-02-17T02:00:00Z", "America/Sao_Paulo"},
      {"2025-11-02T05:00:00Z", "America/Havana"},
      {"2026-03-08T05:00:00Z", "America/Havana"},
      {"2010-11-07T02:31:00Z", "America/St_Johns"},
      {"2010-03-14T03:31:00Z", "America/St_Johns"},
      {"2026-04-04T15:00:00Z", "Australia/Lord_Howe"},
      {"2026-10-03T15:30:00Z", "Australia/Lord_Howe"},
      {"2026-03-29T01:00:00Z", "Antarctica/Troll"},
      {"2026-10-25T01:00:00Z", "Antarctica/Troll"},
      {"2026-04-23T22:00:00Z", "Africa/Cairo"},
      {"2011-12-30T10:00:00Z", "Pacific/Apia"},
      {"1985-12-31T18:30:00Z", "Asia/Kathmandu"},
  };
  for (const Edge& edge : kEdges) ExpectAgreementAround(edge.when, edge.zone);
}

TEST(WindowTwin, AgreesAtTheEndsOfMonthsAndYears) {
  constexpr Edge kEdges[] = {
      {"2023-12-31T23:00:00Z", "Europe/Berlin"},
      {"2024-02-28T23:00:00Z", "Europe/Berlin"},
      {"2024-02-29T23:00:00Z", "Europe/Berlin"},
      {"2026-12-31T10:00:00Z", "Pacific/Kiritimati"},
      {"2027-01-01T12:00:00Z", "Etc/GMT+12"},
      {"1970-01-01T00:00:00Z", "UTC"},
      {"2027-01-03T23:00:00Z", "Europe/Berlin"},  // Monday, week 1
  };
  for (const Edge& edge : kEdges) ExpectAgreementAround(edge.when, edge.zone);
}

TEST(WindowTwin, FindsAWindowsStartInThatWindow) {
  std::mt19937_64 random(1);
  const int64_t from = absl::ToUnixSeconds(At("1950-01-01T00:00:00Z"));
  const int64_t until = absl::ToUnixSeconds(At("2040-01-01T00:00:00Z"));
  for (const char* name : kZones) {
    SCOPED_TRACE(name);
    const absl::TimeZone zone = Zone(name);
    for (int i = 0; i < 2000; ++i) {
      const int64_t s =
          from + static_cast<int64_t>(random() % uint64_t(until - from));
      const absl::Time time =
          absl::FromUnixSeconds(s) + absl::Microseconds(random() % 1'000'000);
      int64_t shorter = s;
      for (const Period period : kPeriods) {
        const int64_t start = WindowStart(time, period, zone);
        ASSERT_LE(start, s) << absl::FormatTime(time, zone);
        ASSERT_EQ(WindowStart(absl::FromUnixSeconds(start), period, zone),
                  start)
            << absl::FormatTime(time, zone);
        // What begins later is another window's.
        ASSERT_LT(WindowStart(absl::FromUnixSeconds(start - 1), period, zone),
                  start);
        if (period != Period::kMonth) {  // a week may begin before its month
          ASSERT_LE(start, shorter);
          shorter = start;
        }
        if (period == Period::kWeek) shorter = s;
      }
    }
  }
}

TEST(WindowTwin, SharesNoInstantWithTheNextOne) {
  // From one start to the next: each window ends where another begins.
  for (const char* name : kZones) {
    SCOPED_TRACE(name);
    const absl::TimeZone zone = Zone(name);
    for (const Period period : kPeriods) {
      const int64_t step = period == Period::kHour ? 60 : 900;
      const int64_t from = absl::ToUnixSeconds(At("2010-11-01T00:00:00Z"));
      int64_t last = WindowStart(absl::FromUnixSeconds(from), period, zone);
      for (int64_t s = from; s < from + 500 * 24 * kHour; s += step) {
        const int64_t start =
            WindowStart(absl::FromUnixSeconds(s), period, zone);
        ASSERT_TRUE(start == last || (start > s - step && start <= s))
            << absl::FormatTime(absl::FromUnixSeconds(s), zone);
        last = start;
      }
    }
  }
}

}  // namespace
}  // namespace loyalty::base
