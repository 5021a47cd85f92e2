// SPDX-License-Identifier: Apache-2.0
//
// What is true of the SQLite store alone: files that stay, one writer, tables
// that people read, disks that fail. Hostile files:
// sqlite_hostile_file_test.cc.
#include "store/sqlite_store.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "store/faulty_disk.h"
#include "store/journal_builder.h"
#include "store/raw_sqlite.h"
#include "store/sqlite_transaction.h"
#include "store/sqlite_writer.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

using absl::StatusCode;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SqliteStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<Store> Open(Access access = Access::kWrite) {
    auto opened = OpenSqliteStore(path_, access);
    EXPECT_TRUE(opened.ok()) << opened.status();
    return opened.ok() ? *std::move(opened) : nullptr;
  }
  std::unique_ptr<Store> OpenWithProgram() {
    auto store = Open();
    EXPECT_TRUE(store->AddProgram(SomeProgram()).ok());
    return store;
  }

  Delta AwardTo(const std::string& member, int64_t units) {
    Delta delta = journal_.Next(absl::StrCat("e", ++events_));
    journal_.Award(delta, member, units, "post");
    return delta;
  }

  static absl::Status Append(Store& store, const Delta& delta) {
    auto transaction = store.Begin();
    if (!transaction.ok()) return transaction.status();
    if (auto written = (*transaction)->Write(delta); !written.ok()) {
      return written;
    }
    return (*transaction)->Commit();
  }
  static int64_t Head(Store& store) {
    return store.Begin().value()->ReadHead()->seq;
  }
  static int64_t Points(Store& store, const std::string& member) {
    return store.Read()
        .value()
        ->Find(Member(member))
        .value()
        ->Held("points")
        .balance;
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.File("test.db");
  JournalBuilder journal_;
  int events_ = 0;
};

