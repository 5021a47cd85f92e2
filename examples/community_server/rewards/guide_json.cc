// SPDX-License-Identifier: Apache-2.0
//
// What a program tells of itself. See as_json.h.
#include <loyalty/guide.h>

#include <utility>

#include "rewards/as_json.h"

namespace community {
namespace {

using loyalty::Guide;

// Each of a list, as `told` has it beside its name and description.
template <typename One, typename Told>
Json Listed(const std::vector<One>& list, const char* name, Told told) {
  Json lines = Json::array();
  for (const One& one : list) {
    Json line = {{name, one.id}, {"describe", one.describe}};
    told(one, line);
    lines.push_back(std::move(line));
  }
  return lines;
}

void AddNothing(const auto&, Json&) {}

void AddLevel(const Guide::Level& level, Json& line) {
  line["at"] = level.at;
  line["badge"] = level.badge;
  line["by_hand"] = level.by_hand;
  line["also"] = Json::array();
  for (const Guide::Also& also : level.also) {
    line["also"].push_back({{"currency", also.currency},
                            {"metric", also.metric},
                            {"at", also.at}});
  }
  line["privileges"] = level.privileges;
}

void AddLadder(const Guide::Ladder& ladder, Json& line) {
  line["currency"] = ladder.currency;
  line["metric"] = ladder.metric;
  line["levels"] = Listed(ladder.levels, "level", AddLevel);
}

void AddQuest(const Guide::Quest& quest, Json& line) {
  line["together"] = quest.together;
  line["steps"] = Listed(
      quest.steps, "step",
      [](const Guide::Step& step, Json& told) { told["goal"] = step.goal; });
}

}  // namespace

Json AsJson(const Guide& guide) {
  return {
      {"currencies",
       Listed(guide.currencies, "currency", AddNothing<Guide::Named>)},
      {"ladders", Listed(guide.ladders, "ladder", AddLadder)},
      {"badges", Listed(guide.badges, "badge",
                        [](const Guide::Badge& badge, Json& line) {
                          line["class"] = badge.badge_class;
                        })},
      {"quests", Listed(guide.quests, "quest", AddQuest)},
      {"streaks", Listed(guide.streaks, "streak", AddNothing<Guide::Named>)},
      {"rewards", Listed(guide.rewards, "reward", AddNothing<Guide::Reward>)},
      {"leaderboards",
       Listed(guide.leaderboards, "leaderboard", AddNothing<Guide::Named>)}};
}

}  // namespace community
