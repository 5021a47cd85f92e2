// SPDX-License-Identifier: Apache-2.0
//
// A file through SQLite's own interface: as sqlite3, support, or someone with
// bad intentions sees it.
#ifndef LOYALTY_TESTS_STORE_RAW_SQLITE_H_
#define LOYALTY_TESTS_STORE_RAW_SQLITE_H_

#include <sqlite3.h>

#include <string>
#include <vector>

namespace loyalty::store {

class RawSqlite {
 public:
  explicit RawSqlite(const std::string& path) {
    sqlite3_open(path.c_str(), &handle_);
    sqlite3_extended_result_codes(handle_, 1);
  }
  ~RawSqlite() { sqlite3_close(handle_); }
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;

  // SQLite's extended result code.
  int Run(const std::string& sql) {
    return sqlite3_exec(handle_, sql.c_str(), nullptr, nullptr, nullptr);
  }

  // All values of all rows, "NULL" for null.
  std::vector<std::string> Values(const std::string& sql) {
    std::vector<std::string> values;
    const auto add = [](void* to, int count, char** texts, char**) {
      for (int i = 0; i < count; ++i) {
        static_cast<std::vector<std::string>*>(to)->emplace_back(
            texts[i] == nullptr ? "NULL" : texts[i]);
      }
      return 0;
    };
    sqlite3_exec(handle_, sql.c_str(), add, &values, nullptr);
    return values;
  }

  // Runs `sql` past the triggers, and puts them back.
  int RunPastTriggers(const std::string& sql) {
    std::string drop;
    std::string restore;
    for (const std::string& name :
         Values("SELECT name FROM sqlite_schema WHERE type = 'trigger'")) {
      drop += "DROP TRIGGER " + name + ";";
    }
    for (const std::string& text :
         Values("SELECT sql FROM sqlite_schema WHERE type = 'trigger'")) {
      restore += text + ";";
    }
    return Run("BEGIN;" + drop + sql + ";" + restore + "COMMIT");
  }

 private:
  sqlite3* handle_ = nullptr;
};

}  // namespace loyalty::store

#endif  // LOYALTY_TESTS_STORE_RAW_SQLITE_H_
