// SPDX-License-Identifier: Apache-2.0
//
// Quests that many do together: more than one entry should give to, and what a
// program does when it asks for more or less than before.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::Day;
using testing::MustRead;

constexpr int kMembers = 1200;

std::string ProgramOf(int64_t goal, const std::string& more = "") {
  return absl::StrCat(
      "name: 'goals' version: '", goal, more,
      "' currency { id: 'points' } event_type { id: 'solve' } quest { id: "
      "'all' together: 'everybody' period: MONTH revoke: true step { id: "
      "'solutions' on: 'solve' goal: ",
      goal, " } award { currency: 'points' units: '5' } }");
}

std::string MemberNamed(int n) { return absl::StrCat("m", n); }

void ExpectVerified(Engine& engine) {
  const auto report = (*engine.Query())->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
}

class Goals : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    Open();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Open() {
    engine_.reset();
    auto engine =
        Engine::Open(folder_ / "goals.db", MustRead(ProgramOf(kMembers)));
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }

  // One solution of each.
  std::vector<Outcome> SolveAll() {
    std::vector<Event> events;
    for (int n = 0; n < kMembers; ++n) {
      events.push_back({.id = absl::StrCat("s", n),
                        .type = "solve",
                        .time = Day(2),
                        .actor = MemberNamed(n)});
    }
    std::vector<Outcome> outcomes;
    auto answers = engine_->Process(events);
    for (auto& outcome : *answers) outcomes.push_back(*std::move(outcome));
    return outcomes;
  }

  // How many have had their share, by what it awards.
  int64_t Held() {
    const auto queries = engine_->Query();
    const auto all = (*queries)->Balances("points", "", kMembers + 1, Day(4));
    EXPECT_TRUE(all.ok()) << all.status();
    int64_t held = 0;
    for (const MemberBalance& one : *all) {
      EXPECT_TRUE(one.balance == 0 || one.balance == 5) << one.member;
      held += one.balance / 5;
    }
    return held;
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      absl::StrCat("loyalty_goals_", getpid());
  std::unique_ptr<Engine> engine_;
};

TEST_F(Goals, GiveThousandsTheirSharesInEntriesOfAThousand) {
  const std::vector<Outcome> outcomes = SolveAll();
  ASSERT_EQ(outcomes.back().notes.size(), 1U);
  EXPECT_EQ(outcomes.back().notes[0].text,
            "1200 took part, of whom most are given their share by "
            "Engine::ShareGoals, or `loyalty sweep`");
  EXPECT_EQ(Held(), 1);  // whose act it was
  EXPECT_EQ(*engine_->ShareGoals(Day(3)), 2);
  EXPECT_EQ(Held(), kMembers);
  EXPECT_EQ(*engine_->ShareGoals(Day(3)), 0);
  // Who comes to it later has a share at once.
  const auto late = engine_->Process(
      {.id = "late", .type = "solve", .time = Day(4), .actor = "late"});
  ASSERT_TRUE(late.ok()) << late.status();
  EXPECT_EQ((*engine_->Query())->Member("late")->badges.at("quest/all"), 1);
  ExpectVerified(*engine_);
}

TEST_F(Goals, GoOnWithSharesWhereTheyWereInterrupted) {
  SolveAll();
  // One entry as ShareGoals makes them, and then nothing more.
  Value::List some;
  for (int n = 0; n < 1000; ++n) some.emplace_back(MemberNamed(n));
  const auto one = engine_->Process(
      {.id = "!share",
       .type = std::string(kShareGoal),
       .time = Day(3),
       .attributes = {{"quest", "all"}, {"at", Day(2)}, {"members", some}}});
  ASSERT_TRUE(one.ok()) << one.status();
  Open();
  EXPECT_EQ(Held(), 1001);
  EXPECT_EQ(*engine_->ShareGoals(Day(3)), 1);
  EXPECT_EQ(Held(), kMembers);
  EXPECT_EQ(*engine_->ShareGoals(Day(3)), 0);
  ExpectVerified(*engine_);
}

