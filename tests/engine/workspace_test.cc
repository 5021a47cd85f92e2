// SPDX-License-Identifier: Apache-2.0
//
// What is kept between events is memory, and nothing else.
#include "engine/workspace.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace loyalty::engine {
namespace {

using model::Entity;
using model::EntityState;

// `count` entities at most, so that there are few, or many.
EntityState SomeState(std::mt19937& random, int count) {
  const auto below = [&](int end) { return static_cast<int>(random() % end); };
  EntityState state;
  state.entity = {below(2) == 0 ? Entity::Kind::kMember : Entity::Kind::kObject,
                  std::to_string(below(count))};
  state.exists = true;
  state.since = absl::FromUnixSeconds(below(100));
  state.holdings["points"].balance = below(100);
  for (int i = below(4); i > 0; --i) {
    state.counters[{"counter", below(6)}] = below(100);
  }
  return state;
}

TEST(Touched, IsTheLastOfEachEntityAndAllOfItsCounters) {
  for (const int count : {2, 5, 40}) {
    std::mt19937 random(static_cast<unsigned>(count));
    Touched touched;
    for (int event = 0; event < 20; ++event) {
      std::map<Entity, EntityState> twins;
      for (int i = 0; i < 60; ++i) {
        const EntityState now = SomeState(random, count);
        touched.Keep(now);
        EntityState& twin = twins[now.entity];
        model::Counters counters = twin.counters;
        for (const auto& [key, value] : now.counters) counters[key] = value;
        twin = now;
        twin.counters = counters;
        const Entity asked = SomeState(random, count).entity;
        const EntityState* const found = touched.Find(asked);
        ASSERT_EQ(found != nullptr, twins.contains(asked));
        if (found == nullptr) continue;
        ASSERT_EQ(*found, twins[asked]);
      }
      std::vector<EntityState> states(3);  // of an earlier event
      touched.TakeTo(states);
      ASSERT_EQ(states.size(), twins.size());
      auto twin = twins.begin();
      for (const EntityState& state : states) {
        ASSERT_EQ(state, (twin++)->second);
      }
      ASSERT_EQ(touched.Find(states[0].entity), nullptr);
    }
  }
}

TEST(Workspace, HasNothingOfTheEventBefore) {
  std::mt19937 random(1);
  Workspace workspace;
  workspace.Begin(1, absl::UnixEpoch(), 1, Event{.id = "a", .actor = "ada"});
  workspace.delta.recorded.outcome.notes.push_back({"rule", "text"});
  workspace.delta.movements.resize(3);
  workspace.delta.states.resize(2);
  workspace.delta.reversed_events.push_back(7);
  workspace.delta.member_attributes.emplace_back("owner");
  workspace.delta.personal_attributes.emplace_back("address");
  workspace.decision.movements.resize(4);
  workspace.decision.effects.resize(4);
  workspace.decision.notes.resize(4);
  workspace.decision.messages.resize(4);
  workspace.decision.undo.resize(4);
  workspace.decision.rules_asked = 9;
  const EntityState state = SomeState(random, 9);
  workspace.touched.Keep(state);

  const Event event{.id = "b", .type = "like", .target = "post"};
  workspace.Begin(2, absl::FromUnixSeconds(5), 3, event);
  const model::RecordedEvent begun{.seq = 2,
                                   .recorded_at = absl::FromUnixSeconds(5),
                                   .program = 3,
                                   .event = event};
  EXPECT_EQ(workspace.delta.recorded, begun);
  EXPECT_TRUE(workspace.delta.movements.empty());
  EXPECT_TRUE(workspace.delta.states.empty());
  EXPECT_TRUE(workspace.delta.reversed_events.empty());
  EXPECT_TRUE(workspace.delta.member_attributes.empty());
  EXPECT_TRUE(workspace.delta.personal_attributes.empty());
  EXPECT_TRUE(workspace.decision.movements.empty());
  EXPECT_TRUE(workspace.decision.effects.empty());
  EXPECT_TRUE(workspace.decision.notes.empty());
  EXPECT_TRUE(workspace.decision.messages.empty());
  EXPECT_TRUE(workspace.decision.undo.empty());
  EXPECT_EQ(workspace.decision.rules_asked, 0);
  EXPECT_EQ(workspace.touched.Find(state.entity), nullptr);
}

TEST(Workspace, GivesBackWhatAnUnusualEventTook) {
  Workspace workspace;
  workspace.decision.movements.reserve(100'000);
  workspace.Begin(1, absl::UnixEpoch(), 1, Event{.id = "a"});
  EXPECT_LT(workspace.decision.movements.capacity(), 100'000u);
}

}  // namespace
}  // namespace loyalty::engine
