// SPDX-License-Identifier: Apache-2.0
//
// See next_says.h.
#include "engine/next_says.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>

#include <algorithm>
#include <string_view>
#include <variant>
#include <vector>

#include "base/views.h"
#include "base/window.h"

namespace loyalty {

std::string_view Name(NextGoal::Kind kind) {
  switch (kind) {
    case NextGoal::Kind::kLevel: return "level";
    case NextGoal::Kind::kTier: return "tier";
    case NextGoal::Kind::kKeep: return "keep";
    case NextGoal::Kind::kBadge: return "badge";
    case NextGoal::Kind::kQuest: return "quest";
    case NextGoal::Kind::kStreak: return "streak";
    case NextGoal::Kind::kReach: return "reach";
    case NextGoal::Kind::kReward: return "reward";
  }
  return "unknown";
}

}  // namespace loyalty

namespace loyalty::engine {
namespace {

// "vote_on_an_idea" as "vote on an idea".
std::string Words(std::string_view id) {
  std::string words(id);
  std::replace(words.begin(), words.end(), '_', ' ');
  return words;
}

std::string Times(int64_t times) {
  if (times == 1) return "";
  if (times == 2) return " twice";
  return absl::StrCat(" ", times, " times");
}

// "a, b and c".
std::string List(const std::vector<std::string>& parts) {
  std::string list;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) absl::StrAppend(&list, i + 1 == parts.size() ? " and " : ", ");
    absl::StrAppend(&list, parts[i]);
  }
  return list;
}

// "earned.expert" and "metric.likes_given" as "expert" and "likes given".
std::string WhatIs(std::string_view what) {
  const size_t dot = what.find('.');
  return Words(dot == what.npos ? what : what.substr(dot + 1));
}

// Programs call what they count by its plural, mostly: "votes", and "replies
// given". One of it is a vote.
std::string One(std::string words) {
  const size_t first = std::min(words.find(' '), words.size());
  const auto ends = [&](std::string_view with) {
    return first > with.size() &&
           std::string_view(words).substr(0, first).ends_with(with);
  };
  for (const std::string_view whole : {"ss", "us", "is", "news", "series"}) {
    if (ends(whole)) return words;
  }
  if (ends("ies") && first > 4) return words.replace(first - 3, 3, "y");
  if (ends("ches") || ends("shes") || ends("sses") || ends("xes")) {
    return words.erase(first - 2, 2);
  }
  return ends("s") ? words.erase(first - 1, 1) : words;
}

std::string ValueSays(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value.get())) return *text;
  if (const auto* number = std::get_if<int64_t>(&value.get())) {
    return absl::StrCat(*number);
  }
  if (const auto* yes = std::get_if<bool>(&value.get())) {
    return *yes ? "yes" : "no";
  }
  return "";
}

// What has to be so of it: " (words 300)"; of what is done as last time,
// nothing.
std::string Asked(const NextStep& step) {
  std::vector<std::string> asked;
  for (const std::string& name : step.asked_for) {
    const auto value = step.example.attributes.find(name);
    if (value == step.example.attributes.end()) continue;
    const std::string says = ValueSays(value->second);
    if (!says.empty()) asked.push_back(absl::StrCat(Words(name), " ", says));
  }
  return asked.empty() ? "" : absl::StrCat(" (", List(asked), ")");
}

std::string Act(const NextStep& step) {
  if (step.example.type == kJoinQuest) return "join it";
  const std::string act =
      Words(step.rule.empty() ? step.example.type : step.rule);
  return step.as_last_time ? act : act + Asked(step);
}

// The same act at several times is one in a sentence.
struct Said {
  NextStep step = {};
  bool is_same_as(const NextStep& other) const {
    return step.rule == other.rule && step.by_member == other.by_member &&
           step.example.type == other.example.type;
  }
};

std::string ActsOfWay(const NextWay& way) {
  std::vector<Said> said;
  for (const NextStep& step : way.steps) {
    const auto same =
        std::find_if(said.begin(), said.end(),
                     [&](const Said& one) { return one.is_same_as(step); });
    if (same == said.end()) {
      said.push_back({.step = step});
    } else {
      same->step.times += step.times;
    }
  }
  std::vector<std::string> own, others;
  for (const Said& one : said) {
    (one.step.by_member ? own : others)
        .push_back(Act(one.step) + Times(one.step.times));
  }
  std::string acts = List(own);
  if (!others.empty()) {
    absl::StrAppend(&acts, acts.empty() ? "" : ", ",
                    "from others: ", List(others));
  }
  if (!acts.empty()) acts[0] = absl::ascii_toupper(acts[0]);
  return acts;
}

// What a goal that many have together asks besides the whole.
const NextNeed& OwnPart(const NextGoal& goal) { return goal.needs.back(); }

// "red" or "everybody".
std::string Whom(const NextGoal& goal) {
  return goal.object.empty() ? "everybody" : goal.object;
}

bool LacksWhole(const NextGoal& goal) {
  return std::any_of(goal.needs.begin(), goal.needs.end() - 1,
                     [](const NextNeed& need) { return need.missing() > 0; });
}

// What the way leads to, of what many do together.
std::string TogetherIs(const NextGoal& goal, const NextWay& way) {
  const std::string quest = absl::StrCat(
      "the quest \"", goal.describe.empty() ? Words(goal.id) : goal.describe,
      "\"");
  if (!LacksWhole(goal)) return absl::StrCat("you share in ", quest);
  if (way.left_to_others == 0) {
    return absl::StrCat(quest, " is done by ", Whom(goal));
  }
  if (OwnPart(goal).missing() == 0) {
    return absl::StrCat(quest, " of ", Whom(goal), " comes nearer");
  }
  return absl::StrCat("you share in ", quest, " once it is done by ",
                      Whom(goal));
}

