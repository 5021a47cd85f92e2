// SPDX-License-Identifier: Apache-2.0
//
// See database.h.
#include "content/database.h"

#include <sqlite3.h>

#include <unordered_map>

namespace community {

struct Database::Statements {
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const {
      sqlite3_finalize(statement);
    }
  };
  // All statements are constants of this program: so their address will do.
  std::unordered_map<const char*, std::unique_ptr<sqlite3_stmt, Finalize>> all;
};

void LetSqliteCountNothing() { sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

int64_t Row::Number(int column) const {
  return sqlite3_column_int64(statement_, column);
}

std::string Row::Text(int column) const {
  const auto* text =
      reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return text == nullptr
             ? ""
             : std::string(text, static_cast<size_t>(
                                     sqlite3_column_bytes(statement_, column)));
}

bool Row::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Database::Database(const std::string& path)
    : statements_(std::make_unique<Statements>()) {
  const int flags =
      SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(path.c_str(), &db_, flags, nullptr) != SQLITE_OK) {
    const std::string why = sqlite3_errmsg(db_);
    sqlite3_close(db_);
    throw ContentError(path + ": " + why);
  }
  sqlite3_busy_timeout(db_, 5000);
  Script(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;"
      "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF");
}

Database::~Database() {
  statements_.reset();
  sqlite3_close(db_);
}

int Database::Ask(const char* sql, std::initializer_list<Bound> values,
                  const std::function<void(const Row&)>& see) {
  return Run(sql, values, see);
}

int Database::Do(const char* sql, std::initializer_list<Bound> values) {
  Run(sql, values, [](const Row&) {});
  return sqlite3_changes(db_);
}

void Database::Script(const char* sql) {
  if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) Fail(sql);
}

void Database::Change(bool durable, const std::function<void()>& change) {
  // In WAL mode a commit waits for the disk only with FULL.
  Script(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  Script("BEGIN IMMEDIATE");
  try {
    change();
    Script("COMMIT");
  } catch (...) {
    sqlite3_exec(db_, "ROLLBACK", nullptr, nullptr, nullptr);
    throw;
  }
}

int Database::Run(const char* sql, std::initializer_list<Bound> values,
                  const std::function<void(const Row&)>& see) {
  auto& prepared = statements_->all[sql];
  if (prepared == nullptr) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement,
                           nullptr) != SQLITE_OK) {
      Fail(sql);
    }
    prepared.reset(statement);
  }
  sqlite3_stmt* const statement = prepared.get();
  struct Reset {
    sqlite3_stmt* statement;
    ~Reset() {
      sqlite3_reset(statement);
      sqlite3_clear_bindings(statement);
    }
  } reset{statement};
  int place = 0;
  for (const Bound& value : values) {
    ++place;
    if (value.number_.has_value()) {
      sqlite3_bind_int64(statement, place, *value.number_);
    } else if (value.text_.has_value()) {
      // They outlive the call, and the call unbinds them.
      sqlite3_bind_text(statement, place, value.text_->data(),
                        static_cast<int>(value.text_->size()), SQLITE_STATIC);
    }
  }
  int rows = 0;
  int step = 0;
  while ((step = sqlite3_step(statement)) == SQLITE_ROW) {
    see(Row(statement));
    ++rows;
  }
  if (step != SQLITE_DONE) Fail(sql);
  return rows;
}

void Database::Fail(const char* sql) const {
  throw ContentError(std::string(sqlite3_errmsg(db_)) + ": " + sql);
}

}  // namespace community
