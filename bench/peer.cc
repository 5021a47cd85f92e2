// SPDX-License-Identifier: Apache-2.0
//
// See peer.h. Settings and checkpoints are those of lib/store/sqlite_writer.cc
// and have to follow it: otherwise it is they that are compared.
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
    "PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -65536;"
    "PRAGMA temp_store = MEMORY;";

constexpr char kAppendTables[] =
    "CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT, type INTEGER,"
    " time INTEGER, recorded_at INTEGER, program INTEGER, rejected INTEGER,"
    " body BLOB, outcome BLOB) STRICT;"
    "CREATE TABLE posting (seq INTEGER, n INTEGER, currency INTEGER,"
    " from_account INTEGER, to_account INTEGER, units INTEGER,"
    " PRIMARY KEY (seq, n)) STRICT, WITHOUT ROWID;";

// Balances are the members': in the engine's file their accounts have numbers
// above 0, and each posting has one of them.
constexpr char kIndexesAndBalances[] =
    "CREATE UNIQUE INDEX event_id ON event (id);"
    "CREATE INDEX posting_from ON posting (from_account, seq, n);"
    "CREATE INDEX posting_to ON posting (to_account, seq, n);"
    "CREATE TABLE balance (account INTEGER, currency INTEGER, units INTEGER,"
    " PRIMARY KEY (account, currency)) STRICT, WITHOUT ROWID;";

constexpr char kInsertEvent[] =
    "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
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
    int place = 0;
    (Bind(++place, values), ...);
    while (Next()) {
    }
  }

  // Moves to the next row; false at the end, when it can be run again.
  bool Next() {
    const int code = sqlite3_step(statement_);
    Check(db_, code);
    if (code == SQLITE_DONE) sqlite3_reset(statement_);
    return code == SQLITE_ROW;
  }
  int64_t Int(int column) { return sqlite3_column_int64(statement_, column); }
  std::string Bytes(int column) {
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int size = sqlite3_column_bytes(statement_, column);
    return std::string(static_cast<const char*>(bytes),
                       static_cast<size_t>(size));
  }

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
  Execute(db, kAppendTables);
  if (schema == PeerSchema::kIndexed) Execute(db, kIndexesAndBalances);
  return db;
}

}  // namespace

std::vector<EventRow> ReadJournal(const std::string& path) {
  sqlite3* const db = Open(path, SQLITE_OPEN_READONLY);
  std::vector<EventRow> journal;
  {
    Statement events(db,
                     "SELECT seq, id, type, time, recorded_at, program,"
                     " rejected, body, outcome FROM event ORDER BY seq");
    while (events.Next()) {
      journal.push_back({.seq = events.Int(0),
                         .id = events.Bytes(1),
                         .type = events.Int(2),
                         .time = events.Int(3),
                         .recorded_at = events.Int(4),
                         .program = events.Int(5),
                         .rejected = events.Int(6),
                         .body = events.Bytes(7),
                         .outcome = events.Bytes(8)});
    }
    Statement postings(db,
                       "SELECT seq, n, currency, from_account, to_account,"
                       " units FROM posting ORDER BY seq, n");
    while (postings.Next()) {
      // Events are numbered from 1 without gaps.
      EventRow& event = journal[static_cast<size_t>(postings.Int(0)) - 1];
      event.postings.push_back({.n = postings.Int(1),
                                .currency = postings.Int(2),
                                .from = postings.Int(3),
                                .to = postings.Int(4),
                                .units = postings.Int(5)});
    }
  }
  sqlite3_close(db);
  return journal;
}

struct Peer::Connection {
  Connection(const std::string& path, PeerSchema schema)
      : db(OpenNew(path, schema)),
        begin(db, "BEGIN IMMEDIATE"),
        commit(db, "COMMIT"),
        insert_event(db, kInsertEvent),
        insert_posting(db, kInsertPosting) {
    if (schema == PeerSchema::kIndexed) {
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
    insert_event.Run(event.seq, event.id, event.type, event.time,
                     event.recorded_at, event.program, event.rejected,
                     std::string_view(event.body),
                     std::string_view(event.outcome));
    for (const PostingRow& posting : event.postings) {
      insert_posting.Run(event.seq, posting.n, posting.currency, posting.from,
                         posting.to, posting.units);
      if (!add_to_balance.has_value()) continue;
      const bool gains = posting.to > 0;
      add_to_balance->Run(gains ? posting.to : posting.from, posting.currency,
                          gains ? posting.units : -posting.units);
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
  std::optional<Statement> add_to_balance;
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

void Peer::Write(const std::vector<EventRow>& journal, size_t begin,
                 size_t end) {
  connection_->begin.Run();
  for (size_t i = begin; i < end; ++i) connection_->Append(journal[i]);
  connection_->commit.Run();
  connection_->CheckpointIfLong();
}

}  // namespace loyalty::bench
