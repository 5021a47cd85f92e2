// SPDX-License-Identifier: Apache-2.0
//
// Files that are not ours, or no longer: each is refused, or told about by
// Faults(), with a reason; none is changed, and none brings us down.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "store/journal_builder.h"
#include "store/raw_sqlite.h"
#include "store/sqlite_store.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

using absl::StatusCode;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}
void Overwrite(const std::string& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

class HostileFile : public ::testing::Test {
 protected:
  // A small ledger of five events: three awards, a reversal, a counter.
  void MakeLedger() {
    auto store = OpenSqliteStore(path_, Access::kWrite).value();
    ASSERT_TRUE(store->AddProgram(SomeProgram()).ok());
    JournalBuilder journal;
    auto transaction = store->Begin().value();
    for (int i = 1; i <= 3; ++i) {
      Delta delta = journal.Next(absl::StrCat("e", i));
      journal.Award(delta, i == 3 ? "bob" : "ada", 5 * i, "post");
      ASSERT_TRUE(transaction->Write(delta).ok());
    }
    Delta undo = journal.Next("e4");
    journal.Reverse(undo, {{1, 0}});
    undo.reversed_events = {1};
    ASSERT_TRUE(transaction->Write(undo).ok());
    Delta count = journal.Next("e5");
    journal.Count(count, Object("post"), {"metric:likes", 0}, 1);
    ASSERT_TRUE(transaction->Write(count).ok());
    ASSERT_TRUE(transaction->Commit().ok());
  }

  absl::Status Opening(Access access) {
    return OpenSqliteStore(path_, access).status();
  }
  void ExpectRefused(StatusCode code, const std::string& why) {
    for (const Access access : {Access::kRead, Access::kWrite}) {
      const absl::Status status = Opening(access);
      EXPECT_EQ(status.code(), code) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr(why));
    }
  }
  std::vector<std::string> Faults() {
    auto store = OpenSqliteStore(path_, Access::kRead);
    EXPECT_TRUE(store.ok()) << store.status();
    if (!store.ok()) return {};
    auto faults = (*store)->Read().value()->Faults();
    EXPECT_TRUE(faults.ok()) << faults.status();
    return faults.ok() ? *faults : std::vector<std::string>{};
  }

  TemporaryFolder folder_;
  std::string path_ = folder_.File("test.db");
};

TEST_F(HostileFile, ThatIsTextIsRefusedAndLeftAlone) {
  const std::string text = "points,member\n5,ada\n";
  Overwrite(path_, text);
  ExpectRefused(StatusCode::kFailedPrecondition, "no SQLite database");
  EXPECT_EQ(Bytes(path_), text);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".lock"));
}

