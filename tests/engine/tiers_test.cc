// SPDX-License-Identifier: Apache-2.0
//
// Tiers and privileges as hosts ask for them. How tiers come and go is in
// tests/scenarios/tiers, and in tests/properties/tiers_twin_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::Community;
using ::testing::Contains;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kProgram[] = R"(
  name: "club" version: "1"
  currency { id: "miles" }
  event_type { id: "fly" attribute { name: "miles" type: INT required: true } }
  metric { id: "flights" on: "fly" period: MONTH }
  metric { id: "today" on: "fly" max: "1" period: DAY }
  rule { id: "fly" on: "fly" award { currency: "miles" units: "event.miles" } }
  ladder { id: "status" currency: "miles"
           level { id: "base" privilege: "read" }
           level { id: "silver" at: 100 privilege: "lounge" }
           level { id: "gold" at: 500 privilege: "upgrade" }
           tiers { period: YEAR loss: AT_ONCE } }
  ladder { id: "often" metric: "flights"
           level { id: "seldom" } level { id: "often" at: 3 }
           tiers { period: MONTH } }
  ladder { id: "days" metric: "today"
           level { id: "few" privilege: "read" } level { id: "many" at: 2 }
           tiers { within: "10d" } }
)";

Event Fly(const std::string& id, absl::Time time, int64_t miles) {
  return {.id = id,
          .type = "fly",
          .time = time,
          .actor = "ana",
          .attributes = {{"miles", miles}}};
}

LadderStanding StandingOf(Community& community, size_t ladder, absl::Time at) {
  return (*community.engine().Query())->Member("ana", at)->ladders.at(ladder);
}

