// SPDX-License-Identifier: Apache-2.0
//
// A board beside a slow, obvious twin: a sorted list of entries. Its tables are
// the file's, or a reader's tail over a file's. Damaged ones:
// board_damage_test.cc.
#include "store/board.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;

class BoardFile {
 public:
  BoardFile()
      : db_(*Database::Open(folder_.File("board.db"),
                            Database::Mode::kReadWrite)) {
    Must(db_->Execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));
    Must(db_->Execute(kBoardTable));
    Must(db_->Execute(kBoardNodeTable));
    Must(db_->Execute("BEGIN"));
  }

  // From here on changes go to the tail.
  void BeginTail() { Must(db_->Execute(kMakeBoardTail)); }

  Board Of(int64_t currency) { return Board(*db_, {currency}); }
  Database& db() { return *db_; }

  // Bytes of all nodes of the file itself.
  std::string MainContent() {
    std::string content;
    Rows rows = db_->Query("SELECT node, body FROM main.board_node ORDER BY 1");
    while (rows.Next()) {
      absl::StrAppend(&content, rows.Int(0), ":");
      content += rows.Bytes(1);
    }
    Rows boards = db_->Query("SELECT * FROM main.board ORDER BY 1");
    while (boards.Next()) {
      absl::StrAppend(&content, boards.Int(0), " ", boards.Int(1), " ",
                      boards.Int(2), ";");
    }
    return content;
  }

  static void Must(const absl::Status& status) {
    EXPECT_TRUE(status.ok()) << status;
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<Database> db_;
};

// The twin.
class SortedList {
 public:
  int64_t EntriesBefore(const BoardKey& key) const {
    return At(key) - entries_.begin();
  }
  std::vector<BoardEntry> From(int64_t row, int limit) const {
    const auto size = static_cast<int64_t>(entries_.size());
    const int64_t from = std::clamp<int64_t>(row, 0, size);
    const int64_t to = std::min<int64_t>(size, from + std::max(limit, 0));
    return {entries_.begin() + from, entries_.begin() + to};
  }
  const std::vector<BoardEntry>& entries() const { return entries_; }

  void Change(const std::vector<BoardChange>& changes) {
    std::set<BoardKey> gone;
    for (const BoardChange& change : changes) {
      if (change.before.has_value()) gone.insert(*change.before);
    }
    std::erase_if(entries_, [&](const BoardEntry& entry) {
      return gone.contains(entry.key);
    });
    for (const BoardChange& change : changes) {
      if (change.after.has_value()) {
        entries_.push_back({*change.after, change.member});
      }
    }
    std::sort(
        entries_.begin(), entries_.end(),
        [](const BoardEntry& a, const BoardEntry& b) { return a.key < b.key; });
  }

 private:
  std::vector<BoardEntry>::const_iterator At(const BoardKey& key) const {
    return std::lower_bound(entries_.begin(), entries_.end(), key,
                            [](const BoardEntry& entry, const BoardKey& k) {
                              return entry.key < k;
                            });
  }

  std::vector<BoardEntry> entries_;
};

// Members who come, move and go, by chance.
class RandomMembers {
 public:
  explicit RandomMembers(uint32_t seed) : random_(seed) {}

  int64_t Below(int64_t bound) {
    return std::uniform_int_distribution<int64_t>(0, bound - 1)(random_);
  }
  // Of some boards nearly all have equally many, of some nobody.
  int64_t Earned() {
    switch (spread_) {
      case 0: return Below(3);
      case 1: return Below(1000) * Below(1000);
      case 2: return Below(10) == 0 ? Below(int64_t{1} << 50) : Below(5) - 2;
      default: return static_cast<int64_t>(random_());
    }
  }
  void set_spread(int spread) { spread_ = spread; }

