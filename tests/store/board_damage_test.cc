// SPDX-License-Identifier: Apache-2.0
//
// Boards in files that somebody damaged: every question is answered, rightly or
// not, or refused, and soon.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "store/board.h"
#include "store/database.h"

namespace loyalty::store {
namespace {

// Three levels, as their numbers are large.
constexpr int kDamagedMembers = 30'000;

class BoardDamageTest : public ::testing::Test {
 protected:
  BoardDamageTest() : db_(*Database::Open("", Database::Mode::kReadWrite)) {
    EXPECT_TRUE(db_->Execute(kBoardTable).ok());
    EXPECT_TRUE(db_->Execute(kBoardNodeTable).ok());
    std::vector<BoardChange> changes;
    for (int i = 1; i <= kDamagedMembers; ++i) {
      changes.push_back({.member = Numbered(i), .after = At(i)});
    }
    EXPECT_TRUE(Board(*db_, {1}).Change(MergeInto::kFile, changes).ok());
    root_ = db_->Number("SELECT root FROM board").value();
    Rows rows = db_->Query("SELECT node FROM board_node ORDER BY node");
    while (rows.Next()) nodes_.push_back(rows.Int(0));
  }

  static BoardKey At(int64_t member) {
    const auto mixed = static_cast<int64_t>(static_cast<uint64_t>(member) *
                                            0x9e3779b97f4a7c15);
    return {(member * 7919 % 30'000) << 40, mixed, static_cast<int32_t>(mixed)};
  }
  static int64_t Numbered(int64_t member) { return member << 46; }
  int Below(size_t bound) {
    return std::uniform_int_distribution<int>(
        0, static_cast<int>(bound) - 1)(random_);
  }
  int64_t AnyNode() { return nodes_[Below(nodes_.size())]; }

  std::string Body(int64_t node) {
    Rows row = db_->Query("SELECT body FROM board_node WHERE node = ?", node);
    return row.Next() ? std::string(row.Bytes(0)) : "";
  }
  void SetBody(int64_t node, const std::string& body) {
    EXPECT_TRUE(db_->Run("UPDATE board_node SET body = ? WHERE node = ?",
                         Blob{body}, node)
                    .ok());
  }

  // Asks and changes; whatever comes of it is undone.
  void Use() {
    ASSERT_TRUE(db_->Execute("SAVEPOINT damaged").ok());
    Board board(*db_, {1});
    for (int i = 0; i < 20; ++i) {
      const BoardKey key = At(Below(kDamagedMembers));
      const int64_t before = board.node_reads();
      (void)board.EntriesBefore(key).ok();
      (void)board.EntriesAbove(key.earned, key.tie).ok();
      ASSERT_LE(board.node_reads() - before, 2 * kBoardLevels);
      if (const auto page = board.From(Below(kDamagedMembers), 10); page.ok()) {
        EXPECT_LE(page->entries.size(), 10);
      }
      ASSERT_LE(board.node_reads() - before, 15 * kBoardLevels);
    }
    (void)board.From(0, INT32_MAX).ok();
    Board walked(*db_, {1});
    found_ +=
        !walked.Walk([](const BoardEntry&) { return absl::OkStatus(); }).ok();
    ASSERT_LE(walked.node_reads(), kDamagedMembers);
    std::vector<BoardChange> changes;
    for (int i = 1 + Below(50); i <= kDamagedMembers; i += 500) {
      changes.push_back({.member = Numbered(i),
                         .before = At(i),
                         .after = BoardKey{i, kDamagedMembers + i, 0}});
    }
    Board changed(*db_, {1});
    (void)changed.Change(MergeInto::kFile, changes).ok();
    ASSERT_LE(changed.node_reads(), kDamagedMembers);
    ASSERT_TRUE(db_->Execute("ROLLBACK TO damaged; RELEASE damaged").ok());
  }

  std::unique_ptr<Database> db_;
  std::mt19937 random_{5};
  int64_t root_ = 0;
  std::vector<int64_t> nodes_;
  int found_ = 0;
};

TEST_F(BoardDamageTest, IsNoneInAnUndamagedFile) {
  ASSERT_NO_FATAL_FAILURE(Use());
  EXPECT_EQ(found_, 0);
  BoardNode root;
  ASSERT_TRUE(root.Assign(Body(root_)).ok());
  EXPECT_EQ(root.level(), 2);
}

TEST_F(BoardDamageTest, IsSurvivedWhateverByteChanges) {
  for (int round = 0; round < 200; ++round) {
    // What is above most is met most.
    const int64_t node = round % 3 == 0 ? root_ : AnyNode();
    const std::string body = Body(node);
    std::string damaged = body;
    for (int i = Below(3); i >= 0; --i) {
      // Often where widths and counts are.
      const int at = Below(Below(2) == 0 ? 50 : damaged.size());
      damaged[at] = static_cast<char>(Below(256));
    }
    SetBody(node, damaged);
    ASSERT_NO_FATAL_FAILURE(Use()) << round;
    SetBody(node, body);
  }
  EXPECT_GT(found_, 100);
}

TEST_F(BoardDamageTest, IsSurvivedWhereverANodeEnds) {
  for (int round = 0; round < 80; ++round) {
    const int64_t node = round % 2 == 0 ? root_ : AnyNode();
    const std::string body = Body(node);
    SetBody(node, round < 100
                      ? body.substr(0, Below(body.size()))
                      : absl::StrCat(body, body.substr(0, 1 + Below(99))));
    ASSERT_NO_FATAL_FAILURE(Use()) << round;
    SetBody(node, body);
  }
  EXPECT_EQ(found_, 80);
}

TEST_F(BoardDamageTest, IsFoundWhereNodesAreExchanged) {
  for (int round = 0; round < 20; ++round) {
    const int64_t a = AnyNode();
    const int64_t b = AnyNode();
    if (a == b) continue;
    const std::string body_a = Body(a);
    const std::string body_b = Body(b);
    SetBody(a, body_b);
    const int found = found_;
    ASSERT_NO_FATAL_FAILURE(Use());
    EXPECT_GT(found_, found);
    SetBody(b, body_a);
    ASSERT_NO_FATAL_FAILURE(Use());
    SetBody(a, body_a);
    SetBody(b, body_b);
  }
}

TEST_F(BoardDamageTest, IsFoundWhereANodeIsGone) {
  for (int round = 0; round < 20; ++round) {
    const int64_t node = AnyNode();
    const std::string body = Body(node);
    ASSERT_TRUE(db_->Run("DELETE FROM board_node WHERE node = ?", node).ok());
    const int found = found_;
    ASSERT_NO_FATAL_FAILURE(Use());
    EXPECT_GT(found_, found);
    ASSERT_TRUE(
        db_->Run("INSERT INTO board_node VALUES (?, ?)", node, Blob{body})
            .ok());
  }
}

TEST_F(BoardDamageTest, IsFoundWhereTheBoardLies) {
  for (const char* lie :
       {"members = 0", "members = members + 1", "members = -1",
        "members = 9223372036854775807", "root = 0", "root = -5",
        "root = 9223372036854775807", "root = root + 1"}) {
    ASSERT_TRUE(db_->Execute("SAVEPOINT lie").ok());
    ASSERT_TRUE(
        db_->Execute(absl::StrCat("UPDATE board SET ", lie).c_str()).ok());
    const int found = found_;
    ASSERT_NO_FATAL_FAILURE(Use());
    EXPECT_GT(found_, found) << lie;
    ASSERT_TRUE(db_->Execute("ROLLBACK TO lie; RELEASE lie").ok());
  }
}

// Nodes that lead to each other, or many to one, each true to what is above it
// as far as that can be seen at the node: there would be more ways down than
// anyone could go.
TEST_F(BoardDamageTest, IsNoMazeToBeLostIn) {
  ASSERT_TRUE(db_->Execute("DELETE FROM board; DELETE FROM board_node").ok());
  constexpr int kWidth = 40;
  const auto number = [](int level, int i) { return level * kWidth + i + 1; };
  std::vector<int64_t> members(kWidth, 1);
  for (int level = 0; level < 9; ++level) {
    for (int i = 0; i < kWidth; ++i) {
      // To itself and all that come after it on the level below.
      std::vector<BoardRow> rows;
      for (int j = i; j < kWidth; ++j) {
        const BoardKey first{-j, 1, 0};
        if (level == 0 && j > i) break;
        rows.push_back(level == 0
                           ? BoardRow{first, j + 1, 1}
                           : BoardRow{first, number(level - 1, j), members[j]});
      }
      ASSERT_TRUE(db_->Run("INSERT INTO board_node VALUES (?, ?)",
                           number(level, i), Blob{BoardNodeBody(level, rows)})
                      .ok());
    }
    if (level == 0) continue;
    for (int i = kWidth - 2; i >= 0; --i) members[i] += members[i + 1];
  }
  ASSERT_TRUE(db_->Run("INSERT INTO board VALUES (1, 0, ?, ?)", number(8, 0),
                       members[0])
                  .ok());
  ASSERT_GT(members[0], 100'000'000);
  ASSERT_NO_FATAL_FAILURE(Use());
  EXPECT_EQ(found_, 1);
  // Steps that fit make it go on.
  Board board(*db_, {1});
  std::vector<BoardChange> changes;
  for (int i = 0; i < kWidth; ++i) {
    changes.push_back({.member = 99, .after = BoardKey{-i, 2, 0}});
  }
  (void)board.Change(MergeInto::kFile, changes).ok();
  EXPECT_LE(board.node_reads(), 10'000);
}

}  // namespace
}  // namespace loyalty::store
