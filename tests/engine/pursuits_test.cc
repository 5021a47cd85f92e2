// SPDX-License-Identifier: Apache-2.0
//
// Streaks and quests in a file: what is told of them is kept, and explained.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>

#include "engine/community.h"

namespace loyalty {
namespace {

using ::testing::Contains;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MustRead;

constexpr char kProgram[] = R"(
  name: "habit" version: "1"
  currency { id: "gems" }
  event_type { id: "lesson" }
  event_type { id: "withdraw"
               attribute { name: "event" type: STRING required: true } }
  rule { id: "withdraw" on: "withdraw"
         reverse_event { event: "event.event" } }
  streak { id: "daily" on: "lesson"
           reach { at: 2 describe: "Twice" revoke: true
                   award { currency: "gems" units: "2" } }
           reach { every: 2 } }
  quest { id: "three" describe: "Three lessons" join: REQUEST revoke: true
          step { id: "lessons" on: "lesson" goal: 3 }
          award { currency: "gems" units: "3" } }
)";

class Pursuits : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(folder_);
    Reopen();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Reopen() {
    engine_.reset();
    auto engine = Engine::Open(folder_ / "habit.db", MustRead(kProgram));
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }
  Outcome Send(const std::string& id, const std::string& type, int day,
               Attributes attributes = {}) {
    const auto outcome = engine_->Process({.id = id,
                                           .type = type,
                                           .time = Day(day),
                                           .actor = "ana",
                                           .attributes = attributes});
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.ok() ? *outcome : Outcome();
  }
  std::vector<std::string> Sentences(const std::string& id) {
    const auto explained = (*engine_->Query())->Explain(id);
    EXPECT_TRUE(explained.ok()) << explained.status();
    return explained.ok() ? explained->sentences : std::vector<std::string>();
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      ("loyalty_pursuits_" + std::to_string(getpid()));
  std::unique_ptr<Engine> engine_;
};

TEST_F(Pursuits, AreToldTheSameAgain) {
  const std::vector<Outcome> told = {
      Send("j1", std::string(kJoinQuest), 1, {{"quest", "three"}}),
      Send("l1", "lesson", 1),
      Send("l2", "lesson", 2),
      Send("f1", std::string(kFreezeStreak), 3,
           {{"streak", "daily"}, {"by", "kim"}}),
      Send("l3", "lesson", 6),
      Send("k1", std::string(kLeaveQuest), 6, {{"quest", "three"}}),
  };
  EXPECT_THAT(
      told[4].effects,
      Contains(Effect(StreakMoved{
          .member = "ana", .streak = "daily", .length = 1, .broken = 2})));
  EXPECT_EQ(told[5].rejected, RejectReason::kQuestDone);
  Reopen();
  const std::vector<Outcome> again = {
      Send("j1", std::string(kJoinQuest), 1, {{"quest", "three"}}),
      Send("l1", "lesson", 1),
      Send("l2", "lesson", 2),
      Send("f1", std::string(kFreezeStreak), 3,
           {{"streak", "daily"}, {"by", "kim"}}),
      Send("l3", "lesson", 6),
      Send("k1", std::string(kLeaveQuest), 6, {{"quest", "three"}}),
  };
  for (size_t i = 0; i < told.size(); ++i) {
    EXPECT_TRUE(again[i].repeat);
    EXPECT_EQ(again[i].effects, told[i].effects) << told[i].event_id;
    EXPECT_EQ(again[i].rejected, told[i].rejected);
  }
}

TEST_F(Pursuits, AreExplained) {
  Send("j1", std::string(kJoinQuest), 1, {{"quest", "three"}});
  Send("l1", "lesson", 1);
  Send("l2", "lesson", 2);
  Send("f1", std::string(kFreezeStreak), 3,
       {{"streak", "daily"}, {"by", "kim"}});
  Send("l3", "lesson", 6);
  Send("w3", "withdraw", 7, {{"event", "l3"}});
  Send("w2", "withdraw", 7, {{"event", "l2"}});
  Send("k1", std::string(kLeaveQuest), 8, {{"quest", "three"}});
  EXPECT_THAT(Sentences("j1"), ElementsAre("ana joined the quest three."));
  EXPECT_THAT(Sentences("l1"),
              ElementsAre("ana began a streak daily.",
                          "ana came to 1 of 3 of step lessons of the quest "
                          "three."));
  EXPECT_THAT(
      Sentences("l2"),
      ElementsAre("ana's streak daily came to 2.",
                  "ana reached 2 of the streak daily: Twice.",
                  HasSubstr("ana received 2 gems"),
                  "ana reached another 2 of the streak daily.",
                  "ana came to 2 of 3 of step lessons of the quest three.",
                  HasSubstr("was taken back by event w2, a withdraw of")));
  EXPECT_THAT(Sentences("f1"), ElementsAre("ana's streak daily of 2 was "
                                           "frozen."));
  EXPECT_THAT(Sentences("l3"),
              ElementsAre("ana began a streak daily; the one before it had "
                          "come to 2.",
                          HasSubstr("came to 3 of 3"),
                          "ana did the quest three: Three lessons.",
                          HasSubstr("ana received 3 gems"),
                          HasSubstr("was taken back by event w3")));
  EXPECT_THAT(Sentences("w3"),
              Contains("ana has not done the quest three after all: Three "
                       "lessons."));
  EXPECT_THAT(Sentences("w2"),
              Contains("ana has not reached 2 of the streak daily after all: "
                       "Twice."));
  EXPECT_THAT(Sentences("k1"), ElementsAre("ana left the quest three."));
}

TEST_F(Pursuits, AreInWhatAMemberIsHanded) {
  Send("j1", std::string(kJoinQuest), 1, {{"quest", "three"}});
  Send("l1", "lesson", 1);
  const auto exported = (*engine_->Query())->Export("ana", Day(1, 20));
  ASSERT_TRUE(exported.ok()) << exported.status();
  EXPECT_THAT(*exported, HasSubstr(R"("streak":"daily")"));
  EXPECT_THAT(*exported, HasSubstr(R"("state":"joined")"));
}

}  // namespace
}  // namespace loyalty
