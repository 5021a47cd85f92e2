// SPDX-License-Identifier: Apache-2.0
//
// See compiled.h.
#include "rules/compiled.h"

#include <algorithm>

#include "base/views.h"

namespace loyalty::rules {

std::string_view Name(model::BadgeClass of) {
  switch (of) {
    case model::BadgeClass::kBronze: return "bronze";
    case model::BadgeClass::kSilver: return "silver";
    case model::BadgeClass::kGold: return "gold";
    case model::BadgeClass::kNone: break;
  }
  return "";
}

const EventType* CompiledProgram::FindEventType(const std::string& id) const {
  const auto found = event_type_index.find(id);
  return found == event_type_index.end() ? nullptr
                                         : &event_types[found->second];
}

const EventType* CompiledProgram::TypeOf(const std::string& id) const {
  const EventType* const type = FindEventType(id);
  if (type != nullptr || !command_type.has_value()) return type;
  return id.starts_with("loyalty.") ? &*command_type : nullptr;
}

const Leaderboard* CompiledProgram::FindLeaderboard(std::string_view id) const {
  const auto found =
      std::find_if(leaderboards.begin(), leaderboards.end(),
                   [&](const Leaderboard& board) { return board.id == id; });
  return found == leaderboards.end() ? nullptr : &*found;
}

const Leaderboard* CompiledProgram::FindDivided(model::Symbol counter) const {
  if (!has_cohorts) return nullptr;
  for (const Leaderboard& board : leaderboards) {
    if (board.cohort.empty() && board.off.empty()) continue;
    if (counter == board.name || counter == board.tie) return &board;
  }
  return nullptr;
}

const Badge* CompiledProgram::FindBadge(std::string_view id) const {
  const auto found =
      std::find_if(badges.begin(), badges.end(),
                   [&](const Badge& badge) { return badge.id == id; });
  return found == badges.end() ? nullptr : &*found;
}

const Streak* CompiledProgram::FindStreak(std::string_view id) const {
  const auto found =
      std::find_if(streaks.begin(), streaks.end(),
                   [&](const Streak& streak) { return streak.id == id; });
  return found == streaks.end() ? nullptr : &*found;
}

const Quest* CompiledProgram::FindQuest(std::string_view id) const {
  const auto found =
      std::find_if(quests.begin(), quests.end(),
                   [&](const Quest& quest) { return quest.id == id; });
  return found == quests.end() ? nullptr : &*found;
}

const Ladder* CompiledProgram::FindLadder(std::string_view id) const {
  const auto found =
      std::find_if(ladders.begin(), ladders.end(),
                   [&](const Ladder& ladder) { return ladder.id == id; });
  return found == ladders.end() ? nullptr : &*found;
}

int CompiledProgram::CurrencyIndex(std::string_view id) const {
  for (size_t i = 0; i < currencies.size(); ++i) {
    if (currencies[i].id == id && !currencies[i].is_badge) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

const Currency* CompiledProgram::FindCurrency(model::Symbol symbol) const {
  for (const Currency& currency : currencies) {
    if (currency.symbol == symbol) return &currency;
  }
  return nullptr;
}

const Rule* CompiledProgram::FindRule(const EventType& type, int number) {
  const auto found = std::lower_bound(
      type.rules.begin(), type.rules.end(), number,
      [](const Rule& rule, int wanted) { return rule.number < wanted; });
  return found == type.rules.end() || found->number != number ? nullptr
                                                              : &*found;
}

int CompiledProgram::RuleNumber(std::string_view id) const {
  const auto found = rule_numbers.find(base::av(id));
  return found == rule_numbers.end() ? -1 : found->second;
}

}  // namespace loyalty::rules