  BoardKey Fresh() {
    // Reached in the order of the journal, with several in an event.
    n_ = Below(3) == 0 ? n_ + 1 : 0;
    if (n_ == 0) seq_ += 1 + Below(3);
    return {Earned(), seq_, n_};
  }
  // A key that may or may not be there.
  BoardKey Any(const SortedList& list) {
    if (list.entries().empty() || Below(2) == 0) {
      return {Earned(), Below(seq_ + 1), static_cast<int32_t>(Below(3)) - 1};
    }
    return list.entries()[Below(std::ssize(list.entries()))].key;
  }

  // `count` changes, of which that share in 100 are arrivals and departures.
  std::vector<BoardChange> Changes(const SortedList& list, int64_t count,
                                   int64_t arrive, int64_t depart) {
    std::vector<BoardEntry> there = list.entries();
    std::shuffle(there.begin(), there.end(), random_);
    std::vector<BoardChange> changes;
    while (std::ssize(changes) < count) {
      const int64_t chance = Below(100);
      if (chance < arrive) {
        changes.push_back({.member = ++members_, .after = Fresh()});
        continue;
      }
      if (there.empty()) break;
      BoardChange change{.member = there.back().member,
                         .before = there.back().key};
      there.pop_back();
      if (chance >= arrive + depart) change.after = Fresh();
      changes.push_back(change);
    }
    return changes;
  }

 private:
  std::mt19937_64 random_;
  int spread_ = 0;
  int64_t seq_ = 0;
  int32_t n_ = 0;
  int64_t members_ = 0;
};

// Every entry, each node checked, and how many nodes there are.
std::pair<std::vector<BoardEntry>, int64_t> Walked(Board board) {
  std::vector<BoardEntry> entries;
  const absl::Status walked = board.Walk([&](const BoardEntry& entry) {
    entries.push_back(entry);
    return absl::OkStatus();
  });
  EXPECT_TRUE(walked.ok()) << walked;
  return {std::move(entries), board.node_reads()};
}

// `board` may have a memory.
void ExpectSameAnswers(Board board, const SortedList& list,
                       RandomMembers& chance) {
  const int64_t size = std::ssize(list.entries());
  ASSERT_EQ(board.Size().value(), size);
  ASSERT_EQ(board.From(0, 7).value().entries, list.From(0, 7));
  for (int i = 0; i < 30; ++i) {
    const BoardKey key = chance.Any(list);
    ASSERT_EQ(board.EntriesBefore(key).value(), list.EntriesBefore(key));
    ASSERT_EQ(board.EntriesAbove(key.earned, key.tie).value(),
              list.EntriesBefore({key.earned, INT64_MIN, INT32_MIN}));
    const BoardPlace place = board.PlaceOf(key).value();
    ASSERT_EQ(place.before, list.EntriesBefore(key));
    ASSERT_EQ(place.above,
              list.EntriesBefore({key.earned, INT64_MIN, INT32_MIN}));
    const int64_t row = chance.Below(size + 3) - 1;
    const int limit = static_cast<int>(chance.Below(i % 10 == 0 ? 2000 : 12));
    const BoardPage page = board.From(row, limit).value();
    ASSERT_EQ(page.entries, list.From(row, limit)) << row << " " << limit;
    if (page.entries.empty()) continue;
    ASSERT_EQ(page.above, list.EntriesBefore({page.entries.front().key.earned,
                                              INT64_MIN, INT32_MIN}));
  }
}

// All nodes are on some board, fit a page, and none is too small.
void ExpectSoundNodes(BoardFile& file, const std::vector<int64_t>& currencies) {
  std::set<int64_t> roots;
  int64_t on_boards = 0;
  for (const int64_t currency : currencies) {
    roots.insert(file.db()
                     .Number("SELECT root FROM board WHERE board = ?", currency)
                     .value());
    on_boards += Walked(file.Of(currency)).second;
  }
  int64_t nodes = 0;
  Rows rows = file.db().Query(
      "SELECT node, length(body) FROM board_node WHERE length(body) > 0");
  while (rows.Next()) {
    ++nodes;
    EXPECT_LE(rows.Int(1), int64_t{kBoardNodeBytes});
    if (!roots.contains(rows.Int(0))) {
      EXPECT_GE(rows.Int(1), int64_t{kSmallBoardNode});
    }
  }
  EXPECT_EQ(nodes, on_boards);
}

