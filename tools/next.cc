// SPDX-License-Identifier: Apache-2.0
//
// loyalty next: what would reach a member's next levels, badges, quests and
// rewards soonest.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "at.h"
#include "command.h"
#include "loyalty/json.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

Json EventAsJson(const Event& event) { return Json::parse(ToJson(event)); }

Json StepAsJson(const NextStep& step) {
  Json json = {{"rule", step.rule},
               {"describe", step.describe},
               {"by_member", step.by_member},
               {"times", step.times},
               {"time", Rfc3339(step.time)},
               {"units", step.units},
               {"left", nullptr},
               {"left_until", nullptr},
               {"asked_for", step.asked_for},
               {"as_last_time", step.as_last_time},
               {"example", EventAsJson(step.example)},
               {"sentence", step.sentence}};
  if (step.left.has_value()) json["left"] = *step.left;
  if (step.left_until != absl::InfiniteFuture()) {
    json["left_until"] = Rfc3339(step.left_until);
  }
  return json;
}

Json GoalAsJson(const NextGoal& goal) {
  Json json = {{"kind", Name(goal.kind)},   {"id", goal.id},
               {"ladder", goal.ladder},     {"describe", goal.describe},
               {"together", goal.together}, {"object", goal.object},
               {"needs", Json::array()},    {"privileges", goal.privileges},
               {"awards", Json::array()},   {"before", nullptr},
               {"analysed", goal.analysed}, {"ways", Json::array()},
               {"sentence", goal.sentence}};
  for (const NextNeed& need : goal.needs) {
    json["needs"].push_back(
        {{"what", need.what}, {"have", need.have}, {"want", need.want}});
  }
  for (const NextGoal::Award& award : goal.awards) {
    json["awards"].push_back(
        {{"currency", award.currency}, {"units", award.units}});
  }
  if (goal.before.has_value()) json["before"] = Rfc3339(*goal.before);
  for (const NextWay& way : goal.ways) {
    Json steps = Json::array();
    for (const NextStep& step : way.steps) steps.push_back(StepAsJson(step));
    json["ways"].push_back({{"acts", way.acts},
                            {"days", way.days},
                            {"when", Rfc3339(way.when)},
                            {"left_to_others", way.left_to_others},
                            {"sentence", way.sentence},
                            {"steps", std::move(steps)}});
  }
  return json;
}

// What reaching it comes with.
std::string Gives(const NextGoal& goal) {
  std::string gives;
  const auto add = [&](const std::string& one) {
    gives += (gives.empty() ? "" : ", ") + one;
  };
  for (const std::string& privilege : goal.privileges) add(privilege);
  for (const NextGoal::Award& award : goal.awards) {
    add(Grouped(award.units) + " " + award.currency);
  }
  return gives;
}

// What limits leave now of what the way begins with, where it is not more than
// that.
void PrintLimits(const NextWay& way) {
  for (const NextStep& step : way.steps) {
    const bool is_near = step.left.has_value() && *step.left <= step.times;
    if (step.time != way.steps.front().time || !is_near) continue;
    if (step.left_until == absl::InfiniteFuture()) continue;
    Print("    " + PrintableLine(step.sentence) + "\n");
  }
}

void PrintGoals(const std::vector<NextGoal>& goals) {
  if (goals.empty()) Print("There is nothing left to reach.\n");
  for (const NextGoal& goal : goals) {
    Print(PrintableLine(goal.sentence) + "\n");
    for (size_t i = 0; i < goal.ways.size(); ++i) {
      if (i > 0)
        Print("    or: " + PrintableLine(goal.ways[i].sentence) + "\n");
    }
    if (!goal.ways.empty()) PrintLimits(goal.ways.front());
    const std::string gives = Gives(goal);
    if (!gives.empty()) Print("    it comes with " + Printable(gives) + "\n");
  }
}

}  // namespace

Exit Next(const NextOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAskedOfNow(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const absl::StatusOr<std::vector<NextGoal>> goals =
      (*queries)->NextSteps(options.member, *at, {.how_many = options.limit});
  if (!goals.ok()) return QueryFailed(goals.status());
  if (options.json) {
    for (const NextGoal& goal : *goals) PrintJson(GoalAsJson(goal));
  } else {
    PrintGoals(*goals);
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
