// SPDX-License-Identifier: Apache-2.0
//
// Reversal: of an event, of what an object gave, by hosts and by rules; once,
// and exactly.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <string>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::AwardsOf;
using testing::Community;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kForum[] = R"(
  name: "forum" version: "1"
  currency { id: "rep" opening: 1 floor: 1 daily_cap { units: 30 } }
  currency { id: "points" }
  event_type { id: "up" attribute { name: "owner" type: MEMBER } }
  event_type { id: "down" attribute { name: "owner" type: MEMBER } }
  event_type { id: "edit" }
  event_type { id: "unlike" attribute { name: "like" type: STRING required: true } }
  event_type { id: "deleted" attribute { name: "by_owner" type: BOOL default: "false" } }
  metric { id: "ups" on: "up" per: "event.owner" }
  rule { id: "up" on: "up" award { to: "event.owner" currency: "rep" units: "10" }
         award { currency: "points" units: "1" limit { per: DAY times: 2 } } }
  rule { id: "down" on: "down" award { to: "event.owner" currency: "rep" units: "-4" } }
  rule { id: "edit" on: "edit" award { currency: "points" units: "2" limit { per: EVER units: 3 } } }
  rule { id: "unlike" on: "unlike" reverse_event { event: "event.like" } }
  rule { id: "deleted" on: "deleted" when: "!event.by_owner" reverse_object { keep: "edit" } }
  ladder { id: "trust" currency: "rep" level { id: "new" } level { id: "voter" at: 15 } }
)";

Event On(const std::string& type, const std::string& id,
         const std::string& post = "post", const std::string& owner = "grace") {
  Event event{
      .id = id, .type = type, .time = Day(1), .actor = "ada", .target = post};
  if (type == "up" || type == "down") event.attributes = {{"owner", owner}};
  return event;
}

TEST(Reverse, UndoesAwardsLimitsAndMetricsOfOneEvent) {
  Community community(kForum);
  community.Send(On("up", "e1"));
  community.Send(On("up", "e2", "other"));
  EXPECT_EQ(community.Metric("grace", "ups"), 2);
  EXPECT_EQ(community.Balance("ada", "points"), 2);
  const auto outcome = community.engine().Reverse("r1", Day(2), "e1");
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(community.Balance("grace", "rep"), 11);
  EXPECT_EQ(community.Balance("ada", "points"), 1);
  EXPECT_EQ(community.Metric("grace", "ups"), 1);
  // Of the limit of two a day one is free again.
  EXPECT_THAT(AwardsOf(community.Send(On("up", "e3", "third"))),
              ElementsAre("up ada 1", "up grace 10"));
  EXPECT_THAT(AwardsOf(community.Send(On("up", "e4", "fourth"))),
              ElementsAre("up ada 0 limit", "up grace 10"));
  community.ExpectVerified();
}

TEST(Reverse, DoesSomethingOnlyOnce) {
  Community community(kForum);
  community.Send(On("up", "e1"));
  for (const std::string id : {"r1", "r2", "r3"}) {
    const auto outcome = community.engine().Reverse(id, Day(2), "e1");
    ASSERT_TRUE(outcome.ok());
    EXPECT_TRUE(outcome->accepted());
    EXPECT_EQ(outcome->effects.empty(), id != "r1");
    EXPECT_EQ(community.Balance("grace", "rep"), 1);
    EXPECT_EQ(community.Metric("grace", "ups"), 0);
  }
  EXPECT_TRUE(community.engine().Reverse("r1", Day(2), "e1")->repeat);
  community.ExpectVerified();
}

TEST(Reverse, OfAnUnknownEventIsRejectedForEver) {
  Community community(kForum);
  EXPECT_EQ(community.engine().Reverse("r1", Day(2), "e1")->rejected,
            RejectReason::kUnknownEvent);
  community.Send(On("up", "e1"));
  EXPECT_EQ(community.engine().Reverse("r1", Day(2), "e1")->rejected,
            RejectReason::kUnknownEvent);
  EXPECT_EQ(community.Balance("grace", "rep"), 11);
}

