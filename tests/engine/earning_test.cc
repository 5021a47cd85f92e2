// SPDX-License-Identifier: Apache-2.0
//
// What events earn: recipients, limits, caps, levels, metrics, and what each
// expression gets to see.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::AwardsOf;
using testing::Community;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string WithRules(const std::string& rules) {
  const bool has_bonus = rules.find("id: \"bonus\"") != std::string::npos;
  return absl::StrCat(
      R"(
    name: "test" version: "1" never_earns: "site"
    currency { id: "points" }
    currency { id: "rep" opening: 1 floor: 1 daily_cap { units: 20 )",
      has_bonus ? "exempt: \"bonus\"" : "", R"( } }
    event_type { id: "like" attribute { name: "owner" type: MEMBER } }
    event_type { id: "write" attribute { name: "words" type: INT } }
    event_type { id: "thank" attribute { name: "helpers" type: MEMBER list: true } }
  )",
      rules);
}

Event Like(const std::string& id, std::optional<std::string> actor,
           std::optional<std::string> owner, absl::Time time = Day(1)) {
  Event event{.id = id,
              .type = "like",
              .time = time,
              .actor = std::move(actor),
              .target = "post"};
  if (owner.has_value()) event.attributes.emplace("owner", *owner);
  return event;
}

Event Write(const std::string& id, const std::string& actor, int words,
            absl::Time time = Day(1)) {
  return {.id = id,
          .type = "write",
          .time = time,
          .actor = actor,
          .attributes = {{"words", words}}};
}

TEST(Member, ComesToBeWhenFirstNamed) {
  Community community(WithRules(""));
  const Outcome outcome = community.Send(Like("e1", "ada", "grace"));
  EXPECT_TRUE(community.Exists("ada"));
  EXPECT_TRUE(community.Exists("grace"));
  ASSERT_EQ(outcome.effects.size(), 2u);
  EXPECT_EQ(std::get<Opened>(outcome.effects[0]),
            (Opened{.member = "ada", .currency = "rep", .units = 1}));
  EXPECT_THAT(community.Send(Like("e2", "ada", "grace")).effects, IsEmpty());
}

TEST(Member, NamedInAListComesToBeToo) {
  Community community(WithRules(""));
  community.Send(
      {.id = "e1",
       .type = "thank",
       .time = Day(1),
       .actor = "ada",
       .attributes = {{"helpers", Value::List{"bob", "cy", "bob"}}}});
  EXPECT_TRUE(community.Exists("bob"));
  EXPECT_TRUE(community.Exists("cy"));
  community.ExpectVerified();
}

TEST(Member, ThatNeverEarnsDoesNotExist) {
  Community community(WithRules(
      R"(rule { id: "liked" on: "like" award { to: "event.owner" currency: "rep" units: "5" }
                 award { currency: "rep" units: "1" } })"));
  EXPECT_THAT(
      AwardsOf(community.Send(Like("e1", "site", "site"))),
      ElementsAre("liked site 0 never_earns", "liked site 0 never_earns"));
  EXPECT_FALSE(community.Exists("site"));
}

TEST(Award, ToNobodySaysSo) {
  Community community(WithRules(
      R"(rule { id: "liked" on: "like" award { to: "event.owner" currency: "rep" units: "5" }
                 award { currency: "points" units: "1" } })"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e1", std::nullopt, std::nullopt))),
              ElementsAre("liked  0 no_recipient", "liked  0 no_recipient"));
}

TEST(Award, ForActingOnOnesOwnIsCutUnlessAllowed) {
  Community community(WithRules(
      R"(rule { id: "liked" on: "like" award { to: "event.owner" currency: "rep" units: "5" } }
         rule { id: "proud" on: "like" award { to: "event.owner" currency: "points" units: "3" self: ALLOW } })"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e1", "ada", "ada"))),
              ElementsAre("liked ada 0 own_object", "proud ada 3"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e2", std::nullopt, "ada"))),
              ElementsAre("liked ada 5", "proud ada 3"));
}