TEST(Privileges, ComeWithAStanding) {
  Community community(kProgram);
  community.Send(Fly("f1", Day(1), 100));
  const auto queries = *community.engine().Query();
  EXPECT_TRUE(*queries->Can("ana", "lounge", Day(1)));
  EXPECT_FALSE(*queries->Can("ana", "upgrade", Day(1)));
  EXPECT_FALSE(*queries->Can("ana", "lounge", Day(1) + absl::Hours(24 * 800)));
  EXPECT_THAT(*queries->Privileges("ana", Day(1)),
              ElementsAre("read", "lounge"));
  EXPECT_EQ(queries->Can("bob", "lounge", Day(1)).status().code(),
            absl::StatusCode::kNotFound);
  const absl::Status misspelled = queries->Can("ana", "lunge", Day(1)).status();
  EXPECT_EQ(misspelled.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(misspelled.message(),
            "no level of the program has the privilege \"lunge\". Did you mean "
            "\"lounge\"?");
}

TEST(Tiers, SayHowTheyGoOn) {
  Community community(kProgram);
  community.Send(Fly("f1", Day(1), 520));
  const TierOutlook now = *StandingOf(community, 0, Day(2)).tier;
  const absl::Time end_of_2026 =
      absl::FromCivil(absl::CivilDay(2027, 1, 1), absl::UTCTimeZone());
  EXPECT_EQ(now.units, 520);
  EXPECT_EQ(now.to_keep, 0);
  EXPECT_EQ(now.review, end_of_2026);
  EXPECT_EQ(now.at_review, "gold");
  EXPECT_EQ(now.until,
            absl::FromCivil(absl::CivilDay(2028, 1, 1), absl::UTCTimeZone()));
  EXPECT_EQ(now.then, "base");
  const TierOutlook next = *StandingOf(community, 0, end_of_2026).tier;
  EXPECT_EQ(next.units, 0);
  EXPECT_EQ(next.to_keep, 500);
  EXPECT_EQ(next.at_review, "base");
}

TEST(Tiers, FollowAMetricOfTheirPeriodAndItsReversal) {
  Community community(kProgram);
  for (int i = 1; i <= 3; ++i) {
    community.Send(Fly(absl::StrCat("f", i), Day(i, 1), 1));
  }
  EXPECT_EQ(StandingOf(community, 1, Day(4)).level, "often");
  EXPECT_EQ(StandingOf(community, 1, Day(4)).metric, "flights");
  EXPECT_EQ(StandingOf(community, 2, Day(4)).level, "many");
  EXPECT_EQ(StandingOf(community, 2, Day(11)).level, "many");
  EXPECT_EQ(StandingOf(community, 2, Day(12)).level, "few");
  ASSERT_TRUE(community.engine().Reverse("r1", Day(5), "f3").ok());
  // Not before the review, at the end of January, which finds that it was had.
  EXPECT_EQ(StandingOf(community, 1, Day(5)).level, "often");
  EXPECT_EQ(StandingOf(community, 2, Day(11)).level, "few");
  community.ExpectVerified();
}

TEST(Tiers, LoseAPartFromThePeriodInWhichItWasEarned) {
  Community community(kProgram);
  const absl::Time last_year = Day(1) - absl::Hours(24 * 30);
  community.Send(Fly("f1", last_year, 600));
  community.Send(Fly("f2", Day(2), 1));
  community.Send({.id = "r1",
                  .type = std::string(kReverse),
                  .time = Day(3),
                  .attributes = {{"event", "f1"}, {"keep", 1}, {"of", 2}}});
  EXPECT_EQ(StandingOf(community, 0, last_year).tier->units, 300);
  EXPECT_EQ(StandingOf(community, 0, Day(3)).tier->units, 1);
  EXPECT_EQ(StandingOf(community, 0, Day(3)).level, "silver");
  community.ExpectVerified();
}

TEST(Tiers, AssignedByHandAreExplained) {
  Community community(kProgram);
  community.Send(Fly("f1", Day(1), 1));
  const auto assigned =
      community.engine().AssignTier("a1", Day(2), "ana", "status", "gold",
                                    "kim", "a long story", "lock", Day(9));
  ASSERT_TRUE(assigned.ok()) << assigned.status();
  ASSERT_TRUE(assigned->accepted()) << assigned->reason;
  const auto* const step = std::get_if<LevelChanged>(&assigned->effects.at(0));
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->why, LevelChanged::Why::kByHand);
  EXPECT_TRUE(StandingOf(community, 0, Day(3)).tier->by_hand);
  EXPECT_EQ(StandingOf(community, 0, Day(3)).tier->until, Day(9));
  const auto why = (*community.engine().Query())->Explain("a1");
  EXPECT_THAT(why->sentences,
              Contains("ana reached gold on the ladder status, by hand."));
  EXPECT_THAT(why->sentences,
              Contains("kim put them on gold of the ladder status, whatever "
                       "they earn: a long story."));
  const auto taken =
      community.engine().UnassignTier("u1", Day(3), "ana", "status", "kim");
  EXPECT_TRUE(taken->accepted());
  const auto again =
      community.engine().UnassignTier("u2", Day(4), "ana", "status", "kim");
  EXPECT_EQ(again->rejected, RejectReason::kNotAssigned);
  community.ExpectVerified();
}

TEST(Tiers, AreToldBySweepsOrByWhatComesNext) {
  Community community(kProgram);
  community.Send(Fly("f1", Day(1), 100));
  community.now = Day(1) + absl::Hours(24 * 1000);
  ASSERT_EQ(*community.engine().Sweep(community.now), 1);
  const auto feed = (*community.engine().Query())->Feed(1, 10);
  ASSERT_EQ(feed->size(), 1U);
  const auto* const step =
      std::get_if<LevelChanged>(&feed->at(0).effects.at(0));
  ASSERT_NE(step, nullptr);
  EXPECT_EQ(step->to, "base");
  EXPECT_EQ(step->why, LevelChanged::Why::kReview);
  const auto why = (*community.engine().Query())->Explain(feed->at(0).event_id);
  EXPECT_THAT(why->sentences, Contains(HasSubstr("as the period ended")));
  // Told once.
  EXPECT_EQ(*community.engine().Sweep(community.now), 0);
  community.ExpectVerified();
}

}  // namespace
}  // namespace loyalty
