// SPDX-License-Identifier: Apache-2.0
//
// What is said about rules on what happens to members that make no sense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compiling.h"

namespace loyalty::rules {
namespace {

using ::testing::HasSubstr;

std::string SaidOfRule(const std::string& rule) {
  return SaidOf(
      "event_type { id: 'post' attribute { name: 'n' type: INT } }\n"
      "metric { id: 'posts' on: 'post' }\n"
      "badge { id: 'b' manual: true }\n"
      "rule { id: 'r' " +
      rule + " }");
}

TEST(Happenings, HaveAttributesOfTheirOwn) {
  constexpr char kAward[] = " award { currency: 'points' units: '1' }";
  for (const char* rule :
       {"on: 'loyalty.badge_granted' when: \"event.badge == 'b'\"",
        "on: 'loyalty.level_reached' when: \"event.ladder + event.level != "
        "''\"",
        "on: 'loyalty.quest_done' when: \"event.quest != ''\"",
        "on: 'loyalty.streak_grew' when: \"event.streak != '' && "
        "event.length > 1\""}) {
    EXPECT_EQ(SaidOfRule(std::string(rule) + kAward), "") << rule;
  }
  EXPECT_THAT(SaidOfRule("on: 'loyalty.quest_done' when: \"event.badge == 'b'\""
                         " award { currency: 'points' units: '1' }"),
              HasSubstr("undeclared reference to 'event.badge'"));
}

TEST(Happenings, AreSuggested) {
  EXPECT_THAT(SaidOfRule("on: 'loyalty.badge_grantd' "
                         "award { currency: 'points' units: '1' }"),
              HasSubstr("Did you mean \"loyalty.badge_granted\"?"));
}

TEST(Happenings, HaveRulesOfTheirOwn) {
  EXPECT_THAT(SaidOfRule("on: 'post' on: 'loyalty.badge_granted' "
                         "award { currency: 'points' units: '1' }"),
              HasSubstr("is on \"loyalty.badge_granted\" and something else"));
}

TEST(Happenings, AreNothingToCount) {
  EXPECT_THAT(SaidOf("metric { id: 'm' on: 'loyalty.badge_granted' }"),
              HasSubstr("only rules are on \"loyalty.badge_granted\""));
  EXPECT_THAT(SaidOf("badge { id: 'b' on: 'loyalty.level_reached' }"),
              HasSubstr("only rules are on \"loyalty.level_reached\""));
}

TEST(Happenings, GiveToWhomTheyHappen) {
  EXPECT_THAT(
      SaidOfRule("on: 'loyalty.badge_granted' "
                 "award { to: \"'bank'\" currency: 'points' units: '1' }"),
      HasSubstr("goes to whom it happened to"));
  EXPECT_EQ(SaidOfRule("on: 'loyalty.badge_granted' "
                       "award { to: 'actor' currency: 'points' units: '1' }"),
            "");
}

TEST(Happenings, AreLimitedByMember) {
  EXPECT_EQ(SaidOfRule("on: 'loyalty.badge_granted' limit { per: DAY times: 1 }"
                       " award { currency: 'points' units: '1' }"),
            "");
  for (const char* key : {"key: PAIR", "key: OBJECT", "by: 'event.badge'"}) {
    EXPECT_THAT(
        SaidOfRule("on: 'loyalty.badge_granted' limit { per: DAY times: 1 " +
                   std::string(key) +
                   " } award { currency: 'points' units: '1' }"),
        HasSubstr("there is nothing but the member to count by"))
        << key;
  }
}

TEST(Happenings, TakeNothingBack) {
  EXPECT_THAT(SaidOfRule("on: 'loyalty.badge_granted' "
                         "reverse_event { event: 'event.badge' }"),
              HasSubstr("which takes nothing back"));
}

}  // namespace
}  // namespace loyalty::rules