TEST(Limit, OfTimesCountsAwardsInItsPeriod) {
  Community community(WithRules(
      R"(rule { id: "wrote" on: "write" award { currency: "points" units: "10" }
                limit { per: WEEK times: 2 } })"));
  // 2026-01-04 is a Sunday.
  EXPECT_THAT(AwardsOf(community.Send(Write("e1", "ada", 1, Day(4)))),
              ElementsAre("wrote ada 10"));
  community.Send(Write("e2", "ada", 1, Day(4)));
  EXPECT_THAT(AwardsOf(community.Send(Write("e3", "ada", 1, Day(4)))),
              ElementsAre("wrote ada 0 limit"));
  EXPECT_THAT(AwardsOf(community.Send(Write("e4", "ada", 1, Day(5)))),
              ElementsAre("wrote ada 10"));
  // A late event counts in the week it happened.
  EXPECT_THAT(AwardsOf(community.Send(Write("e5", "ada", 1, Day(3)))),
              ElementsAre("wrote ada 0 limit"));
  EXPECT_THAT(AwardsOf(community.Send(Write("e6", "bob", 1, Day(4)))),
              ElementsAre("wrote bob 10"));
}

TEST(Limit, OfUnitsCutsTheLastAwardToWhatIsLeft) {
  Community community(WithRules(
      R"(rule { id: "wrote" on: "write" award { currency: "points" units: "event.words"
                limit { per: EVER units: 100 } } })"));
  community.Send(Write("e1", "ada", 70));
  EXPECT_THAT(AwardsOf(community.Send(Write("e2", "ada", 50))),
              ElementsAre("wrote ada 30 limit"));
  EXPECT_THAT(AwardsOf(community.Send(Write("e3", "ada", -20))),
              ElementsAre("wrote ada -20"));
  EXPECT_THAT(AwardsOf(community.Send(Write("e4", "ada", 50))),
              ElementsAre("wrote ada 0 limit"));
}

TEST(Limit, OfAPairLeavesOthersAlone) {
  Community community(WithRules(
      R"(rule { id: "liked" on: "like" award { to: "event.owner" currency: "points" units: "1"
                limit { per: DAY times: 1 key: PAIR } } })"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e1", "ada", "cy"))),
              ElementsAre("liked cy 1"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e2", "ada", "cy"))),
              ElementsAre("liked cy 0 limit"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e3", "bob", "cy"))),
              ElementsAre("liked cy 1"));
}

TEST(Limit, OfAGroupCountsSeveralRulesTogether) {
  Community community(WithRules(
      R"(rule { id: "a" on: "write" award { currency: "points" units: "3" limit { per: DAY units: 5 group: "daily" } } }
         rule { id: "b" on: "write" award { currency: "points" units: "4" limit { per: DAY units: 5 group: "daily" } } })"));
  EXPECT_THAT(AwardsOf(community.Send(Write("e1", "ada", 1))),
              ElementsAre("a ada 3", "b ada 2 limit"));
}

TEST(Limit, OfAGroupIsUsedOnceByAnAwardThatHasItTwice) {
  Community community(WithRules(
      R"(rule { id: "wrote" on: "write" limit { per: DAY times: 2 group: "g" }
                award { currency: "points" units: "1" limit { per: DAY times: 2 group: "g" } } })"));
  for (const char* id : {"e1", "e2"}) {
    EXPECT_THAT(AwardsOf(community.Send(Write(id, "ada", 1))),
                ElementsAre("wrote ada 1"));
  }
  EXPECT_THAT(AwardsOf(community.Send(Write("e3", "ada", 1))),
              ElementsAre("wrote ada 0 limit"));
}

TEST(Limit, OfAGroupTellsActorsFromTargets) {
  Community community(WithRules(
      R"(rule { id: "a" on: "like" award { to: "event.owner" currency: "points" units: "1"
                limit { per: DAY times: 1 group: "g" key: PAIR } } }
         rule { id: "b" on: "like" award { to: "event.owner" currency: "points" units: "1"
                limit { per: DAY times: 1 group: "g" key: OBJECT } } })"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e1", "post", "cy"))),
              ElementsAre("a cy 1", "b cy 1"));
}

