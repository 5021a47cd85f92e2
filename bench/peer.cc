// SPDX-License-Identifier: Apache-2.0
//
// See peer.h. Settings and checkpoints are those of lib/store/sqlite_writer.cc
// and have to follow it: otherwise it is they that are compared. Memory for
// pages is what makes each quickest: what only appends reads none again.
#include "peer.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <sqlite3.h>

#include <optional>
#include <string_view>

#include "must.h"

namespace loyalty::bench {
namespace {

constexpr int kLongLogPages = 4096;

constexpr char kSettings[] =
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
    "PRAGMA wal_autocheckpoint = 0; PRAGMA temp_store = MEMORY;";

// A posting's number is twice its event's, and one more for the second: a key
// that only grows, in a table of the kind that SQLite appends to fastest.
constexpr char kTables[] =
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT, type INTEGER,"
    " time INTEGER, recorded_at INTEGER, actor INTEGER, target INTEGER,"
    " body BLOB) STRICT;"
    "CREATE TABLE posting (n INTEGER PRIMARY KEY, seq INTEGER,"
    " account INTEGER, currency INTEGER, rule INTEGER, units INTEGER) STRICT;";

constexpr char kIndexesAndBalances[] =
    "CREATE UNIQUE INDEX event_id ON event (id);"
    "CREATE INDEX posting_account ON posting (account);"
    "CREATE TABLE balance (account INTEGER, currency INTEGER, units INTEGER,"
    " PRIMARY KEY (account, currency)) STRICT, WITHOUT ROWID;";

constexpr char kFindEvent[] = "SELECT time FROM event WHERE id = ?";
constexpr char kInsertEvent[] =
    "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?)";
constexpr char kInsertPosting[] =
    "INSERT INTO posting VALUES (?, ?, ?, ?, ?, ?)";
constexpr char kAddToBalance[] =
    "INSERT INTO balance VALUES (?, ?, ?) "
    "ON CONFLICT DO UPDATE SET units = units + excluded.units";

void Check(sqlite3* db, int code) {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  Must(absl::InternalError(absl::StrCat("SQLite: ", sqlite3_errmsg(db))));
}

class Statement {
 public:
  Statement(sqlite3* db, const char* sql) : db_(db) {
    Check(db, sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT,
                                 &statement_, nullptr));
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  // Runs it to its end with these values for its question marks.
  template <typename... Values>
  void Run(const Values&... values) {
    Set(values...);
    while (Next()) {
    }
  }
  template <typename... Values>
  void Set(const Values&... values) {
    int place = 0;
    (Bind(++place, values), ...);
  }

  // Moves to the next row; false at the end, when it can be run again.
  bool Next() {
    const int code = sqlite3_step(statement_);
    Check(db_, code);
    if (code == SQLITE_DONE) sqlite3_reset(statement_);
    return code == SQLITE_ROW;
  }
  int64_t Int(int column) { return sqlite3_column_int64(statement_, column); }

 private:
  void Bind(int place, int64_t value) {
    Check(db_, sqlite3_bind_int64(statement_, place, value));
  }
  // As the two kinds of bytes that rows hold are told apart here.
  void Bind(int place, const std::string& text) {
    Check(db_, sqlite3_bind_text64(statement_, place, text.data(), text.size(),
                                   SQLITE_STATIC, SQLITE_UTF8));
  }
  void Bind(int place, std::string_view blob) {
    Check(db_, sqlite3_bind_blob64(statement_, place, blob.data(), blob.size(),
                                   SQLITE_STATIC));
  }

