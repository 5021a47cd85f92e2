// SPDX-License-Identifier: Apache-2.0
//
// What a connection refuses, whatever text it is given.
#include "store/database.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "store/raw_sqlite.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

using absl::StatusCode;
using ::testing::HasSubstr;

class DatabaseTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(RawSqlite(path_).Run(
                  "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT);"
                  "CREATE INDEX i ON t (b); CREATE VIEW v AS SELECT a FROM t;"
                  "CREATE TRIGGER r AFTER DELETE ON t BEGIN SELECT 1; END"),
              SQLITE_OK);
    db_ = Database::Open(path_, Database::Mode::kReadWrite).value();
  }

  void ExpectRefused(const std::string& sql) {
    const absl::Status status = db_->Execute(sql.c_str());
    EXPECT_EQ(status.code(), StatusCode::kInternal) << sql << ": " << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("authoriz"));
  }
  void ExpectDone(const std::string& sql) {
    const absl::Status status = db_->Execute(sql.c_str());
    EXPECT_TRUE(status.ok()) << sql << ": " << status;
  }

  const TemporaryFolder folder_;
  const std::string path_ = folder_.File("test.db");
  std::unique_ptr<Database> db_;
};

TEST_F(DatabaseTest, NeverReachesOtherFilesOrCode) {
  for (const bool sealed : {false, true}) {
    if (sealed) db_->Seal();
    for (const char* const sql :
         {"ATTACH '/tmp/other.db' AS other", "ATTACH ':memory:' AS other",
          "DETACH main", "VACUUM", "VACUUM INTO '/tmp/other.db'",
          "SELECT load_extension('/tmp/code.so')",
          "CREATE VIRTUAL TABLE temp.x USING fts5(a)",
          "CREATE VIRTUAL TABLE x USING dbstat"}) {
      ExpectRefused(sql);
    }
  }
}

TEST_F(DatabaseTest, LeavesItsTablesAsTheyAreOnceItIsSealed) {
  ExpectDone("CREATE TEMP TABLE before (a)");
  db_->Seal();
  for (const char* const sql :
       {"CREATE TABLE x (a)",
        "CREATE TEMP TABLE x (a)",
        "CREATE INDEX x ON t (b)",
        "CREATE INDEX temp.x ON before (a)",
        "CREATE VIEW x AS SELECT 1",
        "CREATE TEMP VIEW x AS SELECT 1",
        "CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
        "CREATE TEMP TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END",
        "DROP TABLE t",
        "DROP INDEX i",
        "DROP VIEW v",
        "DROP TRIGGER r",
        "DROP TABLE before",
        "ALTER TABLE t RENAME TO x",
        "ALTER TABLE t ADD COLUMN c",
        "ALTER TABLE t DROP COLUMN b",
        "REINDEX",
        "REINDEX t",
        "ANALYZE",
        "SAVEPOINT x"}) {
    ExpectRefused(sql);
  }
}

TEST_F(DatabaseTest, KeepsItsSettingsOnceItIsSealed) {
  db_->Seal();
  for (const char* const sql :
       {"PRAGMA journal_mode = OFF", "PRAGMA journal_mode = DELETE",
        "PRAGMA synchronous = OFF", "PRAGMA synchronous = 0",
        "PRAGMA writable_schema = ON", "PRAGMA user_version = 9",
        "PRAGMA application_id = 9", "PRAGMA schema_version = 9",
        "PRAGMA locking_mode = EXCLUSIVE", "PRAGMA wal_autocheckpoint = 1",
        "PRAGMA wal_checkpoint", "PRAGMA mmap_size = 1000000",
        "PRAGMA temp_store_directory = '/tmp'",
        "PRAGMA ignore_check_constraints = ON", "PRAGMA trusted_schema = ON",
        "PRAGMA hard_heap_limit = 1", "PRAGMA optimize"}) {
    ExpectRefused(sql);
  }
}

TEST_F(DatabaseTest, ReadsAndWritesRowsAllTheSame) {
  db_->Seal();
  for (const char* const sql :
       {"BEGIN IMMEDIATE",
        "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
        "UPDATE t SET b = upper(b) WHERE a = 1",
        "DELETE FROM t WHERE a = 2",
        "COMMIT",
        "BEGIN",
        "ROLLBACK",
        "SELECT * FROM v",
        "SELECT value FROM json_each('[1]')",
        "WITH RECURSIVE n (x) AS (SELECT 1 UNION SELECT x + 1 FROM n "
        "WHERE x < 3) SELECT max(x) FROM n",
        "PRAGMA synchronous = NORMAL",
        "PRAGMA synchronous = FULL",
        "PRAGMA cache_size = -65536",
        "PRAGMA cache_size = 1",
        "PRAGMA temp_store = FILE",
        "PRAGMA integrity_check(100)",
        "PRAGMA user_version",
        "PRAGMA application_id",
        "PRAGMA schema_version",
        "PRAGMA page_count"}) {
    ExpectDone(sql);
  }
  EXPECT_EQ(db_->Number("SELECT count(*) FROM t WHERE b = 'X'").value(), 1);
}

// A statement is prepared again when the schema has changed, or the journal's
// tables were emptied under it.
TEST_F(DatabaseTest, IsAskedAgainWhenAStatementIsPreparedAgain) {
  ASSERT_EQ(db_->Number("SELECT count(*) FROM t").value(), 0);
  db_->Seal();
  ASSERT_EQ(RawSqlite(path_).Run("CREATE TABLE other (a)"), SQLITE_OK);
  EXPECT_TRUE(db_->Number("SELECT count(*) FROM t").ok());
}

}  // namespace
}  // namespace loyalty::store
