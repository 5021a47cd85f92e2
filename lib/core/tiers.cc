// SPDX-License-Identifier: Apache-2.0
//
// Tiers: what is counted for them, what hosts are told of them, and what people
// say by hand.
//
// Where a member stands is read, whenever it is asked (rules/ladder.h), and so
// it is never behind. All that is done here as time passes is to tell hosts:
// the level that they were last told of is kept, and a leg, or a sweep, says
// how the one that there is now differs.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/amounts.h"
#include "base/suggest.h"
#include "core/asked.h"
#include "core/counters.h"
#include "core/due.h"
#include "core/leg.h"
#include "rules/ladder.h"

namespace loyalty::core {
namespace {

using Why = LevelChanged::Why;

// What came, or went, of one measure, by the window that it counts in.
using Changes = std::map<int64_t, int64_t>;

// One of what a ladder counts.
struct Counts {
  const rules::Ladder& ladder;
  bool is_metric = false;
  model::Symbol currency = {};
  const rules::MetricTerms& metric;
  model::Symbol units = {};  // the counters that it is kept in
};

Counts CountsOf(const rules::Ladder& ladder, size_t measure) {
  if (measure == 0) {
    return {.ladder = ladder,
            .is_metric = ladder.metric >= 0,
            .currency = ladder.currency_symbol,
            .metric = ladder.metric_terms,
            .units = ladder.tiers->units};
  }
  const rules::LadderMeasure& also = ladder.also[measure - 1];
  return {.ladder = ladder,
          .is_metric = also.metric >= 0,
          .currency = also.currency_symbol,
          .metric = also.metric_terms,
          .units = also.units};
}

bool HasTiers(const Leg& leg) {
  return leg.program.has_tiers && leg.IsMember() && leg.now.exists &&
         leg.event.type != kErase;
}

// As much of the member as tiers ask, with what the leg has changed so far.
model::EntityState AsItStands(const Leg& leg) {
  model::EntityState member;
  member.since = leg.now.since;
  member.counters = leg.state.entity.counters;
  member.counters.Assign(leg.now.counters);
  return member;
}

// Hosts are told of the latest time there was: a late event does not bring an
// earlier one back.
absl::Time TimeTold(const Leg& leg) {
  const int64_t clock = leg.Counter(TierClock());
  return clock == 0 ? leg.event.time
                    : std::max(absl::FromUnixMicros(clock), leg.event.time);
}

// Says how the levels at `time` differ from those last told.
template <typename WhyOf>
void Tell(Leg& leg, absl::Time time, const WhyOf& why) {
  const model::EntityState member = AsItStands(leg);
  for (const rules::Ladder& ladder : leg.program.ladders) {
    if (!ladder.tiers.has_value()) continue;
    const model::CounterKey told{.name = ladder.tiers->told};
    const auto before = static_cast<int>(leg.Counter(told));
    const int now = rules::LevelAt(ladder, member, time, leg.program.time_zone);
    if (now == before) continue;
    ReportSteps(leg, ladder, before, now, why(now > before));
    leg.SetCounter(told, now);
  }
}

void SetIfOther(Leg& leg, const model::CounterKey& counter, int64_t value) {
  if (leg.Counter(counter) != value) leg.SetCounter(counter, value);
}

// The first of what tiers and badges have.
void SetDue(Leg& leg, absl::Time due) {
  if (leg.program.badges_pass) {
    if (leg.event.type != kSweep) ForgetSweep(leg);
    due = std::min(due, NextDue(leg));
  }
  SetIfOther(leg, model::DueCounter(),
             due == absl::InfiniteFuture() ? 0 : absl::ToUnixMicros(due));
}

// When a sweep has something to tell.
void NoteDue(Leg& leg, absl::Time time) {
  const model::EntityState member = AsItStands(leg);
  absl::Time due = absl::InfiniteFuture();
  for (const rules::Ladder& ladder : leg.program.ladders) {
    if (!ladder.tiers.has_value()) continue;
    due = std::min(
        due,
        rules::StandingAt(ladder, member, time, leg.program.time_zone).until);
  }
  SetIfOther(leg, TierClock(), absl::ToUnixMicros(time));
  SetDue(leg, due);
}

// What an award came to goes from the time in which it was earned. What cap,
// floor or limits bring back, or take besides, counts with the last of those
// that are undone.
void AddUndone(const Leg& leg, const Undo& undo, const Counts& counts,
               int64_t earned, Changes& changes) {
  const auto window = [&](absl::Time time) {
    return counts.ladder.tiers->WindowOf(time, leg.program.time_zone);
  };
  absl::Time last = leg.event.time;
  for (const model::Movement& award : undo.awards) {
    const auto time = undo.times.find(award.at);
    if (award.currency != counts.currency || time == undo.times.end()) {
      continue;
    }
    last = time->second;
    if (undo.keep.has_value()) continue;
    changes[window(last)] -= award.units;
    earned += award.units;
  }
  changes[window(last)] += earned;
}

Changes EarnedInLeg(const Leg& leg, const Counts& counts) {
  Changes changes;
  // Units that a member starts with qualify for nothing.
  const int64_t earned = leg.now.Held(counts.currency).earned -
                         leg.before().Held(counts.currency).earned;
  // What somebody brought is in the counters that they brought.
  if (!leg.HasMoved() || std::holds_alternative<Absorb>(leg.message.what)) {
    return changes;
  }
  if (const auto* undo = leg.message.If<Undo>()) {
    const bool has_undone = std::any_of(
        leg.decision.movements.begin() +
            static_cast<std::ptrdiff_t>(leg.first_movement),
        leg.decision.movements.end(), [&](const model::Movement& movement) {
          return movement.kind == model::Movement::Kind::kReversal &&
                 movement.currency == counts.currency;
        });
    if (has_undone) AddUndone(leg, *undo, counts, earned, changes);
  } else if (earned != 0) {
    changes[counts.ladder.tiers->WindowOf(leg.event.time,
                                          leg.program.time_zone)] = earned;
  }
  return changes;
}

model::CounterKey CounterInWindow(model::Symbol name, int64_t window) {
  return {.name = name, .window = 0, .key = rules::KeyOfInt(window)};
}

// What the metric says now of windows in which the leg changed it.
Changes CountedInLeg(const Leg& leg, const Counts& counts) {
  Changes changes;
  const rules::MetricTerms& terms = counts.metric;
  for (const auto& [counter, value] : leg.now.counters) {
    if (counter.name != terms.counter || !counter.key.empty()) continue;
    const bool is_largest = terms.kind == rules::MetricKind::kMax && value != 0;
    changes[counter.window] =
        (is_largest ? rules::LargestKept(value) : value) -
        leg.Counter(CounterInWindow(counts.units, counter.window));
  }
  return changes;
}

// What the leg brought and took of all that the ladder counts.
std::map<int64_t, rules::Amounts> ChangesInLeg(const Leg& leg,
                                               const rules::Ladder& ladder) {
  std::map<int64_t, rules::Amounts> all;
  for (size_t i = 0; i < ladder.measures(); ++i) {
    const Counts counts = CountsOf(ladder, i);
    const Changes changes =
        counts.is_metric ? CountedInLeg(leg, counts) : EarnedInLeg(leg, counts);
    for (const auto& [window, change] : changes) {
      if (change == 0) continue;
      rules::Amounts& amounts = all[window];
      amounts.resize(ladder.measures());
      amounts[i] = change;
    }
  }
  return all;
}

// Counts what the leg brought and took. Where a loss takes no tier before the
// review, the level that there was is kept beside it.
void CountTier(Leg& leg, const rules::Ladder& ladder) {
  const rules::TierTerms& terms = *ladder.tiers;
  for (const auto& [window, changes] : ChangesInLeg(leg, ladder)) {
    const rules::TierPeriod period =
        terms.is_rolling() ? rules::TierPeriod{}
                           : rules::PeriodAt(terms, leg.now.since,
                                             absl::FromUnixSeconds(window),
                                             leg.program.time_zone);
    const bool is_loss = std::any_of(changes.begin(), changes.end(),
                                     [](int64_t change) { return change < 0; });
    const bool keeps = is_loss && !terms.loss_at_once && !terms.is_rolling();
    const rules::TierUnits before =
        keeps ? rules::UnitsIn(ladder, AsItStands(leg).counters, period)
              : rules::TierUnits{};
    rules::Amounts after = before.units;
    for (size_t i = 0; i < changes.size(); ++i) {
      if (changes[i] == 0) continue;
      int64_t& units =
          leg.ChangingCounter(CounterInWindow(ladder.UnitsCounter(i), window));
      units = base::Sum(units, changes[i]).value_or(units);
      if (keeps) after[i] += changes[i];
    }
    if (!keeps) continue;
    const int reached = std::max(before.reached, ladder.LevelOf(before.units));
    if (reached > before.reached && reached > ladder.LevelOf(after)) {
      leg.SetCounter(CounterInWindow(terms.reached, window), reached);
    }
  }
}

// nullptr, and an answer of no, if the program has no such ladder.
const rules::Ladder* AskedLadder(Leg& leg) {
  const std::string& id = AskedText(leg.event, "ladder");
  const rules::Ladder* const ladder = leg.program.FindLadder(id);
  if (ladder != nullptr && ladder->tiers.has_value()) return ladder;
  std::vector<std::string> known;
  for (const rules::Ladder& one : leg.program.ladders) {
    if (one.tiers.has_value()) known.push_back(one.id);
  }
  leg.Reject(RejectReason::kUnknownLadder,
             absl::StrCat("there is no ladder \"", id, "\" that has tiers. ",
                          base::DidYouMean(id, known)));
  return nullptr;
}

}  // namespace

void SettleTiers(Leg& leg) {
  if (!HasTiers(leg)) return;
  Tell(leg, TimeTold(leg), [](bool) { return Why::kReview; });
}

void StepTiers(Leg& leg) {
  if (!HasTiers(leg)) {
    const bool asks = leg.program.badges_pass && leg.IsMember() &&
                      leg.now.exists && leg.event.type != kErase;
    if (asks) SetDue(leg, absl::InfiniteFuture());
    return;
  }
  for (const rules::Ladder& ladder : leg.program.ladders) {
    if (ladder.tiers.has_value()) CountTier(leg, ladder);
  }
  const bool by_hand =
      leg.event.type == kAssignTier || leg.event.type == kUnassignTier;
  const absl::Time time = TimeTold(leg);
  Tell(leg, time, [&](bool up) {
    if (by_hand) return Why::kByHand;
    return up ? Why::kEarned : Why::kReversal;
  });
  NoteDue(leg, time);
}

void AssignTier(Leg& leg) {
  const rules::Ladder* const ladder = AskedLadder(leg);
  if (ladder == nullptr) return;
  const std::string& tier = AskedText(leg.event, "tier");
  const int level = ladder->IndexOf(tier);
  if (level < 0) {
    std::vector<std::string> known;
    for (const rules::Level& one : ladder->levels) known.push_back(one.id);
    return leg.Reject(
        RejectReason::kUnknownTier,
        absl::StrCat("the ladder \"", ladder->id, "\" has no tier \"", tier,
                     "\". ", base::DidYouMean(tier, known)));
  }
  const bool says_as = IsAsked(leg.event, "as");
  const bool locks = says_as && AskedText(leg.event, "as") == "lock";
  if (says_as && !locks && AskedText(leg.event, "as") != "floor") {
    return leg.Reject(RejectReason::kOutOfRange,
                      "as: \"floor\", below which the member does not fall, or "
                      "\"lock\", which nothing moves");
  }
  int64_t until = 0;
  if (IsAsked(leg.event, "until")) {
    const auto time =
        std::get<absl::Time>(leg.event.attributes.find("until")->second.get());
    if (time <= leg.event.time) {
      return leg.Reject(RejectReason::kOutOfRange,
                        "until: a time after the event's");
    }
    until = absl::ToUnixMicros(time);
  }
  const rules::TierTerms& terms = *ladder->tiers;
  SetIfOther(leg, {.name = terms.hand}, locks ? -(level + 1) : level + 1);
  SetIfOther(leg, {.name = terms.hand_from},
             absl::ToUnixMicros(leg.event.time));
  SetIfOther(leg, {.name = terms.hand_until}, until);
}

void UnassignTier(Leg& leg) {
  const rules::Ladder* const ladder = AskedLadder(leg);
  if (ladder == nullptr) return;
  const rules::TierTerms& terms = *ladder->tiers;
  const int64_t until = leg.Counter({.name = terms.hand_until});
  if (leg.Counter({.name = terms.hand}) == 0 ||
      (until != 0 && absl::FromUnixMicros(until) <= leg.event.time)) {
    return leg.Reject(RejectReason::kNotAssigned,
                      absl::StrCat("no tier of \"", ladder->id,
                                   "\" is assigned to this member by hand"));
  }
  for (const model::Symbol name :
       {terms.hand, terms.hand_from, terms.hand_until}) {
    SetIfOther(leg, {.name = name}, 0);
  }
}

}  // namespace loyalty::core