class BoardTwinTest
    : public ::testing::TestWithParam<std::tuple<MergeInto, int, uint32_t>> {};

TEST_P(BoardTwinTest, AnswersAsASortedListDoes) {
  const auto& [into, spread, seed] = GetParam();
  BoardFile file;
  RandomMembers chance(seed);
  chance.set_spread(spread);
  const std::vector<int64_t> currencies = {4, 9};
  std::map<int64_t, SortedList> lists;
  struct Phase {
    int rounds;
    int64_t most, arrive, depart;
  };
  const auto live = [&](const std::vector<Phase>& phases, MergeInto where) {
    for (const Phase& phase : phases) {
      for (int round = 0; round < phase.rounds; ++round) {
        const int64_t currency = currencies[chance.Below(2)];
        SortedList& list = lists[currency];
        const auto changes = chance.Changes(list, 1 + chance.Below(phase.most),
                                            phase.arrive, phase.depart);
        list.Change(changes);
        Board board = file.Of(currency);
        const absl::Status changed = board.Change(where, changes);
        ASSERT_TRUE(changed.ok()) << changed;
        ASSERT_NO_FATAL_FAILURE(ExpectSameAnswers(board, list, chance));
      }
      for (const int64_t currency : currencies) {
        ASSERT_EQ(Walked(file.Of(currency)).first, lists[currency].entries());
      }
      ExpectSoundNodes(file, currencies);
    }
  };
  ASSERT_NO_FATAL_FAILURE(live({{8, 5, 60, 10},
                                {8, 300, 60, 10},
                                {3, 20'000, 90, 5},
                                {12, 30, 30, 30},
                                {6, 6'000, 10, 40}},
                               MergeInto::kFile));
  const std::string before = file.MainContent();
  if (into == MergeInto::kTail) file.BeginTail();
  ASSERT_NO_FATAL_FAILURE(live({{10, 20, 30, 30},
                                {3, 9'000, 60, 10},
                                {8, 8'000, 2, 90},
                                {2, 30'000, 0, 100},
                                {4, 3'000, 80, 10}},
                               into));
  if (into == MergeInto::kTail) {
    EXPECT_EQ(file.MainContent(), before);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Chances, BoardTwinTest,
    ::testing::Combine(::testing::Values(MergeInto::kFile, MergeInto::kTail),
                       ::testing::Range(0, 4), ::testing::Values(1U, 2U)));

class BoardTest : public ::testing::Test {
 protected:
  void Change(const std::vector<BoardChange>& changes) {
    const absl::Status changed = board_.Change(MergeInto::kFile, changes);
    ASSERT_TRUE(changed.ok()) << changed;
  }
  // Members 1 to `count`, the first with most, each after `step` events.
  void Fill(int64_t count, int64_t step = 1) {
    std::vector<BoardChange> changes;
    for (int64_t i = 1; i <= count; ++i) {
      changes.push_back({.member = i, .after = At(i, step)});
    }
    Change(changes);
  }
  BoardKey At(int64_t member, int64_t step = 1) const {
    return {(5'000'000 - member) / 3, member * step, 0};
  }
  int64_t Nodes() {
    return file_.db().Number("SELECT count(*) FROM board_node").value();
  }
  // What `ask` reads.
  template <typename F>
  int64_t ReadsOf(F&& ask) {
    const int64_t before = board_.node_reads();
    ask();
    return board_.node_reads() - before;
  }

  BoardFile file_;
  Board board_ = file_.Of(1);
};

TEST_F(BoardTest, PutsWhoWasThereFirstFirst) {
  Change({{.member = 1, .after = BoardKey{10, 7, 0}},
          {.member = 2, .after = BoardKey{10, 3, 1}},
          {.member = 3, .after = BoardKey{10, 3, 0}},
          {.member = 4, .after = BoardKey{-2, 1, 0}},
          {.member = 5, .after = BoardKey{11, 9, 0}}});
  std::vector<int64_t> members;
  const BoardPage page = board_.From(0, 9).value();
  for (const BoardEntry& entry : page.entries) {
    members.push_back(entry.member);
  }
  EXPECT_THAT(members, ElementsAre(5, 3, 2, 1, 4));
  EXPECT_EQ(board_.EntriesAbove(10, 0).value(), 1);
  EXPECT_EQ(board_.EntriesBefore({10, 7, 0}).value(), 3);
}

TEST_F(BoardTest, IsEmptyWithoutTables) {
  EXPECT_EQ(board_.Size().value(), 0);
  EXPECT_EQ(board_.EntriesAbove(0, 0).value(), 0);
  EXPECT_THAT(board_.From(0, 10).value().entries, IsEmpty());
  EXPECT_THAT(Walked(board_).first, IsEmpty());
}

TEST_F(BoardTest, LeavesNothingWhenTheLastMemberGoes) {
  Fill(10'000);
  std::vector<BoardChange> changes;
  for (int64_t i = 1; i <= 10'000; ++i) {
    changes.push_back({.member = i, .before = At(i)});
  }
  Change(changes);
  EXPECT_EQ(Nodes(), 0);
  EXPECT_EQ(file_.db().Number("SELECT count(*) FROM board").value(), 0);
}

TEST_F(BoardTest, HoldsTheLargestAndSmallestNumbers) {
  constexpr auto kLeast = std::numeric_limits<int64_t>::min();
  constexpr auto kMost = std::numeric_limits<int64_t>::max();
  Change({{.member = kMost, .after = BoardKey{kLeast, kMost, INT32_MAX}},
          {.member = 1, .after = BoardKey{kMost, kLeast, INT32_MIN}},
          {.member = 2, .after = BoardKey{kMost, kMost, 0}}});
  EXPECT_THAT(board_.From(0, 3).value().entries,
              ElementsAre(BoardEntry{{kMost, kLeast, INT32_MIN}, 1},
                          BoardEntry{{kMost, kMost, 0}, 2},
                          BoardEntry{{kLeast, kMost, INT32_MAX}, kMost}));
  EXPECT_EQ(board_.EntriesAbove(kMost, 0).value(), 0);
  EXPECT_EQ(board_.EntriesAbove(kLeast, 0).value(), 2);
}

TEST_F(BoardTest, LetsAPlaceBeTakenThatBecomesFree) {
  Change({{.member = 1, .after = BoardKey{5, 1, 0}}});
  Change({{.member = 2, .after = BoardKey{5, 1, 0}},
          {.member = 1, .before = BoardKey{5, 1, 0}}});
  EXPECT_THAT(board_.From(0, 9).value().entries,
              ElementsAre(BoardEntry{{5, 1, 0}, 2}));
}

TEST_F(BoardTest, RefusesWhatDoesNotFit) {
  Change({{.member = 1, .after = BoardKey{5, 1, 0}}});
  const std::vector<BoardChange> wrong = {
      {.member = 2, .after = BoardKey{5, 1, 0}},   // it is taken
      {.member = 1, .before = BoardKey{5, 2, 0}},  // nobody is there
      {.member = 2, .before = BoardKey{5, 1, 0}},  // another is
      {.member = 3, .before = BoardKey{9, 9, 9}, .after = BoardKey{1, 9, 9}}};
  for (const BoardChange& change : wrong) {
    EXPECT_TRUE(absl::IsDataLoss(board_.Change(MergeInto::kFile, {change})));
  }
  EXPECT_TRUE(absl::IsDataLoss(file_.Of(2).Change(
      MergeInto::kFile, {{.member = 1, .before = BoardKey{1, 1, 1}}})));
}

TEST_F(BoardTest, ChangesAsManyNodesAsItMust) {
  Fill(100'000, 40);
  const int64_t nodes = Nodes();
  // One member: a leaf, and those above it; a neighbour if it got too small.
  EXPECT_LE(ReadsOf([&] {
              Change({{.member = 777,
                       .before = At(777, 40),
                       .after = BoardKey{500, 9'000'000, 0}}});
            }),
            2 * 2 + 1);
  // All of them: each node once, and perhaps the last one again.
  std::vector<BoardChange> changes;
  for (int64_t i = 1000; i <= 100'000; i += 50) {
    changes.push_back({.member = i,
                       .before = At(i, 40),
                       .after = BoardKey{i, 10'000'000 + i, 0}});
  }
  EXPECT_LE(ReadsOf([&] { Change(changes); }), nodes + 3);
}

// Members go who stand beside each other, so that few nodes change, and those
// get small.
TEST_F(BoardTest, PutsSmallNodesTogether) {
  constexpr int64_t kMembers = 120'000;
  Fill(kMembers, 40);
  std::vector<int64_t> starts;
  for (int64_t from = 1; from < kMembers; from += 400) {
    starts.push_back(from);
  }
  std::mt19937 random(3);
  std::shuffle(starts.begin(), starts.end(), random);
  for (size_t i = 0; i < starts.size(); ++i) {
    std::vector<BoardChange> changes;
    for (int64_t member = starts[i] + 3; member < starts[i] + 400; ++member) {
      changes.push_back({.member = member, .before = At(member, 40)});
    }
    Change(changes);
    if (i % 20 == 0 || i + 20 > starts.size()) ExpectSoundNodes(file_, {1});
  }
  EXPECT_EQ(board_.Size().value(), std::ssize(starts) * 3);
  EXPECT_LE(Nodes(), 12);
}

TEST_F(BoardTest, FillsItsNodesWell) {
  Fill(200'000, 9);
  const double bytes = static_cast<double>(
      file_.db().Number("SELECT sum(length(body)) FROM board_node").value());
  EXPECT_GT(bytes / static_cast<double>(Nodes()), 0.8 * kBoardNodeBytes);
}

TEST_F(BoardTest, NeedsNoPageBesideANodesOwn) {
  Fill(200'000, 9);
  const auto pages = file_.db().Number(
      "SELECT count(*) FROM dbstat WHERE name = 'board_node' AND pagetype = "
      "'overflow'");
  if (!pages.ok()) GTEST_SKIP() << "this SQLite has no dbstat";
  EXPECT_EQ(*pages, 0);
}

TEST_F(BoardTest, ReadsFourNodesOfAMillionEntriesAtMost) {
  constexpr int64_t kMembers = 1'000'000;
  Fill(kMembers, 17);
  int64_t pages = 0;
  for (int64_t i = 1; i < kMembers; i += 3'331) {
    EXPECT_LE(ReadsOf([&] {
                EXPECT_EQ(board_.EntriesBefore(At(i, 17)).value(), i - 1);
              }),
              4);
    EXPECT_LE(ReadsOf([&] { board_.EntriesAbove(At(i).earned, 0).value(); }),
              4);
    const int64_t reads = ReadsOf([&] {
      EXPECT_EQ(board_.From(i - 1, 10).value().entries.front().member, i);
    });
    // A page may end on another leaf, and that have another above it.
    EXPECT_LE(reads, 5);
    pages += reads;
  }
  EXPECT_LE(pages, 4 * (kMembers / 3'331));

  // With what was read before, no more than a leaf; and one where it ends. The
  // page at that place is in the same one.
  BoardMemory memory;
  Board remembers(file_.db(), {1}, &memory);
  int64_t places = 0;
  for (int64_t i = 1; i < kMembers; i += 3'331, ++places) {
    const BoardPlace place = remembers.PlaceOf(At(i, 17)).value();
    EXPECT_EQ(place.before, i - 1);
    EXPECT_EQ(place.above, board_.EntriesAbove(At(i).earned, 0).value());
    const BoardPage page = remembers.From(i - 1, 1).value();
    EXPECT_THAT(page.entries, ElementsAre(Field(&BoardEntry::member, i)));
    EXPECT_EQ(page.above, place.above);
  }
  EXPECT_LE(remembers.node_reads(), places + places / 10 + 20);
  EXPECT_EQ(ReadsOf([&] { board_.Size().value(); }), 0);
}

}  // namespace
}  // namespace loyalty::store
