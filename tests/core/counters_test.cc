// SPDX-License-Identifier: Apache-2.0
//
// Which counters an event touches.
#include "core/counters.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/window.h"
#include "core/apply.h"
#include "core/cause.h"
#include "core/forum.h"

namespace loyalty::core {
namespace {

TEST(Counters, OfMetricsAreFoundAtTheirEntity) {
  const auto program = Forum();
  const Event like = Like("e1");
  const auto counted = Cause(*program, like).counted;
  ASSERT_EQ(counted.size(), 1u);
  EXPECT_EQ(counted[0].entity, ObjectEntity("post"));
  EXPECT_EQ(*counted[0].amount, 1);
}

TEST(Causes, KnowTheWindowsOfTheirTime) {
  std::vector<model::LimitSpec> limits;
  for (const base::Period period :
       {base::Period::kEver, base::Period::kHour, base::Period::kDay,
        base::Period::kWeek, base::Period::kMonth, base::Period::kYear}) {
    limits.push_back({.per = period, .times = 1});
  }
  const auto program = Forum(limits, "America/New_York");
  ASSERT_NE(program, nullptr);
  std::mt19937_64 random(7);
  for (int i = 0; i < 2'000; ++i) {
    Event like = Like("e");
    like.time += absl::Microseconds(random() % (uint64_t{1} << 48));
    const Cause cause(*program, like);
    for (const rules::Limit& limit : program->limits[0][1]) {
      EXPECT_EQ(
          KeyOf(cause, limit.counter).window,
          base::WindowStart(like.time, limit.counter.per, program->time_zone));
    }
    EXPECT_EQ(
        CapCounter(cause, program->currencies[0]).window,
        base::WindowStart(like.time, base::Period::kDay, program->time_zone));
  }
}

TEST(LimitCounters, AreKeptByWhoActedOrByTheObject) {
  model::LimitSpec pair{.times = 1, .key = model::LimitSpec::Key::kPair};
  model::LimitSpec object{.times = 1, .key = model::LimitSpec::Key::kObject};
  const auto program = Forum({pair, object, TwiceADay()});
  const std::vector<rules::Limit>& limits = program->limits[0][1];
  Event like = Like("e");
  {
    const Cause cause(*program, like);
    EXPECT_EQ(KeyOf(cause, limits[0].counter).key, MemberEntity("ada"));
    EXPECT_EQ(KeyOf(cause, limits[1].counter).key, ObjectEntity("post"));
    EXPECT_EQ(KeyOf(cause, limits[2].counter).key, model::Entity());
  }
  like.actor.reset();
  const Cause cause(*program, like);
  EXPECT_EQ(KeyOf(cause, limits[0].counter).key, model::Entity());
}

// What a reversal gives back is what was used.
TEST(LimitUses, AreInTheCountersThatTheAwardUsed) {
  const auto program = Forum();
  const Event like = Like("e1");
  const Cause cause(*program, like);
  State state;
  state.entity.entity = MemberEntity("ada");
  const Decision decision = *Apply(cause, state, EnterMessage(cause));
  Uses used;
  for (const model::Movement& movement : decision.movements) {
    if (movement.kind == model::Movement::Kind::kAward) {
      used.merge(LimitUses(*program, movement, like));
    }
  }
  EXPECT_EQ(used, Uses(decision.after.counters.begin(),
                       decision.after.counters.end()));
}

TEST(LimitUses, AreOfGainsOnly) {
  const auto program = Forum();
  model::Movement award;
  award.rule = "liked";
  award.award = 1;
  award.limited = 1;
  EXPECT_TRUE(IsCounted(*program, award));
  EXPECT_EQ(LimitUses(*program, award, Like("e1")).size(), 1u);
  award.limited = 0;
  EXPECT_TRUE(LimitUses(*program, award, Like("e1")).empty());
  award.award = 0;
  EXPECT_FALSE(IsCounted(*program, award));
}

TEST(LimitUses, AreNoneOfARuleTheProgramHasNot) {
  const auto program = Forum();
  model::Movement award;
  award.rule = "other";
  award.limited = 1;
  EXPECT_TRUE(LimitUses(*program, award, Like("e1")).empty());
}

}  // namespace
}  // namespace loyalty::core
