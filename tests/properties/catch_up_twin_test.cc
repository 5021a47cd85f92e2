// SPDX-License-Identifier: Apache-2.0
//
// Random histories under a program that has less, a switch to one that has
// more, and a catch-up with that: from then on all of it has to be as in a twin
// that had the second program from the start, also as events of before the
// switch are reversed.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::Day;
using ::testing::IsEmpty;
using testing::MustRead;

constexpr char kBoth[] = R"(
  currency { id: 'points' } currency { id: 'karma' }
  event_type { id: 'post' attribute { name: 'to' type: MEMBER }
               attribute { name: 'words' type: INT } }
  rule { id: 'posting' on: 'post' award { currency: 'points' units: '1' } })";

constexpr char kNew[] = R"(
  metric { id: 'posts' on: 'post' }
  metric { id: 'words' on: 'post' per: 'event.to' sum: 'event.words' }
  metric { id: 'longest' on: 'post' max: 'event.words' }
  metric { id: 'friends' on: 'post' distinct: 'event.to' }
  metric { id: 'days' on: 'post' days: true period: MONTH }
  metric { id: 'fans' on: 'post' by: 'event.to' }
  metric { id: 'read' on: 'post' per: 'target' }
  rule { id: 'read' on: 'post' award { to: 'event.to' currency: 'karma'
                                       units: 'event.words' self: ALLOW } }
  badge { id: 'writer' when: 'metric.posts >= 3'
          award { currency: 'karma' units: '50' } }
  badge { id: 'fleeting' revoke: true when: 'metric.posts >= 4'
          award { currency: 'karma' units: '70' } }
  badge { id: 'long' count: 'metric.longest / 3' }
  streak { id: 'daily' on: 'post' freeze { every: 4 max: 1 }
           reach { at: 3 award { currency: 'karma' units: '11' } }
           reach { every: 2 revoke: true
                   award { currency: 'karma' units: '13' } } }
  streak { id: 'heard' on: 'post' per: 'event.to' reach { at: 2 revoke: true } }
  quest { id: 'six' revoke: true step { id: 'posts' on: 'post' goal: 6 }
          award { currency: 'karma' units: '17' } }
  quest { id: 'again' times: 0
          step { id: 'words' on: 'post' sum: 'event.words' goal: 9 }
          step { id: 'heard' on: 'post' per: 'event.to' }
          award { currency: 'karma' units: '19' } }
  quest { id: 'weekly' period: WEEK in_order: true revoke: true
          step { id: 'two' on: 'post' goal: 2 }
          step { id: 'then' on: 'post' goal: 4 } }
  quest { id: 'rise' step { id: 'posts' value: 'metric.posts' goal: 5 } })";

Program ProgramOf(const std::string& version, const std::string& more) {
  return MustRead(
      absl::StrCat("name: 'twin' version: '", version, "'", kBoth, more));
}

class CatchUpHistory {
 public:
  explicit CatchUpHistory(uint64_t seed) : random_(seed) {
    engine_ = *Engine::InMemory(ProgramOf("1", ""),
                                {.clock = [] { return Day(40); }});
    twin_ = *Engine::InMemory(ProgramOf("2", kNew),
                              {.clock = [] { return Day(40); }});
  }

  void Run() {
    Live(20, "a");
    ASSERT_TRUE(engine_->Switch(ProgramOf("2", kNew), "switch", Day(20)).ok());
    Live(5, "b");
    const auto report =
        engine_->CatchUp({.rules = {"read"},
                          .badges = {"fleeting", "long", "writer"},
                          .metrics = {"posts", "words", "longest", "friends",
                                      "days", "fans", "read"},
                          .streaks = {"daily", "heard"},
                          .quests = {"six", "again", "weekly", "rise"}},
                         "c", Day(30));
    ASSERT_TRUE(report.ok()) << report.status();
    ExpectAsTheTwin("after the catch-up");
    for (int i = 0; i < 10 && !::testing::Test::HasFailure(); ++i) {
      Live(2, absl::StrCat("c", i, "-"));
      ExpectAsTheTwin(absl::StrCat("after step ", i));
    }
    EXPECT_THAT((*engine_->Query())->Verify()->faults, IsEmpty());
    const absl::StatusOr<Outcome> back =
        engine_->Process({.id = "back",
                          .type = std::string(kReverse),
                          .time = Day(32),
                          .attributes = {{"event", "c"}}});
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_TRUE(back->accepted()) << back->reason;
    EXPECT_THAT((*engine_->Query())->Verify()->faults, IsEmpty());
  }

