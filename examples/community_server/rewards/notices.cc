// SPDX-License-Identifier: Apache-2.0
//
// See notices.h.
#include "rewards/notices.h"

#include <loyalty/event.h>

#include <algorithm>
#include <map>
#include <utility>
#include <variant>
#include <vector>

namespace community {
namespace {

using loyalty::Awarded;
using loyalty::Effect;

// What happened, as one says it to whoever it happened to.
std::string Phrase(std::string_view type) {
  static const std::map<std::string_view, std::string_view> kPhrases = {
      {"solution_accepted", "accepted solution"},
      {"kudos_given", "kudos"},
      {"kudos_taken_back", "kudos taken back"},
      {"reply_posted", "a reply"},
      {"question_asked", "a question"},
      {"solution_blog", "a solution blog"},
      {"idea_posted", "an idea"},
      {"idea_vote", "a vote on an idea"},
      {"idea_delivered", "an idea that was built"},
      {"comment_posted", "a comment"},
      {"welcome_posted", "a welcome"},
      {"post_deleted", "a post was deleted"},
      {"member_joined", "welcome here"},
      {loyalty::kSeasonEnded, "a season's prize"},
      {loyalty::kAdjust, "a correction"},
      {loyalty::kSweep, "time has passed"},
  };
  const auto found = kPhrases.find(type);
  if (found != kPhrases.end()) return std::string(found->second);
  std::string words(type);
  std::replace(words.begin(), words.end(), '_', ' ');
  std::replace(words.begin(), words.end(), '.', ' ');
  return words;
}

std::string Words(std::string id) {
  std::replace(id.begin(), id.end(), '_', ' ');
  return id;
}

const std::string& MemberOf(const Effect& effect) {
  return std::visit(
      [](const auto& e) -> const std::string& { return e.member; }, effect);
}

// Units that come or go, by currency in the order in which they first do.
class Units {
 public:
  void Add(const std::string& currency, int64_t units) {
    for (auto& [name, sum] : sums_) {
      if (name == currency) {
        sum += units;
        return;
      }
    }
    sums_.emplace_back(currency, units);
  }
  // "+15 points, -3 coins", or "" if nothing is left of it.
  std::string Text() const {
    std::string text;
    for (const auto& [name, sum] : sums_) {
      if (sum == 0) continue;
      text += (text.empty() ? "" : ", ") + std::string(sum > 0 ? "+" : "") +
              std::to_string(sum) + " " + name;
    }
    return text;
  }
  Json AsJson() const {
    Json json = Json::object();
    for (const auto& [name, sum] : sums_) {
      if (sum != 0) json[name] = sum;
    }
    return json;
  }

 private:
  std::vector<std::pair<std::string, int64_t>> sums_ = {};
};

// What changes the balance of a currency, and by how much.
void AddTo(Units& units, const Effect& effect) {
  if (const auto* awarded = std::get_if<Awarded>(&effect)) {
    units.Add(awarded->currency, awarded->units);
  } else if (const auto* reversed = std::get_if<loyalty::Reversed>(&effect)) {
    units.Add(reversed->currency, reversed->units);
  } else if (const auto* opened = std::get_if<loyalty::Opened>(&effect)) {
    units.Add(opened->currency, opened->units);
  } else if (const auto* moved = std::get_if<loyalty::Moved>(&effect)) {
    using Kind = loyalty::Moved::Kind;
    switch (moved->kind) {
      case Kind::kRedeemed:
      case Kind::kHeld:
      case Kind::kExpired: units.Add(moved->currency, -moved->units); break;
      case Kind::kReleased:
      case Kind::kRefunded:
      case Kind::kTransferred:
      case Kind::kAdjusted:
      case Kind::kWrittenOff:
      case Kind::kMergedOut:
      case Kind::kMergedIn:
      case Kind::kCaughtUp: units.Add(moved->currency, moved->units); break;
      case Kind::kCaptured:
      case Kind::kFulfilled: break;
    }
  }
}

// What else there is to be glad about, or sorry.
void AddNotice(Json& notices, const Effect& effect) {
  const auto add = [&](const char* kind, std::string text) {
    notices.push_back({{"kind", kind}, {"text", std::move(text)}});
  };
  if (const auto* level = std::get_if<loyalty::LevelChanged>(&effect)) {
    add(level->up ? "level_up" : "level_down",
        (level->up ? "You are now " : "You are back at ") + Words(level->to) +
            " on the path " + Words(level->ladder));
  } else if (const auto* badge = std::get_if<loyalty::Badge>(&effect)) {
    constexpr std::string_view kQuest = "quest/";
    if (badge->badge.starts_with(kQuest)) {
      add(badge->won ? "quest_done" : "quest_undone",
          std::string(badge->won ? "Quest done: " : "Quest no longer done: ") +
              Words(badge->badge.substr(kQuest.size())));
    } else {
      add(badge->won ? "badge_won" : "badge_lost",
          std::string(badge->won ? "Badge won: " : "Badge lost: ") +
              Words(badge->badge));
    }
  } else if (const auto* streak = std::get_if<loyalty::StreakMoved>(&effect)) {
    if (streak->length > 1 && !streak->frozen) {
      add("streak", std::to_string(streak->length) + " " +
                        Words(streak->streak) + " in a row");
    }
  } else if (const auto* quest = std::get_if<loyalty::QuestMoved>(&effect)) {
    if (quest->kind == loyalty::QuestMoved::Kind::kProgressed) {
      add("quest", Words(quest->quest) + ": " + Words(quest->step) + " " +
                       std::to_string(quest->progress) + " of " +
                       std::to_string(quest->goal));
    }
  }
}

}  // namespace

std::vector<Effect> EffectsOn(const loyalty::Outcome& outcome,
                              std::string_view member) {
  std::vector<Effect> effects;
  for (const Effect& effect : outcome.effects) {
    if (MemberOf(effect) == member) effects.push_back(effect);
  }
  return effects;
}

Json NoticesFor(const loyalty::Outcome& outcome, std::string_view member,
                std::string_view event_type) {
  Json notices = Json::array();
  Units units;
  for (const Effect& effect : EffectsOn(outcome, member)) {
    AddTo(units, effect);
    AddNotice(notices, effect);
  }
  const std::string text = units.Text();
  if (!text.empty()) {
    notices.insert(notices.begin(),
                   Json{{"kind", "units"},
                        {"text", text + ": " + Phrase(event_type)},
                        {"units", units.AsJson()}});
  }
  return notices;
}

}  // namespace community