TEST_F(Goals, TakeSharesBackFromThousands) {
  SolveAll();
  ASSERT_TRUE(engine_->ShareGoals(Day(3)).ok());
  ASSERT_TRUE(engine_->Reverse("back", Day(3), "s7")->accepted());
  EXPECT_EQ(Held(), kMembers - 1);  // the others wait
  EXPECT_EQ(*engine_->ShareGoals(Day(3)), 2);
  EXPECT_EQ(Held(), 0);
  ExpectVerified(*engine_);
}

TEST_F(Goals, LeaveOutWhoIsErasedBeforeTheirShare) {
  SolveAll();
  ASSERT_TRUE(engine_->Erase("gone", Day(3), MemberNamed(3))->accepted());
  EXPECT_EQ(*engine_->ShareGoals(Day(3)), 2);
  // And after it: what was given is replayed without their name.
  ASSERT_TRUE(engine_->Erase("gone too", Day(3), MemberNamed(4))->accepted());
  EXPECT_EQ(*engine_->ShareGoals(Day(3)), 0);
  ExpectVerified(*engine_);
}

// One more than an entry gives to: whether shares wait does not depend on who
// is erased since.
TEST(GoalsOfAThousandAndOne, AreReplayedWithoutWhoWasErasedSince) {
  constexpr int kJustTooMany = 1001;
  auto engine = *Engine::InMemory(MustRead(ProgramOf(kJustTooMany)));
  for (int n = 0; n < kJustTooMany; ++n) {
    ASSERT_TRUE(engine
                    ->Process({.id = absl::StrCat("s", n),
                               .type = "solve",
                               .time = Day(2),
                               .actor = MemberNamed(n)})
                    .ok());
  }
  ASSERT_TRUE(engine->Erase("gone", Day(3), MemberNamed(3))->accepted());
  EXPECT_EQ(*engine->ShareGoals(Day(3)), 1);
  ExpectVerified(*engine);
}

TEST(WhoIsSuspended, HasNoShareAndTheOutcomeSaysWhy) {
  auto engine = *Engine::InMemory(MustRead(ProgramOf(2)));
  const auto solve = [&](const std::string& id, const std::string& who) {
    return *engine->Process(
        {.id = id, .type = "solve", .time = Day(2), .actor = who});
  };
  solve("s1", "ana");
  ASSERT_TRUE(engine
                  ->Process({.id = "stop",
                             .type = std::string(kSuspend),
                             .time = Day(2),
                             .actor = "ana"})
                  ->accepted());
  const Outcome outcome = solve("s2", "bob");
  ASSERT_EQ(outcome.notes.size(), 1U);
  EXPECT_EQ(outcome.notes[0].rule, "quest:all");
  EXPECT_EQ(outcome.notes[0].text,
            "a member who is suspended has no share of it");
  EXPECT_TRUE((*engine->Query())->Member("ana", Day(3))->badges.empty());
  // It is replayed without their name.
  ASSERT_TRUE(engine->Erase("gone", Day(3), "ana")->accepted());
  ExpectVerified(*engine);
}

TEST(AGoalThatIsLowered, IsMetWithTheNextActForIt) {
  auto engine = *Engine::InMemory(MustRead(ProgramOf(10)));
  const auto solve = [&](const std::string& id, const std::string& who) {
    return *engine->Process(
        {.id = id, .type = "solve", .time = Day(2), .actor = who});
  };
  solve("s1", "ana");
  solve("s2", "bob");
  const auto switched =
      engine->Switch(MustRead(ProgramOf(3)), "to-3", Day(2, 13));
  ASSERT_TRUE(switched.ok()) << switched.status();
  solve("s3", "bob");
  const auto queries = engine->Query();
  for (const char* who : {"ana", "bob"}) {
    EXPECT_EQ((*queries)->Member(who, Day(3))->badges.at("quest/all"), 1);
  }
  ExpectVerified(*engine);
}

}  // namespace
}  // namespace loyalty
