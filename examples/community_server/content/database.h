// SPDX-License-Identifier: Apache-2.0
//
// Database: a connection to SQLite, and rows of it. Texts that clients wrote
// are bound, never part of a statement.
#ifndef COMMUNITY_CONTENT_DATABASE_H_
#define COMMUNITY_CONTENT_DATABASE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace community {

// The community's own file could not be read or written.
class ContentError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Before a program opens any database, its own or an engine's: SQLite no longer
// counts the memory that it takes, which nobody asks for, and for which all
// threads wait on one mutex.
void LetSqliteCountNothing();

// One value of a statement: a number, a text, or neither.
class Bound {
 public:
  Bound(int64_t number) : number_(number) {}
  Bound(int number) : number_(number) {}
  Bound(bool value) : number_(value ? 1 : 0) {}
  Bound(std::string_view text) : text_(text) {}
  Bound(const std::string& text) : text_(text) {}
  Bound(const char* text) : text_(text) {}
  Bound(std::nullopt_t) {}

 private:
  friend class Database;
  std::optional<int64_t> number_ = {};
  std::optional<std::string_view> text_ = {};
};

// The present row of what was asked.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}
  int64_t Number(int column) const;
  std::string Text(int column) const;
  bool IsNull(int column) const;

 private:
  sqlite3_stmt* statement_;
};

// Not thread-safe. Everything throws ContentError where SQLite fails.
class Database {
 public:
  // Makes the file if it is not there.
  explicit Database(const std::string& path);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Calls `see` for each row. Returns how many there were.
  int Ask(const char* sql, std::initializer_list<Bound> values,
          const std::function<void(const Row&)>& see);
  // Returns how many rows it changed.
  int Do(const char* sql, std::initializer_list<Bound> values = {});
  // Several statements without values.
  void Script(const char* sql);

  // Everything that `change` does, or nothing if it throws. On disk when this
  // returns if it is `durable`; else only a power cut can undo it.
  void Change(bool durable, const std::function<void()>& change);

 private:
  // Runs it, and forgets its values at the end.
  int Run(const char* sql, std::initializer_list<Bound> values,
          const std::function<void(const Row&)>& see);
  [[noreturn]] void Fail(const char* sql) const;

  struct Statements;
  sqlite3* db_ = nullptr;
  std::unique_ptr<Statements> statements_;  // prepared once, by their text
};

}  // namespace community

#endif  // COMMUNITY_CONTENT_DATABASE_H_
