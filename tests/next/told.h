// SPDX-License-Identifier: Apache-2.0
//
// A community that was told events, and another that is told the same and then
// what next steps propose.
#ifndef LOYALTY_TESTS_NEXT_TOLD_H_
#define LOYALTY_TESTS_NEXT_TOLD_H_

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"
#include "loyalty/engine.h"

namespace loyalty::testing {

using Kind = NextGoal::Kind;

inline constexpr NextStepsOptions kAll = {.how_many = 1000, .ways = 5};

inline std::vector<NextGoal> Next(Community& community,
                                  const std::string& member, absl::Time at,
                                  const NextStepsOptions& options = kAll) {
  auto goals = (*community.engine().Query())->NextSteps(member, at, options);
  if (!goals.ok()) {
    ADD_FAILURE() << goals.status();
    return {};
  }
  return *std::move(goals);
}

inline const NextGoal* Find(const std::vector<NextGoal>& goals, Kind kind,
                            const std::string& id) {
  for (const NextGoal& goal : goals) {
    if (goal.kind == kind && (goal.id == id || goal.ladder == id)) return &goal;
  }
  ADD_FAILURE() << "no goal " << Name(kind) << " " << id;
  return nullptr;
}

// The event as it was played, about something else each time.
inline Event Renamed(Event event, int64_t number) {
  const auto rename = [&](std::string& text) {
    if (text.starts_with(kMadeUp)) absl::StrAppend(&text, "x", number);
  };
  rename(event.id);
  if (event.actor.has_value()) rename(*event.actor);
  if (event.target.has_value()) rename(*event.target);
  for (auto& [name, value] : event.attributes) {
    if (const auto* text = std::get_if<std::string>(&value.get())) {
      std::string renamed = *text;
      rename(renamed);
      value = std::move(renamed);
    }
  }
  return event;
}

// How the member is with what many do together, for that team; "": everybody.
inline QuestStanding PartOf(Community& community, const std::string& member,
                            const std::string& quest, const std::string& object,
                            absl::Time at) {
  const auto now = (*community.engine().Query())->Member(member, at);
  for (const QuestStanding& standing : now->quests) {
    if (standing.quest == quest && standing.object == object) return standing;
  }
  return {};
}

// Whether the way led as far as it says.
inline bool LedTogether(const QuestStanding& before, const QuestStanding& after,
                        const NextGoal& goal, const NextWay& way) {
  const auto progress = [](const QuestStanding& standing) {
    int64_t sum = 0;
    for (const StepStanding& step : standing.steps) sum += step.progress;
    return sum;
  };
  if (way.left_to_others == 0) return after.times_done > before.times_done;
  const NextNeed& own = goal.needs.back();
  return own.missing() > 0 ? after.own >= own.want
                           : progress(after) > progress(before);
}

// Whether the goal is reached, of somebody who had not.
inline bool IsReached(Community& community, const std::string& member,
                      const NextGoal& goal, absl::Time at) {
  const MemberProfile now = *(*community.engine().Query())->Member(member, at);
  switch (goal.kind) {
    case Kind::kLevel:
    case Kind::kTier:
      for (const LadderStanding& standing : now.ladders) {
        if (standing.ladder == goal.ladder) return standing.level == goal.id;
      }
      return false;
    case Kind::kKeep:
      for (const LadderStanding& standing : now.ladders) {
        if (standing.ladder != goal.ladder) continue;
        return standing.tier.has_value() && standing.tier->to_keep == 0;
      }
      return false;
    case Kind::kBadge: return now.badges.contains(goal.id);
    case Kind::kQuest:
      for (const QuestStanding& quest : now.quests) {
        if (quest.quest == goal.id) return quest.times_done > 0;
      }
      return false;
    case Kind::kStreak:
    case Kind::kReach:
      for (const StreakStanding& streak : now.streaks) {
        if (streak.streak != goal.id) continue;
        return streak.length >= goal.needs.front().want;
      }
      return false;
    case Kind::kReward: {
      const auto offers = (*community.engine().Query())->Rewards(member, at);
      for (const RewardOffer& offer : *offers) {
        if (offer.reward == goal.id) return offer.available;
      }
    }
      return false;
  }
  return false;
}

// A community, and what it was told, so that another can be told the same.
class Told {
 public:
  explicit Told(std::string program)
      : program_(std::move(program)), community_(NewOne()) {}

  void Send(Event event) {
    if (event.id.empty()) event.id = absl::StrCat("e", events_.size());
    events_.push_back(event);
    community_->now = std::max(community_->now, event.time);
    community_->Send(event);
  }
  void Send(const std::string& type, const std::string& actor, absl::Time time,
            Attributes attributes = {}) {
    Send(Event{.type = type,
               .time = time,
               .actor = actor,
               .target = absl::StrCat("t", events_.size()),
               .attributes = std::move(attributes)});
  }

  Community& community() { return *community_; }

  // Plays all that is proposed, but for the last `less` acts of each way, and
  // says how many ways did not lead there.
  int WaysThatFail(const std::string& member, absl::Time at, int64_t less,
                   int& ways) {
    int fail = 0;
    for (const NextGoal& goal :
         Next(*community_, member, at, {.how_many = 20, .ways = 3})) {
      for (const NextWay& way : goal.ways) {
        ++ways;
        if (Leads(member, goal, way, way.acts - less)) continue;
        ++fail;
        if (less == 0) ADD_FAILURE() << goal.id << ": " << way.sentence;
      }
    }
    return fail;
  }

  bool Leads(const std::string& member, const NextGoal& goal,
             const NextWay& way, int64_t acts) {
    const std::unique_ptr<Community> other = After(way, acts);
    if (!goal.together) return IsReached(*other, member, goal, way.when);
    const auto part = [&](Community& community) {
      return PartOf(community, member, goal.id, goal.object, way.when);
    };
    return LedTogether(part(*community_), part(*other), goal, way);
  }

  // Another that was told the same, and then so many acts of the way.
  std::unique_ptr<Community> After(const NextWay& way, int64_t acts) const {
    std::unique_ptr<Community> other = NewOne();
    for (const Event& event : events_) {
      other->now = std::max(other->now, event.time);
      other->Send(event);
    }
    int64_t number = 0;
    for (const NextStep& step : way.steps) {
      for (int64_t i = 0; i < step.times && number < acts; ++i) {
        Event event = Renamed(step.example, ++number);
        event.time = step.time;
        other->now = std::max(other->now, event.time);
        other->Send(event);
      }
    }
    return other;
  }

 private:
  std::unique_ptr<Community> NewOne() const {
    return std::make_unique<Community>(program_);
  }

  std::string program_;
  std::vector<Event> events_;
  std::unique_ptr<Community> community_;
};

}  // namespace loyalty::testing

#endif  // LOYALTY_TESTS_NEXT_TOLD_H_
