// SPDX-License-Identifier: Apache-2.0
//
// Going on with a changed program: what is refused, and why; what the file says
// of it; and what later opening, reading and replaying make of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "engine/community.h"
#include "store/raw_sqlite.h"

namespace loyalty {
namespace {

using absl::StatusCode;
using ::testing::Contains;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MustRead;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kFirst[] = R"(
  name: "forum" version: "1"
  currency { id: "points" }
  event_type { id: "post" attribute { name: "words" type: INT } }
  metric { id: "posts" on: "post" }
  rule { id: "posts" on: "post" award { currency: "points" units: "10" } }
  ladder { id: "rank" currency: "points"
           level { id: "new" } level { id: "known" at: 15 } })";

constexpr char kSecond[] = R"(
  name: "forum" version: "2"
  currency { id: "points" } currency { id: "stars" }
  event_type { id: "post"
               attribute { name: "words" type: INT default: "7" } }
  metric { id: "posts" on: "post" }
  rule { id: "posts" on: "post" award { currency: "points" units: "3" } }
  rule { id: "starred" on: "post" award { currency: "stars" units: "1" } }
  ladder { id: "rank" currency: "points"
           level { id: "new" } level { id: "known" at: 5 } })";

std::string Says(const absl::Status& status) {
  return std::string(status.message());
}

class Switching : public ::testing::Test {
 protected:
  Switching() {
    std::filesystem::create_directories(folder_);
    Open();
  }
  ~Switching() override { std::filesystem::remove_all(folder_); }

  void Open() {
    engine_.reset();
    auto engine = Engine::Open(path_, first_);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }

  absl::StatusOr<Outcome> Post(const std::string& id, int day = 1) {
    return engine_->Process(
        {.id = id, .type = "post", .time = Day(day), .actor = "ada"});
  }

  int64_t Points() const {
    return (*engine_->Query())->Member("ada")->currencies[0].balance;
  }

  void ExpectVerified() const {
    const auto report = (*engine_->Query())->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(report->faults, IsEmpty());
  }

  const std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() /
      absl::StrCat("loyalty_switching_", getpid());
  const std::string path_ = folder_ / "c.db";
  const Program first_ = MustRead(kFirst);
  const Program second_ = MustRead(kSecond);
  std::unique_ptr<Engine> engine_;
};

TEST_F(Switching, IsAnEntryThatSaysWhatItDid) {
  ASSERT_TRUE(Post("e1").ok());
  const auto outcome = engine_->Switch(second_, "s1", Day(2));
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(outcome->accepted());
  EXPECT_EQ(outcome->seq, 2);
  ASSERT_THAT(outcome->notes, SizeIs(1));
  EXPECT_EQ(outcome->notes[0].text,
            "the program was version \"1\" before, and is version \"2\" from "
            "here on");
  ASSERT_TRUE(Post("e2").ok());
  EXPECT_EQ(Points(), 13);
  const auto queries = *engine_->Query();
  EXPECT_EQ(queries->CurrentProgram()->version(), "2");
  EXPECT_EQ(queries->Explain("e1")->program, "forum 1");
  EXPECT_EQ(queries->Explain("s1")->program, "forum 2");
  EXPECT_EQ(queries->Explain("e2")->program, "forum 2");
  EXPECT_THAT(queries->Explain("s1")->sentences,
              ElementsAre(HasSubstr("version 2 of the program decides")));
  ExpectVerified();
}

TEST_F(Switching, SentAgainIsAnsweredAsBefore) {
  const auto first = engine_->Switch(second_, "s1", Day(2));
  ASSERT_TRUE(first.ok()) << first.status();
  const auto again = engine_->Switch(second_, "s1", Day(2));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->repeat);
  EXPECT_EQ(*again, *first);
  EXPECT_EQ(engine_->Switch(second_, "s1", Day(3))->rejected,
            RejectReason::kEventIdReused);
  EXPECT_EQ(engine_->Switch(second_, "s2", Day(2)).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(engine_->Switch(first_, "", Day(3))->event_id, "!switch-3");
}

