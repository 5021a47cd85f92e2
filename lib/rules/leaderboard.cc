// SPDX-License-Identifier: Apache-2.0
#include "rules/leaderboard.h"

#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/time/civil_time.h>

#include <algorithm>
#include <optional>

#include "base/views.h"

namespace loyalty::rules {
namespace {

// Of a rolling one, its last day.
base::Period PeriodOf(const Leaderboard& board) {
  return board.days > 0 ? base::Period::kDay : board.period;
}

// The first day of an ISO week.
absl::CivilDay MondayOf(int64_t year, int64_t week) {
  // The 4th of January is in the first one.
  const absl::CivilDay fourth(year, 1, 4);
  const absl::CivilDay monday =
      absl::PrevWeekday(fourth + 1, absl::Weekday::monday);
  return monday + 7 * (week - 1);
}

std::string WeekName(absl::CivilDay monday) {
  // The year that a week is of has its Thursday.
  const absl::CivilDay thursday = monday + 3;
  return absl::StrFormat("%04d-W%02d", thursday.year(),
                         (absl::GetYearDay(thursday) - 1) / 7 + 1);
}

std::string_view Example(base::Period period) {
  switch (period) {
    case base::Period::kEver: return "";
    case base::Period::kHour: return "2026-03-14T15:00:00+01:00";
    case base::Period::kDay: return "2026-03-14";
    case base::Period::kWeek: return "2026-W12";
    case base::Period::kMonth: return "2026-03";
    case base::Period::kQuarter: return "2026-Q1";
    case base::Period::kYear: return "2026";
  }
  return "";
}

// An instant of the season that may be called so.
std::optional<absl::Time> InstantOf(base::Period period, std::string_view name,
                                    absl::TimeZone zone) {
  if (period == base::Period::kHour) {
    absl::Time time;
    std::string error;
    return absl::ParseTime(absl::RFC3339_full, base::av(name), &time, &error)
               ? std::optional(time)
               : std::nullopt;
  }
  int64_t year = 0, month = 1, day = 1;
  const auto number = [&](size_t at, size_t digits, int64_t& value) {
    return name.size() >= at + digits &&
           absl::SimpleAtoi(base::av(name.substr(at, digits)), &value) &&
           value >= 0;
  };
  if (!number(0, 4, year) || year < 1) return std::nullopt;
  if (period == base::Period::kWeek) {
    if (!number(6, 2, month)) return std::nullopt;
    return absl::FromCivil(MondayOf(year, month), zone);
  }
  if (period == base::Period::kQuarter) {
    if (!number(6, 1, month)) return std::nullopt;
    return absl::FromCivil(absl::CivilDay(year, 3 * month - 2, 1), zone);
  }
  if (period != base::Period::kYear && !number(5, 2, month)) {
    return std::nullopt;
  }
  if (period == base::Period::kDay && !number(8, 2, day)) return std::nullopt;
  return absl::FromCivil(absl::CivilDay(year, month, day), zone);
}

std::string CalendarName(const Leaderboard& board, int64_t season,
                         absl::TimeZone zone) {
  const absl::Time start = absl::FromUnixSeconds(season);
  const absl::CivilDay day = absl::ToCivilDay(start, zone);
  switch (PeriodOf(board)) {
    case base::Period::kEver: return "";
    case base::Period::kHour:
      return absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", start, zone);
    case base::Period::kDay:
      return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(),
                             day.day());
    case base::Period::kWeek: return WeekName(day);
    case base::Period::kMonth:
      return absl::StrFormat("%04d-%02d", day.year(), day.month());
    case base::Period::kQuarter:
      return absl::StrFormat("%04d-Q%d", day.year(), (day.month() + 2) / 3);
    case base::Period::kYear: return absl::StrFormat("%04d", day.year());
  }
  return "";
}

// How many cohorts of a division a season has windows for.
int64_t CohortsIn(const Leaderboard& board, int64_t season,
                  absl::TimeZone zone) {
  const int64_t seconds =
      absl::ToUnixSeconds(SeasonEnd(board, season, zone)) - season;
  return (seconds - 1) / kMostDivisions;
}

// Only a file that somebody wrote has one of more than there are.
std::string DivisionName(const League& league, int division) {
  return division < std::ssize(league.divisions) ? league.divisions[division]
                                                 : absl::StrCat(division);
}

// The window of the cohort called "bronze/1"; of one that there cannot be, the
// season's.
int64_t CohortNamed(const Leaderboard& board, int64_t season,
                    std::string_view name, absl::TimeZone zone) {
  const League& league = *board.league;
  const size_t slash = name.find('/');
  const auto division = std::find(
      league.divisions.begin(), league.divisions.end(), name.substr(0, slash));
  int64_t number = 0;
  if (slash == std::string_view::npos || division == league.divisions.end() ||
      !absl::SimpleAtoi(base::av(name.substr(slash + 1)), &number) ||
      number < 1 || number > CohortsIn(board, season, zone)) {
    return season;
  }
  return CohortWindow(board, season,
                      static_cast<int>(division - league.divisions.begin()),
                      (number - 1) * league.size, zone);
}

}  // namespace

