// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards: what counts for a member in which season, taking that back,
// being hidden, and prizes. In which order members are, a store knows
// (model/board_name.h).
#include "core/boards.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "base/amounts.h"
#include "core/counters.h"
#include "core/groups.h"
#include "core/holders.h"
#include "core/leg.h"
#include "core/membership.h"
#include "ledger/recompute.h"
#include "model/board_name.h"

namespace loyalty::core {
namespace {

// Calls `visit(counter, takes_off)` for each counter that units of the
// currency, earned at `time`, count in.
template <typename F>
void ForEachCounter(const rules::CompiledProgram& program, int currency,
                    absl::Time time, F&& visit) {
  if (program.earned_feeds.empty() || currency < 0) return;
  for (const rules::BoardFeed& feed : program.earned_feeds[currency]) {
    if (feed.board < 0) {
      visit(model::CounterKey{.name = feed.counter,
                              .window = base::WindowStart(time, feed.period,
                                                          program.time_zone)},
            feed.takes_off);
      continue;
    }
    rules::ForEachSeason(
        program.leaderboards[feed.board], time, program.time_zone,
        [&](int64_t season) {
          visit(model::CounterKey{.name = feed.counter, .window = season},
                feed.takes_off);
        });
  }
}

// The event's of that award, as the engine has loaded it; else this event's.
absl::Time TimeOf(const Leg& leg, model::Position award) {
  const auto found = leg.state.times.find(award.seq);
  return found == leg.state.times.end() ? leg.event.time : found->second;
}

void AddScore(Leg& leg, const model::CounterKey& counter, int64_t units) {
  const int64_t now = leg.Counter(counter);
  leg.SetCounter(counter, base::Sum(now, units).value_or(now));
}

// What is undone joins no cohort: that it counted, it was in one.
void CountAt(Leg& leg, int currency, int64_t units, absl::Time time,
             bool joins) {
  ForEachCounter(leg.program, currency, time,
                 [&](const model::CounterKey& counter, bool takes_off) {
                   const auto place = PlaceOf(leg, counter, joins);
                   if (!place.has_value()) return;
                   AddScore(leg, *place, takes_off ? -units : units);
                 });
}

// What a member's counter of a cohort says besides.
constexpr int64_t kNoCohortYet = 0;
constexpr int64_t kAskedForCohort = -1;  // the answer is a leg to come
constexpr int64_t kTooLateForCohort = -2;

// Moves what the member has there, so much and what breaks ties.
void MoveScore(Leg& leg, const rules::Leaderboard& board, int64_t from,
               int64_t to) {
  if (from == to) return;
  for (const model::Symbol name : board.scores()) {
    if (name.empty()) continue;
    const int64_t units = leg.Counter({.name = name, .window = from});
    if (units == 0) continue;
    leg.SetCounter({.name = name, .window = from}, 0);
    AddScore(leg, {.name = name, .window = to}, units);
  }
}

// Members move by one, from where they stand by now.
void StepDivision(Leg& leg, const rules::League& league, int step) {
  const model::CounterKey division{.name = league.division};
  const int64_t now = leg.Counter(division);
  const int64_t then =
      std::clamp<int64_t>(now + step, 0, std::ssize(league.divisions) - 1);
  if (then != now) leg.SetCounter(division, then);
}

}  // namespace

model::CounterKey HiddenCounter() {
  static const model::Symbol name(model::kHiddenName);
  return {.name = name};
}

model::CounterKey EndedCounter(const rules::Leaderboard& board,
                               int64_t season) {
  return {.name = board.ended, .window = season};
}

bool IsRankedBySeason(const rules::CompiledProgram& program,
                      std::string_view currency) {
  const int index = program.CurrencyIndex(currency);
  return !program.earned_feeds.empty() && index >= 0 &&
         !program.earned_feeds[index].empty();
}

void ListBoards(const rules::CompiledProgram& program, absl::Time time,
                std::vector<model::CounterKey>& counters) {
  for (size_t i = 0; i < program.earned_feeds.size(); ++i) {
    ForEachCounter(program, static_cast<int>(i), time,
                   [&](const model::CounterKey& counter, bool) {
                     counters.push_back(counter);
                   });
  }
}

void CountEarned(Leg& leg, const model::Movement& movement, int64_t earned) {
  using Kind = model::Movement::Kind;
  // What is undone goes from the seasons in which it came: see CountUndone.
  // What a merged member brings is in the counters that they bring.
  if (earned == 0 || movement.kind == Kind::kReversal ||
      model::IsMerge(movement.kind) || movement.kind == Kind::kOpening ||
      leg.event.type == kSeasonEnded) {
    return;
  }
  CountAt(leg, leg.program.CurrencyIndex(movement.currency.text()), earned,
          leg.event.time, true);
}

void CountUndone(Leg& leg, const rules::Currency& currency,
                 const std::vector<ledger::GivenUnits>& stood,
                 const std::vector<ledger::GivenUnits>& stands,
                 int64_t earned) {
  if (!IsRankedBySeason(leg.program, currency.id)) return;
  const int index = leg.program.CurrencyIndex(currency.id);
  std::optional<absl::Time> first;
  size_t next = 0;
  // Both are in the journal's order, and of the second some may be missing.
  for (const ledger::GivenUnits& was : stood) {
    int64_t more = -was.units;
    if (next < stands.size() && stands[next].at == was.at) {
      more += stands[next++].units;
    }
    if (more == 0) continue;
    const absl::Time time = TimeOf(leg, was.at);
    if (!first.has_value()) first = time;
    CountAt(leg, index, more, time, more > 0);
    earned -= more;
  }
  if (earned != 0) {
    CountAt(leg, index, earned, first.value_or(leg.event.time), earned > 0);
  }
}

void Hide(Leg& leg, bool hidden) {
  if ((leg.Counter(HiddenCounter()) != 0) == hidden) {
    return leg.Note(leg.event.type, hidden ? "the member was hidden already"
                                           : "the member was not hidden");
  }
  leg.SetCounter(HiddenCounter(), hidden ? 1 : 0);
}

model::CounterKey CohortCounter(const rules::Leaderboard& board,
                                int64_t season) {
  return {.name = board.cohort, .window = season};
}

void ListCohorts(const rules::CompiledProgram& program, model::ReadSet& read) {
  if (!program.has_cohorts) return;
  const size_t listed = read.counters.size();
  for (size_t i = 0; i < listed; ++i) {
    const auto [name, season, key] = read.counters[i];
    const rules::Leaderboard* const board = program.FindDivided(name);
    if (board == nullptr) continue;
    if (!board->off.empty()) {
      ListSide(program, *board, {.name = name, .window = season}, read);
    }
    if (board->cohort.empty()) continue;
    read.counters.push_back(CohortCounter(*board, season));
    // It is in one of them.
    if (board->by < 0) {
      const absl::Time end =
          rules::SeasonEnd(*board, season, program.time_zone);
      read.ranges.push_back({.name = name,
                             .from = season + 1,
                             .to = absl::ToUnixSeconds(end) - 1});
      continue;
    }
    // What counts may bring the member into their group, with all they have.
    read.counters.push_back(GroupCounter(program.groupings[board->by]));
    const auto end = read.counters.begin() + static_cast<ptrdiff_t>(listed);
    const model::CounterKey score{.name = board->name, .window = season};
    if (name == board->tie &&
        std::find(read.counters.begin(), end, score) != end) {
      continue;  // then it lists both
    }
    for (const model::Symbol one : board->scores()) {
      if (one.empty()) continue;
      read.counters.push_back({.name = one, .window = season});
      read.ranges.push_back(
          {.name = one, .from = season + 1, .to = season + rules::kMostGroups});
    }
  }
  std::sort(read.counters.begin(), read.counters.end());
  read.counters.erase(std::unique(read.counters.begin(), read.counters.end()),
                      read.counters.end());
}

std::optional<model::CounterKey> PlaceOf(Leg& leg, model::CounterKey counter,
                                         bool joins) {
  const rules::Leaderboard* const league =
      leg.program.FindDivided(counter.name);
  if (league == nullptr) return counter;
  if (counter.name == league->name && !league->off.empty()) {
    counter.name = SideOf(leg, *league, counter.window);
  }
  if (league->cohort.empty()) return counter;
  const model::CounterKey mine = CohortCounter(*league, counter.window);
  if (league->by >= 0) {
    if (joins && leg.Counter(mine) == 0) {
      PutInGroup(leg, *league, counter.window,
                 leg.Counter(GroupCounter(leg.program.groupings[league->by])));
    }
    counter.window += leg.Counter(mine);
    return counter;
  }
  const int64_t cohort = leg.Counter(mine);
  if (cohort == kNoCohortYet) {
    if (!joins) return std::nullopt;
    leg.SetCounter(mine, kAskedForCohort);
    const auto board = league - leg.program.leaderboards.data();
    const auto division = leg.Counter({.name = league->league->division});
    leg.decision.messages.push_back(
        {.entity = {},
         .what = AskCohort{.board = static_cast<int>(board),
                           .season = counter.window,
                           .division = static_cast<int>(division),
                           .member = leg.now.entity.id},
         .actor = nullptr,
         .object = nullptr});
  }
  // Until the answer comes, and of who came too late, it is the season's own.
  if (cohort > 0) counter.window += cohort;
  return counter;
}

bool TakesOff(const rules::CompiledProgram& program, model::Symbol counter) {
  const rules::Leaderboard* const board = program.FindDivided(counter);
  if (board == nullptr) return false;
  return counter == board->name ? board->lowest_first : board->lowest_tie_first;
}

void PutInGroup(Leg& leg, const rules::Leaderboard& board, int64_t season,
                int64_t number) {
  const model::CounterKey mine = CohortCounter(board, season);
  const int64_t was = leg.Counter(mine);
  if (was == number) return;
  leg.SetCounter(mine, number);
  MoveScore(leg, board, season + was, season + number);
}

void FindCohort(Leg& leg, const AskCohort& ask) {
  const rules::Leaderboard& league = leg.program.leaderboards[ask.board];
  JoinCohort join{
      .board = ask.board, .season = ask.season, .cohort = kTooLateForCohort};
  if (leg.Counter(EndedCounter(league, ask.season)) == 0) {
    int64_t& joined =
        leg.ChangingCounter(CohortCounter(league, ask.season + ask.division));
    join.cohort = rules::CohortWindow(league, ask.season, ask.division, joined,
                                      leg.program.time_zone) -
                  ask.season;
    ++joined;
  } else {
    leg.Note(league.ended.text(),
             absl::StrCat(
                 rules::SeasonName(league, ask.season, leg.program.time_zone),
                 " has ended, and nobody joins a cohort of it"));
  }
  leg.decision.messages.push_back({.entity = MemberEntity(ask.member),
                                   .what = join,
                                   .actor = nullptr,
                                   .object = nullptr});
}

void EnterCohort(Leg& leg, const JoinCohort& join) {
  const rules::Leaderboard& league = leg.program.leaderboards[join.board];
  leg.SetCounter(CohortCounter(league, join.season), join.cohort);
  if (join.cohort > 0) {
    MoveScore(leg, league, join.season, join.season + join.cohort);
  }
}

void JoinCohorts(Leg& leg, const model::Counters& theirs) {
  for (const rules::Leaderboard& league : leg.program.leaderboards) {
    if (!league.league.has_value()) continue;
    for (const auto& [counter, their_cohort] : theirs) {
      if (counter.name != league.cohort) continue;
      const int64_t mine = leg.Counter(counter);
      const int64_t cohort = mine > 0 ? mine : their_cohort;
      const auto window = [season = counter.window](int64_t of) {
        return season + std::max<int64_t>(of, 0);
      };
      leg.SetCounter(counter, cohort);
      if (window(mine) != window(cohort)) {
        MoveScore(leg, league, window(mine), window(cohort));
      }
      for (const model::Symbol name : {league.name, league.tie}) {
        if (name.empty()) continue;
        const auto units =
            theirs.find({.name = name, .window = window(their_cohort)});
        if (units == theirs.end()) continue;
        AddScore(leg, {.name = name, .window = window(cohort)}, units->second);
      }
    }
  }
}

void EndSeason(Leg& leg, const SeasonOver& over) {
  const rules::Leaderboard& board = leg.program.leaderboards[over.board];
  const rules::Cohort cohort =
      rules::CohortOf(board, over.season, leg.program.time_zone);
  leg.SetCounter(EndedCounter(board, over.season), 1);
  // Nobody joins a cohort of it any more; groups are joined as before.
  if (board.league.has_value()) {
    leg.SetCounter(EndedCounter(board, cohort.season), 1);
  }
}

void WinPrizes(Leg& leg, const Won& won) {
  const rules::Leaderboard& board = leg.program.leaderboards[won.board];
  if (IsSuspended(leg)) {
    return leg.Note(
        board.ended.text(),
        absl::StrCat(
            "who is ", won.rank, ". gets no prize while suspended",
            board.league.has_value() ? ", and stays where they are" : ""));
  }
  const rules::Cohort cohort =
      rules::CohortOf(board, won.season, leg.program.time_zone);
  if (const int step = rules::StepOf(board, cohort, won.rank, won.members)) {
    StepDivision(leg, *board.league, step);
  }
  for (const rules::Prize& prize : board.prizes) {
    if (prize.division >= 0 && prize.division != cohort.division) continue;
    if (!prize.IsFor(won.rank, won.members)) continue;
    for (const rules::PrizeUnits& units : prize.awards) {
      GivePrize(leg, leg.program.currencies[units.currency], units.units,
                prize.source);
    }
    if (prize.badge >= 0) WinBadge(leg, prize.badge);
  }
}

}  // namespace loyalty::core
