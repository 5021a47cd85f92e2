// SPDX-License-Identifier: Apache-2.0
//
// See loyalty/guide.h.
#include "loyalty/guide.h"

#include <string_view>
#include <utility>

#include "rules/compiled.h"

namespace loyalty {
namespace {

Guide::Ladder Told(const rules::CompiledProgram& program,
                   const rules::Ladder& ladder) {
  Guide::Ladder told{.id = ladder.id, .describe = ladder.describe};
  if (ladder.currency >= 0) {
    told.currency = program.currencies[ladder.currency].id;
  }
  if (ladder.metric >= 0) told.metric = program.metrics[ladder.metric].id;
  for (const rules::Level& level : ladder.levels) {
    Guide::Level& one =
        told.levels.emplace_back(Guide::Level{.id = level.id,
                                              .describe = level.describe,
                                              .at = level.at,
                                              .by_hand = level.by_hand,
                                              .privileges = level.privileges});
    for (size_t i = 0; i < level.also.size(); ++i) {
      if (level.also[i] == 0) continue;
      const rules::LadderMeasure& of = ladder.also[i];
      Guide::Also& also =
          one.also.emplace_back(Guide::Also{.at = level.also[i]});
      if (of.currency >= 0) also.currency = program.currencies[of.currency].id;
      if (of.metric >= 0) also.metric = program.metrics[of.metric].id;
    }
    if (level.badge == model::Symbol()) continue;
    for (const rules::Badge& badge : program.badges) {
      const rules::Currency& held = program.currencies[badge.currency];
      if (held.symbol == level.badge) one.badge = badge.id;
    }
  }
  return told;
}

Guide::Quest Told(const rules::Quest& quest) {
  Guide::Quest told{.id = quest.id,
                    .describe = quest.describe,
                    .together = quest.is_together(),
                    .from = quest.from,
                    .until = quest.until};
  for (const rules::QuestStep& step : quest.steps) {
    told.steps.push_back(
        {.id = step.id, .describe = step.describe, .goal = step.goal});
  }
  return told;
}

}  // namespace

Guide GuideOf(const Program& program) {
  const rules::CompiledProgram& compiled = *program.compiled();
  Guide guide;
  for (const rules::Currency& currency : compiled.currencies) {
    if (currency.is_badge) continue;
    guide.currencies.push_back({currency.id, currency.describe});
  }
  for (const rules::Ladder& ladder : compiled.ladders) {
    guide.ladders.push_back(Told(compiled, ladder));
  }
  for (const rules::Badge& badge : compiled.badges) {
    if (!badge.is_told()) continue;
    guide.badges.push_back(
        {.id = badge.id,
         .describe = badge.describe,
         .badge_class = std::string(rules::Name(badge.badge_class))});
  }
  for (const rules::Quest& quest : compiled.quests) {
    guide.quests.push_back(Told(quest));
  }
  for (const rules::Streak& streak : compiled.streaks) {
    guide.streaks.push_back({.id = streak.id, .describe = streak.describe});
  }
  for (const rules::Reward& reward : compiled.rewards) {
    guide.rewards.push_back({.id = reward.id,
                             .describe = reward.describe,
                             .only_for_some = reward.only_for_some});
  }
  for (const rules::Leaderboard& board : compiled.leaderboards) {
    guide.leaderboards.push_back({.id = board.id, .describe = board.describe});
  }
  return guide;
}

}  // namespace loyalty