bool Prize::IsFor(int64_t rank, int64_t members) const {
  if (percent == 0) return rank >= first && rank <= last;
  // At least one, and part of one is one. In parts, as members are many.
  const int64_t most =
      members / 100 * percent + (members % 100 * percent + 99) / 100;
  return rank <= most;
}

int64_t CohortWindow(const Leaderboard& board, int64_t season, int division,
                     int64_t joined, absl::TimeZone zone) {
  const int64_t last = CohortsIn(board, season, zone) - 1;
  const int64_t cohort = std::min(joined / board.league->size, last);
  return season + 1 + cohort * kMostDivisions + division;
}

Cohort CohortOf(const Leaderboard& board, int64_t window, absl::TimeZone zone) {
  if (!board.league.has_value() && board.by < 0) return {.season = window};
  Cohort cohort{.season = SeasonAt(board, absl::FromUnixSeconds(window), zone)};
  const int64_t place = window - cohort.season - 1;
  if (board.by >= 0) {
    cohort.number = place + 1;
    return cohort;
  }
  if (place < 0) return cohort;
  cohort.division = static_cast<int>(place % kMostDivisions);
  cohort.number = place / kMostDivisions + 1;
  return cohort;
}

int StepOf(const Leaderboard& board, const Cohort& cohort, int64_t rank,
           int64_t members) {
  if (cohort.division < 0) return 0;
  const League& league = *board.league;
  if (rank <= league.promote) {
    return cohort.division + 1 < std::ssize(league.divisions) ? 1 : 0;
  }
  return rank > members - league.relegate && cohort.division > 0 ? -1 : 0;
}

int64_t SeasonAt(const Leaderboard& board, absl::Time time,
                 absl::TimeZone zone) {
  return base::WindowStart(time, PeriodOf(board), zone);
}

absl::Time SeasonEnd(const Leaderboard& board, int64_t season,
                     absl::TimeZone zone) {
  const absl::Time start = absl::FromUnixSeconds(season);
  if (board.days == 0 && board.period == base::Period::kHour) {
    return start + absl::Hours(1);
  }
  return base::WindowEnd(start, PeriodOf(board), zone);
}

std::string SeasonName(const Leaderboard& board, int64_t window,
                       absl::TimeZone zone) {
  const Cohort cohort = CohortOf(board, window, zone);
  const std::string season = CalendarName(board, cohort.season, zone);
  if (cohort.division < 0) return season;
  return absl::StrCat(season, "/", DivisionName(*board.league, cohort.division),
                      "/", cohort.number);
}

absl::StatusOr<int64_t> SeasonNamed(const Leaderboard& board,
                                    std::string_view name,
                                    absl::TimeZone zone) {
  if (!board.has_seasons()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "leaderboard \"", board.id, "\" is for ever, and has no season"));
  }
  const base::Period period = PeriodOf(board);
  const size_t slash =
      board.league.has_value() ? name.find('/') : std::string_view::npos;
  const std::optional<absl::Time> instant =
      InstantOf(period, name.substr(0, slash), zone);
  if (instant.has_value()) {
    int64_t season = base::WindowStart(*instant, period, zone);
    if (slash != std::string_view::npos) {
      season = CohortNamed(board, season, name.substr(slash + 1), zone);
    }
    // What a calendar lacks, such as a 30th of February, is called otherwise.
    if (SeasonName(board, season, zone) == name) return season;
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "leaderboard \"", board.id, "\" has no season \"", base::av(name),
      "\"; they are called as \"", base::av(Example(period)),
      board.league.has_value()
          ? absl::StrCat("/", DivisionName(*board.league, 0), "/1")
          : "",
      "\" is"));
}

std::string NameWithGroup(std::string_view season, std::string_view group) {
  return season.empty() ? std::string(group)
                        : absl::StrCat(base::av(season), "/", base::av(group));
}

// No season is called by a '/' where groups are kept apart, as hours are.
SeasonAndGroup SplitName(const Leaderboard& board, std::string_view name) {
  if (board.by < 0) return {.season = name};
  if (!board.has_seasons()) return {.group = name};
  const size_t slash = name.find('/');
  if (slash == std::string_view::npos) return {.season = name};
  return {.season = name.substr(0, slash), .group = name.substr(slash + 1)};
}

}  // namespace loyalty::rules
