// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards: what counts for a member in which season, taking that back,
// being hidden, and prizes. In which order members are, a store knows
// (model/board_name.h).
#include "core/boards.h"

#include <absl/strings/str_cat.h>

#include <algorithm>

#include "base/amounts.h"
#include "core/leg.h"
#include "core/membership.h"
#include "ledger/recompute.h"
#include "model/board_name.h"

namespace loyalty::core {
namespace {

// Calls `visit(counter)` for each counter that units of the currency, earned at
// `time`, count in.
template <typename F>
void ForEachCounter(const rules::CompiledProgram& program, int currency,
                    absl::Time time, F&& visit) {
  if (program.earned_feeds.empty() || currency < 0) return;
  for (const rules::BoardFeed& feed : program.earned_feeds[currency]) {
    if (feed.board < 0) {
      visit(model::CounterKey{
          .name = feed.counter,
          .window = base::WindowStart(time, feed.period, program.time_zone)});
      continue;
    }
    rules::ForEachSeason(
        program.leaderboards[feed.board], time, program.time_zone,
        [&](int64_t season) {
          visit(model::CounterKey{.name = feed.counter, .window = season});
        });
  }
}

// The event's of that award, as the engine has loaded it; else this event's.
absl::Time TimeOf(const Leg& leg, model::Position award) {
  const auto found = leg.state.times.find(award.seq);
  return found == leg.state.times.end() ? leg.event.time : found->second;
}

void CountAt(Leg& leg, int currency, int64_t units, absl::Time time) {
  ForEachCounter(leg.program, currency, time,
                 [&](const model::CounterKey& counter) {
                   const int64_t now = leg.Counter(counter);
                   leg.SetCounter(counter, base::Sum(now, units).value_or(now));
                 });
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
    ForEachCounter(
        program, static_cast<int>(i), time,
        [&](const model::CounterKey& counter) { counters.push_back(counter); });
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
          leg.event.time);
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
    CountAt(leg, index, more, time);
    earned -= more;
  }
  if (earned != 0) {
    CountAt(leg, index, earned, first.value_or(leg.event.time));
  }
}

void Hide(Leg& leg, bool hidden) {
  if ((leg.Counter(HiddenCounter()) != 0) == hidden) {
    return leg.Note(leg.event.type, hidden ? "the member was hidden already"
                                           : "the member was not hidden");
  }
  leg.SetCounter(HiddenCounter(), hidden ? 1 : 0);
}

void EndSeason(Leg& leg, const SeasonOver& over) {
  leg.SetCounter(
      EndedCounter(leg.program.leaderboards[over.board], over.season), 1);
}

void WinPrizes(Leg& leg, const Won& won) {
  const rules::Leaderboard& board = leg.program.leaderboards[won.board];
  if (IsSuspended(leg)) {
    return leg.Note(
        board.ended.text(),
        absl::StrCat("who is ", won.rank, ". gets no prize while suspended"));
  }
  for (const rules::Prize& prize : board.prizes) {
    if (!prize.IsFor(won.rank, won.members)) continue;
    for (const rules::PrizeUnits& units : prize.awards) {
      GivePrize(leg, leg.program.currencies[units.currency], units.units,
                prize.source);
    }
    if (prize.badge >= 0) WinBadge(leg, prize.badge);
  }
}

}  // namespace loyalty::core
