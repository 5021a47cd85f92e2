// SPDX-License-Identifier: Apache-2.0
//
// A leaderboard as the program has it, and its seasons.
//
// What it compares is kept in a counter of each member, "board:ID", whose
// window is the season. A rolling one, the last 7 days, has a season for each
// day, and what an event gives counts in the 7 that begin with the event's own:
// so each of them is a plain sum, exact for ever, and no time has to pass.
//
// Of a league, the window is a cohort's: the season's start, and so many
// seconds more, of which a season of a day or longer has enough. So a cohort is
// to stores, readings and prizes what a season is. Likewise, of one that keeps
// groups apart, the window is a group's: so many seconds more as its number.
#ifndef LOYALTY_LIB_RULES_LEADERBOARD_H_
#define LOYALTY_LIB_RULES_LEADERBOARD_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/window.h"
#include "model/spec.h"
#include "model/symbol.h"

namespace loyalty::rules {

// Units that a prize gives.
struct PrizeUnits {
  int currency = 0;  // index
  int64_t units = 0;
};

struct Prize {
  // Ranks from `first` to `last`; or, if that is not 0, the first `percent`.
  int64_t first = 1;
  int64_t last = 1;
  int64_t percent = 0;
  std::vector<PrizeUnits> awards = {};
  int badge = -1;             // place among the program's; -1: none
  int division = -1;          // of a league, whose cohorts it is for; -1: all
  model::Symbol source = {};  // "prize:ID/0": what movements of it name

  // Whether it is for that rank, of a season that `members` are on.
  bool IsFor(int64_t rank, int64_t members) const;
};

// The most divisions that a league may have.
inline constexpr int kMostDivisions = 16;

struct League {
  std::vector<std::string> divisions = {};  // ids of its ladder's levels
  model::Symbol division = {};  // "level:LADDER": a member's, its place there
  int64_t size = 0;             // of a cohort
  int64_t promote = 0;
  int64_t relegate = 0;
};

// What some leaderboards keep members apart by: "city", as their own events say
// it. Groups are numbered from 1 in the order in which the journal names them.
struct Grouping {
  std::string attribute = {};
  // "group:city": at a member, the number of their group, 0: none. At the
  // program, with a group's name for key its number, and without one how many
  // there are.
  model::Symbol counter = {};
  // "group:city/said": at a member, when they were said to be there, in
  // microseconds since 1970. At the program, with a number for key, the entry
  // that said it first.
  model::Symbol said = {};
};

// As many as have windows in the shortest season, a day of 23 hours.
inline constexpr int64_t kMostGroups = 80'000;
inline constexpr size_t kMostGroupBytes = 128;

struct Leaderboard {
  std::string id = {};
  std::string describe = {};
  // What a store knows it by: a counter's name, or a currency's where it is
  // that currency's own board, by another name.
  model::Symbol name = {};
  bool is_counted = false;  // in counters
  base::Period period = base::Period::kEver;
  int64_t days = 0;  // rolling, if it is not 0
  model::Ranks ranks = model::Ranks::kRank;
  // Those with least come first. What counts is taken off the counter then, so
  // that a store, which has those with most first, needs to know of nothing; a
  // reading turns it again.
  bool lowest_first = false;
  bool lowest_tie_first = false;
  bool anonymous = false;
  std::vector<Prize> prizes = {};
  model::Symbol ended = {};  // "season:ID": the program's counter of what ended
  std::optional<League> league = {};
  int by = -1;  // place among the program's groupings; -1: it keeps none apart
  int badge = -1;  // who holds it is on it; place among the program's; -1: all
  model::Symbol tie = {};  // "tie:ID", if it breaks ties by something
  // "cohort:ID", of leagues and of those that keep groups apart: a member's, in
  // a season, as core/boards.h has it; and of leagues, at the program, how many
  // have joined one of each division.
  model::Symbol cohort = {};
  // "off:ID", if it is of those who hold a badge: what others have. No store
  // ranks it.
  model::Symbol off = {};

  // All that counts for a member, of which some may have no name.
  std::array<model::Symbol, 3> scores() const { return {name, tie, off}; }
  bool has_seasons() const { return days > 0 || period != base::Period::kEver; }
  // Something follows from the end of a season.
  bool has_ends() const { return !prizes.empty() || league.has_value(); }
};

// A leaderboard that something counts for, and the counter it does that in; or
// a metric of what is earned.
struct BoardFeed {
  int board = 0;  // place among the program's; -1: of a metric
  model::Symbol counter = {};
  bool takes_off = false;  // what counts is taken off the counter
  base::Period period = base::Period::kEver;  // of a metric
};

// Calls `visit(window)` for each season that something at `time` counts in.
template <typename F>
void ForEachSeason(const Leaderboard& board, absl::Time time,
                   absl::TimeZone zone, F&& visit) {
  if (board.days == 0) {
    return visit(base::WindowStart(time, board.period, zone));
  }
  const int64_t day = base::WindowStart(time, base::Period::kDay, zone);
  for (int64_t i = 0; i < board.days; ++i) {
    visit(base::DayBefore(day, -i, zone));
  }
}

// The season that is shown at `time`: of a rolling one that which ends with the
// day of `time`. 0 for ever.
int64_t SeasonAt(const Leaderboard& board, absl::Time time,
                 absl::TimeZone zone);

// The window of the cohort of that division which whoever joins it behind
// `joined` others comes into: a place among its cohorts for each `size` of
// them. Beyond what a season has room for, 1,100,000 members of a division in a
// week in cohorts of 30, the last one takes all.
int64_t CohortWindow(const Leaderboard& board, int64_t season, int division,
                     int64_t joined, absl::TimeZone zone);

// The season of a window, and, of a league, which cohort it is; of one that
// keeps groups apart, the group.
struct Cohort {
  int64_t season = 0;
  int division = -1;   // place among the league's; -1: none, the season itself
  int64_t number = 0;  // from 1, of those of the division; or the group's
};
Cohort CohortOf(const Leaderboard& board, int64_t window, absl::TimeZone zone);

// 1 if that rank, of so many, moves a member of that cohort up a division as it
// ends, -1 if it moves them down.
int StepOf(const Leaderboard& board, const Cohort& cohort, int64_t rank,
           int64_t members);

// When nothing can count in it any more, but for what comes late.
absl::Time SeasonEnd(const Leaderboard& board, int64_t season,
                     absl::TimeZone zone);

// "2026", "2026-Q1", "2026-03", "2026-W12", "2026-03-14", and for an hour
// "2026-03-14T15:00:00+01:00"; "" for ever. A rolling one is called by its last
// day; a cohort by its season, its division and its number there,
// "2026-W12/bronze/1". Of a group, without its name: the program has only its
// number.
std::string SeasonName(const Leaderboard& board, int64_t season,
                       absl::TimeZone zone);

// ERRORS: kInvalidArgument: that is not what seasons of this one are called.
absl::StatusOr<int64_t> SeasonNamed(const Leaderboard& board,
                                    std::string_view name, absl::TimeZone zone);

// What a season and a group are called together, "2026-W12/Bern", and "Bern"
// for ever; and the two of such a name, of which any may be missing. Where
// groups are not kept apart, all of it is the season.
std::string NameWithGroup(std::string_view season, std::string_view group);
struct SeasonAndGroup {
  std::string_view season = {};
  std::string_view group = {};
};
SeasonAndGroup SplitName(const Leaderboard& board, std::string_view name);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_LEADERBOARD_H_