std::string GoalIs(const NextGoal& goal, const NextWay& way) {
  const std::string& told =
      goal.describe.empty() ? Words(goal.id) : goal.describe;
  switch (goal.kind) {
    case NextGoal::Kind::kLevel:
    case NextGoal::Kind::kTier: return absl::StrCat("you are ", Words(goal.id));
    case NextGoal::Kind::kKeep:
      return absl::StrCat("you keep ", Words(goal.id));
    case NextGoal::Kind::kBadge:
      return absl::StrCat("you win the badge \"", told, "\"");
    case NextGoal::Kind::kQuest:
      if (goal.together) return TogetherIs(goal, way);
      return absl::StrCat("the quest \"", told, "\" is done");
    case NextGoal::Kind::kStreak:
      return absl::StrCat("your streak of ", goal.needs.front().have, " (",
                          told, ") goes on");
    case NextGoal::Kind::kReach:
      return absl::StrCat("your streak is ", goal.needs.front().want, " long");
    case NextGoal::Kind::kReward:
      return absl::StrCat("you can have \"", told, "\"");
  }
  return "";
}

// The same before it is.
std::string GoalTo(const NextGoal& goal) {
  const std::string& told =
      goal.describe.empty() ? Words(goal.id) : goal.describe;
  switch (goal.kind) {
    case NextGoal::Kind::kLevel:
    case NextGoal::Kind::kTier: return absl::StrCat("To be ", Words(goal.id));
    case NextGoal::Kind::kKeep: return absl::StrCat("To keep ", Words(goal.id));
    case NextGoal::Kind::kBadge:
      return absl::StrCat("To win the badge \"", told, "\"");
    case NextGoal::Kind::kQuest:
      return absl::StrCat("To do the quest \"", told, "\"",
                          goal.together ? " with " + Whom(goal) : "");
    case NextGoal::Kind::kStreak:
      return absl::StrCat("To keep your streak of ", goal.needs.front().have);
    case NextGoal::Kind::kReach:
      return absl::StrCat("For a streak of ", goal.needs.front().want);
    case NextGoal::Kind::kReward: return absl::StrCat("To have \"", told, "\"");
  }
  return "";
}

// ", 2 of them by you": what is asked of the member, and what they did.
std::string OwnPartSays(const NextGoal& goal) {
  const NextNeed& own = OwnPart(goal);
  const bool lacks_whole = LacksWhole(goal);
  std::vector<std::string> says;
  if (own.missing() > 0) {
    says.push_back(absl::StrCat(
        own.missing(), lacks_whole ? " of it by you" : " by you to go"));
  }
  if (own.have > 0) says.push_back(absl::StrCat("you did ", own.have));
  return absl::StrCat(lacks_whole && !says.empty() ? ", " : "",
                      absl::StrJoin(says, ", "));
}

std::string Missing(const NextGoal& goal) {
  std::vector<std::string> missing;
  for (const NextNeed& need : goal.needs) {
    const bool is_own = goal.together && &need == &OwnPart(goal);
    if (need.missing() == 0 || is_own) continue;
    const std::string what = WhatIs(need.what);
    missing.push_back(absl::StrCat(need.missing(), " ",
                                   need.missing() == 1 ? One(what) : what));
  }
  std::string says = missing.empty() ? "" : List(missing) + " to go";
  if (goal.together) absl::StrAppend(&says, OwnPartSays(goal));
  return says;
}

std::string Until(const NextGoal& goal, absl::TimeZone zone) {
  if (!goal.before.has_value()) return "";
  return absl::StrCat(", before ", base::ShortTime(*goal.before, zone));
}

}  // namespace

std::string StepSays(const NextStep& step, absl::TimeZone zone) {
  std::string says = absl::StrCat(
      step.by_member ? "" : "from others: ", Act(step), Times(step.times));
  const bool is_near = step.left.has_value() && *step.left <= step.times;
  if (!is_near || step.left_until == absl::InfiniteFuture()) return says;
  absl::StrAppend(&says, ": limits leave ", *step.left, " of it until ",
                  base::ShortTime(step.left_until, zone));
  return says;
}

std::string WaySays(const NextGoal& goal, const NextWay& way,
                    absl::TimeZone zone) {
  const std::string missing =
      goal.kind == NextGoal::Kind::kStreak ? "" : Missing(goal);
  return absl::StrCat(ActsOfWay(way),
                      way.days == 0 ? " today"
                      : way.days == 1
                          ? " by tomorrow"
                          : absl::StrCat(" within ", way.days + 1, " days"),
                      ", and ", GoalIs(goal, way), missing.empty() ? "" : ": ",
                      missing, Until(goal, zone), ".");
}

std::string GoalSays(const NextGoal& goal, absl::TimeZone zone) {
  const std::string missing = Missing(goal);
  const std::string& told =
      goal.describe.empty() ? Words(goal.id) : goal.describe;
  // What it asks besides is not known: it says what it is.
  if (missing.empty()) {
    return absl::StrCat("The ", base::av(Name(goal.kind)), " ", Words(goal.id),
                        ": ", told, Until(goal, zone), ".");
  }
  return absl::StrCat(GoalTo(goal), ": ", missing,
                      goal.analysed ? "" : ", and more that is asked",
                      Until(goal, zone), ".");
}

}  // namespace loyalty::engine
