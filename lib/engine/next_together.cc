// SPDX-License-Identifier: Apache-2.0
//
// See next_together.h; core/goals.h says what the counters are.
#include "engine/next_together.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "base/window.h"
#include "core/counters.h"
#include "core/goals.h"
#include "core/membership.h"
#include "loyalty/next_steps.h"
#include "rules/frame.h"
#include "rules/metric.h"

namespace loyalty::engine {
namespace {

using rules::Quest;

// Of one quest, those of which the least is missing.
constexpr size_t kMostTeams = 3;

const model::EntityState& StateOf(const model::EntityState* whole) {
  static const model::EntityState& nothing = *new model::EntityState();
  return whole == nullptr ? nothing : *whole;
}

// A quest as often as it is to be done for the member's next share, by what
// counters say.
struct NextTime {
  const Quest& quest;
  int64_t window = 0;
  model::Entity of = {};
  int64_t times = 1;

  core::Goal goal() const { return {quest, window, of}; }
  // Of the step, for this time.
  int64_t Done(const rules::QuestStep& step,
               const model::EntityState& whole) const {
    const int64_t all = whole.Counter({.name = step.counter, .window = window});
    return std::clamp<int64_t>(all - (times - 1) * step.goal, 0, step.goal);
  }
  int64_t Asked() const { return times * quest.min_contribution; }
  int64_t Own(const model::EntityState& member) const {
    return std::max<int64_t>(0, member.Counter(goal().OwnPart()));
  }
  int64_t Left(const model::EntityState& whole) const {
    int64_t left = 0;
    for (const rules::QuestStep& step : quest.steps) {
      left += step.goal - Done(step, whole);
    }
    return left;
  }
  // The share is given with what makes it due, or waits for nothing but
  // Engine::ShareGoals.
  bool IsDue(const Stands& at) const {
    const int64_t met = StateOf(at.whole).Counter(goal().Met());
    return core::SharesDue(quest, met, Own(at.member)) >= times;
  }
};

class TogetherFinder {
 public:
  TogetherFinder(const rules::CompiledProgram& program,
                 const model::EntityState& state, absl::Time at,
                 const Habits& habits, Rehearsal& rehearsal)
      : program_(program),
        state_(state),
        at_(at),
        habits_(habits),
        rehearsal_(rehearsal) {}

  absl::Status AddTo(std::vector<Goal>& goals) {
    // Who is suspended is given no share.
    if (state_.Counter(core::SuspendedCounter()) != 0) return absl::OkStatus();
    for (size_t i = 0; i < program_.quests.size(); ++i) {
      const Quest& quest = program_.quests[i];
      if (!quest.is_together() || !quest.IsOpenAt(at_)) continue;
      std::vector<std::pair<int64_t, Goal>> found;
      for (const model::Entity& of : WorkedFor(static_cast<int>(i))) {
        ASSIGN_OR_RETURN(const auto whole, rehearsal_.Find(of));
        std::optional<Goal> goal = GoalOf(static_cast<int>(i), of, whole.get());
        if (!goal.has_value()) continue;
        const int64_t missing = goal->missing(
            {.member = state_, .whole = whole.get(), .time = at_});
        found.emplace_back(missing, *std::move(goal));
      }
      std::stable_sort(
          found.begin(), found.end(),
          [](const auto& a, const auto& b) { return a.first < b.first; });
      if (found.size() > kMostTeams) {
        found.erase(found.begin() + kMostTeams, found.end());
      }
      for (auto& [missing, goal] : found) goals.push_back(std::move(goal));
    }
    return absl::OkStatus();
  }

 private:
  // The program, or the teams for which the member acts: in this window, or
  // else when they last did.
  std::set<model::Entity> WorkedFor(int number) const {
    const Quest& quest = program_.quests[static_cast<size_t>(number)];
    if (quest.of == Quest::Of::kProgram) return {model::Entity{}};
    const int64_t now =
        base::WindowStart(at_, quest.period, program_.time_zone);
    int64_t newest = std::numeric_limits<int64_t>::min();
    std::set<model::Entity> teams;
    for (const auto& [counter, value] : state_.counters) {
      const bool is_of_it = counter.name == quest.joined_counter ||
                            counter.name == quest.done_counter;
      if (!is_of_it || value == 0 || counter.window > now) continue;
      if (counter.window > newest) teams.clear();
      if (counter.window < newest) continue;
      newest = counter.window;
      teams.insert(counter.key.entity());
    }
    return teams.empty() ? NamedLast(number) : teams;
  }

