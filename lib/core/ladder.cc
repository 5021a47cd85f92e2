// SPDX-License-Identifier: Apache-2.0
//
// Ladders: levels follow what was earned, or counted, up and down.
//
// What was earned is what rules gave and took, less what was reversed; units
// that are spent stay earned, so spending demotes nobody. Ladders with tiers
// are in tiers.cc.
#include <algorithm>

#include "core/leg.h"
#include "core/merge.h"

namespace loyalty::core {
namespace {

using Why = LevelChanged::Why;

Why WhyChanged(const Leg& leg, bool up) {
  if (leg.event.type == kGrantBadge || leg.event.type == kRevokeBadge) {
    return Why::kByHand;
  }
  if (std::holds_alternative<Won>(leg.message.what)) return Why::kSeason;
  const bool undoes = leg.message.If<Undo>() != nullptr;
  return undoes && !up ? Why::kReversal : Why::kEarned;
}

// Whether the leg changed what the ladder is over.
bool Concerns(const Leg& leg, const rules::Ladder& ladder) {
  if (ladder.currency >= 0) {
    const auto moved = leg.decision.movements.begin() +
                       static_cast<std::ptrdiff_t>(leg.first_movement);
    return std::any_of(moved, leg.decision.movements.end(),
                       [&](const model::Movement& movement) {
                         return movement.currency == ladder.currency_symbol;
                       });
  }
  if (ladder.is_of_league) {
    return leg.now.counters.find({.name = ladder.kept}) !=
           leg.now.counters.end();
  }
  if (ladder.metric < 0) return leg.HasMoved();
  return leg.now.counters.find({.name = ladder.metric_terms.counter}) !=
         leg.now.counters.end();
}

}  // namespace

// A jump over several levels is told step by step.
void ReportSteps(Leg& leg, const rules::Ladder& ladder, int from, int to,
                 Why why) {
  while (from != to) {
    const int next = from < to ? from + 1 : from - 1;
    leg.Report(LevelChanged{.member = leg.now.entity.id,
                            .ladder = ladder.id,
                            .from = ladder.levels[from].id,
                            .to = ladder.levels[next].id,
                            .up = next > from,
                            .why = why});
    from = next;
  }
}

void StepLevels(Leg& leg) {
  if (!leg.IsMember()) return;
  // Who is another member now has no level to lose.
  if (HasLeft(leg)) return;
  StepTiers(leg);
  for (const rules::Ladder& ladder : leg.program.ladders) {
    if (ladder.tiers.has_value() || !Concerns(leg, ladder)) continue;
    const auto level_of = [&](const model::EntityState& member) {
      return rules::LevelAt(ladder, member, leg.event.time,
                            leg.program.time_zone);
    };
    const int before = level_of(leg.before());
    int reached = 0;
    if (ladder.metric >= 0 || ladder.is_of_league) {
      // Of counters, the leg has those that changed.
      model::EntityState now;
      now.counters = leg.state.entity.counters;
      now.counters.Assign(leg.now.counters);
      reached = level_of(now);
    } else {
      reached = level_of(leg.now);
    }
    if (ladder.keeps && reached < before) {
      leg.SetCounter({.name = ladder.kept}, before);
      continue;
    }
    ReportSteps(leg, ladder, before, reached,
                WhyChanged(leg, reached > before));
  }
}

}  // namespace loyalty::core
