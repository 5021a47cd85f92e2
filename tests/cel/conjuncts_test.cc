// SPDX-License-Identifier: Apache-2.0
//
// The parts of a condition that all have to hold.
#include "cel/conjuncts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loyalty::cel {
namespace {

using testing::ElementsAre;

TEST(Conjuncts, AreWhatTheOutermostAndsJoin) {
  EXPECT_THAT(Conjuncts("a > 1"), ElementsAre("a > 1"));
  EXPECT_THAT(Conjuncts(" a > 1 &&\n b "), ElementsAre("a > 1", "b"));
  EXPECT_THAT(Conjuncts("a && (b && c) && d.exists(x, x && e)"),
              ElementsAre("a", "(b && c)", "d.exists(x, x && e)"));
  EXPECT_THAT(Conjuncts("(a || b) && c"), ElementsAre("(a || b)", "c"));
}

TEST(Conjuncts, AreOneWhereAnotherOperatorIsOutermost) {
  EXPECT_THAT(Conjuncts("a && b || c"), ElementsAre("a && b || c"));
  EXPECT_THAT(Conjuncts("a ? b && c : d"), ElementsAre("a ? b && c : d"));
}

TEST(Conjuncts, AreNotSplitWithinTextsAndComments) {
  EXPECT_THAT(Conjuncts("a == '&& b' && c"), ElementsAre("a == '&& b'", "c"));
  EXPECT_THAT(Conjuncts("a // && b"), ElementsAre("a // && b"));
}

TEST(Conjuncts, AreOneWhereTheSourceIsNone) {
  EXPECT_THAT(Conjuncts("(a && b"), ElementsAre("(a && b"));
  EXPECT_THAT(Conjuncts("a && 'b"), ElementsAre("a && 'b"));
}

}  // namespace
}  // namespace loyalty::cel
