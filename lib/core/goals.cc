// SPDX-License-Identifier: Apache-2.0
//
// See goals.h.
#include "core/goals.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/leg.h"
#include "core/membership.h"

namespace loyalty::core {
namespace {

using rules::MetricKind;
using rules::Quest;

// A member is given so many shares in one leg, as badges that count are.
constexpr int64_t kMostSharesAtOnce = 100;

// How often it has been met, by all that was done.
int64_t TimesMet(const Leg& leg, const Quest& quest, int64_t window) {
  int64_t met =
      quest.times > 0 ? quest.times : std::numeric_limits<int64_t>::max();
  for (const rules::QuestStep& step : quest.steps) {
    const int64_t done = leg.Counter({.name = step.counter, .window = window});
    met = std::min(met, std::max<int64_t>(done, 0) / step.goal);
  }
  return met;
}

// What the event brought the step forward, told to who did it.
void TellProgress(Leg& leg, const Goal& goal, const rules::QuestStep& step,
                  const std::string& member) {
  const model::CounterKey counter{.name = step.counter, .window = goal.window};
  const int64_t met = leg.Counter(goal.Met());
  const auto shown = [&](int64_t done) {
    return StepProgress(goal.quest, step, met, done);
  };
  const int64_t now = shown(leg.Counter(counter));
  if (now == shown(leg.state.entity.Counter(counter))) return;
  leg.Report(QuestMoved{.kind = QuestMoved::Kind::kProgressed,
                        .member = member,
                        .quest = goal.quest.id,
                        .step = step.id,
                        .progress = now,
                        .goal = step.goal,
                        .object = goal.of.id});
}

// Those of the program whose counters the leg has changed, and by whom: "" if
// by nobody in particular.
using Changed = std::map<std::pair<int, int64_t>, std::vector<std::string>>;

Changed ChangedGoals(const Leg& leg) {
  Changed changed;
  for (const auto& [counter, value] : leg.now.counters) {
    const auto goal = leg.program.goals.find(counter.name);
    if (goal == leg.program.goals.end()) continue;
    std::vector<std::string>& members = changed[{goal->second, counter.window}];
    if (!counter.key.empty()) members.push_back(counter.key.id());
  }
  return changed;
}

}  // namespace

model::CounterKey Goal::Met() const {
  return {.name = quest.met_counter, .window = window};
}

model::CounterKey Goal::By(const model::Entity& member) const {
  return {.name = quest.by_counter, .window = window, .key = member};
}

model::CounterRange Goal::ByAll() const {
  return {.name = quest.by_counter,
          .from = window,
          .to = window,
          .key = {},
          .any_key = true};
}

model::CounterKey Goal::OwnPart() const {
  return {.name = quest.joined_counter, .window = window, .key = of};
}

model::CounterKey Goal::Shared() const {
  return {.name = quest.done_counter, .window = window, .key = of};
}

model::CounterKey Goal::Left() const {
  // Always with a key, so that those there are can be listed.
  static const model::Entity everybody = {model::Entity::Kind::kObject, "*"};
  return {.name = quest.left_counter,
          .window = window,
          .key = quest.of == Quest::Of::kProgram ? everybody : of};
}

int64_t SharesDue(const Quest& quest, int64_t met, int64_t own) {
  return std::min(met, std::max<int64_t>(own, 0) / quest.min_contribution);
}

int64_t StepProgress(const Quest& quest, const rules::QuestStep& step,
                     int64_t met, int64_t done) {
  if (quest.IsDone(met)) return step.goal;
  return std::clamp<int64_t>(done - met * step.goal, 0, step.goal);
}

void ListGoals(const rules::CompiledProgram& program, model::ReadSet& read) {
  std::vector<model::CounterKey> more;
  for (const model::CounterKey& counter : read.counters) {
    const auto found = program.goals.find(counter.name);
    if (found == program.goals.end()) continue;
    const Quest& quest = program.quests[found->second];
    more.push_back({.name = quest.met_counter, .window = counter.window});
    for (const rules::QuestStep& step : quest.steps) {
      more.push_back({.name = step.counter, .window = counter.window});
    }
  }
  read.counters.insert(read.counters.end(), more.begin(), more.end());
}

void SendToGoals(Leg& leg) {
  std::vector<model::Entity> sent;
  for (const Counted& counted : leg.cause.counted) {
    const model::Entity& entity = counted.entity;
    if (counted.kind != MetricKind::kGoal || !counted.amount.ok() ||
        entity.kind == model::Entity::Kind::kMember ||
        std::find(sent.begin(), sent.end(), entity) != sent.end()) {
      continue;
    }
    sent.push_back(entity);
    leg.decision.messages.push_back({.entity = entity,
                                     .what = ActForGoal{},
                                     .actor = nullptr,
                                     .object = nullptr});
  }
}

void CountForGoals(Leg& leg) {
  Count(leg);
  for (const Counted& counted : leg.cause.counted) {
    if (counted.kind != MetricKind::kGoal || !counted.amount.ok() ||
        counted.entity != leg.now.entity || counted.counter.key.empty()) {
      continue;
    }
    const rules::MetricTerms& terms =
        leg.program.metrics[leg.cause.type->metrics[counted.metric].number];
    const Quest& quest = leg.program.quests[terms.quest];
    TellProgress(leg, {quest, counted.counter.window, leg.now.entity},
                 quest.steps[terms.step], counted.counter.key.id());
  }
}

void StepGoals(Leg& leg) {
  for (auto& [which, members] : ChangedGoals(leg)) {
    const Quest& quest = leg.program.quests[which.first];
    const Goal goal{quest, which.second, leg.now.entity};
    const int64_t was = leg.Counter(goal.Met());
    const int64_t met = TimesMet(leg, quest, goal.window);
    if (met == 0 && was == 0) continue;
    if (met != was) {
      leg.SetCounter(goal.Met(), met);
      leg.Report(QuestMoved{.kind = QuestMoved::Kind::kMet,
                            .quest = quest.id,
                            .progress = met,
                            .object = goal.of.id});
    }
    leg.decision.goals.push_back({.of = goal.of,
                                  .quest = which.first,
                                  .window = goal.window,
                                  .of_all = met != was,
                                  .members = std::move(members)});
  }
}

void GiveShare(Leg& leg, const ShareGoal& share) {
  if (!leg.now.exists) return;
  Begin(leg);
  const Quest& quest = leg.program.quests[share.quest];
  const rules::Badge& badge = leg.program.badges[quest.badge];
  const Goal goal{quest, share.window, share.of};
  const int64_t due = SharesDue(quest, share.met, leg.Counter(goal.OwnPart()));
  const int64_t had = leg.Counter(goal.Shared());
  const bool merges = leg.event.type == kMerge;
  std::optional<std::string> team;
  if (quest.of == Quest::Of::kObject) team = goal.of.id;
  if (due > had) {
    if (leg.Counter(ErasedCounter()) != 0) return;
    if (IsSuspended(leg)) {
      return leg.Note("quest:" + quest.id,
                      "a member who is suspended has no share of it");
    }
    rules::Frame frame = *leg.cause.frame;
    frame.SetHolder(leg.before());
    frame.SetMember(leg.before());
    const int64_t now = std::min(due, had + kMostSharesAtOnce);
    const auto& asked = leg.cause.type->quests[share.quest];
    for (int64_t n = had; n < now; ++n) {
      WinBadge(leg, frame, leg.cause.type->badges[asked.badge], team);
    }
    leg.SetCounter(goal.Shared(), now);
  } else if (due < had && (merges || badge.is_revoked)) {
    // What both of two were given for it stays, but not that they did it twice.
    const int64_t now = merges ? std::max(due, share.kept) : due;
    for (int64_t n = now; n < had; ++n) {
      leg.decision.lost.push_back({.badge = quest.badge,
                                   .member = leg.now.entity.id,
                                   .object = team,
                                   .keeps_awards = merges});
    }
    leg.SetCounter(goal.Shared(), now);
  }
}

void LookAtShares(Leg& leg, const model::EntityState& other) {
  for (size_t i = 0; i < leg.program.quests.size(); ++i) {
    const Quest& quest = leg.program.quests[i];
    if (!quest.is_together()) continue;
    for (const auto& [counter, own] : other.counters) {
      const bool is_of_it = counter.name == quest.joined_counter ||
                            counter.name == quest.done_counter;
      if (!is_of_it || own == 0) continue;
      const model::CounterKey shared{.name = quest.done_counter,
                                     .window = counter.window,
                                     .key = counter.key};
      leg.decision.goals.push_back(
          {.of = counter.key.entity(),
           .quest = static_cast<int>(i),
           .window = counter.window,
           .kept = std::max(other.Counter(shared),
                            leg.state.entity.Counter(shared)),
           .members = {leg.now.entity.id}});
    }
  }
}

}  // namespace loyalty::core