TEST(Reverse, OfAReversalIsRejected) {
  Community community(kForum);
  community.Send(On("up", "e1"));
  ASSERT_TRUE(community.engine().Reverse("r1", Day(2), "e1").ok());
  EXPECT_EQ(community.engine().Reverse("r2", Day(2), "r1")->rejected,
            RejectReason::kNotReversible);
  EXPECT_EQ(community.Balance("grace", "rep"), 1);
}

TEST(Reverse, GivesNothingBackForALossTheFloorSwallowed) {
  Community community(kForum);
  community.Send(On("down", "e1"));
  EXPECT_EQ(community.Balance("grace", "rep"), 1);
  ASSERT_TRUE(community.engine().Reverse("r1", Day(2), "e1").ok());
  EXPECT_EQ(community.Balance("grace", "rep"), 1);
  community.Send(On("up", "e2", "other"));
  EXPECT_EQ(community.Balance("grace", "rep"), 11);
  community.ExpectVerified();
}

TEST(Reverse, BringsBackWhatTheCapHadCut) {
  Community community(kForum);
  for (int i = 0; i < 5; ++i) community.Send(On("up", absl::StrCat("e", i)));
  EXPECT_EQ(community.Balance("grace", "rep"), 31);  // two were cut
  ASSERT_TRUE(community.engine().Reverse("r1", Day(2), "e0").ok());
  EXPECT_EQ(community.Balance("grace", "rep"), 31);  // one came back
  ASSERT_TRUE(community.engine().Reverse("r2", Day(2), "e1").ok());
  EXPECT_EQ(community.Balance("grace", "rep"), 31);
  ASSERT_TRUE(community.engine().Reverse("r3", Day(2), "e2").ok());
  EXPECT_EQ(community.Balance("grace", "rep"), 21);
  // The day's cap has room again, for as much.
  community.Send(On("up", "late"));
  community.Send(On("up", "later"));
  EXPECT_EQ(community.Balance("grace", "rep"), 31);
  community.ExpectVerified();
}

TEST(Reverse, TakesALevelBackAndSaysSo) {
  Community community(kForum);
  community.Send(On("up", "e1"));
  community.Send(On("up", "e2"));
  const auto outcome = community.engine().Reverse("r1", Day(2), "e2");
  ASSERT_TRUE(outcome.ok());
  EXPECT_THAT(outcome->effects, ::testing::Contains(Effect(LevelChanged{
                                    .member = "grace",
                                    .ladder = "trust",
                                    .from = "voter",
                                    .to = "new",
                                    .up = false,
                                    .why = LevelChanged::Why::kReversal})));
}

TEST(ReverseObject, TakesBackAllButWhatItKeeps) {
  Community community(kForum);
  community.Send(On("up", "e1"));
  community.Send(On("down", "e2"));
  community.Send(On("edit", "e3"));
  community.Send(On("up", "e4", "other"));
  EXPECT_EQ(community.Balance("grace", "rep"), 17);
  EXPECT_EQ(community.Balance("ada", "points"), 4);
  community.Send(On("deleted", "d1"));
  EXPECT_EQ(community.Balance("grace", "rep"), 11);
  EXPECT_EQ(community.Balance("ada", "points"), 3);
  // Again: nothing is left to take back.
  community.Send(On("deleted", "d2"));
  EXPECT_EQ(community.Balance("grace", "rep"), 11);
  community.ExpectVerified();
}

TEST(ReverseObject, AsksItsConditionFirst) {
  Community community(kForum);
  community.Send(On("up", "e1"));
  Event deleted = On("deleted", "d1");
  deleted.attributes = {{"by_owner", true}};
  community.Send(deleted);
  EXPECT_EQ(community.Balance("grace", "rep"), 11);
}

TEST(ReverseObject, IsAHostsCommandToo) {
  Community community(kForum);
  community.Send(On("up", "e1"));
  community.Send({.id = "r1",
                  .type = std::string(kReverseObject),
                  .time = Day(2),
                  .attributes = {{"object", "post"}}});
  EXPECT_EQ(community.Balance("grace", "rep"), 1);
}

