// SPDX-License-Identifier: Apache-2.0
//
// Database and Rows: SQLite's C interface with owners for what it hands out,
// and its result codes as absl::Status. Knows no loyalty word.
//
//   Rows rows = db.Query("SELECT id FROM member WHERE since > ?", since);
//   while (rows.Next()) ids.emplace_back(rows.Text(0));
//   RETURN_IF_ERROR(rows.status());
#ifndef LOYALTY_LIB_STORE_DATABASE_H_
#define LOYALTY_LIB_STORE_DATABASE_H_

#include <absl/container/flat_hash_map.h>
#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sqlite3.h>

#include <concepts>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace loyalty::store {

// Bytes that are bound and read as a BLOB; a plain string_view is TEXT.
struct Blob {
  std::string_view bytes;
};

class Database;

// The rows of one running statement. While it lives the statement is busy and
// holds its snapshot; destroying it sets both free.
//
// Texts bound to it are not copied: they must outlive it.
class Rows {
 public:
  Rows(Rows&& other) noexcept;
  Rows& operator=(Rows&&) = delete;
  ~Rows();

  // Moves to the next row; false at the end, and after an error.
  bool Next();
  const absl::Status& status() const { return failure_; }

  // Columns of the present row, from 0. Views hold until the next Next().
  int64_t Int(int column) const;
  std::optional<int64_t> OptionalInt(int column) const;
  bool IsInt(int column) const;
  std::string_view Text(int column) const;
  std::optional<std::string_view> OptionalText(int column) const;
  std::string_view Bytes(int column) const;
  int columns() const { return sqlite3_column_count(statement_); }

 private:
  friend class Database;
  Rows(Database& db, sqlite3_stmt* statement, absl::Status failure)
      : db_(&db), statement_(statement), failure_(std::move(failure)) {}

  void Bind(int place, std::string_view text);
  void Bind(int place, Blob blob);
  void Bind(int place, std::nullopt_t);
  void BindInt(int place, int64_t value);
  template <std::integral T>
  void Bind(int place, T value) {
    BindInt(place, static_cast<int64_t>(value));
  }
  template <typename T>
  void Bind(int place, const std::optional<T>& value) {
    value.has_value() ? Bind(place, *value) : Bind(place, std::nullopt);
  }
  void Check(int code);

  Database* db_;
  sqlite3_stmt* statement_;  // null: could not be prepared
  absl::Status failure_;
};

// One connection. Every statement it ever ran is kept prepared, by the address
// of its text: so a text is a constant of the program, and data is only bound.
//
// ATTACH, DETACH, virtual tables and load_extension() are refused by SQLite
// itself (its authorizer), whatever text should ever get that far; once sealed,
// all that does not read or write rows is. Refused: kInternal.
//
// Not thread-safe.
class Database {
 public:
  enum class Mode {
    kReadWrite,  // makes the file if there is none
    kReadOnly,
    kImmutable,  // reads a file that nobody writes, without a lock on it
  };

  // ERRORS: as Failure() says; kUnavailable if it cannot be opened.
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        Mode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // The connection is set up: from here on its tables stay as they are, and of
  // PRAGMAs it runs those that database.cc names.
  void Seal() { sealed_ = true; }

  // Starts `sql`, one statement, with `arguments` for its question marks.
  template <typename... Args>
  Rows Query(const char* sql, const Args&... arguments) {
    Rows rows = Start(sql);
    if (rows.statement_ != nullptr) {
      int place = 0;
      (rows.Bind(++place, arguments), ...);
    }
    return rows;
  }

  // The same, to its end, for a statement without rows.
  template <typename... Args>
  absl::Status Run(const char* sql, const Args&... arguments) {
    Rows rows = Query(sql, arguments...);
    while (rows.Next()) {
    }
    return rows.status();
  }

  // Runs statements once and keeps nothing.
  absl::Status Execute(const char* sql);

  // The first column of the first row, 0 if there is none.
  template <typename... Args>
  absl::StatusOr<int64_t> Number(const char* sql, const Args&... arguments) {
    Rows rows = Query(sql, arguments...);
    const int64_t number = rows.Next() ? rows.Int(0) : 0;
    if (!rows.status().ok()) return rows.status();
    return number;
  }

  // Makes `other`, an empty database, the same as this one, as it is now or as
  // the transaction that is open sees it. `progress` is told the share done.
  absl::Status CopyTo(Database& other,
                      absl::FunctionRef<void(double)> progress);

  int64_t LastRowid() const { return sqlite3_last_insert_rowid(handle_); }
  bool InTransaction() const { return sqlite3_get_autocommit(handle_) == 0; }

  // Forgets the connection without closing it. After a fork it is the parent's:
  // closing it here would write to the parent's file.
  void Abandon() { handle_ = nullptr; }

  // What SQLite's `code` is to our callers:
  //   kResourceExhausted  the disk is full, or there is no memory
  //   kDataLoss           the file is damaged
  //   kFailedPrecondition the file is no SQLite database
  //   kUnavailable        busy, I/O, permissions
  //   kInternal           a constraint, or our own mistake
  absl::Status Failure(int code) const;

  sqlite3* handle() const { return handle_; }
  const std::string& path() const { return path_; }

 private:
  Database(sqlite3* handle, std::string path)
      : handle_(handle), path_(std::move(path)) {}

  absl::Status Configure();
  static int Authorize(void* database, int action, const char* first,
                       const char* second, const char* schema,
                       const char* trigger);
  Rows Start(const char* sql);

  sqlite3* handle_;
  std::string path_;
  bool sealed_ = false;
  absl::flat_hash_map<const char*, sqlite3_stmt*> kept_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_DATABASE_H_
