// SPDX-License-Identifier: Apache-2.0
//
// See next_goals.h.
#include "engine/next_goals.h"

#include <absl/numeric/int128.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/file_queries.h"
#include "loyalty/queries.h"
#include "rules/ladder.h"
#include "rules/metric.h"

namespace loyalty::engine {
namespace {

using rules::CompiledProgram;
using GoalKind = NextGoal::Kind;

// Of goals that need several things, each is this much while all of it is
// missing, so that what is nearly there weighs as what has just begun.
constexpr int64_t kWhole = 1'000'000;

// Something that a condition reads of its holder.
struct Read {
  enum class Of { kBalance, kEarned, kLevel, kMetric };
  Of of = Of::kBalance;
  int number = 0;  // place among the program's
};

// nullopt: it is none of those, as the time of an event.
std::optional<Read> ReadingOf(const CompiledProgram& program, int slot) {
  const rules::Slots& at = program.slots;
  const auto whose = rules::Slots::Whose::kHolderStanding;
  if (slot < at.Balance(whose, 0)) return std::nullopt;
  if (slot < at.Earned(whose, 0)) {
    return Read{Read::Of::kBalance, slot - at.Balance(whose, 0)};
  }
  if (slot < at.Level(whose, 0)) {
    return Read{Read::Of::kEarned, slot - at.Earned(whose, 0)};
  }
  if (slot < at.Metric(whose, 0)) {
    return Read{Read::Of::kLevel, slot - at.Level(whose, 0)};
  }
  if (slot < at.Segment(whose, 0)) {
    const int metric = slot - at.Metric(whose, 0);
    // Which key is asked for, an event would say.
    if (program.metrics[metric].has_key) return std::nullopt;
    return Read{Read::Of::kMetric, metric};
  }
  return std::nullopt;
}

std::string NameOf(const CompiledProgram& program, const Read& reading) {
  switch (reading.of) {
    case Read::Of::kBalance: {
      const rules::Currency& currency = program.currencies[reading.number];
      if (!currency.is_badge) return absl::StrCat("balance.", currency.id);
      // "badge:x" as conditions write it.
      std::string name = currency.id;
      std::replace(name.begin(), name.end(), ':', '.');
      return name;
    }
    case Read::Of::kEarned:
      return absl::StrCat("earned.", program.currencies[reading.number].id);
    case Read::Of::kLevel:
      return absl::StrCat("level.", program.ladders[reading.number].id);
    case Read::Of::kMetric: {
      const rules::MetricTerms& metric = program.metrics[reading.number];
      return metric.name.empty() ? metric.id : metric.name;
    }
  }
  return "";
}

int64_t ValueOf(const CompiledProgram& program, const Read& reading,
                const model::EntityState& state, absl::Time at) {
  switch (reading.of) {
    case Read::Of::kBalance:
      return state.Available(program.currencies[reading.number].symbol);
    case Read::Of::kEarned:
      return state.Held(program.currencies[reading.number].symbol).earned;
    case Read::Of::kLevel:
      return rules::LevelAt(program.ladders[reading.number], state, at,
                            program.time_zone);
    case Read::Of::kMetric: {
      const rules::MetricTerms& metric = program.metrics[reading.number];
      return rules::MetricValue(
          metric, state.counters,
          rules::MetricRange(metric, at, program.time_zone));
    }
  }
  return 0;
}

void AddMetric(const CompiledProgram& program, int metric, GoalInputs& inputs) {
  const int counted_by = program.metrics[metric].counted_by;
  inputs.metrics.insert(counted_by < 0 ? metric : counted_by);
}

void AddLadder(const CompiledProgram& program, const rules::Ladder& ladder,
               GoalInputs& inputs) {
  for (const rules::LadderMeasure& also : ladder.also) {
    if (also.currency >= 0) inputs.currencies.insert(also.currency);
    if (also.metric >= 0) AddMetric(program, also.metric, inputs);
  }
  if (ladder.currency >= 0) {
    inputs.currencies.insert(ladder.currency);
  } else if (ladder.metric >= 0) {
    AddMetric(program, ladder.metric, inputs);
  } else {
    inputs.anything = true;
  }
}

void AddInput(const CompiledProgram& program, const Read& reading,
              GoalInputs& inputs) {
  switch (reading.of) {
    case Read::Of::kBalance:
    case Read::Of::kEarned:
      inputs.currencies.insert(reading.number);
      // Whatever wins a badge may be what is missing.
      inputs.anything |= program.currencies[reading.number].is_badge;
      break;
    case Read::Of::kLevel:
      AddLadder(program, program.ladders[reading.number], inputs);
      break;
    case Read::Of::kMetric: AddMetric(program, reading.number, inputs); break;
  }
}

// All that an expression of commands reads.
void AddReads(const CompiledProgram& program, const rules::EventType& type,
              const std::optional<cel::Expression>& expression,
              GoalInputs& inputs) {
  if (!expression.has_value()) return;
  for (const uint32_t slot : expression->slots_used()) {
    const auto reading = ReadingOf(program, type.slots[slot]);
    if (reading.has_value()) AddInput(program, *reading, inputs);
  }
}

class GoalFinder {
 public:
  GoalFinder(const CompiledProgram& program, const model::EntityState& state,
             absl::Time at)
      : program_(program), state_(state), at_(at) {}