TEST_F(HostileFile, ThatIsGarbageIsRefused) {
  std::mt19937 random(7);
  std::string garbage(20'000, '\0');
  for (char& c : garbage) c = static_cast<char>(random());
  Overwrite(path_, garbage);
  ExpectRefused(StatusCode::kFailedPrecondition, "no SQLite database");
}

TEST_F(HostileFile, OfAnotherProgramIsRefusedAndLeftAlone) {
  ASSERT_EQ(RawSqlite(path_).Run("CREATE TABLE event (seq)"), SQLITE_OK);
  const std::string before = Bytes(path_);
  ExpectRefused(StatusCode::kFailedPrecondition, "no loyalty database");
  EXPECT_EQ(Bytes(path_), before);
  EXPECT_FALSE(std::filesystem::exists(path_ + ".lock"));
}

TEST_F(HostileFile, OfANewerVersionIsRefused) {
  MakeLedger();
  ASSERT_EQ(RawSqlite(path_).Run("PRAGMA user_version = 99"), SQLITE_OK);
  ExpectRefused(StatusCode::kFailedPrecondition, "newer version");
}

TEST_F(HostileFile, OfAnUnreleasedVersionIsRefusedAndSaysWhatToDo) {
  MakeLedger();
  for (const char* const version : {"1", "2"}) {
    ASSERT_EQ(
        RawSqlite(path_).Run(absl::StrCat("PRAGMA user_version = ", version)),
        SQLITE_OK);
    ExpectRefused(StatusCode::kFailedPrecondition,
                  absl::StrCat("of format version ", version,
                               "; this library reads version "));
    ExpectRefused(StatusCode::kFailedPrecondition,
                  "Send its events again, to a new file");
  }
}

TEST_F(HostileFile, WithSchemaOfItsOwnIsRefused) {
  MakeLedger();
  const std::string clean = Bytes(path_);
  const std::vector<std::pair<std::string, std::string>> changes = {
      {"CREATE TRIGGER evil AFTER INSERT ON event BEGIN SELECT 1; END", "evil"},
      {"CREATE VIEW evil AS SELECT 1", "evil"},
      {"CREATE TABLE evil (x)", "evil"},
      {"CREATE INDEX evil ON event (time)", "evil"},
      {"DROP TRIGGER event_is_not_deleted", "event_is_not_deleted"},
      {"ALTER TABLE about ADD COLUMN evil INTEGER", "about"},
      {"DROP VIEW leaderboard; CREATE VIEW leaderboard AS SELECT 1",
       "leaderboard"}};
  for (const auto& [sql, named] : changes) {
    SCOPED_TRACE(sql);
    Overwrite(path_, clean);
    ASSERT_EQ(RawSqlite(path_).Run(sql), SQLITE_OK);
    ExpectRefused(StatusCode::kFailedPrecondition, named);
  }
}

TEST_F(HostileFile, ThatWasAnalyzedIsStillOurs) {
  MakeLedger();
  ASSERT_EQ(RawSqlite(path_).Run("ANALYZE"), SQLITE_OK);
  EXPECT_TRUE(Opening(Access::kWrite).ok());
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(HostileFile, ThatWasCutShortIsDamaged) {
  MakeLedger();
  const std::string whole = Bytes(path_);
  Overwrite(path_, whole.substr(0, whole.size() / 2));
  ExpectRefused(StatusCode::kDataLoss, "malformed");
}

TEST_F(HostileFile, ThatIsEmptyIsMadeByAWriterOnly) {
  Overwrite(path_, "");
  EXPECT_EQ(Opening(Access::kRead).code(), StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Opening(Access::kWrite).ok());
  EXPECT_TRUE(Opening(Access::kRead).ok());
}

TEST_F(HostileFile, ThatIsADirectoryIsRefused) {
  std::filesystem::create_directory(path_);
  ExpectRefused(StatusCode::kFailedPrecondition, "is a directory");
}

TEST_F(HostileFile, ThatIsADeviceIsRefused) {
  path_ = "/dev/null";
  ExpectRefused(StatusCode::kFailedPrecondition, "no regular file");
}

TEST_F(HostileFile, WithoutAPathIsRefused) {
  path_ = "";
  ExpectRefused(StatusCode::kUnavailable, "no path");
}

TEST_F(HostileFile, BeneathAFileIsRefused) {
  Overwrite(folder_.File("file"), "x");
  path_ = folder_.File("file/test.db");
  ExpectRefused(StatusCode::kUnavailable, "cannot open");
}

TEST_F(HostileFile, WhereNothingCanBeMadeIsRefused) {
  for (const char* place : {"/proc/test.db", "/no/such/folder/test.db"}) {
    path_ = place;
    const absl::Status status = Opening(Access::kWrite);
    EXPECT_EQ(status.code(), StatusCode::kUnavailable) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(place));
  }
}

// Root may write anywhere, so that these go on as nobody.
class ReadOnlyFolder : public HostileFile {
 protected:
  void SetUp() override {
    path_ = folder_.File("closed/test.db");
    const std::string closed = folder_.File("closed");
    std::filesystem::create_directory(closed);
    MakeLedger();
    ASSERT_EQ(chmod(folder_.File("").c_str(), 0755), 0);
    ASSERT_EQ(unlink((path_ + ".lock").c_str()), 0);
    ASSERT_EQ(chmod(path_.c_str(), 0444), 0);
    ASSERT_EQ(chmod(closed.c_str(), 0555), 0);
    if (geteuid() == 0) {
      ASSERT_EQ(seteuid(65534), 0);
    }
  }
  void TearDown() override {
    ASSERT_EQ(seteuid(getuid()), 0);
    ASSERT_EQ(chmod(folder_.File("closed").c_str(), 0755), 0);
  }
};

TEST_F(ReadOnlyFolder, IsRead) {
  EXPECT_THAT(Faults(), IsEmpty());
  EXPECT_FALSE(std::filesystem::exists(path_ + "-shm"));
}

TEST_F(ReadOnlyFolder, IsNotWritten) {
  const absl::Status status = Opening(Access::kWrite);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Permission denied"));
}

TEST_F(HostileFile, WithAnEntryThatWasEditedHasAFault) {
  MakeLedger();
  ASSERT_THAT(Faults(), IsEmpty());
  const std::string clean = Bytes(path_);
  const std::vector<std::pair<std::string, std::string>> edits = {
      {"UPDATE event SET movements = replace(movements, '10', '11') "
       "WHERE seq = 2",
       "event 2"},
      {"UPDATE event SET movements = '[]' WHERE seq = 2", "event 2"},
      {"UPDATE event SET movements = 'x' WHERE seq = 2", "event 2"},
      {"DELETE FROM event WHERE seq = 2", "event 3 follows event 1"},
      {"DELETE FROM event WHERE seq = 5", "counter_page (2, post, 0)"},
      {"INSERT INTO event SELECT 6, 'e6', type, time, recorded_at + 1, actor, "
       "target, program, rejected, record, movements, chain FROM event "
       "WHERE seq = 5",
       "event 6"},
      {"UPDATE event SET seq = 9 WHERE seq = 2; "
       "UPDATE event SET seq = 2 WHERE seq = 3; "
       "UPDATE event SET seq = 3 WHERE seq = 9",
       "event 2"},
      {"UPDATE event SET id = 'x' WHERE seq = 2", "event 2"},
      {"UPDATE event SET type = 3 WHERE seq = 2", "event 2"},
      {"UPDATE event SET time = 0 WHERE seq = 2", "event 2"},
      {"UPDATE event SET recorded_at = 0 WHERE seq = 2", "event 2"},
      {"UPDATE event SET actor = 1 WHERE seq = 2", "event 2"},
      {"UPDATE event SET target = NULL WHERE seq = 2", "event 2"},
      {"UPDATE event SET rejected = 1 WHERE seq = 2", "event 2"},
      {"UPDATE event SET record = x'ff' WHERE seq = 2", "event 2"},
      {"UPDATE event SET chain = x'ff' WHERE seq = 2", "event 2"},
      {"UPDATE event SET program = 9 WHERE seq = 2", "program 9"},
      {"UPDATE program SET identity = 'x'", "event 1"},
      {"UPDATE member SET id = 'eve' WHERE member = 1", "member 1"},
      {"UPDATE member SET key = x'00' WHERE member = 1", "member 1"},
      {"UPDATE symbol SET text = 'gold' WHERE text = 'points'", "\"gold\""},
      {"UPDATE event SET target = 'x' WHERE seq = 2", "event 2"},
      {"INSERT INTO member VALUES (9, 'eve', x'00')", "table member"},
      {"INSERT INTO symbol VALUES (99, 'gold')", "table symbol"},
      {"INSERT INTO award_reversal VALUES (2, 0, 3, 0)",
       "award_reversal (2, 0)"},
      {"INSERT INTO event_reversal VALUES (5, 4)", "event_reversal (5)"},
      {"DELETE FROM reversal", "reversal (1"},
      {"UPDATE member_state SET holdings = replace(holdings, ',10,', ',99,')",
       "member \"ada\""},
      {"UPDATE member_state SET holdings = '[]' WHERE member = 2",
       "member \"bob\""},
      {"UPDATE member_state SET holdings = 'x' WHERE member = 2",
       "member \"bob\""},
      {"DELETE FROM member_state WHERE member = 1", "member \"ada\""},
      {"UPDATE member_state SET since = 0 WHERE member = 1", "member \"ada\""},
      {"UPDATE member_state SET lines = lines + 1 WHERE member = 2",
       "member \"bob\""},
      {"UPDATE member_state SET ends = '[1]' WHERE member = 2",
       "member \"bob\""},
      {"UPDATE member_state SET counters = x'ff' WHERE member = 2",
       "member \"bob\""},
      {"UPDATE member_state SET keyed = 1 WHERE member = 2", "member \"bob\""},
      {"INSERT INTO member_state VALUES (99, 0, 0, '[]', '[]', x'', 0, x'')",
       "member_state (99)"},
      {"DELETE FROM board", "of \"points\""},
      {"UPDATE board SET members = members + 1", "of \"points\""},
      {"UPDATE board_node SET body = x'00'", "of \"points\""},
      {"INSERT INTO board VALUES (99, 0, 1, 1)", "board (99, 0)"},
      {"INSERT INTO board VALUES (99, 0, 0, 0)", "table board_node"},
      {"INSERT INTO board_node VALUES (99, x'00')", "table board_node"},
      {"UPDATE member_by_id SET member = 2 WHERE id = 'ada'",
       "member_by_id (ada)"},
      {"DELETE FROM event_by_id WHERE id = 'e2'", "event_by_id (e2)"},
      {"DELETE FROM about", "about ("},
      {"UPDATE counter_page SET entity = 99", "counter_page (2, 99"},
      {"INSERT INTO keyed_counter VALUES (1, 1, 1, 0, 2, 5)",
       "keyed_counter (1, 1, 1, 0, 2)"}};
  for (const auto& [sql, named] : edits) {
    SCOPED_TRACE(sql);
    Overwrite(path_, clean);
    ASSERT_EQ(RawSqlite(path_).RunPastTriggers(sql), SQLITE_OK);
    EXPECT_THAT(Faults(), Contains(HasSubstr(named)));
  }
}

// Reads all there is, and looks at none of it.
void ReadEverything(Reader& reader) {
  (void)reader.Programs().ok();
  (void)reader.States(Member(""), 100).ok();
  (void)reader.Balances("points", "", 100).ok();
  (void)reader.Top({"points"}, 100).ok();
  (void)reader.Page({"points"}, 1, 100).ok();
  (void)reader.Rank({"points"}, "ada").ok();
  (void)reader.Statement("ada", "", {}, 100).ok();
  for (int64_t seq = 1; seq <= 5; ++seq) {
    (void)reader.MovementsOfEvent(seq).ok();
  }
  (void)reader.Events(0, 100).ok();
  (void)reader.FindEvent("e1").ok();
  (void)reader.Faults().ok();
}

TEST_F(HostileFile, WithAnyBytesChangedIsReadWithoutHarm) {
  MakeLedger();
  const std::string clean = Bytes(path_);
  std::mt19937 random(11);
  for (int i = 0; i < 300; ++i) {
    SCOPED_TRACE(absl::StrCat("flip ", i));
    std::string bytes = clean;
    for (int flips = 1 + i % 8; flips > 0; --flips) {
      // Past the first sector, most often: it decides whether it is opened.
      const size_t from = i % 4 == 0 ? 0 : 512;
      bytes[from + random() % (bytes.size() - from)] =
          static_cast<char>(random());
    }
    Overwrite(path_, bytes);
    auto store = OpenSqliteStore(path_, Access::kRead);
    if (!store.ok()) continue;
    auto reader = (*store)->Read();
    if (reader.ok()) ReadEverything(**reader);
  }
}

}  // namespace
}  // namespace loyalty::store
