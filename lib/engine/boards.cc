// SPDX-License-Identifier: Apache-2.0
//
// Which groups an event says that its actor is in; and the end of a season: who
// has won what is read from the leaderboard as the journal has led to it, and
// is in the entry's own movements from then on. See legs.h.
#include "core/boards.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "base/views.h"
#include "core/asked.h"
#include "core/counters.h"
#include "core/groups.h"
#include "engine/legs.h"

namespace loyalty::engine {
namespace {

// More than one entry should hold.
constexpr int64_t kMostWinners = 100'000;

struct Winner {
  std::string member = {};
  core::Won won = {};
};

// Those who have won something; of equals, as the leaderboard calls them.
//
// ERRORS: kOutOfRange  they are too many for one entry.
absl::StatusOr<std::vector<Winner>> WinnersOf(
    const rules::CompiledProgram& program, int number, int64_t season,
    store::Transaction& transaction) {
  const rules::Leaderboard& board = program.leaderboards[number];
  const rules::Cohort cohort =
      rules::CohortOf(board, season, program.time_zone);
  std::vector<core::Won> won;
  int64_t scores = 0;
  std::pair<int64_t, int64_t> last;
  ASSIGN_OR_RETURN(
      auto standings,
      transaction.Standings(
          {board.name.text(), season},
          [&](const store::Ranked& row, int64_t members) {
            const std::pair score(row.earned, row.tie);
            if (row.row == 0 || score != last) ++scores;
            last = score;
            const int64_t rank = board.ranks == model::Ranks::kRank ? row.rank
                                 : board.ranks == model::Ranks::kDense
                                     ? scores
                                     : row.row + 1;
            won.push_back({.board = number,
                           .season = season,
                           .rank = rank,
                           .members = members});
            // The last of a cohort move down.
            const bool may_win =
                board.league.has_value() ||
                std::any_of(board.prizes.begin(), board.prizes.end(),
                            [&](const rules::Prize& prize) {
                              return prize.percent > 0
                                         ? prize.IsFor(rank, members)
                                         : rank <= prize.last;
                            });
            return may_win && row.row < kMostWinners;
          }));
  if (std::ssize(standings) == kMostWinners) {
    return absl::OutOfRangeError(absl::StrCat("as many as ", kMostWinners,
                                              " members would win a prize"));
  }
  std::vector<Winner> winners;
  for (size_t i = 0; i < standings.size(); ++i) {
    const bool wins =
        rules::StepOf(board, cohort, won[i].rank, won[i].members) != 0 ||
        std::any_of(board.prizes.begin(), board.prizes.end(),
                    [&](const rules::Prize& prize) {
                      return prize.IsFor(won[i].rank, won[i].members);
                    });
    if (wins) winners.push_back({std::move(standings[i].member), won[i]});
  }
  return winners;
}

}  // namespace

// The message by which the event enters, with the groups that it names by
// number: one that nobody named before is numbered in a leg of its own first.
absl::StatusOr<core::Enter> Legs::Entering() {
  core::Enter enter;
  if (!event_.actor.has_value()) return enter;
  for (const auto& [attribute, grouping] : cause_.type->groups) {
    const std::optional<std::string> group =
        core::GroupIn(*cause_.type, attribute, event_);
    if (!group.has_value()) continue;
    if (group->size() > rules::kMostGroupBytes) {
      Note(program_.groupings[grouping].counter.text(),
           absl::StrCat("a group of more than ", rules::kMostGroupBytes,
                        " bytes is none; the member stays where they were"));
      continue;
    }
    core::InGroup in{.grouping = grouping};
    if (!group->empty()) {
      ASSIGN_OR_RETURN(in.number, NumberOf(grouping, *group));
      // The last number is taken: as if it said nothing.
      if (in.number == 0) continue;
    }
    enter.groups.push_back(in);
  }
  return enter;
}

absl::StatusOr<int64_t> Legs::NumberOf(int grouping, const std::string& group) {
  ASSIGN_OR_RETURN(const int64_t known, KnownGroup(grouping, group));
  if (known != 0) return known;
  decision_.messages.push_back(
      {.entity = {},
       .what = core::NumberGroup{.grouping = grouping, .name = group},
       .actor = nullptr,
       .object = nullptr});
  RETURN_IF_ERROR(RunQueue());
  return KnownGroup(grouping, group);
}

// Its number; 0 if nobody has named it.
absl::StatusOr<int64_t> Legs::KnownGroup(int grouping, std::string_view group) {
  if (group.empty()) return 0;
  const model::CounterKey number =
      core::GroupNumberCounter(program_.groupings[grouping], group);
  workspace_.wanted = {.entity = {}, .counters = {number}};
  RETURN_IF_ERROR(LoadWanted(false));
  return workspace_.state.entity.Counter(number);
}

// What is undone is taken from the seasons in which it came, and what comes
// back goes to its own: so when each award was has to be known, and what counts
// of those seasons.
absl::Status Legs::LoadSeasons(const core::Message& message) {
  core::State& state = workspace_.state;
  const auto* const undo = message.If<core::Undo>();
  if (program_.earned_feeds.empty() || undo == nullptr) {
    return absl::OkStatus();
  }
  model::ReadSet wanted{.entity = message.entity};
  const auto add = [&](const model::Movement& award) -> absl::Status {
    const int64_t seq = award.at.seq;
    if (!model::MayBeUndone(award.kind) || seq == delta_.recorded.seq ||
        state.times.contains(seq)) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const Event* const cause, EventOf(seq));
    if (cause == nullptr) return absl::OkStatus();
    state.times.emplace(seq, cause->time);
    core::ListBoards(program_, cause->time, wanted.counters);
    return absl::OkStatus();
  };
  for (const auto& [currency, history] : state.history) {
    if (!core::IsRankedBySeason(program_, currency)) continue;
    for (const model::GivenAward& past : history) {
      RETURN_IF_ERROR(add(past.movement));
    }
  }
  if (state.goes_alone) {
    for (const model::Movement& award : undo->awards) {
      RETURN_IF_ERROR(add(award));
    }
  }
  std::sort(wanted.counters.begin(), wanted.counters.end());
  wanted.counters.erase(
      std::unique(wanted.counters.begin(), wanted.counters.end()),
      wanted.counters.end());
  core::ListCohorts(program_, wanted);
  model::EntityState seasons;
  RETURN_IF_ERROR(transaction_.Load(wanted, seasons));
  // What this event has changed of them is there already.
  for (const auto& [counter, value] : seasons.counters) {
    state.entity.counters.emplace(counter, value);
  }
  return absl::OkStatus();
}