  std::vector<Goal> Find() {
    for (const rules::Streak& streak : program_.streaks) AddStreak(streak);
    for (const rules::Ladder& ladder : program_.ladders) {
      AddNextLevel(ladder);
      if (ladder.tiers.has_value()) AddKeep(ladder);
    }
    for (size_t i = 0; i < program_.quests.size(); ++i) {
      AddQuest(static_cast<int>(i));
    }
    for (const rules::Badge& badge : program_.badges) {
      if (badge.is_told() && !IsOfNextLevel(badge)) AddBadge(badge);
    }
    for (const rules::Reward& reward : program_.rewards) AddReward(reward);
    return std::move(goals_);
  }

 private:
  void Add(Goal goal) {
    if (goal.missing({.member = state_, .time = at_}) > 0) {
      goals_.push_back(std::move(goal));
    }
  }

  void AddNextLevel(const rules::Ladder& ladder) {
    const rules::Standing stands =
        rules::StandingAt(ladder, state_, at_, program_.time_zone);
    const auto next = static_cast<size_t>(stands.level) + 1;
    if (next >= ladder.levels.size() || ladder.levels[next].by_hand) return;
    if (ladder.is_of_league) return;  // others have a say in it
    const rules::Level& level = ladder.levels[next];
    Goal goal;
    goal.told = {
        .kind = ladder.tiers.has_value() ? GoalKind::kTier : GoalKind::kLevel,
        .id = level.id,
        .ladder = ladder.id,
        .privileges = level.privileges};
    if (!level.badge.empty()) {
      const rules::Badge* const badge = BadgeOf(level.badge);
      if (badge == nullptr || !IsAskable(*badge)) return;
      goal.told.describe = badge->describe;
      AddAwards(program_, *badge, goal.told);
      AddCondition(*badge, goal);
      Add(std::move(goal));
      return;
    }
    AddLadder(program_, ladder, goal.inputs);
    const auto asked = [&ladder, next](size_t measure) {
      return ladder.Asked(static_cast<int>(next), measure);
    };
    for (size_t i = 0; i < ladder.measures(); ++i) {
      goal.told.needs.push_back({.what = OverWhat(ladder, i),
                                 .have = stands.units[i],
                                 .want = asked(i)});
    }
    goal.is_units = ladder.also.empty();
    goal.missing = [&ladder, asked, first = stands.units,
                    this_level = stands.level,
                    zone = program_.time_zone](const Stands& at) {
      const rules::Standing now =
          rules::StandingAt(ladder, at.member, at.time, zone);
      int64_t left = asked(0) - now.units[0];
      if (!ladder.also.empty()) left = Left(asked, first, now.units);
      // By hand, say, it may have been reached with fewer.
      return now.level > this_level ? std::min<int64_t>(0, left)
                                    : std::max<int64_t>(1, left);
    };
    Add(std::move(goal));
  }

