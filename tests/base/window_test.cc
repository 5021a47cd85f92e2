// SPDX-License-Identifier: Apache-2.0
//
// Where calendar windows begin: by the zone's own clock, also in the nights
// when that clock is changed.
#include "base/window.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>

#include "zones.h"

namespace loyalty::base {
namespace {

TEST(Window, HoldsTheInstantItIsAskedFor) {
  const std::string midnight = "2026-03-01T00:00:00+00:00";
  EXPECT_EQ(Start("2026-03-01T00:00:00Z", Period::kDay, "UTC"), midnight);
  EXPECT_EQ(Start("2026-03-01T23:59:59.999999Z", Period::kDay, "UTC"),
            midnight);
  EXPECT_EQ(Start("2026-02-28T23:59:59.999999Z", Period::kDay, "UTC"),
            "2026-02-28T00:00:00+00:00");
}

TEST(Window, OfEverIsOne) {
  for (const char* when : {"0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z",
                           "9999-12-31T23:59:59Z"}) {
    EXPECT_EQ(WindowStart(At(when), Period::kEver, Zone("Asia/Tokyo")), 0);
  }
}

TEST(Window, BeginsBefore1970AsAfter) {
  EXPECT_EQ(Start("1969-12-31T23:59:59.5Z", Period::kHour, "UTC"),
            "1969-12-31T23:00:00+00:00");
  EXPECT_EQ(Start("1969-12-31T23:59:59.5Z", Period::kDay, "UTC"),
            "1969-12-31T00:00:00+00:00");
  EXPECT_EQ(Start("1969-12-31T23:59:59.5Z", Period::kWeek, "UTC"),
            "1969-12-29T00:00:00+00:00");
  EXPECT_EQ(Start("1969-12-31T23:59:59.5Z", Period::kYear, "UTC"),
            "1969-01-01T00:00:00+00:00");
}

TEST(Window, CoversTheYearsThatEventsMayHave) {
  EXPECT_EQ(Start("0001-01-01T00:00:00Z", Period::kYear, "UTC"),
            "1-01-01T00:00:00+00:00");
  EXPECT_EQ(Start("0001-01-01T12:00:00Z", Period::kWeek, "UTC"),
            "1-01-01T00:00:00+00:00");
  EXPECT_EQ(Start("9999-12-31T23:59:59.999999Z", Period::kYear, "UTC"),
            "9999-01-01T00:00:00+00:00");
  EXPECT_EQ(Start("9999-12-31T23:59:59.999999Z", Period::kHour, "UTC"),
            "9999-12-31T23:00:00+00:00");
}

TEST(Window, IsTheZonesAndNotUtcs) {
  EXPECT_EQ(Start("2026-01-01T10:30:00Z", Period::kDay, "Pacific/Kiritimati"),
            "2026-01-02T00:00:00+14:00");
  EXPECT_EQ(Start("2026-01-01T10:30:00Z", Period::kDay, "Etc/GMT+12"),
            "2025-12-31T00:00:00-12:00");
  EXPECT_EQ(Start("2025-12-31T10:00:00Z", Period::kYear, "Pacific/Kiritimati"),
            "2026-01-01T00:00:00+14:00");
  EXPECT_EQ(Start("2026-01-01T11:59:59Z", Period::kYear, "Etc/GMT+12"),
            "2025-01-01T00:00:00-12:00");
}

TEST(Window, OfAnHourFollowsOddOffsets) {
  EXPECT_EQ(Start("2026-01-01T00:20:00Z", Period::kHour, "Asia/Kolkata"),
            "2026-01-01T05:00:00+05:30");
  EXPECT_EQ(Start("2026-01-01T00:20:00Z", Period::kHour, "Asia/Kathmandu"),
            "2026-01-01T06:00:00+05:45");
}

TEST(Window, OfAWeekBeginsOnMondayAlsoAtTheYearsEnd) {
  // 2020 has 53 ISO weeks; 2021-01-01 is a Friday of the last.
  EXPECT_EQ(Start("2021-01-01T00:00:00Z", Period::kWeek, "UTC"),
            "2020-12-28T00:00:00+00:00");
  EXPECT_EQ(Start("2021-01-03T23:59:59Z", Period::kWeek, "UTC"),
            "2020-12-28T00:00:00+00:00");
  EXPECT_EQ(Start("2021-01-04T00:00:00Z", Period::kWeek, "UTC"),
            "2021-01-04T00:00:00+00:00");
  // 2024-12-30 is a Monday, of week 1 of 2025.
  EXPECT_EQ(Start("2024-12-31T12:00:00Z", Period::kWeek, "UTC"),
            "2024-12-30T00:00:00+00:00");
  EXPECT_EQ(Start("2025-01-05T12:00:00Z", Period::kWeek, "UTC"),
            "2024-12-30T00:00:00+00:00");
  EXPECT_EQ(Start("2024-12-29T23:59:59Z", Period::kWeek, "UTC"),
            "2024-12-23T00:00:00+00:00");
}

TEST(Window, OfADaySomeDaysBefore) {
  absl::TimeZone zone;
  // Its clocks skip midnight on 2018-11-04.
  ASSERT_TRUE(absl::LoadTimeZone("America/Sao_Paulo", &zone));
  for (int days = 0; days < 400; ++days) {
    const absl::CivilDay day(2019, 3, 1);
    const int64_t start = WindowStart(
        absl::FromCivil(day + 0, zone) + absl::Hours(12), Period::kDay, zone);
    EXPECT_EQ(DayBefore(start, days, zone),
              WindowStart(
                  absl::FromCivil(absl::CivilSecond(day - days) + 43'200, zone),
                  Period::kDay, zone))
        << days;
  }
}

TEST(Window, KnowsLeapDays) {
  EXPECT_EQ(Start("2024-02-29T12:00:00Z", Period::kDay, "UTC"),
            "2024-02-29T00:00:00+00:00");
  EXPECT_EQ(Start("2024-02-29T12:00:00Z", Period::kMonth, "UTC"),
            "2024-02-01T00:00:00+00:00");
  EXPECT_EQ(Start("2024-03-01T00:00:00Z", Period::kMonth, "UTC"),
            "2024-03-01T00:00:00+00:00");
  EXPECT_EQ(Start("2000-02-29T12:00:00Z", Period::kDay, "UTC"),
            "2000-02-29T00:00:00+00:00");
  EXPECT_EQ(Start("2100-02-28T23:59:59Z", Period::kMonth, "UTC"),
            "2100-02-01T00:00:00+00:00");
  EXPECT_EQ(Start("2100-03-01T00:00:00Z", Period::kDay, "UTC"),
            "2100-03-01T00:00:00+00:00");
  EXPECT_EQ(Start("2024-12-31T23:59:59Z", Period::kYear, "UTC"),
            "2024-01-01T00:00:00+00:00");
}

// A thread keeps some of the windows that it was asked for; one that was asked
// for nothing has to look it up.
TEST(Window, IsTheSameWhateverWasAskedBefore) {
  std::mt19937 random(7);
  const auto below = [&](int end) {
    return static_cast<int>(random() % static_cast<unsigned>(end));
  };
  constexpr Period kPeriods[] = {Period::kDay, Period::kWeek, Period::kMonth,
                                 Period::kYear};
  for (int i = 0; i < 2'000; ++i) {
    const absl::TimeZone zone =
        Zone(below(2) == 0 ? "Europe/Berlin" : "America/Sao_Paulo");
    const Period period = kPeriods[below(4)];
    // Some 30 days, so that most were asked for before, and some are not kept.
    const absl::Time when =
        At("2018-10-20T00:00:00Z") + absl::Minutes(below(30 * 24 * 60));
    const int64_t start = WindowStart(when, period, zone);
    const absl::Time end = WindowEnd(when, period, zone);
    std::thread([&] {
      EXPECT_EQ(start, WindowStart(when, period, zone));
    }).join();
    std::thread([&] { EXPECT_EQ(end, WindowEnd(when, period, zone)); }).join();
  }
}

TEST(Window, OfADayHas23And25HoursInBerlin) {
  const std::string berlin = "Europe/Berlin";
  EXPECT_EQ(Start("2026-03-29T23:59:59+02:00", Period::kDay, berlin),
            "2026-03-29T00:00:00+01:00");
  EXPECT_EQ(Start("2026-03-30T00:00:00+02:00", Period::kDay, berlin),
            "2026-03-30T00:00:00+02:00");
  EXPECT_EQ(Start("2026-10-25T23:59:59+01:00", Period::kDay, berlin),
            "2026-10-25T00:00:00+02:00");
}

TEST(Window, OfAnHourThatTheClocksRepeatIsTwo) {
  const std::string berlin = "Europe/Berlin";
  EXPECT_EQ(Start("2026-10-25T02:30:00+02:00", Period::kHour, berlin),
            "2026-10-25T02:00:00+02:00");
  EXPECT_EQ(Start("2026-10-25T02:30:00+01:00", Period::kHour, berlin),
            "2026-10-25T02:00:00+01:00");
}

TEST(Window, OfAnHourAfterASkippedOneBeginsWithTheJump) {
  EXPECT_EQ(Start("2026-03-29T03:30:00+02:00", Period::kHour, "Europe/Berlin"),
            "2026-03-29T03:00:00+02:00");
  EXPECT_EQ(
      Start("2026-03-08T03:59:59-07:00", Period::kHour, "America/Los_Angeles"),
      "2026-03-08T03:00:00-07:00");
}

TEST(Window, OfAnHourAtAJumpOfHalfAnHourIsLongerOrShorter) {
  // 02:00 becomes 01:30: the hour from 01:00 lasts 90 minutes.
  const std::string lord_howe = "Australia/Lord_Howe";
  const std::string long_hour = "2026-04-05T01:00:00+11:00";
  EXPECT_EQ(Start("2026-04-05T01:59:59+11:00", Period::kHour, lord_howe),
            long_hour);
  EXPECT_EQ(Start("2026-04-05T01:30:00+10:30", Period::kHour, lord_howe),
            long_hour);
  EXPECT_EQ(Start("2026-04-05T01:59:59+10:30", Period::kHour, lord_howe),
            long_hour);
  EXPECT_EQ(Start("2026-04-05T02:00:00+10:30", Period::kHour, lord_howe),
            "2026-04-05T02:00:00+10:30");
  // 02:00 becomes 02:30: the hour has half an hour.
  EXPECT_EQ(Start("2026-10-04T02:30:00+11:00", Period::kHour, lord_howe),
            "2026-10-04T02:30:00+11:00");
  EXPECT_EQ(Start("2026-10-04T01:59:59+10:30", Period::kHour, lord_howe),
            "2026-10-04T01:00:00+10:30");
}

TEST(Window, OfADayWhoseMidnightIsSkippedBeginsWithTheJump) {
  EXPECT_EQ(
      Start("2018-11-04T12:00:00-02:00", Period::kDay, "America/Sao_Paulo"),
      "2018-11-04T01:00:00-02:00");
  EXPECT_EQ(
      Start("2018-11-03T23:59:59-03:00", Period::kDay, "America/Sao_Paulo"),
      "2018-11-03T00:00:00-03:00");
  EXPECT_EQ(Start("2026-04-24T12:00:00+03:00", Period::kDay, "Africa/Cairo"),
            "2026-04-24T01:00:00+03:00");
}

TEST(Window, OfADayWhoseMidnightIsRepeatedBeginsWithTheFirst) {
  EXPECT_EQ(Start("2025-11-02T00:30:00-05:00", Period::kDay, "America/Havana"),
            "2025-11-02T00:00:00-04:00");
  EXPECT_EQ(Start("2025-11-02T00:30:00-04:00", Period::kDay, "America/Havana"),
            "2025-11-02T00:00:00-04:00");
}

TEST(Window, OfADayThatHasBegunIsNotLeftWhenTheClocksGoBackPastMidnight) {
  // At 00:01 on the 7th the clocks showed 23:01 on the 6th again.
  const std::string st_johns = "America/St_Johns";
  const std::string seventh = "2010-11-07T00:00:00-02:30";
  EXPECT_EQ(Start("2010-11-06T23:30:00-02:30", Period::kDay, st_johns),
            "2010-11-06T00:00:00-02:30");
  EXPECT_EQ(Start("2010-11-07T00:00:30-02:30", Period::kDay, st_johns),
            seventh);
  EXPECT_EQ(Start("2010-11-06T23:30:00-03:30", Period::kDay, st_johns),
            seventh);
  EXPECT_EQ(Start("2010-11-07T12:00:00-03:30", Period::kDay, st_johns),
            seventh);
}

TEST(Window, OfASkippedDayIsNone) {
  // Samoa had no 30 December 2011.
  EXPECT_EQ(Start("2011-12-29T23:59:59-10:00", Period::kDay, "Pacific/Apia"),
            "2011-12-29T00:00:00-10:00");
  EXPECT_EQ(Start("2011-12-31T00:00:00+14:00", Period::kDay, "Pacific/Apia"),
            "2011-12-31T00:00:00+14:00");
  EXPECT_EQ(Start("2011-12-31T12:00:00+14:00", Period::kWeek, "Pacific/Apia"),
            "2011-12-26T00:00:00-10:00");
}

TEST(Anniversary, IsTheSameTimeOfDayYearsLater) {
  const absl::TimeZone zone = absl::UTCTimeZone();
  const absl::Time since =
      absl::FromCivil(absl::CivilSecond(2024, 2, 29, 10, 30, 5), zone) +
      absl::Milliseconds(7);
  EXPECT_EQ(Anniversary(since, 4, zone),
            absl::FromCivil(absl::CivilSecond(2028, 2, 29, 10, 30, 5), zone) +
                absl::Milliseconds(7));
  // A year without that day.
  const absl::Time first = Anniversary(since, 1, zone);
  EXPECT_EQ(first,
            absl::FromCivil(absl::CivilSecond(2025, 3, 1, 10, 30, 5), zone) +
                absl::Milliseconds(7));
  EXPECT_EQ(YearsBetween(since, first - absl::Microseconds(1), zone), 0);
  EXPECT_EQ(YearsBetween(since, first, zone), 1);
  EXPECT_EQ(YearsBetween(first, since, zone), 0);
}

TEST(ShortTime, NamesItsZoneUnlessThatIsUtc) {
  const absl::Time noon = absl::FromCivil(
      absl::CivilSecond(2026, 3, 5, 12, 0, 59), absl::UTCTimeZone());
  EXPECT_EQ(ShortTime(noon, absl::UTCTimeZone()), "2026-03-05 12:00");
  EXPECT_EQ(ShortTime(noon, Zone("UTC")), "2026-03-05 12:00");
  EXPECT_EQ(ShortTime(noon, Zone("Europe/Berlin")), "2026-03-05 13:00 CET");
}

}  // namespace
}  // namespace loyalty::base