// Runs in a child process; what it returns is its exit code.
template <typename F>
int ExitCodeOf(F&& child) {
  const pid_t pid = fork();
  if (pid == 0) _exit(child());
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST_F(SqliteStoreTest, KeepsWhatWasCommittedWhenOpenedAgain) {
  auto store = OpenWithProgram();
  const Delta delta = AwardTo("ada", 5);
  ASSERT_TRUE(Append(*store, delta).ok());
  store.reset();
  store = Open();
  EXPECT_EQ(*store->Read().value()->FindEvent("e1"), delta.recorded);
  EXPECT_EQ(Points(*store, "ada"), 5);
  ASSERT_TRUE(Append(*store, AwardTo("ada", 2)).ok());
  EXPECT_EQ(Points(*store, "ada"), 7);
}

TEST_F(SqliteStoreTest, LeavesOneFileAndItsLockWhenClosed) {
  OpenWithProgram().reset();
  EXPECT_TRUE(std::filesystem::exists(path_));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
}

TEST_F(SqliteStoreTest, IsOnlyReadWithAccessRead) {
  ASSERT_TRUE(Append(*OpenWithProgram(), AwardTo("ada", 5)).ok());
  auto reading = Open(Access::kRead);
  EXPECT_EQ(Points(*reading, "ada"), 5);
  EXPECT_EQ(reading->Begin().status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(reading->AddProgram(SomeProgram()).status().code(),
            StatusCode::kFailedPrecondition);
}

TEST_F(SqliteStoreTest, IsReadWhileItIsWritten) {
  auto store = OpenWithProgram();
  auto reading = Open(Access::kRead);
  ASSERT_TRUE(Append(*store, AwardTo("ada", 5)).ok());
  EXPECT_EQ(Points(*reading, "ada"), 5);
}

TEST_F(SqliteStoreTest, ShowsEachReaderWhatWasThereWhenItBegan) {
  auto store = OpenWithProgram();
  const auto points = [](Reader& reader) {
    return reader.Find(Member("ada")).value()->Held("points").balance;
  };
  std::vector<std::unique_ptr<Reader>> readers;
  // More than are kept, and given back in another order than they came.
  for (int i = 1; i <= 20; ++i) {
    ASSERT_TRUE(Append(*store, AwardTo("ada", 1)).ok());
    readers.push_back(store->Read().value());
    if (i % 3 == 0) readers.erase(readers.begin() + 1);
    EXPECT_EQ(points(*readers.back()), i);
  }
  EXPECT_EQ(points(*readers.front()), 1);
  readers.clear();
  ASSERT_TRUE(Append(*store, AwardTo("ada", 1)).ok());
  EXPECT_EQ(Points(*store, "ada"), 21);
}

TEST_F(SqliteStoreTest, OpensNoConnectionForAReaderAfterAnother) {
  auto store = OpenWithProgram();
  const auto open_files = [] {
    const auto all = std::filesystem::directory_iterator("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  ASSERT_TRUE(Append(*store, AwardTo("ada", 1)).ok());
  EXPECT_EQ(Points(*store, "ada"), 1);
  const auto before = open_files();
  const auto reader = store->Read().value();
  EXPECT_EQ(open_files(), before);
  const auto second = store->Read().value();
  EXPECT_GT(open_files(), before);
}

TEST_F(SqliteStoreTest, LeavesOneFileThoughReadersComeAndGo) {
  auto store = OpenWithProgram();
  ASSERT_TRUE(Append(*store, AwardTo("ada", 5)).ok());
  EXPECT_EQ(Points(*store, "ada"), 5);
  auto last = store->Read().value();
  store.reset();
  EXPECT_EQ(last->Find(Member("ada")).value()->Held("points").balance, 5);
  last.reset();
  Open().reset();
  EXPECT_FALSE(std::filesystem::exists(path_ + "-wal"));
}

TEST_F(SqliteStoreTest, IsNotFoundByAReaderWhereThereIsNoFile) {
  EXPECT_EQ(OpenSqliteStore(path_, Access::kRead).status().code(),
            StatusCode::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(SqliteStoreTest, RefusesASecondWriterInThisProcess) {
  auto store = Open();
  const auto second = OpenSqliteStore(path_, Access::kWrite).status();
  EXPECT_EQ(second.code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(second.message()),
              HasSubstr(absl::StrCat("process ", getpid())));
  store.reset();
  EXPECT_TRUE(OpenSqliteStore(path_, Access::kWrite).ok());
}

TEST_F(SqliteStoreTest, RefusesASecondWriterUnderAnotherName) {
  auto store = Open();
  const std::string link = folder_.File("link.db");
  ASSERT_EQ(symlink(path_.c_str(), link.c_str()), 0);
  EXPECT_EQ(OpenSqliteStore(link, Access::kWrite).status().code(),
            StatusCode::kUnavailable);
}

TEST_F(SqliteStoreTest, RefusesASecondWriterInAnotherProcess) {
  auto store = OpenWithProgram();
  const std::string holder = absl::StrCat("process ", getpid());
  EXPECT_EQ(ExitCodeOf([&] {
              const auto status =
                  OpenSqliteStore(path_, Access::kWrite).status();
              if (!absl::IsUnavailable(status)) return 1;
              if (status.ToString().find(holder) == std::string::npos) return 2;
              return OpenSqliteStore(path_, Access::kRead).ok() ? 0 : 3;
            }),
            0);
  // That a child came and went has not freed the lock.
  EXPECT_FALSE(OpenSqliteStore(path_, Access::kWrite).ok());
  EXPECT_TRUE(Append(*store, AwardTo("ada", 5)).ok());
}

TEST_F(SqliteStoreTest, IsRefusedToTheChildOfAFork) {
  auto store = OpenWithProgram();
  ASSERT_TRUE(store->Read().ok());  // its connection is kept
  EXPECT_EQ(
      ExitCodeOf([&] {
        if (store->Begin().status().code() != StatusCode::kFailedPrecondition) {
          return 1;
        }
        if (store->Read().ok()) return 2;
        store.reset();  // touches nothing of the parent's
        return 0;
      }),
      0);
  EXPECT_TRUE(Append(*store, AwardTo("ada", 5)).ok());
}

TEST_F(SqliteStoreTest, KeepsWhatAKilledWriterHadCommitted) {
  OpenWithProgram().reset();
  int pipe_ends[2];
  ASSERT_EQ(pipe(pipe_ends), 0);
  const pid_t pid = fork();
  if (pid == 0) {
    auto store = OpenSqliteStore(path_, Access::kWrite).value();
    for (;;) {
      if (!Append(*store, AwardTo("ada", 1)).ok()) _exit(1);
      const char committed = '+';
      if (write(pipe_ends[1], &committed, 1) != 1) _exit(2);
    }
  }
  char acknowledged[50];
  int64_t count = 0;
  while (count < 50) {
    const ssize_t size = read(pipe_ends[0], acknowledged, 1);
    ASSERT_EQ(size, 1);
    count += size;
  }
  kill(pid, SIGKILL);
  waitpid(pid, nullptr, 0);
  close(pipe_ends[0]);
  close(pipe_ends[1]);
  auto store = Open();
  EXPECT_GE(Head(*store), count);
  EXPECT_EQ(Points(*store, "ada"), Head(*store));
  EXPECT_THAT(*store->Read().value()->Faults(), IsEmpty());
}

TEST_F(SqliteStoreTest, LetsNobodyChangeOrDeleteAnEntry) {
  auto store = OpenWithProgram();
  ASSERT_TRUE(Append(*store, AwardTo("ada", 5)).ok());
  Delta delta = journal_.Next("undo");
  journal_.Reverse(delta, {{1, 0}});
  delta.reversed_events = {1};
  ASSERT_TRUE(Append(*store, delta).ok());
  store.reset();
  RawSqlite raw(path_);
  const std::vector<std::pair<std::string, std::string>> columns = {
      {"program", "number"}, {"event", "seq"}, {"symbol", "text"}};
  for (const auto& [table, column] : columns) {
    SCOPED_TRACE(table);
    EXPECT_EQ(raw.Run("UPDATE " + table + " SET " + column + " = 9"),
              SQLITE_CONSTRAINT_TRIGGER);
    EXPECT_EQ(raw.Run("DELETE FROM " + table), SQLITE_CONSTRAINT_TRIGGER);
  }
}

TEST_F(SqliteStoreTest, ReadsLikeAStatement) {
  auto store = OpenWithProgram();
  Delta delta = AwardTo("ada", 5);
  delta.movements[0].cut = CutReason::kDailyCap;
  std::get<Awarded>(delta.recorded.outcome.effects[0]).cut =
      CutReason::kDailyCap;
  ASSERT_TRUE(Append(*store, delta).ok());
  Delta undo = journal_.Next("undo");
  journal_.Reverse(undo, {{1, 0}});
  ASSERT_TRUE(Append(*store, undo).ok());
  RawSqlite raw(path_);
  EXPECT_THAT(raw.Values("SELECT event, kind, rule, currency, units, balance, "
                         "cut FROM statement WHERE member = 'ada' "
                         "ORDER BY seq, n"),
              ElementsAre("e1", "award", "rule_of_points", "points", "5", "5",
                          "daily_cap", "undo", "reversal", "", "points", "-5",
                          "0", ""));
  EXPECT_THAT(raw.Values("SELECT event, from_account, to_account, units "
                         "FROM journal ORDER BY seq, n"),
              ElementsAre("e1", "issued:rule_of_points", "member:ada", "5",
                          "undo", "member:ada", "reversed", "5"));
  EXPECT_THAT(raw.Values("SELECT utc FROM statement LIMIT 1"),
              ElementsAre("2023-11-14 22:13:18"));
}

TEST_F(SqliteStoreTest, ReadsLikeALeaderboard) {
  auto store = OpenWithProgram();
  for (const auto& [member, units] : std::vector<std::pair<std::string, int>>{
           {"cy", 5}, {"ada", 5}, {"bob", 9}}) {
    ASSERT_TRUE(Append(*store, AwardTo(member, units)).ok());
  }
  RawSqlite raw(path_);
  EXPECT_THAT(
      raw.Values("SELECT rank, member FROM leaderboard WHERE currency = "
                 "'points'"),
      ElementsAre("1", "bob", "2", "cy", "2", "ada"));
}

TEST_F(SqliteStoreTest, HasOneLeaderboardBeforeAndAfterAMerge) {
  auto store = OpenWithProgram();
  RawSqlite raw(path_);
  const auto expect_same = [&](const std::string& where) {
    const auto top = store->Read().value()->Top({"points"}, 99).value();
    std::vector<std::string> rows;
    for (const Ranked& one : top) {
      rows.push_back(absl::StrCat(one.rank));
      rows.push_back(one.member);
      rows.push_back(absl::StrCat(one.earned));
    }
    EXPECT_EQ(raw.Values("SELECT rank, member, earned FROM leaderboard "
                         "WHERE currency = 'points'"),
              rows)
        << where;
    EXPECT_THAT(store->Read().value()->Faults().value(), IsEmpty()) << where;
  };
  for (int round = 0; round < 12; ++round) {
    for (int i = 0; i < 9; ++i) {
      const std::string member = absl::StrCat("m", (i * 5 + round * 7) % 11);
      ASSERT_TRUE(Append(*store, AwardTo(member, (i + round) % 4 - 1)).ok());
    }
    expect_same(absl::StrCat("tail of round ", round));
    if (round % 3 != 2) continue;
    store.reset();  // which merges
    store = Open();
    expect_same(absl::StrCat("merged in round ", round));
  }
}

TEST_F(SqliteStoreTest, RecordsNoCounterThatSaysWhatItIsSetTo) {
  auto store = OpenWithProgram();
  const auto count = [&](int64_t value) {
    Delta delta = AwardTo("ada", 5);
    journal_.Count(delta, Member("ada"), {"limit:cut"}, value);
    journal_.Count(delta, Member("ada"), {"likes", 0, Object("post")}, value);
    EXPECT_TRUE(Append(*store, delta).ok());
  };
  for (const int64_t value : {1, 1, 2}) count(value);
  RawSqlite raw(path_);
  const std::string bytes = "SELECT length(record) FROM event WHERE seq = ";
  const std::vector<std::string> again = raw.Values(bytes + "2");
  EXPECT_THAT(again, ElementsAre("0"));
  EXPECT_NE(raw.Values(bytes + "3"), again);
  store.reset();  // which merges
  store = Open();
  auto transaction = *store->Begin();
  const auto state =
      Loaded(*transaction,
             {Member("ada"), {{"likes", 0, Object("post")}, {"limit:cut"}}});
  EXPECT_EQ(state->Counter({"limit:cut"}), 2);
  EXPECT_EQ(state->Counter({"likes", 0, Object("post")}), 2);
}

TEST_F(SqliteStoreTest, RunsAWholeCommitOrNoneOfIt) {
  FaultyDisk disk;
  auto store = OpenWithProgram();
  ASSERT_TRUE(Append(*store, AwardTo("ada", 5)).ok());
  const Delta lost = AwardTo("ada", 7);
  disk.FailWrites(FaultyDisk::kLog, SQLITE_IOERR_WRITE);
  const absl::Status failed = Append(*store, lost);
  disk.Mend();
  EXPECT_EQ(failed.code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(failed.message()), HasSubstr("outcome unknown"));
  // Even though the disk is well again: nobody knows what is on it.
  EXPECT_EQ(store->Begin().status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Points(*store, "ada"), 5);
  store.reset();
  store = Open();
  ASSERT_EQ(Head(*store), 1);
  EXPECT_TRUE(Append(*store, lost).ok());
  EXPECT_EQ(Points(*store, "ada"), 12);
}

TEST_F(SqliteStoreTest, TakesNothingMoreAfterAFailedSync) {
  FaultyDisk disk;
  auto store = OpenWithProgram();
  disk.FailSyncs(FaultyDisk::kLog, SQLITE_IOERR_FSYNC);
  EXPECT_EQ(Append(*store, AwardTo("ada", 5)).code(), StatusCode::kUnavailable);
  disk.Mend();
  EXPECT_EQ(store->AddProgram(SomeProgram()).status().code(),
            StatusCode::kUnavailable);
  EXPECT_TRUE(store->Read().ok());
}

TEST_F(SqliteStoreTest, SaysThatTheDiskIsFull) {
  FaultyDisk disk;
  auto store = OpenWithProgram();
  disk.FailWrites(FaultyDisk::kLog, SQLITE_FULL);
  const absl::Status failed = Append(*store, AwardTo("ada", 5));
  EXPECT_THAT(std::string(failed.message()), HasSubstr("full"));
}

TEST_F(SqliteStoreTest, TakesNothingMoreAfterAFailedCheckpoint) {
  FaultyDisk disk;
  auto store = OpenWithProgram();
  disk.FailWrites(FaultyDisk::kDatabase, SQLITE_FULL);
  absl::Status status;
  int committed = 0;
  for (; committed < 100; ++committed) {
    Delta delta = AwardTo("ada", 1);
    delta.recorded.event.attributes = {{"ballast", std::string(500'000, 'x')}};
    status = Append(*store, delta);
    if (!status.ok()) break;
  }
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_GT(committed, 10);
  disk.Mend();
  store.reset();
  store = Open();
  EXPECT_EQ(Head(*store), committed);
  EXPECT_THAT(*store->Read().value()->Faults(), IsEmpty());
}

TEST_F(SqliteStoreTest, RollsBackATransactionThatTheDiskHasNoRoomFor) {
  OpenWithProgram().reset();
  std::shared_ptr<SqliteWriter> writer = SqliteWriter::Open(path_, {}).value();
  // The writer itself would not be allowed to.
  sqlite3_set_authorizer(writer->db().handle(), nullptr, nullptr);
  ASSERT_TRUE(writer->db().Execute("PRAGMA max_page_count = 60").ok());
  auto transaction = BeginSqliteTransaction(writer).value();
  absl::Status status;
  for (int i = 0; i < 100 && status.ok(); ++i) {
    Delta delta = AwardTo("ada", 1);
    delta.recorded.event.attributes = {{"ballast", std::string(9'000, 'x')}};
    status = transaction->Write(delta);
  }
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_FALSE(transaction->Commit().ok());
  // With room again, the same writer goes on.
  ASSERT_TRUE(writer->db().Execute("PRAGMA max_page_count = 1000000").ok());
  auto next = BeginSqliteTransaction(writer).value();
  EXPECT_EQ(next->ReadHead()->seq, 0);
  JournalBuilder anew;
  Delta delta = anew.Next("e1");
  anew.Award(delta, "ada", 5);
  EXPECT_TRUE(next->Write(delta).ok());
  EXPECT_TRUE(next->Commit().ok());
}

TEST_F(SqliteStoreTest, ShortensALongLogWhileItRuns) {
  auto store = OpenWithProgram();
  uintmax_t longest = 0;
  for (int i = 0; i < 120; ++i) {
    Delta delta = AwardTo("ada", 1);
    delta.recorded.event.attributes = {{"ballast", std::string(500'000, 'x')}};
    ASSERT_TRUE(Append(*store, delta).ok());
    longest = std::max(longest, std::filesystem::file_size(path_ + "-wal"));
  }
  EXPECT_LT(longest, 20u << 20);
}

}  // namespace
}  // namespace loyalty::store