  // What a review will ask of the present period.
  void AddKeep(const rules::Ladder& ladder) {
    const rules::Standing stands =
        rules::StandingAt(ladder, state_, at_, program_.time_zone);
    const auto wanted = [have = stands.in_review,
                         more = stands.to_keep](size_t measure) {
      return have[measure] + more[measure];
    };
    Goal goal;
    goal.told = {.kind = GoalKind::kKeep,
                 .id = ladder.levels[stands.level].id,
                 .ladder = ladder.id,
                 .privileges = ladder.levels[stands.level].privileges};
    for (size_t i = 0; i < ladder.measures(); ++i) {
      if (stands.to_keep[i] <= 0) continue;
      goal.told.needs.push_back({.what = OverWhat(ladder, i),
                                 .have = stands.in_review[i],
                                 .want = wanted(i)});
    }
    if (goal.told.needs.empty()) return;
    if (stands.review != absl::InfiniteFuture()) {
      goal.told.before = stands.review;
    }
    AddLadder(program_, ladder, goal.inputs);
    goal.is_units = ladder.also.empty();
    goal.missing = [&ladder, wanted, first = stands.in_review,
                    this_level = stands.level,
                    zone = program_.time_zone](const Stands& at) {
      const rules::Standing now =
          rules::StandingAt(ladder, at.member, at.time, zone);
      // Whoever rises begins a time of its own, with nothing in it.
      if (ladder.tiers->has_validity() && now.level > this_level) {
        return int64_t{0};
      }
      return ladder.also.empty() ? wanted(0) - now.in_review[0]
                                 : Left(wanted, first, now.in_review);
    };
    Add(std::move(goal));
  }

  // How much is missing of several things.
  template <typename Wanted>
  static int64_t Left(const Wanted& wanted, const rules::Amounts& first,
                      const rules::Amounts& now) {
    std::vector<Piece> parts;
    for (size_t i = 0; i < now.size(); ++i) {
      parts.push_back(
          {.missing = wanted(i) - now[i], .at_first = wanted(i) - first[i]});
    }
    return MissingOf(parts);
  }

  std::string OverWhat(const rules::Ladder& ladder, size_t measure) const {
    const int currency =
        measure == 0 ? ladder.currency : ladder.also[measure - 1].currency;
    const int metric =
        measure == 0 ? ladder.metric : ladder.also[measure - 1].metric;
    if (currency >= 0) {
      return absl::StrCat("earned.", program_.currencies[currency].id);
    }
    return metric < 0 ? "" : NameOf(program_, {Read::Of::kMetric, metric});
  }

  const rules::Badge* BadgeOf(model::Symbol currency) const {
    for (const rules::Badge& badge : program_.badges) {
      if (program_.currencies[badge.currency].symbol == currency) return &badge;
    }
    return nullptr;
  }

  bool IsOfNextLevel(const rules::Badge& badge) const {
    return std::any_of(program_.ladders.begin(), program_.ladders.end(),
                       [&](const rules::Ladder& ladder) {
                         const int level = rules::LevelAt(ladder, state_, at_,
                                                          program_.time_zone);
                         const auto next = static_cast<size_t>(level) + 1;
                         return next < ladder.levels.size() &&
                                ladder.levels[next].badge ==
                                    program_.currencies[badge.currency].symbol;
                       });
  }

  // How the badge stands for a type on which it is asked; both null: by hand.
  struct Asked {
    const rules::EventType* type = nullptr;
    const rules::AskedBadge* badge = nullptr;
  };
  Asked AskedOf(const rules::Badge& badge) const {
    const auto number = &badge - program_.badges.data();
    for (const rules::AskedBadge& one : program_.command_type->badges) {
      if (one.badge == number && one.of_everybody) {
        return {&*program_.command_type, &one};
      }
    }
    for (const rules::EventType& type : program_.event_types) {
      for (const rules::AskedBadge& one : type.badges) {
        if (one.badge == number && !one.only_lost) return {&type, &one};
      }
    }
    return {};
  }
  bool IsAskable(const rules::Badge& badge) const {
    return AskedOf(badge).badge != nullptr;
  }