 private:
  int Below(int n) {
    return static_cast<int>(random_() % static_cast<uint64_t>(n));
  }
  std::string AnyMember() { return absl::StrCat("m", Below(3)); }

  void Live(int steps, const std::string& prefix) {
    for (int step = 0; step < steps; ++step) {
      const std::string id = absl::StrCat(prefix, step);
      if (Below(4) == 0 && !sent_.empty()) {
        Both(
            {.id = id,
             .type = std::string(kReverse),
             .time = Day(31),
             .attributes = {{"event", sent_[static_cast<size_t>(Below(
                                          static_cast<int>(sent_.size())))]}}});
        continue;
      }
      Both({.id = id,
            .type = "post",
            .time = Day(1 + Below(9)),
            .actor = AnyMember(),
            .target = absl::StrCat("p", Below(2)),
            .attributes = {{"to", AnyMember()}, {"words", 1 + Below(9)}}});
      sent_.push_back(id);
    }
  }

  void Both(const Event& event) {
    ASSERT_TRUE(engine_->Process(event).ok());
    ASSERT_TRUE(twin_->Process(event).ok());
  }

  void ExpectAsTheTwin(const std::string& when) {
    SCOPED_TRACE(when);
    const auto here = *engine_->Query();
    const auto there = *twin_->Query();
    for (const char* const member : {"m0", "m1", "m2"}) {
      const auto is = here->Member(member, Day(31));
      const auto would = there->Member(member, Day(31));
      ASSERT_EQ(is.ok(), would.ok());
      if (!is.ok()) continue;
      EXPECT_EQ(is->metrics, would->metrics) << member;
      EXPECT_EQ(is->badges, would->badges) << member;
      for (const int day : {3, 8, 31}) {
        EXPECT_EQ(PursuitsOf(*here, member, day),
                  PursuitsOf(*there, member, day))
            << member << " on day " << day;
      }
      for (size_t i = 0; i < is->currencies.size(); ++i) {
        EXPECT_EQ(is->currencies[i].balance, would->currencies[i].balance)
            << member << " " << is->currencies[i].currency;
      }
    }
    const auto read = [](Queries& queries) {
      std::vector<std::string> lines;
      EXPECT_TRUE(queries
                      .Metrics("read", Day(31),
                               [&](const MetricLine& line) {
                                 lines.push_back(
                                     absl::StrCat(line.id, " ", line.value));
                               })
                      .ok());
      return lines;
    };
    EXPECT_EQ(read(*here), read(*there));
  }

  // Rows, and how far each quest is in its window.
  static std::vector<std::string> PursuitsOf(Queries& queries,
                                             const std::string& member,
                                             int day) {
    std::vector<std::string> lines;
    const auto profile = queries.Member(member, Day(day));
    if (!profile.ok()) return {std::string(profile.status().message())};
    for (const StreakStanding& streak : profile->streaks) {
      lines.push_back(absl::StrCat(streak.streak, " ", streak.length, " of ",
                                   streak.longest, ", frozen ",
                                   streak.freezes));
      for (const StreakRow& row : streak.rows) {
        absl::StrAppend(&lines.back(), ", ", row.length);
      }
    }
    for (const QuestStanding& quest : profile->quests) {
      lines.push_back(absl::StrCat(quest.quest, " ",
                                   std::string(Name(quest.state)), " ",
                                   quest.times_done));
      for (const StepStanding& step : quest.steps) {
        absl::StrAppend(&lines.back(), ", ", step.progress);
      }
    }
    return lines;
  }

  std::mt19937_64 random_;
  std::vector<std::string> sent_;
  std::unique_ptr<Engine> engine_, twin_;
};

TEST(CatchUpTwin, ComesToWhatWouldHaveBeen) {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  // Each of them plays its journal twice, and its twin.
  const int histories = (asked == nullptr ? 100 : std::atoi(asked)) / 4;
  for (int seed = 0; seed < histories; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    CatchUpHistory(static_cast<uint64_t>(seed)).Run();
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace loyalty
