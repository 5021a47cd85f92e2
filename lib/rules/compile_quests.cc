// SPDX-License-Identifier: Apache-2.0
//
// Quests: whether what they say goes together, and what each event type asks
// of them. See compiler.h.
#include <absl/strings/str_cat.h>

#include <algorithm>

#include "base/amounts.h"
#include "rules/compiler.h"

namespace loyalty::rules {
namespace {

constexpr size_t kMostSteps = 100;

}  // namespace

// Behind the names of badges, of which theirs are the last.
void Compiler::QuestNames() {
  size_t badge = out_.badges.size() - spec_.quests.size();
  for (size_t i = spec_.streaks.size(); i > 0; --i) {
    for (size_t n = spec_.streaks[i - 1].reaches.size(); n > 0; --n) {
      badge -= 1;
      out_.badges[badge].streak = static_cast<int>(i - 1);
    }
  }
  badge = out_.badges.size() - spec_.quests.size();
  std::set<std::string> seen;
  for (const model::QuestSpec& spec : spec_.quests) {
    const std::string what = absl::StrCat("quest \"", spec.id.text, "\"");
    ValidId(spec.id, "quest", false);
    Unique(seen, spec.id, "quest");
    During during;
    Span(spec.from, spec.until, what, during);
    Quest quest{.id = spec.id.text,
                .describe = spec.describe.text,
                .badge = static_cast<int>(badge),
                .on_request = spec.on_request,
                .from = during.from,
                .until = during.until,
                .period = spec.period,
                .times = spec.times,
                .in_order = spec.in_order,
                .joined_counter = "quest:" + spec.id.text,
                .done_counter = "quest_done:" + spec.id.text,
                .before_counter = "quest_before:" + spec.id.text};
    if (spec.times < 0) {
      Error(spec.times_at, absl::StrCat(what, ": times ", spec.times),
            "How often it can be done: 1 or more, or 0 for any number.");
    }
    if (spec.steps.empty()) {
      Error(spec.id.at, what + " has no step",
            "Add  step { id: \"posts\" on: \"post\" goal: 3 }");
    }
    if (spec.steps.size() > kMostSteps) {
      Error(spec.id.at, absl::StrCat(what, " has ", spec.steps.size(),
                                     " steps; the most is ", kMostSteps));
    }
    std::set<std::string> steps;
    for (const model::StepSpec& step : spec.steps) {
      Unique(steps, step.id, what + ", step");
      quest.steps.push_back(CompiledStep(step, spec.id.text, what));
      if (spec.in_order && quest.steps.back().is_value) {
        Error(step.value.at,
              absl::StrCat(what, " is in order, and step \"", step.id.text,
                           "\" is a value, which rises when it does"),
              "Leave in_order out, or count events in this step.");
      }
    }
    Together(spec, what, quest);
    out_.badges[badge].quest = static_cast<int>(out_.quests.size());
    (quest.is_together() ? out_.badges[badge].is_revoked
                         : out_.badges[badge].goes_with_event) = spec.revoke;
    out_.quests.push_back(std::move(quest));
    ++badge;
  }
}

// What many do is counted, and nobody asks to be one of them.
void Compiler::Together(const model::QuestSpec& spec, const std::string& what,
                        Quest& quest) {
  if (spec.together.empty()) {
    if (spec.min_contribution.has_value()) {
      Error(
          spec.min_contribution_at,
          what + " says min_contribution, and each does it for themselves",
          "Leave it out, or add  together: \"everybody\",  or a team's OBJECT "
          "attribute as \"event.team\".");
    }
    return;
  }
  const auto refuse = [&](bool says, model::Place at, const char* that,
                          const char* advice) {
    if (says)
      Error(at, absl::StrCat(what, " is done together, ", that), advice);
  };
  refuse(spec.on_request, spec.together.at, "and joined on request",
         "Leave join out: who acts takes part.");
  refuse(!spec.when.empty(), spec.when.at, "and says who may do it",
         "Leave when out, or say in the steps which acts count.");
  refuse(spec.in_order, spec.together.at, "and in order",
         "Leave in_order out: what counts would depend on who came first.");
  for (const model::StepSpec& step : spec.steps) {
    refuse(
        !step.value.empty(), step.value.at,
        "and a step is a value, which is one member's",
        "Count events in this step: on: \"post\"  or  sum: \"event.units\".");
  }
  quest.min_contribution = spec.min_contribution.value_or(1);
  refuse(
      quest.min_contribution < 1 || quest.min_contribution > base::kMaxAmount,
      spec.min_contribution_at, "and min_contribution is out of range",
      "Let it be 1 or more: who did nothing takes no part.");
  quest.of = spec.together.text == "everybody" ? Quest::Of::kProgram
                                               : Quest::Of::kObject;
  const auto named = [&](const char* prefix) {
    return model::Symbol(absl::StrCat(prefix, quest.id));
  };
  quest.joined_counter = named("goal:");
  quest.done_counter = named("goal_done:");
  quest.by_counter = named("goal_by:");
  quest.met_counter = named("goal_met:");
  quest.left_counter = named("goal_left:");
  const int number = static_cast<int>(out_.quests.size());
  out_.goals.emplace(quest.by_counter, number);
  for (QuestStep& step : quest.steps) {
    step.counter = absl::StrCat("goal:", quest.id, "/", step.id);
    out_.goals.emplace(step.counter, number);
  }
}

QuestStep Compiler::CompiledStep(const model::StepSpec& spec,
                                 const std::string& quest,
                                 const std::string& what) {
  const std::string where = absl::StrCat(what, ", step \"", spec.id.text, "\"");
  ValidId(spec.id, what + ", step", false);
  if (spec.on.empty() == spec.value.empty()) {
    Error(spec.id.at,
          where + (spec.on.empty() ? " says neither on nor value"
                                   : " says both on and value"),
          "Say  on: \"post\" goal: 3  to count events, or  value: "
          "\"earned.points\" goal: 50  for a number that has to rise.");
  }
  const bool counts =
      !spec.when.empty() || !spec.per.empty() || !spec.sum.empty();
  if (spec.on.empty() && counts) {
    Error(spec.id.at, where + " says when, per or sum, and counts no events",
          "Say  on:  which, or put it all into value.");
  }
  if (spec.goal < 1 || spec.goal > base::kMaxAmount) {
    Error(spec.goal_at,
          absl::StrCat(where, ": a goal of ", spec.goal, " cannot be come to"),
          "Let it be 1 or more.");
  }
  return {.id = spec.id.text,
          .describe = spec.describe.text,
          .goal = spec.goal,
          .counter = absl::StrCat("quest:", quest, "/", spec.id.text),
          .is_value = spec.on.empty()};
}

void Compiler::QuestsOf(EventType& type) {
  const auto compiled = [&](const model::Text& source, cel::Type result,
                            const std::string& where) {
    auto expression =
        Expression(source, Scope::kEverybodyBadge, std::move(result), where);
    Note(type, expression);
    if (!expression.has_value()) return expression;
    const bool reads_object = std::any_of(
        expression->slots_used().begin(), expression->slots_used().end(),
        [&](uint32_t slot) {
          const int s = numbered_[slot];
          return s >= out_.slots.ObjectMetric(0) && s < out_.slots.Attribute(0);
        });
    if (reads_object) {
      Error(source.at, where + " reads object.*",
            "Read what the member has: a quest is a member's.");
    }
    return expression;
  };
  for (size_t i = 0; i < spec_.quests.size() && !IsFull(); ++i) {
    const model::QuestSpec& spec = spec_.quests[i];
    const std::string what = absl::StrCat("quest \"", spec.id.text, "\"");
    AskedQuest& asked = type.quests.emplace_back();
    const auto badge = std::find_if(type.badges.begin(), type.badges.end(),
                                    [&](const AskedBadge& one) {
                                      return one.badge == out_.quests[i].badge;
                                    });
    asked.badge = static_cast<int>(badge - type.badges.begin());
    if (!spec.when.empty()) {
      asked.when = compiled(spec.when, cel::Type::Bool(), what + ", when");
    }
    for (const model::StepSpec& step : spec.steps) {
      const std::string where =
          absl::StrCat(what, ", step \"", step.id.text, "\", value");
      asked.values.push_back(
          step.value.empty() ? std::nullopt
                             : compiled(step.value, cel::Type::Int(), where));
      const auto& value = asked.values.back();
      if (value.has_value() && value->slots_used().empty()) {
        Warn(step.value.at, where + " is always the same, and never rises",
             "Read what the member has, as \"earned.points\".");
      }
    }
  }
}

}  // namespace loyalty::rules