absl::Status Legs::RunSeasonEnded() {
  const Event& event = delta_.recorded.event;
  const std::string& id = core::AskedText(event, "leaderboard");
  const rules::Leaderboard* const board = program_.FindLeaderboard(id);
  if (board == nullptr) {
    Reject(RejectReason::kUnknownLeaderboard,
           absl::StrCat("there is no leaderboard \"", id, "\""));
    return absl::OkStatus();
  }
  const rules::SeasonAndGroup named =
      rules::SplitName(*board, core::AskedText(event, "season"));
  absl::StatusOr<int64_t> season =
      rules::SeasonNamed(*board, named.season, program_.time_zone);
  if (!season.ok()) {
    Reject(RejectReason::kUnknownSeason,
           std::string(season.status().message()));
    return absl::OkStatus();
  }
  if (board->by >= 0) {
    ASSIGN_OR_RETURN(const int64_t group, KnownGroup(board->by, named.group));
    if (group == 0) {
      const std::string& by = program_.groupings[board->by].attribute;
      Reject(RejectReason::kUnknownSeason,
             named.group.empty()
                 ? absl::StrCat("\"", id, "\" keeps apart by ", by,
                                ": say of which, as \"", base::av(named.season),
                                "/\" and its name")
                 : absl::StrCat("nobody has been in ", by, " \"",
                                base::av(named.group), "\""));
      return absl::OkStatus();
    }
    *season += group;
  }
  if (board->league.has_value() &&
      rules::CohortOf(*board, *season, program_.time_zone).division < 0) {
    Reject(RejectReason::kUnknownSeason,
           absl::StrCat("\"", id,
                        "\" is a league, whose cohorts end: say "
                        "which, as \"",
                        core::AskedText(event, "season"), "/",
                        board->league->divisions.front(), "/1\""));
    return absl::OkStatus();
  }
  const absl::Time end = rules::SeasonEnd(*board, *season, program_.time_zone);
  if (event.time < end) {
    Reject(
        RejectReason::kSeasonNotOver,
        absl::StrCat("it ends at ", absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez",
                                                     end, program_.time_zone)));
    return absl::OkStatus();
  }
  const model::CounterKey ended = core::EndedCounter(*board, *season);
  model::EntityState program;
  RETURN_IF_ERROR(
      transaction_.Load({.entity = {}, .counters = {ended}}, program));
  if (program.Counter(ended) != 0) {
    Note(event.type, "that season had ended before, and its prizes stand");
    return absl::OkStatus();
  }
  const int number = static_cast<int>(board - program_.leaderboards.data());
  decision_.messages.push_back(
      {.entity = {},
       .what = core::SeasonOver{.board = number, .season = *season},
       .actor = nullptr,
       .object = nullptr});
  if (board->has_ends()) {
    auto winners = WinnersOf(program_, number, *season, transaction_);
    if (absl::IsOutOfRange(winners.status())) {
      decision_.messages.clear();
      Reject(RejectReason::kOutOfRange,
             std::string(winners.status().message()));
      return absl::OkStatus();
    }
    RETURN_IF_ERROR(winners.status());
    for (Winner& winner : *winners) {
      decision_.messages.push_back({.entity = core::MemberEntity(winner.member),
                                    .what = winner.won,
                                    .actor = nullptr,
                                    .object = nullptr});
    }
  }
  return RunQueue();
}

}  // namespace loyalty::engine
