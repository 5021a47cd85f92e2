// SPDX-License-Identifier: Apache-2.0
//
// What is said about recalls, and about badges that are asked as time passes,
// that make no sense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compiling.h"

namespace loyalty::rules {
namespace {

using ::testing::HasSubstr;

// The attribute that an event of type "vote" is told.
std::string SaidOfRecall(std::string_view attribute) {
  return SaidOf(
      "event_type { id: 'answer' attribute { name: 'q' type: OBJECT }\n"
      "  attribute { name: 'words' type: INT default: '1' }\n"
      "  attribute { name: 'mail' type: STRING personal: true } }\n"
      "metric { id: 'm' on: 'vote' } metric { id: 'a' on: 'answer' }\n"
      "event_type { id: 'vote' attribute { name: 'p' type: OBJECT }\n"
      "  attribute { " +
      std::string(attribute) + " } }");
}

TEST(Recalls, NameAnEventAnObjectAndWhatWasSaid) {
  EXPECT_EQ(SaidOfRecall("name: 'q' type: OBJECT "
                         "recall { event: 'answer' value: 'q' }"),
            "");
  EXPECT_EQ(SaidOfRecall("name: 'n' type: INT recall { event: 'answer' "
                         "value: 'entry' about: 'q' of: 'p' first: true }"),
            "");
  EXPECT_EQ(SaidOfRecall("name: 'who' type: MEMBER "
                         "recall { event: 'answer' value: 'actor' }"),
            "");
  EXPECT_THAT(SaidOfRecall("name: 'q' type: OBJECT "
                           "recall { event: 'answr' value: 'q' }"),
              HasSubstr("recall: event type \"answr\" is not declared"));
  EXPECT_THAT(
      SaidOfRecall("name: 'n' type: INT "
                   "recall { event: 'answer' value: 'letters' }"),
      HasSubstr("recall, value \"letters\": \"answer\" says no such thing"));
  EXPECT_THAT(SaidOfRecall("name: 'n' type: STRING "
                           "recall { event: 'answer' value: 'mail' }"),
              HasSubstr("\"answer\" says no such thing"));
  EXPECT_THAT(SaidOfRecall("name: 'n' type: STRING "
                           "recall { event: 'answer' value: 'words' }"),
              HasSubstr("value \"words\" is an INT, and the attribute a "
                        "STRING"));
}

TEST(Recalls, FindObjectsThatAreThere) {
  EXPECT_THAT(SaidOfRecall("name: 'q' type: OBJECT recall { event: 'answer' "
                           "value: 'target' about: 'words' }"),
              HasSubstr("about \"words\": \"answer\" has no such OBJECT"));
  EXPECT_THAT(SaidOfRecall("name: 'q' type: OBJECT recall { event: 'answer' "
                           "value: 'target' of: 'nobody' }"),
              HasSubstr("of \"nobody\": \"vote\" has no such OBJECT"));
  EXPECT_THAT(SaidOfRecall("name: 'q' type: OBJECT recall { event: 'answer' "
                           "value: 'target' of: 'q' }"),
              HasSubstr("of \"q\", which comes behind it"));
  EXPECT_THAT(SaidOfRecall("name: 'q' type: OBJECT required: true recall { "
                           "event: 'answer' value: 'target' }"),
              HasSubstr("required, personal, a list or refers"));
}

std::string SaidOfBadge(std::string_view badge) {
  return SaidOf(
      "event_type { id: 'e' }\n"
      "metric { id: 'm' on: 'e' } metric { id: 't' on: 'e' max: "
      "'int(event.time)' }\n"
      "metric { id: 'day' earned: 'points' period: DAY }\n"
      "badge { id: 'b' " +
      std::string(badge) + " }");
}

TEST(PassingBadges, AreAskedOfWhatTheMemberHas) {
  EXPECT_EQ(SaidOfBadge("asked_at: END_OF_DAY when: 'metric.day > 1'"), "");
  EXPECT_EQ(SaidOfBadge("asked_at: ANNIVERSARY anniversary_of: 't' "
                        "count: 'years(member.since, event.time)'"),
            "");
  for (const char* badge :
       {"asked_at: END_OF_DAY when: 'true' on: 'e'", "asked_at: END_OF_WEEK",
        "asked_at: END_OF_DAY when: 'true' revoke: true",
        "asked_at: ANNIVERSARY manual: true"}) {
    EXPECT_THAT(SaidOfBadge(badge),
                HasSubstr("is asked as time passes, and by no condition, on "
                          "event types, by hand only, or to be lost"))
        << badge;
  }
  EXPECT_THAT(SaidOfBadge("asked_at: END_OF_DAY when: 'true' award { currency: "
                          "'points' units: '1' limit { per: DAY times: 1 } }"),
              HasSubstr("is asked as time passes, and has limits"));
  EXPECT_THAT(SaidOfBadge("when: 'true' anniversary_of: 't'"),
              HasSubstr("says anniversary_of, and is asked at none"));
  EXPECT_THAT(SaidOfBadge("asked_at: ANNIVERSARY when: 'true' "
                          "anniversary_of: 'm'"),
              HasSubstr("anniversary_of \"m\" is no metric of a member with "
                        "max, for ever"));
}

TEST(EarnedMetrics, SayACurrencyAndAPeriodAndNothingElse) {
  EXPECT_THAT(SaidOf("metric { id: 'm' earned: 'pints' period: DAY }"),
              HasSubstr("metric \"m\": currency \"pints\" is not declared"));
  EXPECT_THAT(SaidOfBadge("when: 'true' } metric { id: 'x' earned: 'points'"),
              HasSubstr("metric \"x\" counts what is earned without a period"));
  EXPECT_THAT(SaidOfBadge("when: 'true' } metric { id: 'x' earned: 'points' "
                          "period: DAY on: 'e'"),
              HasSubstr("metric \"x\" counts what is earned, and says more"));
  EXPECT_THAT(SaidOfBadge("when: 'true' } leaderboard { id: 'l' "
                          "metric: 'day' period: DAY"),
              HasSubstr("metric \"day\" is of what is earned"));
  // Nothing would count for it.
  for (const char* tiers : {"", "tiers { period: DAY }"}) {
    EXPECT_THAT(
        SaidOfBadge(std::string("when: 'true' } ladder { id: 'l' "
                                "metric: 'day' level { id: 'x' at: 0 } ") +
                    tiers),
        HasSubstr("ladder \"l\": metric \"day\" is of what is earned | "
                  "Say  currency: \"points\"  instead"));
  }
}

TEST(Levels, AreNumbersThatAnErrorNames) {
  EXPECT_THAT(SaidOfBadge("when: \"level.helper == 'guide'\" } ladder { id: "
                          "'helper' currency: 'points' level { id: 'new' at: 0 "
                          "} level { id: 'guide' at: 10 }"),
              HasSubstr("A level is a number, and \"guide\" is 1: write  "
                        "level.helper >= 1"));
}

}  // namespace
}  // namespace loyalty::rules
