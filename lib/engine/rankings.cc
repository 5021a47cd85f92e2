// SPDX-License-Identifier: Apache-2.0
//
// See rankings.h.
#include "engine/rankings.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <climits>
#include <utility>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "base/suggest.h"
#include "base/views.h"
#include "core/boards.h"
#include "core/counters.h"
#include "core/groups.h"
#include "engine/group_names.h"
#include "rules/values.h"

namespace loyalty::engine {
namespace {

using base::av;

absl::Status NoSuch(const rules::CompiledProgram& program,
                    std::string_view board) {
  std::vector<std::string> known;
  for (const rules::Leaderboard& one : program.leaderboards) {
    known.push_back(one.id);
  }
  for (const rules::Currency& currency : program.currencies) {
    if (!currency.is_badge) known.push_back(currency.id);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the program has no leaderboard or currency \"", av(board),
                   "\". ", base::DidYouMean(board, known)));
}

bool IsTied(const store::Ranked& a, const store::Ranked& b) {
  return a.earned == b.earned && a.tie == b.tie;
}

}  // namespace

LeaderboardRow Rankings::RowOf(const Season& season,
                               store::Ranked ranked) const {
  const bool is_named = !season.anonymous || !season.viewer.has_value() ||
                        *season.viewer == ranked.member;
  LeaderboardRow row{
      .rank = ranked.rank,
      .member = is_named ? std::move(ranked.member) : std::string(),
      .earned =
          season.lowest_first ? base::Negated(ranked.earned) : ranked.earned,
      .then = season.lowest_tie_first ? base::Negated(ranked.tie) : ranked.tie,
      .listed = ranked.listed};
  // Who is hidden moves nowhere.
  if (season.league.has_value() && row.listed) {
    const int step =
        rules::StepOf(*season.league, season.cohort, row.rank, season.members);
    row.zone = step > 0   ? LeaderboardRow::Zone::kPromotion
               : step < 0 ? LeaderboardRow::Zone::kRelegation
                          : LeaderboardRow::Zone::kNone;
  }
  return row;
}

// Which of a season's cohorts it is about: the one that was named, or else that
// of the member. Who came too late for one is among the others who did.
absl::Status Rankings::SetCohort(const rules::CompiledProgram& program,
                                 const rules::Leaderboard& league,
                                 std::optional<std::string_view> of,
                                 Season& season) {
  season.cohort = rules::CohortOf(league, season.window, program.time_zone);
  if (season.cohort.division < 0) {
    if (!of.has_value()) {
      const std::string name =
          rules::SeasonName(league, season.window, program.time_zone);
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", league.id,
          "\" is a league: ask around a member, or as one, or for a cohort of "
          "the season, \"",
          name, "/", league.league->divisions.front(), "/1\""));
    }
    ASSIGN_OR_RETURN(const std::string who, reader_.Resolve(*of));
    ASSIGN_OR_RETURN(const auto state, reader_.Find(core::MemberEntity(who)));
    const int64_t cohort =
        state.has_value()
            ? state->Counter(core::CohortCounter(league, season.window))
            : 0;
    if (cohort > 0) season.window += cohort;
    season.cohort = rules::CohortOf(league, season.window, program.time_zone);
  }
  season.league = league;
  ASSIGN_OR_RETURN(season.members, reader_.BoardSize(season.ref()));
  return absl::OkStatus();
}