  void AddBadge(const rules::Badge& badge) {
    if (!IsAskable(badge)) return;
    const bool holds = Held(badge, state_) > 0;
    if (holds && !badge.is_counted && !badge.per_target) return;
    Goal goal;
    goal.told = {
        .kind = GoalKind::kBadge, .id = badge.id, .describe = badge.describe};
    AddAwards(program_, badge, goal.told);
    AddCondition(badge, goal);
    Add(std::move(goal));
  }

  int64_t Held(const rules::Badge& badge,
               const model::EntityState& state) const {
    return state.Held(program_.currencies[badge.currency].symbol).balance;
  }

  struct Need {
    Read reading = {};
    int64_t want = 0;
    int64_t at_first = 0;
  };

  // What the badge asks, as far as it is units of something. It is reached when
  // it is held once more, whatever could be read of it.
  void AddCondition(const rules::Badge& badge, Goal& goal) {
    const Asked asked = AskedOf(badge);
    const std::optional<cel::Expression>& when = asked.badge->when;
    std::vector<Need> needs;
    goal.told.analysed = !asked.badge->asked_of_object &&
                         !asked.badge->count.has_value() &&
                         (!when.has_value() || when->bounds().whole);
    if (when.has_value() && !asked.badge->asked_of_object) {
      for (const cel::Bound& bound : when->bounds().bounds) {
        const int slot = asked.type->slots[bound.slot];
        const auto reading = ReadingOf(program_, slot);
        if (!reading.has_value()) {
          // What it asks of an event is met by the act.
          goal.told.analysed &= slot >= program_.slots.Attribute(0);
          continue;
        }
        AddNeed(*reading, bound, needs, goal);
      }
    }
    AddReads(program_, *asked.type, when, goal.inputs);
    AddReads(program_, *asked.type, asked.badge->count, goal.inputs);
    for (const rules::EventType& type : program_.event_types) {
      const bool is_asked =
          std::any_of(type.badges.begin(), type.badges.end(),
                      [&](const rules::AskedBadge& one) {
                        return one.badge == asked.badge->badge &&
                               !one.of_everybody && !one.only_lost;
                      });
      if (is_asked) goal.inputs.types.insert(type.id);
    }
    goal.missing = [&program = program_,
                    symbol = program_.currencies[badge.currency].symbol,
                    held = Held(badge, state_),
                    needs = std::move(needs)](const Stands& at) {
      if (at.member.Held(symbol).balance > held) return int64_t{0};
      std::vector<Piece> parts;
      for (const Need& need : needs) {
        const int64_t now = ValueOf(program, need.reading, at.member, at.time);
        parts.push_back({need.want - now, need.at_first});
      }
      return std::max<int64_t>(1, MissingOf(parts));
    };
  }

  void AddNeed(const Read& reading, const cel::Bound& bound,
               std::vector<Need>& needs, Goal& goal) const {
    const int64_t now = ValueOf(program_, reading, state_, at_);
    // What it has too much of, nothing done takes away.
    if (!bound.at_least) return;
    goal.told.needs.push_back(
        {.what = NameOf(program_, reading), .have = now, .want = bound.value});
    if (now >= bound.value) return;
    needs.push_back({reading, bound.value, bound.value - now});
    if (reading.of == Read::Of::kMetric) {
      AddAmounts(reading.number, bound.value - now, goal);
    }
  }

  // Where a metric adds up what events say.
  void AddAmounts(int number, int64_t units, Goal& goal) const {
    for (const rules::EventType& type : program_.event_types) {
      for (const rules::Metric& metric : type.metrics) {
        if (metric.number != number || !metric.amount.has_value()) continue;
        for (const rules::Attribute& attribute : type.attributes) {
          if (metric.amount->source() != "event." + attribute.name) continue;
          goal.amounts.push_back({type.id, attribute.name, units});
        }
      }
    }
  }

