// SPDX-License-Identifier: Apache-2.0
//
// A small file for tests of what becomes of files: a forum's likes, one of them
// reversed; what is in its tables; and what others do to it.
#ifndef LOYALTY_TESTS_ENGINE_FORUM_FILE_H_
#define LOYALTY_TESTS_ENGINE_FORUM_FILE_H_

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/community.h"
#include "store/chain.h"
#include "store/database.h"
#include "store/journal_rows.h"
#include "store/raw_sqlite.h"
#include "store/temporary_folder.h"

namespace loyalty::testing {

class ForumFile : public ::testing::Test {
 protected:
  static constexpr char kForum[] = R"(
    name: "forum" version: "1"
    currency { id: "rep" opening: 1 floor: 1 }
    event_type { id: "like" attribute { name: "owner" type: MEMBER } }
    metric { id: "likes" on: "like" per: "event.owner" }
    rule { id: "liked" on: "like"
           award { to: "event.owner" currency: "rep" units: "5" } }
  )";

  static Event Like(const std::string& id, const std::string& actor = "ada") {
    return {.id = id,
            .type = "like",
            .time = Day(1),
            .actor = actor,
            .target = "post",
            .attributes = {{"owner", "grace"}}};
  }

  std::unique_ptr<Engine> Open() {
    auto engine = Engine::Open(path_, MustRead(kForum));
    EXPECT_TRUE(engine.ok()) << engine.status();
    return engine.ok() ? *std::move(engine) : nullptr;
  }

  // Events 1 to 4: e1, e2, e3, and r1, which reverses e2.
  void MakeForum() {
    const auto engine = Open();
    ASSERT_NE(engine, nullptr);
    for (const std::string id : {"e1", "e2", "e3"}) {
      ASSERT_TRUE(engine->Process(Like(id)).ok());
    }
    ASSERT_TRUE(engine->Reverse("r1", Day(2), "e2").ok());
  }

  // Runs `sql` past the triggers.
  void Edit(const std::string& sql) {
    store::RawSqlite raw(path_);
    EXPECT_EQ(raw.RunPastTriggers(sql), SQLITE_OK) << sql;
  }

  // What verify says.
  std::vector<std::string> Faults() { return FaultsOf(path_); }
  static std::vector<std::string> FaultsOf(const std::string& path) {
    const auto queries = Queries::Open(path);
    if (!queries.ok()) return {std::string(queries.status().message())};
    const auto report = (*queries)->Verify();
    if (!report.ok()) return {std::string(report.status().message())};
    return report->faults;
  }

  static JournalHead HeadOf(const std::string& path) {
    const auto head = (*Queries::Open(path))->Head();
    EXPECT_TRUE(head.ok()) << head.status();
    return head.ok() ? *head : JournalHead{};
  }

  // Every row of the tables that match, in the order of all their columns.
  static std::vector<std::string> RowsOf(const std::string& path,
                                         const std::string& tables) {
    store::RawSqlite raw(path);
    std::vector<std::string> rows;
    for (const std::string& table :
         raw.Values("SELECT name FROM sqlite_schema WHERE type = 'table' "
                    "AND name NOT LIKE 'sqlite%' AND " +
                    tables + " ORDER BY name")) {
      const std::string columns = raw.Values(
          "SELECT group_concat(name, ', ') FROM pragma_table_info('" + table +
          "')")[0];
      std::string quoted;
      for (const std::string& column :
           raw.Values("SELECT name FROM pragma_table_info('" + table + "')")) {
        absl::StrAppend(&quoted, quoted.empty() ? "" : " || ',' || ", "quote(",
                        column, ")");
      }
      for (const std::string& row :
           raw.Values("SELECT " + quoted + " FROM " + table + " ORDER BY " +
                      columns)) {
        rows.push_back(absl::StrCat(table, ": ", row));
      }
    }
    return rows;
  }
  static constexpr char kJournal[] =
      "name IN ('program', 'symbol', 'member', 'personal', 'object', 'event')";
  static constexpr char kDerived[] =
      "name NOT IN ('program', 'symbol', 'member', 'personal', 'object', "
      "'event')";

  // What somebody does who knows how the chain is made, and wants an edited
  // journal to look as if it had been written so.
  void Rechain() {
    std::string updates;
    {
      const auto db =
          store::Database::Open(path_, store::Database::Mode::kReadOnly);
      ASSERT_TRUE(db.ok()) << db.status();
      std::map<int64_t, std::string> identities;
      store::Rows programs =
          (*db)->Query("SELECT number, identity FROM program");
      while (programs.Next()) {
        identities[programs.Int(0)] = programs.Text(1);
      }
      std::string chain;
      store::JournalRows rows(**db, 0, -1);
      while (const store::EntryRow* const row = rows.Next()) {
        chain = store::ChainOf(chain, *row, identities[row->program]);
        absl::StrAppend(&updates, "UPDATE event SET chain = x'",
                        absl::BytesToHexString(chain),
                        "' WHERE seq = ", row->seq, ";");
      }
      ASSERT_TRUE(rows.status().ok()) << rows.status();
    }
    Edit(updates);
  }

  store::TemporaryFolder folder_;
  const std::string path_ = folder_.File("forum.db");
};

}  // namespace loyalty::testing

#endif  // LOYALTY_TESTS_ENGINE_FORUM_FILE_H_
