// SPDX-License-Identifier: Apache-2.0
//
// See expand.h.
#include "rules/expand.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <set>
#include <string>
#include <utility>

namespace loyalty::rules {
namespace {

using model::BadgeSpec;
using model::MetricSpec;
using Made = MetricSpec::Made;

BadgeSpec BadgeNamed(std::string id, model::Place at, std::string made_of) {
  BadgeSpec badge;
  badge.rule.id = {"badge:" + id, at};
  badge.id = {std::move(id), at};
  badge.made_of = std::move(made_of);
  return badge;
}

class Expansion {
 public:
  explicit Expansion(const model::ProgramSpec& spec) : out_(spec) {}

  model::ProgramSpec Run() {
    for (size_t i = 0; i < out_.streaks.size(); ++i) {
      AddStreak(out_.streaks[i], static_cast<int>(i));
    }
    for (size_t i = 0; i < out_.quests.size(); ++i) {
      AddQuest(out_.quests[i], static_cast<int>(i));
    }
    for (const model::EventTypeSpec& type : out_.event_types) {
      for (const model::AttributeSpec& attribute : type.attributes) {
        if (attribute.recall.has_value()) AddSaid(type, attribute);
      }
    }
    return std::move(out_);
  }

 private:
  MetricSpec& AddMetric(model::Text id, Made made, int of,
                        std::string made_of) {
    MetricSpec& metric = out_.metrics.emplace_back();
    metric.id = std::move(id);
    metric.made = made;
    metric.of = of;
    metric.made_of = std::move(made_of);
    return metric;
  }

  void AddStreak(const model::StreakSpec& streak, int number) {
    const std::string what = absl::StrCat("streak \"", streak.id.text, "\"");
    MetricSpec& counted = AddMetric(streak.id, Made::kStreak, number, what);
    counted.on = streak.on;
    counted.when = streak.when;
    counted.per = streak.per;
    AddMetric(streak.id, Made::kLongest, number, what);
    for (const model::ReachSpec& reach : streak.reaches) {
      const bool again = reach.every > 0;
      const int64_t length = again ? reach.every : reach.at;
      const std::string name =
          absl::StrCat(again ? "every" : "at", "_", length);
      MetricSpec& reached =
          AddMetric({absl::StrCat(name, ".", streak.id.text), reach.at_place},
                    Made::kReached, number, what);
      reached.length = length;
      reached.again = again;
      BadgeSpec badge = BadgeNamed(
          absl::StrCat(streak.id.text, "/", again ? "every" : "", length),
          reach.at_place, what);
      badge.count = {"streak_" + reached.id.text, reach.at_place};
      badge.rule.describe =
          reach.describe.empty() ? streak.describe : reach.describe;
      badge.rule.awards = reach.awards;
      badge.revoke = reach.revoke;
      badge.revoke_at = reach.revoke_at;
      out_.badges.push_back(std::move(badge));
    }
  }

  void AddQuest(const model::QuestSpec& quest, int number) {
    const std::string what = absl::StrCat("quest \"", quest.id.text, "\"");
    BadgeSpec badge = BadgeNamed("quest/" + quest.id.text, quest.id.at, what);
    badge.rule.describe = quest.describe;
    badge.rule.awards = quest.awards;
    badge.manual = true;  // its steps say when
    out_.badges.push_back(std::move(badge));
    for (const model::StepSpec& step : quest.steps) {
      if (step.on.empty()) continue;
      MetricSpec& counted = AddMetric(
          {absl::StrCat(quest.id.text, "/", step.id.text), step.id.at},
          quest.together.empty() ? Made::kStep : Made::kGoal, number,
          absl::StrCat(what, ", step \"", step.id.text, "\""));
      counted.on = step.on;
      counted.when = step.when;
      counted.per = step.per;
      counted.sum = step.sum;
      counted.period = quest.period;
    }
  }

  // What says which events were about an object.
  void AddSaid(const model::EventTypeSpec& type,
               const model::AttributeSpec& attribute) {
    const model::RecallSpec& recall = *attribute.recall;
    const std::string id = SaidBy(recall);
    if (recall.event.empty() || !said_.insert(id).second) return;
    MetricSpec& said = AddMetric(
        {id, recall.at}, Made::kSaid, 0,
        absl::StrCat("event type \"", type.id.text, "\": attribute \"",
                     attribute.name.text, "\", recall"));
    said.on = {recall.event};
    said.per = recall.about;
    if (recall.about.empty() || recall.about.text == "target") {
      said.per = {"target", recall.at};
    } else {
      said.per.text = "event." + recall.about.text;
    }
  }

  model::ProgramSpec out_;
  std::set<std::string> said_;
};

}  // namespace

std::string SaidBy(const model::RecallSpec& recall) {
  return absl::StrCat(recall.event.text, "/",
                      recall.about.empty() ? "target" : recall.about.text);
}

bool HasMore(const model::ProgramSpec& spec) {
  return !spec.streaks.empty() || !spec.quests.empty() ||
         std::any_of(spec.event_types.begin(), spec.event_types.end(),
                     [](const model::EventTypeSpec& type) {
                       return std::any_of(
                           type.attributes.begin(), type.attributes.end(),
                           [](const model::AttributeSpec& attribute) {
                             return attribute.recall.has_value();
                           });
                     });
}

model::ProgramSpec Expanded(const model::ProgramSpec& spec) {
  return Expansion(spec).Run();
}

}  // namespace loyalty::rules