TEST(ReverseObject, ReachesBeyondOnePageOfAwards) {
  Community community(kForum);
  for (int i = 0; i < 1200; ++i) {
    Event event = On("up", absl::StrCat("e", i));
    event.attributes.at("owner") = absl::StrCat("m", i % 7);
    event.time = Day(1 + i % 28);
    community.Send(event);
  }
  community.Send(On("deleted", "d1"));
  for (int i = 0; i < 7; ++i) {
    EXPECT_EQ(community.Balance(absl::StrCat("m", i), "rep"), 1);
  }
  EXPECT_EQ(community.Balance("ada", "points"), 0);
  community.ExpectVerified();
}

TEST(ReverseEvent, IsHowAMemberTakesALikeBack) {
  Community community(kForum);
  community.Send(On("up", "e1"));
  Event unlike = On("unlike", "u1");
  unlike.attributes = {{"like", "e1"}};
  const Outcome outcome = community.Send(unlike);
  EXPECT_EQ(community.Balance("grace", "rep"), 1);
  ASSERT_EQ(outcome.notes.size(), 1u);
  EXPECT_THAT(outcome.notes[0].text, HasSubstr("took back event \"e1\""));
  unlike.id = "u2";
  EXPECT_THAT(community.Send(unlike).notes[0].text, HasSubstr("before"));
  unlike.id = "u3";
  unlike.attributes = {{"like", "never"}};
  EXPECT_THAT(community.Send(unlike).notes[0].text, HasSubstr("no event"));
  community.ExpectVerified();
}

TEST(ReverseObject, SparesNothingThatAnEventReversalLeft) {
  Community community(kForum);
  community.Send(On("up", "e1"));
  community.Send(On("up", "e2"));
  ASSERT_TRUE(community.engine().Reverse("r1", Day(2), "e1").ok());
  community.Send(On("deleted", "d1"));
  EXPECT_EQ(community.Balance("grace", "rep"), 1);
  // The other way round: what the deletion took is not taken again.
  EXPECT_TRUE(community.engine().Reverse("r2", Day(2), "e2")->accepted());
  EXPECT_EQ(community.Balance("grace", "rep"), 1);
  community.ExpectVerified();
}

// A sum that is nearly as large as it can be: events, of 10^12 at most, take
// years to get there; a catch-up says it at once.
TEST(Reverse, TakesOffNoSumThatCouldNotBeCounted) {
  Community community(R"(
    name: "sums" version: "1"
    currency { id: "points" }
    event_type { id: "score" attribute { name: "n" type: INT } }
    metric { id: "sum" on: "score" sum: "event.n" } )");
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  const auto score = [&](const std::string& id, int64_t n) {
    return community.Send({.id = id,
                           .type = "score",
                           .time = Day(2),
                           .actor = "ada",
                           .attributes = {{"n", n}}});
  };
  score("e1", 1);
  community.Send({.id = "c",
                  .type = std::string(kCatchUp),
                  .time = Day(2),
                  .attributes = {{"version", "1"},
                                 {"metrics", Value::List{Value("sum")}}}});
  const Outcome caught_up = community.Send(
      {.id = "c/1",
       .type = std::string(kCatchUp),
       .time = Day(2),
       .actor = "ada",
       .attributes = {{"version", "1"},
                      {"of", "c"},
                      {"counters",
                       Value::List{Value(Value::Map{{"counter", "metric:sum"},
                                                    {"more", kMost - 10}})}}}});
  ASSERT_TRUE(caught_up.accepted()) << caught_up.reason;
  ASSERT_EQ(community.Metric("ada", "sum"), kMost - 9);

  const Outcome outcome = score("e2", 10);
  ASSERT_EQ(outcome.notes.size(), 1u);
  EXPECT_THAT(outcome.notes[0].text, HasSubstr("could not be counted"));
  score("e3", 4);
  EXPECT_EQ(community.Metric("ada", "sum"), kMost - 5);
  ASSERT_TRUE(community.engine().Reverse("r2", Day(3), "e2").ok());
  EXPECT_EQ(community.Metric("ada", "sum"), kMost - 5);
  ASSERT_TRUE(community.engine().Reverse("r3", Day(3), "e3").ok());
  EXPECT_EQ(community.Metric("ada", "sum"), kMost - 9);
  community.ExpectVerified();
}

}  // namespace
}  // namespace loyalty