TEST_F(Switching, OpensWithTheNewestAndWithNoOther) {
  ASSERT_TRUE(Post("e1").ok());
  ASSERT_TRUE(engine_->Switch(second_, "s1", Day(2)).ok());
  engine_.reset();
  const absl::Status older = Engine::Open(path_, first_).status();
  EXPECT_EQ(older.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Says(older),
              HasSubstr("an older one of this file, until entry 1"));
  EXPECT_THAT(Says(older), HasSubstr("rule \"starred\" was removed"));
  EXPECT_THAT(Says(older), HasSubstr("rule \"posts\" was changed"));
  EXPECT_THAT(Says(older), Not(HasSubstr("metric \"posts\"")));
  auto reopened = Engine::Reopen(path_);
  ASSERT_TRUE(reopened.ok()) << reopened.status();
  engine_ = *std::move(reopened);
  ASSERT_TRUE(Post("e2").ok());
  EXPECT_EQ(Points(), 13);
  engine_.reset();
  EXPECT_TRUE(Engine::Open(path_, second_).ok());
}

TEST_F(Switching, ReopensOnlyWhatIsThere) {
  EXPECT_EQ(Engine::Reopen(folder_ / "none.db").status().code(),
            StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(folder_ / "none.db"));
}

TEST_F(Switching, IsRefusedWithAllReasonsAndChangesNothing) {
  ASSERT_TRUE(Post("e1").ok());
  const Program bad = MustRead(R"(
    name: "blog" version: "1"
    currency { id: "stars" }
    event_type { id: "post" }
    metric { id: "posts" on: "post" period: DAY })");
  const absl::Status refused = engine_->Switch(bad, "s1", Day(2)).status();
  EXPECT_EQ(refused.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Says(refused), HasSubstr("is called \"blog\" now"));
  EXPECT_THAT(Says(refused), HasSubstr("version \"1\" was used before"));
  EXPECT_THAT(Says(refused), HasSubstr("currency \"points\" is gone"));
  EXPECT_THAT(Says(refused), HasSubstr("metric \"posts\""));
  ASSERT_TRUE(Post("e2").ok());
  EXPECT_EQ(Points(), 20);
  // The id is free still.
  EXPECT_TRUE(engine_->Switch(second_, "s1", Day(2)).ok());
  ExpectVerified();
}