absl::StatusOr<Rankings::Season> Rankings::SeasonOf(
    const BoardView& view, std::optional<std::string_view> of) {
  ASSIGN_OR_RETURN(const auto program, programs_.Latest());
  const rules::Leaderboard* const board = program->FindLeaderboard(view.board);
  if (board == nullptr) {
    if (program->CurrencyIndex(view.board) < 0) {
      return NoSuch(*program, view.board);
    }
    if (!view.season.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the leaderboard of ", view.board,
                       " is for ever, and has no season"));
    }
    if (!view.of.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the leaderboard of ", view.board,
                       " keeps no groups apart: declare one with  by"));
    }
    return Season{.name = view.board, .called = view.board};
  }
  Season season{.name = board->name,
                .ranks = board->ranks,
                .lowest_first = board->lowest_first,
                .lowest_tie_first = board->lowest_tie_first,
                .anonymous = board->anonymous,
                .called = board->id};
  if (board->badge >= 0) {
    absl::StrAppend(&season.called, ", of those who hold badge \"",
                    program->badges[board->badge].id, "\"");
  }
  if (view.viewer.has_value()) {
    ASSIGN_OR_RETURN(season.viewer, reader_.Resolve(*view.viewer));
  }
  const rules::SeasonAndGroup named = rules::SplitName(*board, view.season);
  if (!named.season.empty()) {
    ASSIGN_OR_RETURN(season.window, rules::SeasonNamed(*board, named.season,
                                                       program->time_zone));
  } else if (board->has_seasons()) {
    absl::Time at = view.at.value_or(absl::InfinitePast());
    if (!view.at.has_value()) {
      ASSIGN_OR_RETURN(at, reader_.NewestTime());
      // Nothing has happened: any season is as empty as another.
      if (at == absl::InfinitePast()) at = absl::UnixEpoch();
    }
    if (!rules::IsInRange(at)) {
      return absl::InvalidArgumentError(
          "the time is outside the years 1 to 9999");
    }
    season.window = rules::SeasonAt(*board, at, program->time_zone);
  }
  if (board->league.has_value()) {
    RETURN_IF_ERROR(
        SetCohort(*program, *board, of.has_value() ? of : view.viewer, season));
  } else if (board->by >= 0) {
    RETURN_IF_ERROR(SetGroup(*program, *board,
                             view.of.empty() ? named.group : view.of,
                             of.has_value() ? of : view.viewer, season));
  } else if (!view.of.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("leaderboard \"", board->id,
                     "\" keeps no groups apart, and has none \"", view.of,
                     "\": it says  by  for that"));
  }
  return season;
}

// Which of a season's groups it is about: the one that was named, or else that
// of the member. In one that nobody was ever in, nobody is.
absl::Status Rankings::SetGroup(const rules::CompiledProgram& program,
                                const rules::Leaderboard& board,
                                std::string_view group,
                                std::optional<std::string_view> of,
                                Season& season) {
  const rules::Grouping& grouping = program.groupings[board.by];
  const std::string& by = grouping.attribute;
  if (!group.empty()) {
    ASSIGN_OR_RETURN(const int64_t number,
                     NumberOfGroup(reader_, grouping, group));
    season.window += number == 0 ? rules::kMostGroups + 1 : number;
    absl::StrAppend(&season.called, " for ", by, " \"", av(group), "\"");
    return absl::OkStatus();
  }
  if (!of.has_value()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "leaderboard \"", board.id, "\" keeps members apart by ", by,
        ": say of which ", by, ", or ask around a member, or as one"));
  }
  ASSIGN_OR_RETURN(const std::string who, reader_.Resolve(*of));
  ASSIGN_OR_RETURN(const auto state, reader_.Find(core::MemberEntity(who)));
  if (!state.has_value() || !state->exists) {
    return absl::NotFoundError(
        absl::StrCat("there is no member \"", av(*of), "\""));
  }
  int64_t number = state->Counter(core::CohortCounter(board, season.window));
  if (number == 0) number = state->Counter(core::GroupCounter(grouping));
  if (number == 0) {
    return absl::NotFoundError(
        absl::StrCat("member \"", av(*of), "\" is in no ", by,
                     " that leaderboard \"", board.id, "\" could be of"));
  }
  season.window += number;
  return absl::OkStatus();
}

absl::Status Rankings::SetRank(const Season& season, store::Ranked& ranked) {
  if (season.ranks == model::Ranks::kRow) ranked.rank = ranked.row + 1;
  if (season.ranks != model::Ranks::kDense) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const int64_t above,
      reader_.ScoresAbove(season.ref(), ranked.earned, ranked.tie));
  ranked.rank = above + 1;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<LeaderboardRow>> Rankings::RowsFrom(
    const Season& season, int64_t offset, int limit) {
  ASSIGN_OR_RETURN(auto page, reader_.Page(season.ref(), offset, limit));
  const store::Ranked* last = nullptr;
  for (store::Ranked& ranked : page) {
    if (season.ranks == model::Ranks::kDense && last != nullptr) {
      ranked.rank = last->rank + (IsTied(*last, ranked) ? 0 : 1);
    } else {
      RETURN_IF_ERROR(SetRank(season, ranked));
    }
    last = &ranked;
  }
  std::vector<LeaderboardRow> rows;
  rows.reserve(page.size());
  for (store::Ranked& ranked : page) {
    rows.push_back(RowOf(season, std::move(ranked)));
  }
  return rows;
}

