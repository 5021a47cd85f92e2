// SPDX-License-Identifier: Apache-2.0
//
// A member's state as the program reads it: levels and what is left to the
// next, privileges, metrics.
#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/status_macros.h"
#include "core/counters.h"
#include "core/due.h"
#include "core/goals.h"
#include "engine/addressing.h"
#include "engine/file_queries.h"
#include "ledger/lots.h"
#include "rules/frame.h"
#include "rules/values.h"

namespace loyalty {

std::string_view Name(QuestStanding::State state) {
  switch (state) {
    case QuestStanding::State::kOpen: return "open";
    case QuestStanding::State::kJoined: return "joined";
    case QuestStanding::State::kLeft: return "left";
    case QuestStanding::State::kDone: return "done";
  }
  return "unknown";
}

}  // namespace loyalty

namespace loyalty::engine {
namespace {

TierOutlook OutlookOf(const rules::CompiledProgram& program,
                      const rules::Ladder& ladder,
                      const rules::Standing& stands) {
  TierOutlook outlook{.units = stands.units[0],
                      .to_keep = stands.to_keep[0],
                      .review = stands.review,
                      .at_review = ladder.levels[stands.at_review].id,
                      .until = stands.until,
                      .then = ladder.levels[stands.then].id,
                      .by_hand = stands.by_hand};
  const auto next = static_cast<size_t>(stands.level) + 1;
  const bool has_next =
      next < ladder.levels.size() && !ladder.levels[next].by_hand;
  for (size_t i = 0; i < ladder.also.size(); ++i) {
    const rules::LadderMeasure& also = ladder.also[i];
    TierOutlook::Also& told = outlook.also.emplace_back(TierOutlook::Also{
        .units = stands.units[i + 1], .to_keep = stands.to_keep[i + 1]});
    if (also.currency >= 0)
      told.currency = program.currencies[also.currency].id;
    if (also.metric >= 0) told.metric = program.metrics[also.metric].id;
    if (has_next) {
      told.to_next =
          std::max<int64_t>(ladder.levels[next].also[i] - told.units, 0);
    }
  }
  return outlook;
}

LadderStanding StandingOf(const rules::CompiledProgram& program,
                          const rules::Ladder& ladder,
                          const rules::Standing& stands) {
  LadderStanding standing{
      .ladder = ladder.id,
      .metric = ladder.metric < 0 ? "" : program.metrics[ladder.metric].id,
      .index = stands.level,
      .level = ladder.levels[stands.level].id,
      .next_level = std::nullopt};
  if (ladder.currency >= 0) {
    standing.currency = program.currencies[ladder.currency].id;
  }
  if (ladder.tiers.has_value())
    standing.tier = OutlookOf(program, ladder, stands);
  const auto next = static_cast<size_t>(stands.level) + 1;
  if (next < ladder.levels.size() && !ladder.levels[next].by_hand) {
    standing.next_level = ladder.levels[next].id;
    if (ladder.levels[next].badge.empty() && !ladder.is_of_league) {
      standing.to_next = ladder.levels[next].at - stands.units[0];
      // There may be enough of it, and too little of something else.
      if (!ladder.also.empty()) {
        standing.to_next = std::max<int64_t>(standing.to_next, 0);
      }
    }
  }
  return standing;
}

// How far a step is, of one who has joined.
int64_t ProgressOf(const rules::QuestStep& step,
                   const std::optional<cel::Expression>& value,
                   const rules::Frame& frame, int64_t counter) {
  if (!step.is_value) return std::clamp<int64_t>(counter, 0, step.goal);
  const absl::StatusOr<int64_t> now = frame.Int(*value);
  const auto rise = [&] { return absl::int128(*now) - counter; };
  return now.ok() ? static_cast<int64_t>(
                        std::clamp<absl::int128>(rise(), 0, step.goal))
                  : 0;
}

QuestStanding QuestOf(const rules::CompiledProgram& program, size_t number,
                      const rules::Frame& frame,
                      const model::EntityState& state, absl::Time at) {
  const rules::Quest& quest = program.quests[number];
  const int64_t window = base::WindowStart(at, quest.period, program.time_zone);
  const auto counter = [&](model::Symbol name) {
    return state.Counter({.name = name, .window = window});
  };
  const int64_t joined = counter(quest.joined_counter);
  QuestStanding standing{.quest = quest.id,
                         .describe = quest.describe,
                         .on_request = quest.on_request,
                         .times_done = counter(quest.done_counter)};
  using State = QuestStanding::State;
  if (quest.IsDone(standing.times_done)) {
    standing.state = State::kDone;
  } else if (joined != 0) {
    standing.state = joined > 0 ? State::kJoined : State::kLeft;
  }
  const absl::Time end = std::min(
      quest.until, base::WindowEnd(at, quest.period, program.time_zone));
  if (end != absl::InfiniteFuture()) standing.end = end;
  for (size_t i = 0; i < quest.steps.size(); ++i) {
    const rules::QuestStep& step = quest.steps[i];
    StepStanding shown{
        .step = step.id, .describe = step.describe, .goal = step.goal};
    if (standing.state == State::kDone) {
      shown.progress = step.goal;
    } else if (standing.state == State::kJoined) {
      shown.progress =
          ProgressOf(step, program.command_type->quests[number].values[i],
                     frame, counter(step.counter));
    }
    standing.steps.push_back(std::move(shown));
  }
  return standing;
}

// What a member did together with others, for each team, or with all. What
// others did of it is not known here: see AddGoals.
void AddOwnParts(const rules::CompiledProgram& program,
                 const rules::Quest& quest, const model::EntityState& state,
                 absl::Time at, std::vector<QuestStanding>& quests) {
  const int64_t window = base::WindowStart(at, quest.period, program.time_zone);
  QuestStanding standing{
      .quest = quest.id, .describe = quest.describe, .together = true};
  const absl::Time end = std::min(
      quest.until, base::WindowEnd(at, quest.period, program.time_zone));
  if (end != absl::InfiniteFuture()) standing.end = end;
  for (const rules::QuestStep& step : quest.steps) {
    standing.steps.push_back(
        {.step = step.id, .describe = step.describe, .goal = step.goal});
  }
  // Who has no part in it any more may have had a share.
  std::set<model::Entity> joined;
  if (quest.of == rules::Quest::Of::kProgram) joined.insert(model::Entity{});
  for (const auto& [counter, value] : state.counters) {
    const bool is_of_it = counter.name == quest.joined_counter ||
                          counter.name == quest.done_counter;
    if (is_of_it && counter.window == window && value != 0) {
      joined.insert(counter.key.entity());
    }
  }
  for (const model::Entity& of : joined) {
    const core::Goal goal{quest, window, of};
    standing.object = of.id;
    standing.own = state.Counter(goal.OwnPart());
    standing.times_done = state.Counter(goal.Shared());
    using State = QuestStanding::State;
    standing.state = quest.IsDone(standing.times_done) ? State::kDone
                     : standing.own > 0                ? State::kJoined
                                                       : State::kOpen;
    quests.push_back(standing);
  }
  if (joined.empty()) quests.push_back(std::move(standing));
}

std::vector<QuestStanding> QuestsOf(const rules::CompiledProgram& program,
                                    const model::EntityState& state,
                                    absl::Time at) {
  std::vector<QuestStanding> quests;
  if (program.quests.empty()) return quests;
  // Steps read what a command at that time would.
  const Event now{.type = program.command_type->id, .time = at};
  rules::Frame frame(program, *program.command_type, now);
  frame.SetHolder(state);
  for (size_t i = 0; i < program.quests.size(); ++i) {
    if (!program.quests[i].IsOpenAt(at)) continue;
    if (program.quests[i].is_together()) {
      AddOwnParts(program, program.quests[i], state, at, quests);
      continue;
    }
    quests.push_back(QuestOf(program, i, frame, state, at));
  }
  return quests;
}

rules::Standing StandsAt(const rules::CompiledProgram& program,
                         const rules::Ladder& ladder,
                         const model::EntityState& state, absl::Time at) {
  // A time that no calendar has is as long before, or after, all that came.
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time time =
      std::clamp(at, absl::FromCivil(absl::CivilDay(1, 1, 3), utc),
                 absl::FromCivil(absl::CivilDay(9999, 12, 29), utc));
  return rules::StandingAt(ladder, state, time, program.time_zone);
}

// What the lowest level lets its members do is for those who have reached where
// it begins, though it is everybody's.
bool HasReachedLowest(const rules::Ladder& ladder,
                      const rules::Standing& stands) {
  return stands.level > 0 || ladder.levels[0].at <= stands.units[0];
}

}  // namespace

StreakStanding StreakAt(const rules::CompiledProgram& program,
                        const rules::Streak& streak,
                        const model::EntityState& state, absl::Time at) {
  const rules::MetricTerms& terms = program.metrics[streak.metric];
  const rules::Rows rows =
      rules::RowsBy(*terms.streak, terms.tally, state.counters,
                    rules::MetricWindow(terms, at, program.time_zone));
  StreakStanding standing{.streak = streak.id,
                          .describe = streak.describe,
                          .length = rows.length(),
                          .longest = rows.longest(),
                          .acted = rows.acted,
                          .freezes = rows.freezes()};
  if (rows.goes_on) standing.act_before = rows.act_before;
  for (const rules::Row& row : rows.rows) {
    standing.rows.push_back({.first = absl::FromUnixSeconds(row.first),
                             .last = absl::FromUnixSeconds(row.last),
                             .length = row.length});
  }
  return standing;
}

QuestStanding QuestAt(const rules::CompiledProgram& program, int number,
                      const model::EntityState& state, absl::Time at) {
  const Event now{.type = program.command_type->id, .time = at};
  rules::Frame frame(program, *program.command_type, now);
  frame.SetHolder(state);
  return QuestOf(program, static_cast<size_t>(number), frame, state, at);
}

bool IsOfStanding(model::Symbol counter) {
  const std::string& name = counter.text();
  return !name.starts_with("limit:") && !name.starts_with("cap:");
}

absl::Status AddGoals(const rules::CompiledProgram& program,
                      store::Reader& reader, absl::Time at,
                      std::vector<QuestStanding>& quests) {
  std::optional<model::EntityState> of_all;
  for (QuestStanding& standing : quests) {
    if (!standing.together) continue;
    const rules::Quest& quest = *program.FindQuest(standing.quest);
    model::EntityState of_team;
    if (quest.of == rules::Quest::Of::kProgram) {
      if (!of_all.has_value()) {
        ASSIGN_OR_RETURN(of_all, reader.Program());
      }
    } else if (!standing.object.empty()) {
      ASSIGN_OR_RETURN(auto found,
                       reader.Find(core::ObjectEntity(standing.object)));
      if (found.has_value()) of_team = *std::move(found);
    }
    const model::EntityState& state =
        quest.of == rules::Quest::Of::kProgram ? *of_all : of_team;
    const int64_t window =
        base::WindowStart(at, quest.period, program.time_zone);
    standing.times_met =
        state.Counter({.name = quest.met_counter, .window = window});
    for (size_t i = 0; i < quest.steps.size(); ++i) {
      const rules::QuestStep& step = quest.steps[i];
      standing.steps[i].progress = core::StepProgress(
          quest, step, standing.times_met,
          state.Counter({.name = step.counter, .window = window}));
    }
  }
  return absl::OkStatus();
}

absl::Status SettleTo(const rules::CompiledProgram& program,
                      model::EntityState& state, absl::Time at) {
  // It is given a copy of all there is.
  std::vector<core::WonInTime> won;
  if (program.badges_pass) {
    ASSIGN_OR_RETURN(won, core::WonUntil(program, state, at));
  }
  for (const core::WonInTime& one : won) {
    const rules::Badge& badge = *program.FindBadge(one.badge.text());
    ++state.holdings[program.currencies[badge.currency].symbol].balance;
  }
  for (auto& [currency, lots] : state.lots) {
    ledger::Came came;
    ledger::Settle(lots, std::max(lots.clock, at), came);
  }
  return absl::OkStatus();
}

CurrencyBalance BalanceOf(const rules::Currency& currency,
                          const model::EntityState& state) {
  const model::Holding held = state.Held(currency.symbol);
  CurrencyBalance balance{.currency = currency.id,
                          .balance = state.Available(currency.symbol),
                          .earned = held.earned};
  const auto found = state.lots.find(currency.symbol);
  if (found == state.lots.end()) return balance;
  const model::Lots& lots = found->second;
  balance.pending = ledger::PendingOf(lots);
  balance.held = ledger::HeldOf(lots);
  balance.debt = ledger::DebtOf(lots);
  for (const model::Lot& lot : lots.lots) {
    if (lot.vests > lots.clock || lot.expires == absl::InfiniteFuture()) {
      continue;
    }
    balance.expiring.push_back({lot.expires, lot.units});
  }
  return balance;
}

std::vector<std::string> PrivilegesOf(const rules::CompiledProgram& program,
                                      const model::EntityState& state,
                                      absl::Time at) {
  std::vector<std::string> privileges;
  for (const rules::Ladder& ladder : program.ladders) {
    const rules::Standing stands = StandsAt(program, ladder, state, at);
    if (!HasReachedLowest(ladder, stands)) continue;
    for (int i = 0; i <= stands.level; ++i) {
      for (const std::string& one : ladder.levels[i].privileges) {
        const bool is_new = std::find(privileges.begin(), privileges.end(),
                                      one) == privileges.end();
        if (is_new) privileges.push_back(one);
      }
    }
  }
  return privileges;
}

MemberProfile ProfileOf(const rules::CompiledProgram& program,
                        const model::EntityState& state, absl::Time at) {
  MemberProfile profile{.member = state.entity.id, .since = state.since};
  for (const rules::Currency& currency : program.currencies) {
    if (currency.is_badge) continue;  // told apart
    profile.currencies.push_back(BalanceOf(currency, state));
  }
  for (const rules::Ladder& ladder : program.ladders) {
    profile.ladders.push_back(
        StandingOf(program, ladder, StandsAt(program, ladder, state, at)));
  }
  profile.privileges = PrivilegesOf(program, state, at);
  for (const rules::Badge& badge : program.badges) {
    const int64_t held =
        state.Held(program.currencies[badge.currency].symbol).balance;
    if (held != 0) profile.badges[badge.id] = held;
  }
  for (const rules::MetricTerms& metric : program.metrics) {
    if (!metric.is_told()) continue;
    for (const auto& [by, value] : MetricAt(program, metric, state, at)) {
      const std::string name =
          metric.has_key ? absl::StrCat(metric.id, "[", by, "]") : metric.id;
      profile.metrics[name] = value;
    }
  }
  // They lie in calendars, which end.
  if (!rules::IsInRange(at)) return profile;
  for (const rules::Streak& streak : program.streaks) {
    profile.streaks.push_back(StreakAt(program, streak, state, at));
  }
  profile.quests = QuestsOf(program, state, at);
  return profile;
}

std::map<std::string, int64_t> MetricAt(const rules::CompiledProgram& program,
                                        const rules::MetricTerms& metric,
                                        const model::EntityState& state,
                                        absl::Time at) {
  std::map<std::string, int64_t> values;
  const bool is_for_ever =
      !metric.is_rolling() && metric.period == base::Period::kEver;
  if (!is_for_ever && !rules::IsInRange(at)) return values;
  const model::CounterRange range =
      rules::MetricRange(metric, at, program.time_zone);
  if (!metric.has_key) {
    const int64_t value = rules::MetricValue(metric, state.counters, range);
    if (value != 0) values[""] = value;
    return values;
  }
  for (const auto& [key, value] :
       rules::MetricValues(metric, state.counters, range)) {
    values[key.id()] += value;
  }
  return values;
}

absl::Status SeeMetricOfAll(store::Reader& reader,
                            const rules::CompiledProgram& program,
                            const rules::MetricTerms& metric, absl::Time at,
                            absl::FunctionRef<void(const MetricLine&)> see) {
  constexpr int kPage = 1000;
  using Kind = model::Entity::Kind;
  const Kind kind = metric.per_object ? Kind::kObject : Kind::kMember;
  ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader.Aliases());
  model::Entity after{kind, ""};
  while (true) {
    ASSIGN_OR_RETURN(std::vector<model::EntityState> page,
                     reader.States(after, kPage));
    for (model::EntityState& state : page) {
      if (state.entity.kind != kind) return absl::OkStatus();
      NameKeysNow(*aliases, state);
      for (const auto& [by, value] : MetricAt(program, metric, state, at)) {
        see({.is_member = !metric.per_object,
             .id = state.entity.id,
             .by = by,
             .value = value});
      }
    }
    if (page.size() < kPage) return absl::OkStatus();
    after = page.back().entity;
  }
}

}  // namespace loyalty::engine