TEST_F(Switching, CannotBeSentAsAnEvent) {
  const auto sent = engine_->Process(Event{.id = "s1",
                                           .type = std::string(kSwitch),
                                           .time = Day(2),
                                           .attributes = {{"version", "2"}}});
  EXPECT_EQ(sent.status().code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(Says(sent.status()), HasSubstr("Engine::Switch"));
}

TEST_F(Switching, AnswersWhatWasSentBeforeAsItWasThen) {
  ASSERT_TRUE(Post("e1").ok());
  ASSERT_TRUE(engine_->Switch(second_, "s1", Day(2)).ok());
  // Today it would have 7 words.
  EXPECT_TRUE(Post("e1")->repeat);
  // And where there is no such event any more.
  const Program third = MustRead(
      "name: 'forum' version: '3' currency { id: 'points' } "
      "currency { id: 'stars' } event_type { id: 'other' }");
  ASSERT_TRUE(engine_->Switch(third, "s2", Day(3)).ok());
  EXPECT_TRUE(Post("e1")->repeat);
  EXPECT_EQ(Post("e9").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(
      engine_
          ->Process(Event{
              .id = "e1", .type = "other", .time = Day(1), .actor = "ada"})
          ->rejected,
      RejectReason::kEventIdReused);
  ExpectVerified();
}

TEST_F(Switching, IsSeenByWhoReadsTheFile) {
  ASSERT_TRUE(Post("e1").ok());
  const auto before = *Queries::Open(path_);
  ASSERT_TRUE(engine_->Switch(second_, "s1", Day(2)).ok());
  EXPECT_EQ(before->CurrentProgram()->version(), "1");
  EXPECT_EQ((*Queries::Open(path_))->CurrentProgram()->version(), "2");
}

TEST_F(Switching, IsPreviewed) {
  ASSERT_TRUE(Post("e1").ok());
  const auto preview = (*engine_->Query())->PreviewSwitch(second_);
  ASSERT_TRUE(preview.ok()) << preview.status();
  EXPECT_EQ(preview->from, "1");
  EXPECT_EQ(preview->to, "2");
  std::vector<std::string> differences;
  for (const ProgramDifference& d : preview->differences) {
    differences.push_back(d.ToString());
  }
  EXPECT_THAT(differences, ElementsAre("currency \"stars\" was added",
                                       "event type \"post\" was changed",
                                       "rule \"posts\" was changed",
                                       "rule \"starred\" was added",
                                       "ladder \"rank\" was changed"));
  EXPECT_THAT(preview->reasons_against, IsEmpty());
  EXPECT_THAT(preview->ladders,
              ElementsAre(SwitchPreview::Ladder{.id = "rank", .members = 1}));
  EXPECT_EQ((*engine_->Query())->CurrentProgram()->version(), "1");
}

// Where the new floor is above what a reversal would leave.
TEST_F(Switching, LiftsToARaisedFloorWhatWouldLieBelowIt) {
  const auto with = [](const std::string& version, const std::string& floor) {
    return MustRead(absl::StrCat(
        "name: 'f' version: '", version, "' currency { id: 'points' ", floor,
        " } event_type { id: 'post' attribute { name: 'n' type: INT } }"
        "rule { id: 'r' on: 'post' award { currency: 'points' "
        "units: 'event.n' } }"));
  };
  auto engine = *Engine::InMemory(with("1", "floor: -100"));
  const auto post = [&](const std::string& id, int64_t n) {
    return engine->Process({.id = id,
                            .type = "post",
                            .time = Day(1),
                            .actor = "ada",
                            .attributes = {{"n", n}}});
  };
  ASSERT_TRUE(post("e1", 10).ok());
  ASSERT_TRUE(post("e2", -10).ok());
  ASSERT_TRUE(engine->Switch(with("2", ""), "s1", Day(2)).ok());
  ASSERT_TRUE(engine->Reverse("r1", Day(3), "e1").ok());
  EXPECT_EQ((*engine->Query())->Member("ada")->currencies[0].balance, 0);
  EXPECT_THAT((*engine->Query())->Verify()->faults, IsEmpty());
}

TEST_F(Switching, OfAFileThatWasEditedIsFound) {
  ASSERT_TRUE(Post("e1").ok());
  ASSERT_TRUE(engine_->Switch(second_, "s1", Day(2)).ok());
  ASSERT_TRUE(Post("e2").ok());
  engine_.reset();
  store::RawSqlite raw(path_);
  raw.RunPastTriggers("UPDATE program SET since = 3 WHERE number = 2");
  const auto report = (*Queries::Open(path_))->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->faults, Contains(HasSubstr("turn it was not")));
}

TEST_F(Switching, SurvivesARebuild) {
  ASSERT_TRUE(Post("e1").ok());
  ASSERT_TRUE(engine_->Switch(second_, "s1", Day(2)).ok());
  ASSERT_TRUE(Post("e2").ok());
  engine_.reset();
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  engine_ = *Engine::Open(path_, second_);
  EXPECT_EQ(Points(), 13);
  ASSERT_TRUE(engine_->Reverse("r1", Day(3), "e1").ok());
  EXPECT_EQ(Points(), 3);
  ExpectVerified();
}

}  // namespace
}  // namespace loyalty
