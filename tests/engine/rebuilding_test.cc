// SPDX-License-Identifier: Apache-2.0
//
// What follows from the journal can be dropped, and comes back the same.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "engine/forum_file.h"

namespace loyalty {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Rebuilding : public testing::ForumFile {
 protected:
  // Likes by many, some reversed, over several merges.
  void MakeLargerForum() {
    auto engine =
        Engine::Open(path_, testing::MustRead(kForum), {.max_tail = 100});
    ASSERT_TRUE(engine.ok()) << engine.status();
    std::mt19937 random(3);
    for (int i = 0; i < 500; ++i) {
      const std::string id = absl::StrCat("e", random() % 100'000, "-", i);
      Event event = Like(id, absl::StrCat("m", random() % 60));
      event.attributes = {{"owner", absl::StrCat("m", random() % 60)}};
      event.target = absl::StrCat("post", random() % 40);
      ids_.push_back(id);
      ASSERT_TRUE((*engine)->Process(event).ok());
      if (i % 17 == 0) {
        ASSERT_TRUE((*engine)
                        ->Reverse(absl::StrCat("r", i), testing::Day(2),
                                  ids_[random() % ids_.size()])
                        .ok());
      }
    }
  }

  std::vector<std::string> ids_;
};

TEST_F(Rebuilding, LeavesAFileAsItWas) {
  MakeLargerForum();
  const auto before = RowsOf(path_, "1");
  ASSERT_GT(before.size(), 1000u);
  const absl::Status rebuilt = Engine::Rebuild(path_);
  ASSERT_TRUE(rebuilt.ok()) << rebuilt;
  EXPECT_EQ(RowsOf(path_, "1"), before);
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(Rebuilding, MendsWhateverWasDoneToTheTables) {
  MakeForum();
  const auto before = RowsOf(path_, "1");
  for (const std::string damage :
       {"UPDATE member_state SET holdings = '[]'",
        "DELETE FROM member_state",
        "INSERT INTO member_state VALUES (77, 1, 0, '[]', '[]', x'', 0, x'')",
        "UPDATE member_state SET since = 0",
        "UPDATE member_state SET lines = 9",
        "UPDATE member_state SET counters = x'ff'",
        "UPDATE member_state SET ends = 'x'",
        "INSERT INTO counter_page VALUES (2, 'post', 0, x'ff')",
        "INSERT INTO keyed_counter VALUES (1, 1, 1, 0, 2, 5)",
        "DELETE FROM event_by_id WHERE id = 'e2'",
        "UPDATE event_by_id SET seq = 1",
        "UPDATE member_by_id SET member = 9 WHERE id = 'ada'",
        "DELETE FROM about",
        "DELETE FROM board",
        "UPDATE board SET members = 9",
        "UPDATE board_node SET body = x'00'",
        "DELETE FROM board_node",
        "DELETE FROM award_reversal",
        "DELETE FROM event_reversal",
        "INSERT INTO event_reversal VALUES (1, 2)",
        "UPDATE reversal SET first_seq = 1",
        "UPDATE applied SET through = 99",
        "UPDATE applied SET through = 1, member = 0",
        "DELETE FROM applied"}) {
    SCOPED_TRACE(damage);
    Edit(damage);
    EXPECT_THAT(Faults(), Not(IsEmpty()));
    const absl::Status rebuilt = Engine::Rebuild(path_);
    ASSERT_TRUE(rebuilt.ok()) << rebuilt;
    EXPECT_THAT(Faults(), IsEmpty());
    EXPECT_EQ(RowsOf(path_, "1"), before);
  }
  // It goes on.
  EXPECT_EQ(Open()->Process(Like("e5"))->seq, 5);
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(Rebuilding, BringsTheTablesOfAStoppedWriterUpToDate) {
  MakeForum();
  const auto before = RowsOf(path_, "1");
  Edit(
      "DELETE FROM about WHERE place & ((1 << 39) - 1) > 2; "
      "DELETE FROM event_by_id WHERE seq > 2; "
      "UPDATE applied SET through = 2");
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  EXPECT_EQ(RowsOf(path_, "1"), before);
}

TEST_F(Rebuilding, GivesNoForgottenMembersNumberAgain) {
  MakeForum();
  const auto before = RowsOf(path_, kDerived);
  // As erasing does: the last member's name goes, their entries stay.
  Edit(
      "DELETE FROM member WHERE member = 2; "
      "DELETE FROM member_by_id WHERE member = 2");
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  store::RawSqlite raw(path_);
  EXPECT_EQ(raw.Values("SELECT member FROM applied")[0], "2");
  EXPECT_TRUE(Open()->Process(Like("e5", "eve")).ok());
  EXPECT_EQ(raw.Values("SELECT member FROM member WHERE id = 'eve'")[0], "3");
}

TEST_F(Rebuilding, ChangesNothingWhereTheJournalCannotBeRead) {
  MakeForum();
  Edit("UPDATE event SET record = x'ff' WHERE seq = 3");
  const auto before = RowsOf(path_, "1");
  EXPECT_EQ(Engine::Rebuild(path_).code(), absl::StatusCode::kDataLoss);
  EXPECT_EQ(RowsOf(path_, "1"), before);
}

TEST_F(Rebuilding, IsRefusedWhileTheFileIsWritten) {
  MakeForum();
  const auto engine = Open();
  const absl::Status refused = Engine::Rebuild(path_);
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr(absl::StrCat("process ", getpid())));
}

TEST_F(Rebuilding, MakesNoFile) {
  EXPECT_EQ(Engine::Rebuild(path_).code(), absl::StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + ".lock"));
  std::ofstream(path_) << "points,member\n";
  EXPECT_EQ(Engine::Rebuild(path_).code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(Rebuilding, IsSeenByReadersAtOnceOrNotAtAll) {
  MakeForum();
  Edit(
      "UPDATE member_state SET holdings = '[[' || (holdings ->> '$[0][0]') "
      "|| ',99,99,1,0]]'");
  const auto during = Queries::Open(path_);
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  EXPECT_EQ((*during)->Member("grace")->currencies[0].balance, 99);
  EXPECT_EQ((*Queries::Open(path_))->Member("grace")->currencies[0].balance,
            11);
}

}  // namespace
}  // namespace loyalty