  sqlite3* db_;
  sqlite3_stmt* statement_ = nullptr;
};

sqlite3* Open(const std::string& path, int flags) {
  sqlite3* db = nullptr;
  Check(db, sqlite3_open_v2(path.c_str(), &db, flags | SQLITE_OPEN_NOMUTEX,
                            nullptr));
  return db;
}

void Execute(sqlite3* db, const char* sql) {
  Check(db, sqlite3_exec(db, sql, nullptr, nullptr, nullptr));
}

sqlite3* OpenNew(const std::string& path, PeerSchema schema) {
  sqlite3* const db = Open(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  Execute(db, kSettings);
  Execute(db, schema == PeerSchema::kIndexed ? "PRAGMA cache_size = -65536"
                                             : "PRAGMA cache_size = -4096");
  Execute(db, kTables);
  if (schema == PeerSchema::kIndexed) Execute(db, kIndexesAndBalances);
  return db;
}

}  // namespace

struct Peer::Connection {
  Connection(const std::string& path, PeerSchema schema)
      : db(OpenNew(path, schema)),
        begin(db, "BEGIN IMMEDIATE"),
        commit(db, "COMMIT"),
        insert_event(db, kInsertEvent),
        insert_posting(db, kInsertPosting) {
    if (schema == PeerSchema::kIndexed) {
      find_event.emplace(db, kFindEvent);
      add_to_balance.emplace(db, kAddToBalance);
    }
    sqlite3_wal_hook(db, &NotePagesInLog, this);
  }

  static int NotePagesInLog(void* connection, sqlite3*, const char*,
                            int pages) {
    static_cast<Connection*>(connection)->pages_in_log = pages;
    return SQLITE_OK;
  }

  void Append(const EventRow& event) {
    if (find_event.has_value()) {
      find_event->Run(event.id);  // it is new
    }
    insert_event.Run(event.seq, event.id, event.type, event.time,
                     event.recorded_at, event.actor, event.target,
                     std::string_view(event.body));
    int64_t n = 2 * event.seq;
    for (const PostingRow& posting : event.postings) {
      insert_posting.Run(n++, event.seq, posting.account, posting.currency,
                         posting.rule, posting.units);
      if (!add_to_balance.has_value()) continue;
      add_to_balance->Run(posting.account, posting.currency, posting.units);
    }
  }

  void CheckpointIfLong() {
    // The log starts anew once all of it has been put into the file.
    if (pages_in_log < pages_at_last_checkpoint) pages_at_last_checkpoint = 0;
    if (pages_in_log - pages_at_last_checkpoint < kLongLogPages) return;
    pages_at_last_checkpoint = pages_in_log;
    Check(db, sqlite3_wal_checkpoint_v2(db, nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                        nullptr, nullptr));
  }

  sqlite3* db;
  Statement begin, commit, insert_event, insert_posting;
  std::optional<Statement> find_event, add_to_balance;
  int pages_in_log = 0;
  int pages_at_last_checkpoint = 0;
};

Peer::Peer(const std::string& path, PeerSchema schema)
    : connection_(std::make_unique<Connection>(path, schema)) {}

Peer::~Peer() {
  Check(connection_->db, sqlite3_wal_checkpoint_v2(connection_->db, nullptr,
                                                   SQLITE_CHECKPOINT_TRUNCATE,
                                                   nullptr, nullptr));
  // Closes once the last statement is gone.
  sqlite3_close_v2(connection_->db);
}

void Peer::Write(std::span<const EventRow> rows) {
  connection_->begin.Run();
  for (const EventRow& row : rows) connection_->Append(row);
  connection_->commit.Run();
  connection_->CheckpointIfLong();
}

struct RowReader::Connection {
  explicit Connection(const std::string& path)
      : db(Open(path, SQLITE_OPEN_READONLY)), find_event(db, kFindEvent) {
    Execute(db, "PRAGMA cache_size = -65536; BEGIN");
  }

  sqlite3* db;
  Statement find_event;
};

RowReader::RowReader(const std::string& path)
    : connection_(std::make_unique<Connection>(path)) {}

RowReader::~RowReader() { sqlite3_close_v2(connection_->db); }

int64_t RowReader::TimeOf(const std::string& event_id) {
  Statement& find = connection_->find_event;
  find.Set(event_id);
  int64_t time = 0;
  while (find.Next()) time = find.Int(0);
  return time;
}

}  // namespace loyalty::bench