TEST(Award, WhoseRecipientCannotBeFoundSaysWhy) {
  Community community(WithRules(
      R"(rule { id: "wrote" on: "write" award { currency: "points" units: "1"
                to: "event.words > 3 ? event.actor : event.target" } })"));
  const Outcome outcome = community.Send(
      {.id = "e1", .type = "write", .time = Day(1), .actor = "ada"});
  ASSERT_EQ(outcome.notes.size(), 1u);
  EXPECT_THAT(outcome.notes[0].text,
              ::testing::HasSubstr("recipient could not be found"));
}

TEST(Metric, CountsAMemberNamedTwiceOnce) {
  Community community(WithRules(
      R"(metric { id: "thanked" on: "thank" per: "event.helpers" })"));
  community.Send({.id = "e1",
                  .type = "thank",
                  .time = Day(1),
                  .actor = "ada",
                  .attributes = {{"helpers", Value::List{"cy", "cy"}}}});
  EXPECT_EQ(community.Metric("cy", "thanked"), 1);
}

TEST(Metric, RefusesWhatNoEventMayCount) {
  Community community(WithRules(
      R"(metric { id: "words" on: "write" sum: "event.words * 1000000000000" })"));
  EXPECT_EQ(community.Send(Write("e1", "ada", 2)).notes.size(), 1u);
  ASSERT_TRUE(community.engine().Reverse("r1", Day(2), "e1").ok());
  EXPECT_EQ(community.Metric("ada", "words"), 0);
  community.Send(Write("e2", "ada", 1));
  EXPECT_EQ(community.Metric("ada", "words"), 1'000'000'000'000);
  community.ExpectVerified();
}

TEST(DailyCap, CutsAGainAndSparesExemptRules) {
  Community community(WithRules(
      R"(rule { id: "liked" on: "like" award { to: "event.owner" currency: "rep" units: "15" } }
         rule { id: "bonus" on: "like" award { to: "event.owner" currency: "rep" units: "100" } })"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e1", "ada", "cy"))),
              ElementsAre("liked cy 15", "bonus cy 100"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e2", "ada", "cy"))),
              ElementsAre("liked cy 5 daily_cap", "bonus cy 100"));
  // A late event fills the day it happened on.
  EXPECT_THAT(AwardsOf(community.Send(Like("e3", "ada", "cy", Day(3)))),
              ElementsAre("liked cy 15", "bonus cy 100"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e4", "ada", "cy", Day(1, 23)))),
              ElementsAre("liked cy 0 daily_cap", "bonus cy 100"));
}

TEST(Rule, SeesStandingsAsTheyWereBeforeTheEvent) {
  Community community(WithRules(
      R"(rule { id: "first" on: "write" award { currency: "points" units: "10" } }
         rule { id: "second" on: "write" when: "balance.points < 10" award { currency: "points" units: "1" } })"));
  EXPECT_THAT(AwardsOf(community.Send(Write("e1", "ada", 1))),
              ElementsAre("first ada 10", "second ada 1"));
  EXPECT_THAT(AwardsOf(community.Send(Write("e2", "ada", 1))),
              ElementsAre("first ada 10"));
}

TEST(Award, IsAskedOfItsRecipientAndKnowsTheActor) {
  Community community(WithRules(R"(
      ladder { id: "path" currency: "points" level { id: "new" } level { id: "guide" at: 10 } }
      rule { id: "wrote" on: "write" award { currency: "points" units: "10" } }
      rule { id: "liked" on: "like" award { to: "event.owner" currency: "rep"
             units: "1 + 2 * actor.level.path" when: "member.balance.rep < 5" } })"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e1", "ada", "cy"))),
              ElementsAre("liked cy 1"));
  community.Send(Write("e2", "ada", 1));
  EXPECT_THAT(AwardsOf(community.Send(Like("e3", "ada", "cy"))),
              ElementsAre("liked cy 3"));
  const Outcome outcome = community.Send(Like("e4", "ada", "cy"));
  EXPECT_THAT(AwardsOf(outcome), IsEmpty());
  ASSERT_EQ(outcome.notes.size(), 1u);
  EXPECT_EQ(outcome.notes[0].rule, "liked");
}