absl::StatusOr<store::Ranked> Rankings::Find(std::string_view member,
                                             const Season& season) {
  ASSIGN_OR_RETURN(const std::string who, reader_.Resolve(member));
  ASSIGN_OR_RETURN(auto ranked, reader_.Rank(season.ref(), who));
  if (ranked.has_value()) {
    RETURN_IF_ERROR(SetRank(season, *ranked));
    return *std::move(ranked);
  }
  ASSIGN_OR_RETURN(const auto state, reader_.Find(core::MemberEntity(who)));
  if (!state.has_value() || !state->exists) {
    return absl::NotFoundError(
        absl::StrCat("there is no member \"", av(member), "\""));
  }
  return absl::NotFoundError(absl::StrCat("member \"", av(member),
                                          "\" is not on the leaderboard of ",
                                          season.called));
}

absl::StatusOr<std::vector<LeaderboardRow>> Rankings::Page(
    const BoardView& view, int64_t offset, int limit) {
  ASSIGN_OR_RETURN(const Season season, SeasonOf(view));
  return RowsFrom(season, offset, limit);
}

absl::StatusOr<LeaderboardRow> Rankings::Rank(std::string_view member,
                                              const BoardView& view) {
  ASSIGN_OR_RETURN(const Season season, SeasonOf(view, member));
  ASSIGN_OR_RETURN(store::Ranked ranked, Find(member, season));
  return RowOf(season, std::move(ranked));
}

absl::StatusOr<std::vector<LeaderboardRow>> Rankings::Around(
    std::string_view member, const BoardView& view, int before, int after) {
  ASSIGN_OR_RETURN(const Season season, SeasonOf(view, member));
  ASSIGN_OR_RETURN(store::Ranked ranked, Find(member, season));
  ASSIGN_OR_RETURN(const int64_t listed, reader_.BoardSize(season.ref()));
  // Who is hidden has a row of their own between the others.
  const int64_t others = ranked.listed ? 0 : 1;
  const int64_t wanted = int64_t{std::max(before, 0)} + std::max(after, 0) + 1;
  const int64_t rows = std::min(wanted, listed + others);
  const int64_t first = std::clamp<int64_t>(ranked.row - std::max(before, 0), 0,
                                            listed + others - rows);
  ASSIGN_OR_RETURN(
      auto around,
      RowsFrom(season, first,
               static_cast<int>(std::min<int64_t>(rows - others, INT_MAX))));
  if (others > 0) {
    const auto place = around.begin() + (ranked.row - first);
    around.insert(place, RowOf(season, std::move(ranked)));
  }
  return around;
}

absl::StatusOr<std::vector<std::string>> Rankings::Seasons(
    std::string_view id) {
  ASSIGN_OR_RETURN(const auto program, programs_.Latest());
  std::vector<std::string> names;
  const rules::Leaderboard* const board = program->FindLeaderboard(id);
  if (board == nullptr) {
    if (program->CurrencyIndex(id) < 0) return NoSuch(*program, id);
    return names;
  }
  if (!board->has_seasons() && board->by < 0) return names;
  ASSIGN_OR_RETURN(const auto windows, reader_.Seasons(board->name.text()));
  for (const int64_t window : windows) {
    // Those who came too late for a cohort, or are in no group.
    if (!board->cohort.empty() &&
        rules::CohortOf(*board, window, program->time_zone).number == 0) {
      continue;
    }
    ASSIGN_OR_RETURN(
        std::string name,
        FullSeasonName(reader_, programs_, *program, *board, window));
    names.push_back(std::move(name));
  }
  return names;
}

}  // namespace loyalty::engine

namespace loyalty {

std::string_view Name(LeaderboardRow::Zone zone) {
  switch (zone) {
    case LeaderboardRow::Zone::kNone: return "none";
    case LeaderboardRow::Zone::kPromotion: return "promotion";
    case LeaderboardRow::Zone::kRelegation: return "relegation";
  }
  return "?";
}

}  // namespace loyalty