  void AddQuest(int number) {
    const rules::Quest& quest = program_.quests[static_cast<size_t>(number)];
    if (!quest.IsOpenAt(at_) || quest.is_together()) return;
    const QuestStanding stands = QuestAt(program_, number, state_, at_);
    using State = QuestStanding::State;
    if (stands.state == State::kDone || stands.state == State::kLeft) return;
    const rules::Badge& badge = program_.badges[quest.badge];
    Goal goal;
    goal.told = {.kind = GoalKind::kQuest,
                 .id = quest.id,
                 .describe = quest.describe,
                 .before = stands.end};
    AddAwards(program_, badge, goal.told);
    const rules::AskedQuest& asked = program_.command_type->quests[number];
    for (size_t i = 0; i < quest.steps.size(); ++i) {
      const StepStanding& step = stands.steps[i];
      goal.told.needs.push_back(
          {.what = step.step, .have = step.progress, .want = step.goal});
      AddReads(program_, *program_.command_type, asked.values[i], goal.inputs);
    }
    for (size_t i = 0; i < program_.metrics.size(); ++i) {
      const rules::MetricTerms& metric = program_.metrics[i];
      if (metric.kind == rules::MetricKind::kStep && metric.quest == number) {
        goal.inputs.metrics.insert(static_cast<int>(i));
      }
    }
    if (quest.on_request && stands.state == State::kOpen) {
      goal.commands.push_back({.command = std::string(kJoinQuest),
                               .attributes = {{"quest", quest.id}},
                               .asked_for = {"quest"}});
    }
    goal.missing = [&program = program_, number, done = stands.times_done,
                    joins = quest.on_request](const Stands& at) {
      const QuestStanding now = QuestAt(program, number, at.member, at.time);
      if (now.times_done > done) return int64_t{0};
      std::vector<Piece> parts;
      for (const StepStanding& step : now.steps) {
        parts.push_back({step.goal - step.progress, step.goal});
      }
      if (joins) parts.push_back({now.state == State::kOpen ? 1 : 0, 1});
      return std::max<int64_t>(1, MissingOf(parts));
    };
    Add(std::move(goal));
  }

  void AddStreak(const rules::Streak& streak) {
    const StreakStanding stands = StreakAt(program_, streak, state_, at_);
    if (stands.length > 0 && !stands.acted) AddKeptStreak(streak, stands);
    AddReach(streak, stands);
  }

  void AddKeptStreak(const rules::Streak& streak,
                     const StreakStanding& stands) {
    Goal goal;
    goal.told = {.kind = GoalKind::kStreak,
                 .id = streak.id,
                 .describe = streak.describe,
                 .needs = {{.what = absl::StrCat("streak.", streak.id),
                            .have = stands.length,
                            .want = stands.length + 1}},
                 .before = stands.act_before};
    AddMetric(program_, streak.metric, goal.inputs);
    goal.is_units = true;
    goal.missing = LengthIsMissing(streak, stands.length + 1);
    Add(std::move(goal));
  }

  // The nearest length that something is given for.
  void AddReach(const rules::Streak& streak, const StreakStanding& stands) {
    const auto number = static_cast<int>(&streak - program_.streaks.data());
    Goal goal;
    int64_t want = 0;
    for (const rules::Badge& badge : program_.badges) {
      if (badge.streak != number) continue;
      const rules::MetricTerms* const reached = ReachedBy(badge);
      if (reached == nullptr) continue;
      const int64_t length = reached->length;
      const int64_t next =
          reached->again ? (stands.length / length + 1) * length : length;
      if (next <= stands.length || (want != 0 && next > want)) continue;
      if (next < want || want == 0) goal.told.awards.clear();
      want = next;
      if (!badge.describe.empty()) goal.told.describe = badge.describe;
      AddAwards(program_, badge, goal.told);
    }
    if (want == 0) return;
    goal.told.kind = GoalKind::kReach;
    goal.told.id = streak.id;
    goal.told.needs = {{.what = absl::StrCat("streak.", streak.id),
                        .have = stands.length,
                        .want = want}};
    AddMetric(program_, streak.metric, goal.inputs);
    goal.is_units = true;
    goal.missing = LengthIsMissing(streak, want);
    Add(std::move(goal));
  }