TEST(Metric, OfAnObjectIsCountedThereAndReadInItsLeg) {
  Community community(WithRules(R"(
      metric { id: "likes" on: "like" per: "target" }
      rule { id: "popular" on: "like" when: "object.metric.likes == 2"
             award { to: "event.owner" currency: "points" units: "50" }
             award { currency: "points" units: "object.metric.likes" } })"));
  community.Send(Like("e1", "ada", "cy"));
  community.Send(Like("e2", "bob", "cy"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e3", "dan", "cy"))),
              ElementsAre("popular cy 50", "popular dan 2"));
  EXPECT_THAT(AwardsOf(community.Send(Like("e4", "eve", "cy"))), IsEmpty());
  community.ExpectVerified();
}

TEST(Metric, CountsOrSumsForWhomItSays) {
  Community community(WithRules(R"(
      metric { id: "blogs" on: "write" when: "has(event.words) && event.words >= 100" }
      metric { id: "words" on: "write" sum: "event.words" }
      metric { id: "liked" on: "like" per: "event.owner" })"));
  community.Send(Write("e1", "ada", 70));
  community.Send(Write("e2", "ada", 300));
  community.Send(Like("e3", "bob", "ada"));
  community.Send(Like("e4", "ada", "ada"));
  EXPECT_EQ(community.Metric("ada", "blogs"), 1);
  EXPECT_EQ(community.Metric("ada", "words"), 370);
  EXPECT_EQ(community.Metric("ada", "liked"), 2);
  community.ExpectVerified();
}

TEST(Level, IsToldStepByStep) {
  Community community(WithRules(R"(
      ladder { id: "path" currency: "points" level { id: "new" } level { id: "guide" at: 10 privilege: "edit" }
               level { id: "sage" at: 20 privilege: "close" } }
      rule { id: "wrote" on: "write" award { currency: "points" units: "event.words" } })"));
  const Outcome up = community.Send(Write("e1", "ada", 25));
  std::vector<std::string> steps;
  for (const Effect& effect : up.effects) {
    if (const auto* l = std::get_if<LevelChanged>(&effect)) {
      steps.push_back(l->from + " -> " + l->to);
    }
  }
  EXPECT_THAT(steps, ElementsAre("new -> guide", "guide -> sage"));
  const auto profile = (*community.engine().Query())->Member("ada");
  ASSERT_TRUE(profile.ok());
  EXPECT_THAT(profile->privileges, ElementsAre("edit", "close"));
  community.Send(Write("e2", "ada", -10));
  EXPECT_EQ((*community.engine().Query())->Member("ada")->ladders[0].level,
            "guide");
}

TEST(Formula, ThatFailsAwardsNothingAndSaysWhy) {
  Community community(WithRules(R"(
      rule { id: "wrote" on: "write" award { currency: "points" units: "100 / event.words" } }
      rule { id: "huge" on: "write" award { currency: "points" units: "1000000000001 * event.words" } })"));
  const Outcome outcome = community.Send(Write("e1", "ada", 0));
  EXPECT_THAT(AwardsOf(outcome), IsEmpty());
  ASSERT_EQ(outcome.notes.size(), 2u);
  EXPECT_THAT(outcome.notes[0].text,
              ::testing::HasSubstr("could not be computed"));
  EXPECT_THAT(AwardsOf(community.Send(Write("e2", "ada", 1))),
              ElementsAre("wrote ada 100"));
}

TEST(Earning, IsVerifiedThroughout) {
  Community community(WithRules(
      R"(rule { id: "liked" on: "like" award { to: "event.owner" currency: "rep" units: "7" } })"));
  for (int i = 0; i < 20; ++i) {
    community.Send(Like(absl::StrCat("e", i), "ada", i % 3 == 0 ? "cy" : "bob",
                        Day(1 + i % 4)));
  }
  community.ExpectVerified();
}

}  // namespace
}  // namespace loyalty
