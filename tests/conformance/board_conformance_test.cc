// SPDX-License-Identifier: Apache-2.0
//
// What both stores promise of leaderboards of counters.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iterator>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/journal_builder.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/store.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

using model::CounterKey;
using model::Entity;
using model::Position;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class BoardConformance : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "memory") {
      store_ = NewMemoryStore();
    } else {
      SqliteOptions options;
      // With each commit all goes into the tables, and is read from there.
      if (GetParam() == "merged") options.max_tail = 1;
      auto opened =
          OpenSqliteStore(folder_.File("test.db"), Access::kWrite, options);
      ASSERT_TRUE(opened.ok()) << opened.status();
      store_ = *std::move(opened);
    }
    ASSERT_TRUE(store_->AddProgram(SomeProgram()).ok());
  }

  std::unique_ptr<Transaction> Begin() { return store_->Begin().value(); }
  std::unique_ptr<Reader> Read() { return store_->Read().value(); }

  // Writes and commits.
  void Append(const Delta& delta) {
    auto transaction = Begin();
    const absl::Status written = transaction->Write(delta);
    ASSERT_TRUE(written.ok()) << written;
    const absl::Status committed = transaction->Commit();
    ASSERT_TRUE(committed.ok()) << committed;
  }
  // An event of one award, committed.
  Position Award(const std::string& id, const std::string& member,
                 int64_t units,
                 std::optional<std::string> subject = std::nullopt,
                 const std::string& currency = "points") {
    Delta delta = journal_.Next(id);
    const Position at =
        journal_.Award(delta, member, units, std::move(subject), currency);
    Append(delta);
    return at;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  JournalBuilder journal_;
};

// Of rows of any list.
template <typename Row>
std::vector<std::string> NamesOf(const std::vector<Row>& rows) {
  std::vector<std::string> names;
  for (const Row& row : rows) names.push_back(row.member);
  return names;
}

// An event that sets counters of a member.
using Set = std::vector<std::pair<CounterKey, int64_t>>;
Delta Counting(JournalBuilder& journal, const std::string& id,
               const std::string& member, const Set& counters) {
  Delta delta = journal.Next(id);
  for (const auto& [key, value] : counters) {
    journal.Count(delta, Member(member), key, value);
  }
  delta.states.front().exists = true;
  delta.states.front().since = delta.recorded.event.time;
  return delta;
}

std::vector<std::string> RowsOf(const std::vector<Ranked>& rows) {
  std::vector<std::string> texts;
  for (const Ranked& row : rows) {
    texts.push_back(absl::StrCat(row.row, " ", row.rank, " ", row.member, " ",
                                 row.earned, " ", row.tie));
  }
  return texts;
}

