// SPDX-License-Identifier: Apache-2.0
//
// loyalty quests: a member's quests and streaks, and how far each is.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "at.h"
#include "command.h"
#include "loyalty/queries.h"
#include "output.h"
#include "pursuits.h"

namespace loyalty::command {
namespace {

using Align = Table::Align;

// Until when it goes on.
std::string Now(const StreakStanding& streak) {
  if (!streak.act_before.has_value()) return "none goes on";
  return (streak.acted ? "goes on, until " : "ends ") +
         ShortTime(*streak.act_before);
}

Json TimeOrNull(const std::optional<absl::Time>& time) {
  return time.has_value() ? Json(Rfc3339(*time)) : Json(nullptr);
}

}  // namespace

void PrintStreaks(const std::vector<StreakStanding>& streaks) {
  if (!streaks.empty()) Print("Streaks\n");
  Table table({Align::kRight, Align::kLeft, Align::kLeft});
  for (const StreakStanding& streak : streaks) {
    table.Add({Grouped(streak.length), streak.streak,
               Now(streak) + ", the longest " + Grouped(streak.longest)});
  }
  table.Print(2);
}

void PrintQuests(const std::vector<QuestStanding>& quests) {
  if (!quests.empty()) Print("Quests\n");
  Table table({Align::kLeft, Align::kLeft, Align::kLeft});
  for (const QuestStanding& quest : quests) {
    std::string steps;
    for (const StepStanding& step : quest.steps) {
      steps += (steps.empty() ? "" : ", ") + step.step + " " +
               Grouped(step.progress) + " of " + Grouped(step.goal);
    }
    std::string name = quest.quest;
    if (!quest.object.empty()) name += " of " + quest.object;
    if (quest.together) {
      steps += ", together; " + Grouped(quest.own) + " of it done by them";
    }
    table.Add({name, std::string(Name(quest.state)), steps});
  }
  table.Print(2);
}

Json StreaksAsJson(const std::vector<StreakStanding>& streaks) {
  Json list = Json::array();
  for (const StreakStanding& streak : streaks) {
    Json rows = Json::array();
    for (const StreakRow& row : streak.rows) {
      rows.push_back({{"first", Rfc3339(row.first)},
                      {"last", Rfc3339(row.last)},
                      {"length", row.length}});
    }
    list.push_back({{"streak", streak.streak},
                    {"describe", streak.describe},
                    {"length", streak.length},
                    {"longest", streak.longest},
                    {"acted", streak.acted},
                    {"act_before", TimeOrNull(streak.act_before)},
                    {"freezes", streak.freezes},
                    {"rows", std::move(rows)}});
  }
  return list;
}

Json QuestsAsJson(const std::vector<QuestStanding>& quests) {
  Json list = Json::array();
  for (const QuestStanding& quest : quests) {
    Json steps = Json::array();
    for (const StepStanding& step : quest.steps) {
      steps.push_back({{"step", step.step},
                       {"describe", step.describe},
                       {"progress", step.progress},
                       {"goal", step.goal}});
    }
    list.push_back({{"quest", quest.quest},
                    {"describe", quest.describe},
                    {"state", Name(quest.state)},
                    {"on_request", quest.on_request},
                    {"times_done", quest.times_done},
                    {"together", quest.together},
                    {"object", quest.object},
                    {"own", quest.own},
                    {"times_met", quest.times_met},
                    {"end", TimeOrNull(quest.end)},
                    {"steps", std::move(steps)}});
  }
  return list;
}

Exit Quests(const QuestsOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAskedOfNow(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const absl::StatusOr<MemberProfile> profile =
      (*queries)->Member(options.member, *at);
  if (!profile.ok()) return QueryFailed(profile.status());
  if (options.json) {
    PrintJson({{"member", profile->member},
               {"quests", QuestsAsJson(profile->quests)},
               {"streaks", StreaksAsJson(profile->streaks)}});
  } else {
    if (profile->quests.empty() && profile->streaks.empty()) {
      Print(Printable(profile->member) + " has no quests and no streaks.\n");
    }
    PrintQuests(profile->quests);
    PrintStreaks(profile->streaks);
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
