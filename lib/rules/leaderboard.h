// SPDX-License-Identifier: Apache-2.0
//
// A leaderboard as the program has it, and its seasons.
//
// What it compares is kept in a counter of each member, "board:ID", whose
// window is the season. A rolling one, the last 7 days, has a season for each
// day, and what an event gives counts in the 7 that begin with the event's own:
// so each of them is a plain sum, exact for ever, and no time has to pass.
#ifndef LOYALTY_LIB_RULES_LEADERBOARD_H_
#define LOYALTY_LIB_RULES_LEADERBOARD_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
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
  model::Symbol source = {};  // "prize:ID/0": what movements of it name

  // Whether it is for that rank, of a season that `members` are on.
  bool IsFor(int64_t rank, int64_t members) const;
};

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
  bool anonymous = false;
  std::vector<Prize> prizes = {};
  model::Symbol ended = {};  // "season:ID": the program's counter of what ended

  bool has_seasons() const { return days > 0 || period != base::Period::kEver; }
};

// A leaderboard that something counts for, and the counter it does that in; or
// a metric of what is earned.
struct BoardFeed {
  int board = 0;  // place among the program's; -1: of a metric
  model::Symbol counter = {};
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

// When nothing can count in it any more, but for what comes late.
absl::Time SeasonEnd(const Leaderboard& board, int64_t season,
                     absl::TimeZone zone);

// "2026", "2026-03", "2026-W12", "2026-03-14", and for an hour
// "2026-03-14T15:00:00+01:00"; "" for ever. A rolling one is called by its last
// day.
std::string SeasonName(const Leaderboard& board, int64_t season,
                       absl::TimeZone zone);

// ERRORS: kInvalidArgument: that is not what seasons of this one are called.
absl::StatusOr<int64_t> SeasonNamed(const Leaderboard& board,
                                    std::string_view name, absl::TimeZone zone);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_LEADERBOARD_H_
