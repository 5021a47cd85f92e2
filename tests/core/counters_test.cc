// SPDX-License-Identifier: Apache-2.0
//
// Which counters an event touches.
#include "core/counters.h"

#include <gtest/gtest.h>

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

TEST(LimitUses, AreOfGainsOnly) {
  const auto program = Forum();
  model::Movement award;
  award.rule = "liked";
  award.award = 1;
  award.limited = 1;
  EXPECT_TRUE(HasLimits(*program, award));
  EXPECT_EQ(LimitUses(*program, award, Like("e1")).size(), 1u);
  award.limited = 0;
  EXPECT_TRUE(LimitUses(*program, award, Like("e1")).empty());
  award.award = 0;
  EXPECT_FALSE(HasLimits(*program, award));
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
