// SPDX-License-Identifier: Apache-2.0
//
// What happens to a member in the midst of an event, and rules can be on: a
// badge is won, a level reached. An event within the event, made by the engine
// and sent by no host; what it gives is part of that event's entry.
#ifndef LOYALTY_LIB_RULES_HAPPENING_H_
#define LOYALTY_LIB_RULES_HAPPENING_H_

#include <string>
#include <string_view>
#include <vector>

#include "rules/compiled.h"

namespace loyalty::rules {

inline constexpr std::string_view kBadgeGranted = "loyalty.badge_granted";
inline constexpr std::string_view kLevelReached = "loyalty.level_reached";
inline constexpr std::string_view kQuestDone = "loyalty.quest_done";
inline constexpr std::string_view kStreakGrew = "loyalty.streak_grew";

// All there are, as event types without rules: the member is the actor, and the
// object that a badge is for the target.
std::vector<EventType> Happenings();
bool IsHappening(std::string_view type);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_HAPPENING_H_
