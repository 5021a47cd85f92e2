// SPDX-License-Identifier: Apache-2.0
//
// Streaks and quests of a member, for people and as JSON.
#ifndef LOYALTY_TOOLS_PURSUITS_H_
#define LOYALTY_TOOLS_PURSUITS_H_

#include <nlohmann/json.hpp>
#include <vector>

#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {

// With a heading; nothing of what is not there.
void PrintStreaks(const std::vector<StreakStanding>& streaks);
void PrintQuests(const std::vector<QuestStanding>& quests);

Json StreaksAsJson(const std::vector<StreakStanding>& streaks);
Json QuestsAsJson(const std::vector<QuestStanding>& quests);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_PURSUITS_H_