  // Those that the newest act that could have counted for it was for.
  std::set<model::Entity> NamedLast(int number) const {
    std::set<model::Entity> teams;
    absl::Time newest = absl::InfinitePast();
    for (const auto& [rule, event] : habits_.newest) {
      const rules::EventType* const type = program_.TypeOf(event.type);
      if (type == nullptr || event.time < newest || event.time > at_) continue;
      for (const rules::Metric& metric : type->metrics) {
        const rules::MetricTerms& terms = program_.metrics[metric.number];
        if (terms.kind != rules::MetricKind::kGoal || terms.quest != number) {
          continue;
        }
        std::set<model::Entity> named;
        if (metric.team != rules::kTheTarget) {
          rules::ForEachNamed(*type, metric.team, event,
                              [&](const std::string& id) {
                                named.insert(core::ObjectEntity(id));
                              });
        } else if (event.target.has_value()) {
          named.insert(core::ObjectEntity(*event.target));
        }
        if (named.empty()) continue;
        newest = event.time;
        teams = std::move(named);
      }
    }
    return teams;
  }

  // nullopt: the member has had all shares of it, or has the next one coming.
  std::optional<Goal> GoalOf(int number, const model::Entity& of,
                             const model::EntityState* whole) const {
    const Quest& quest = program_.quests[static_cast<size_t>(number)];
    NextTime next{
        .quest = quest,
        .window = base::WindowStart(at_, quest.period, program_.time_zone),
        .of = of};
    const int64_t met = StateOf(whole).Counter(next.goal().Met());
    const int64_t due = core::SharesDue(quest, met, next.Own(state_));
    const int64_t had = state_.Counter(next.goal().Shared());
    const int64_t before = std::max(due, had);
    if (quest.IsDone(before)) return std::nullopt;
    next.times = before + 1;
    Goal goal;
    goal.told = {.kind = NextGoal::Kind::kQuest,
                 .id = quest.id,
                 .describe = quest.describe,
                 .together = true,
                 .object = of.id};
    const absl::Time end = std::min(
        quest.until, base::WindowEnd(at_, quest.period, program_.time_zone));
    if (end != absl::InfiniteFuture()) goal.told.before = end;
    AddAwards(program_, program_.badges[quest.badge], goal.told);
    for (const rules::QuestStep& step : quest.steps) {
      goal.told.needs.push_back({.what = step.id,
                                 .have = next.Done(step, StateOf(whole)),
                                 .want = step.goal});
    }
    goal.told.needs.push_back({.what = absl::StrCat("own.", quest.id),
                               .have = next.Own(state_),
                               .want = next.Asked()});
    AddInputs(number, goal);
    SetMissing(next, goal);
    return goal;
  }

  // What steps that lack something count, and how much; of a whole that lacks
  // nothing, all.
  void AddInputs(int number, Goal& goal) const {
    const NextNeed& own = goal.told.needs.back();
    const bool lacks =
        std::any_of(goal.told.needs.begin(), goal.told.needs.end() - 1,
                    [](const NextNeed& need) { return need.missing() > 0; });
    for (const rules::EventType& type : program_.event_types) {
      for (const rules::Metric& metric : type.metrics) {
        const rules::MetricTerms& terms = program_.metrics[metric.number];
        if (terms.kind != rules::MetricKind::kGoal || terms.quest != number) {
          continue;
        }
        const int64_t missing =
            goal.told.needs[static_cast<size_t>(terms.step)].missing();
        if (lacks && missing == 0) continue;
        goal.inputs.metrics.insert(metric.number);
        if (!metric.amount.has_value()) continue;
        for (const rules::Attribute& attribute : type.attributes) {
          if (metric.amount->source() != "event." + attribute.name) continue;
          std::set<int64_t> amounts = {own.missing(), missing};
          for (const int64_t amount : amounts) {
            if (amount == 0) continue;
            goal.amounts.push_back({type.id, attribute.name, amount});
          }
        }
      }
    }
  }

  // It is reached with the member's share of it.
  static void SetMissing(const NextTime& next, Goal& goal) {
    goal.whole = {
        .of = next.of,
        .left =
            [next](const Stands& at) { return next.Left(StateOf(at.whole)); },
        .own =
            [next](const Stands& at) {
              return next.Asked() - next.Own(at.member);
            }};
    goal.missing =
        [next, first = goal.told.needs.back().missing()](const Stands& at) {
          const int64_t own = next.Asked() - next.Own(at.member);
          // What is more than was asked may make an act needless.
          if (next.IsDue(at)) {
            return first > 0 ? -MissingOf({{-own, first}}) : int64_t{0};
          }
          std::vector<Piece> parts = {{own, first}};
          for (const rules::QuestStep& step : next.quest.steps) {
            parts.push_back(
                {step.goal - next.Done(step, StateOf(at.whole)), step.goal});
          }
          return std::max<int64_t>(1, MissingOf(parts));
        };
  }

  const rules::CompiledProgram& program_;
  const model::EntityState& state_;
  const absl::Time at_;
  const Habits& habits_;
  Rehearsal& rehearsal_;
};

}  // namespace

absl::Status AddGoalsTogether(const rules::CompiledProgram& program,
                              const model::EntityState& state, absl::Time at,
                              const Habits& habits, Rehearsal& rehearsal,
                              std::vector<Goal>& goals) {
  return TogetherFinder(program, state, at, habits, rehearsal).AddTo(goals);
}

}  // namespace loyalty::engine