  Measure LengthIsMissing(const rules::Streak& streak, int64_t want) const {
    return
        [&program = program_, metric = streak.metric, want](const Stands& at) {
          return want - ValueOf(program, {Read::Of::kMetric, metric}, at.member,
                                at.time);
        };
  }

  // The metric that the badge of a streak counts by.
  const rules::MetricTerms* ReachedBy(const rules::Badge& badge) const {
    const Asked asked = AskedOf(badge);
    if (asked.badge == nullptr || !asked.badge->count.has_value()) {
      return nullptr;
    }
    for (const uint32_t slot : asked.badge->count->slots_used()) {
      const auto reading = ReadingOf(program_, asked.type->slots[slot]);
      if (!reading.has_value() || reading->of != Read::Of::kMetric) continue;
      const rules::MetricTerms& metric = program_.metrics[reading->number];
      if (metric.kind == rules::MetricKind::kReached) return &metric;
    }
    return nullptr;
  }

  // Only what costs units of one currency more than there are.
  void AddReward(const rules::Reward& reward) {
    if (reward.costs.size() != 1 || reward.only_for_some) return;
    if (reward.from.has_value() && at_ < *reward.from) return;
    if (reward.until.has_value() && at_ >= *reward.until) return;
    const rules::Cost& cost = reward.costs.front();
    const rules::Currency& currency = program_.currencies[cost.currency];
    const int64_t available = state_.Available(currency.symbol);
    if (available >= cost.units) return;
    Goal goal;
    goal.told = {.kind = GoalKind::kReward,
                 .id = reward.id,
                 .describe = reward.describe,
                 .needs = {{.what = absl::StrCat("balance.", currency.id),
                            .have = available,
                            .want = cost.units}},
                 .before = reward.until};
    goal.inputs.currencies.insert(cost.currency);
    goal.is_units = true;
    goal.missing = [symbol = currency.symbol,
                    units = cost.units](const Stands& at) {
      return units - at.member.Available(symbol);
    };
    Add(std::move(goal));
  }

  const CompiledProgram& program_;
  const model::EntityState& state_;
  const absl::Time at_;
  std::vector<Goal> goals_;
};

}  // namespace

int64_t MissingOf(const std::vector<Piece>& pieces) {
  int64_t sum = 0;
  for (const Piece& piece : pieces) {
    if (piece.missing <= 0) continue;
    const auto whole = std::max<absl::int128>(piece.at_first, piece.missing);
    sum += static_cast<int64_t>(
        (absl::int128(piece.missing) * kWhole + whole - 1) / whole);
  }
  return sum;
}

void AddAwards(const CompiledProgram& program, const rules::Badge& badge,
               NextGoal& told) {
  const auto number = &badge - program.badges.data();
  for (const rules::AskedBadge& asked : program.command_type->badges) {
    if (asked.badge != number) continue;
    for (const rules::Award& award :
         program.command_type->rules[asked.rule].awards) {
      if (!award.fixed_units.has_value()) continue;
      told.awards.push_back(
          {program.currencies[award.currency].id, *award.fixed_units});
    }
  }
}

std::vector<Goal> GoalsOf(const rules::CompiledProgram& program,
                          const model::EntityState& state, absl::Time at) {
  return GoalFinder(program, state, at).Find();
}

bool MayHelp(const rules::CompiledProgram& program,
             const rules::EventType& type, const GoalInputs& inputs) {
  if (inputs.anything || inputs.types.contains(type.id)) return true;
  const bool awards = std::any_of(
      type.rules.begin(), type.rules.end(), [&](const rules::Rule& rule) {
        return std::any_of(rule.awards.begin(), rule.awards.end(),
                           [&](const rules::Award& award) {
                             return inputs.currencies.contains(award.currency);
                           });
      });
  if (awards) return true;
  return std::any_of(
      type.metrics.begin(), type.metrics.end(),
      [&](const rules::Metric& metric) {
        const int counted_by = program.metrics[metric.number].counted_by;
        return inputs.metrics.contains(metric.number) ||
               (counted_by >= 0 && inputs.metrics.contains(counted_by));
      });
}

}  // namespace loyalty::engine