TEST_P(BoardConformance, RanksCountersOfLeaderboardsBySeason) {
  const CounterKey board{.name = "board:b", .window = 86'400};
  const CounterKey tie{.name = "tie:b", .window = 86'400};
  const CounterKey later{.name = "board:b", .window = 2 * 86'400};
  Append(Counting(journal_, "e1", "ada", {{board, 5}, {later, 1}}));
  Append(Counting(journal_, "e2", "bob", {{board, 5}, {tie, 1}}));
  Append(Counting(journal_, "e3", "cy", {{board, 7}}));
  Append(Counting(journal_, "e4", "dan", {{tie, 9}}));
  Append(Counting(journal_, "e5", "eve", {{board, 5}}));
  // The same value again is no change.
  Append(Counting(journal_, "e6", "ada", {{board, 5}}));
  const BoardRef season{.name = "board:b", .season = 86'400};
  {
    const auto reader = Read();
    EXPECT_THAT(
        RowsOf(*reader->Top(season, 9)),
        ElementsAre("0 1 cy 7 0", "1 2 bob 5 1", "2 3 ada 5 0", "3 3 eve 5 0"));
    EXPECT_EQ(*reader->BoardSize(season), 4);
    EXPECT_EQ(*reader->ScoresAbove(season, 5, 0), 2);
    EXPECT_THAT(*reader->Seasons("board:b"), ElementsAre(86'400, 2 * 86'400));
    EXPECT_EQ(*reader->Rank(season, "dan"), std::nullopt);
    EXPECT_THAT(RowsOf(*reader->Top({.name = "board:b", .season = 1}, 9)),
                IsEmpty());
  }
  const auto all = [](const Ranked&, int64_t) { return true; };
  {
    // Also what is not committed, and not merged.
    const JournalBuilder before = journal_;
    const auto transaction = Begin();
    ASSERT_TRUE(
        transaction->Write(Counting(journal_, "e7", "eve", {{board, 8}})).ok());
    EXPECT_THAT(
        RowsOf(*transaction->Standings(season, all)),
        ElementsAre("0 1 eve 8 0", "1 2 cy 7 0", "2 3 bob 5 1", "3 4 ada 5 0"));
    EXPECT_THAT(RowsOf(*transaction->Standings(
                    season, [](const Ranked& row,
                               int64_t rows) { return row.row * 2 < rows; })),
                ElementsAre("0 1 eve 8 0", "1 2 cy 7 0"));
    journal_ = before;
  }
  EXPECT_THAT(
      RowsOf(*Begin()->Standings(season, all)),
      ElementsAre("0 1 cy 7 0", "1 2 bob 5 1", "2 3 ada 5 0", "3 3 eve 5 0"))
      << "it was rolled back";
  // Who falls to nothing is gone.
  Append(Counting(journal_, "e8", "cy", {{board, 0}}));
  EXPECT_THAT(RowsOf(*Read()->Top(season, 1)), ElementsAre("0 1 bob 5 1"));
  EXPECT_THAT(*Read()->Faults(), IsEmpty());
}

TEST_P(BoardConformance, LeavesOutWhoIsHidden) {
  const CounterKey board{.name = "board:b", .window = 86'400};
  const CounterKey hidden{.name = "member:hidden"};
  const BoardRef season{.name = "board:b", .season = 86'400};
  Award("a1", "ada", 5);
  Award("a2", "bob", 4);
  Award("a3", "cy", 3);
  Append(Counting(journal_, "e1", "ada", {{board, 5}}));
  Append(Counting(journal_, "e2", "bob", {{board, 4}}));
  Append(Counting(journal_, "e3", "cy", {{board, 3}}));
  EXPECT_THAT(NamesOf(*Read()->Top(season, 9)),
              ElementsAre("ada", "bob", "cy"));
  Append(Counting(journal_, "e4", "bob", {{hidden, 1}}));
  for (const BoardRef& ref : {season, BoardRef{.name = "points"}}) {
    EXPECT_THAT(NamesOf(*Begin()->Standings(
                    ref, [](const Ranked&, int64_t) { return true; })),
                ElementsAre("ada", "cy"));
    const auto reader = Read();
    EXPECT_THAT(NamesOf(*reader->Top(ref, 9)), ElementsAre("ada", "cy"));
    EXPECT_EQ(*reader->Rank(ref, "bob"), (Ranked{1, 2, "bob", 4, 0, false}));
    EXPECT_EQ(*reader->Rank(ref, "cy"), (Ranked{1, 2, "cy", 3}));
  }
  // What they have goes on counting meanwhile.
  Append(Counting(journal_, "e5", "bob", {{board, 9}}));
  EXPECT_THAT(NamesOf(*Read()->Top(season, 9)), ElementsAre("ada", "cy"));
  Append(Counting(journal_, "e6", "bob", {{hidden, 0}}));
  EXPECT_THAT(NamesOf(*Read()->Top(season, 9)),
              ElementsAre("bob", "ada", "cy"));
  EXPECT_THAT(NamesOf(*Read()->Top({"points"}, 9)),
              ElementsAre("ada", "bob", "cy"));
  EXPECT_THAT(*Read()->Faults(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Stores, BoardConformance,
                         ::testing::Values("memory", "sqlite", "merged"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace loyalty::store
