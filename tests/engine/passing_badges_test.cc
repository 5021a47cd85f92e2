// SPDX-License-Identifier: Apache-2.0
//
// What sweeps tell of badges that time brings, in a file. When they are won is
// in tests/scenarios/badges, and that each is told once, whatever comes late,
// in tests/properties/badges_twin_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/community.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Day;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kProgram[] = R"pb(
  name: "days"
  version: "1"
  currency { id: "points" }
  event_type {
    id: "post"
    attribute { name: "units" type: INT required: true }
  }
  rule {
    id: "post"
    on: "post"
    award { currency: "points" units: "event.units" }
  }
  metric { id: "of_the_day" earned: "points" period: DAY }
  badge { id: "busy" asked_at: END_OF_DAY when: "metric.of_the_day >= 200" }
  badge {
    id: "yearling"
    asked_at: ANNIVERSARY
    count: "years(member.since, event.time)"
  }
)pb";

class PassingBadges : public ::testing::Test {
 protected:
  void Open() {
    engine_.reset();
    auto engine =
        Engine::Open(path_, testing::MustRead(kProgram),
                     {.clock = [] { return Day(1) + absl::Hours(40'000); }});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }

  std::vector<Effect> Send(Event event) {
    const absl::StatusOr<Outcome> outcome = engine_->Process(event);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.ok() ? outcome->effects : std::vector<Effect>();
  }
  std::vector<Effect> Post(const std::string& id, absl::Time time,
                           int64_t units) {
    return Send({.id = id,
                 .type = "post",
                 .time = time,
                 .actor = "ana",
                 .attributes = {{"units", units}}});
  }
  std::vector<Effect> Sweep(const std::string& id, absl::Time time) {
    return Send({.id = id, .type = std::string(kSweep), .time = time});
  }

  int64_t Busy(absl::Time at) {
    const auto profile = (*engine_->Query())->Member("ana", at);
    EXPECT_TRUE(profile.ok()) << profile.status();
    return profile.ok() && profile->badges.contains("busy")
               ? profile->badges.at("busy")
               : 0;
  }

  void ExpectVerified() {
    const auto report = (*engine_->Query())->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(report->faults, IsEmpty());
  }

  store::TemporaryFolder folder_;
  std::string path_ = folder_.File("days.db");
  std::unique_ptr<Engine> engine_;
};

TEST_F(PassingBadges, AreToldOnceAndGrantedByTheNextEvent) {
  Open();
  const absl::Time end_of_day = Day(2, 0) - absl::Microseconds(1);
  const Effect busy =
      BadgeDue{.member = "ana", .badge = "busy", .time = end_of_day};
  Post("p1", Day(1), 250);
  EXPECT_THAT(Sweep("s1", Day(1, 20)), IsEmpty());
  EXPECT_THAT(Sweep("s2", Day(2)), ElementsAre(busy));
  EXPECT_THAT(Sweep("s3", Day(3)), IsEmpty());
  EXPECT_EQ(Busy(Day(1, 20)), 0);
  EXPECT_EQ(Busy(Day(3)), 1);
  EXPECT_EQ((*engine_->Query())->Explain("s2")->sentences.at(0),
            "ana has won the badge busy, as time has passed; their next event "
            "grants it.");
  // Sent again, by whoever opens the file next, it says the same.
  Open();
  EXPECT_THAT(Sweep("s2", Day(2)), ElementsAre(busy));
  const std::vector<Effect> granted = Post("p2", Day(4), 10);
  ASSERT_EQ(granted.size(), 2u);
  EXPECT_EQ(granted[0], Effect(Badge{.member = "ana", .badge = "busy"}));
  // Anniversaries as they come, and those of two years at once.
  const auto yearling = [](absl::Time time) {
    return Effect(BadgeDue{.member = "ana", .badge = "yearling", .time = time});
  };
  const auto years_later = [](int years) {
    return absl::FromCivil(absl::CivilHour(2026 + years, 1, 1, 12),
                           absl::UTCTimeZone());
  };
  EXPECT_THAT(Sweep("s4", years_later(1) - absl::Seconds(1)), IsEmpty());
  EXPECT_THAT(Sweep("s5", years_later(1)),
              ElementsAre(yearling(years_later(1))));
  EXPECT_THAT(Sweep("s6", years_later(3)),
              ElementsAre(yearling(years_later(2)), yearling(years_later(3))));
  ExpectVerified();
  engine_.reset();
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  Open();
  EXPECT_THAT(Sweep("s7", years_later(3)), IsEmpty());
  ExpectVerified();
}

TEST_F(PassingBadges, AreNoPromise) {
  Open();
  Post("p1", Day(1), 250);
  EXPECT_EQ(Sweep("s1", Day(3)).size(), 1u);
  // Late, and before anything else has reached her.
  Post("p2", Day(1, 18), -100);
  EXPECT_EQ(Busy(Day(3)), 0);
  EXPECT_THAT(Sweep("s2", Day(3)), IsEmpty());
  Post("p3", Day(1, 19), 100);
  EXPECT_EQ(Busy(Day(3)), 1);
  EXPECT_EQ(Sweep("s3", Day(3)).size(), 1u);
  EXPECT_EQ(*engine_->Sweep(Day(4)), 0);
  ExpectVerified();
}

TEST_F(PassingBadges, AreToldByAsManySweepsAsItTakes) {
  Open();
  Post("p1", Day(1), 250);
  EXPECT_EQ(*engine_->Sweep(Day(3)), 1);
  EXPECT_EQ(*engine_->Sweep(Day(3)), 0);
  EXPECT_EQ(*engine_->Sweep(Day(1) + absl::Hours(24 * 366)), 1);
}

}  // namespace
}  // namespace loyalty
