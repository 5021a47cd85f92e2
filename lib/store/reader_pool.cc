// SPDX-License-Identifier: Apache-2.0
//
// See reader_pool.h.
#include "store/reader_pool.h"

#include <absl/strings/str_cat.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "store/entities.h"
#include "store/symbols.h"
#include "store/writer_lock.h"

namespace loyalty::store {
namespace {

// As many as read at once, mostly.
constexpr size_t kMostIdle = 8;
// Pages of the file in memory, which a snapshot that ends forgets where others
// have written since: of the only one in use, and of one of very many.
constexpr int64_t kMostCacheBytes = int64_t{96} << 20;
constexpr int64_t kLeastCacheBytes = int64_t{2} << 20;

// Whether part of the database is in a file beside it: committed events in a
// write-ahead log, or what a half-made file has to be rolled back to.
bool IsUnfinished(const std::string& path) {
  for (const char* suffix : {"-wal", "-journal"}) {
    struct stat about;
    if (stat((path + suffix).c_str(), &about) == 0 && about.st_size > 0) {
      return true;
    }
  }
  return false;
}

// What is more than that is forgotten at once.
absl::Status LimitCache(Database& db, int64_t bytes) {
  return db.Execute(
      absl::StrCat("PRAGMA cache_size = -", bytes / 1024).c_str());
}

absl::Status StartSnapshot(Database& db) {
  // BEGIN alone takes none; the first read does.
  RETURN_IF_ERROR(db.Run("BEGIN"));
  return db.Number("SELECT count(*) FROM sqlite_schema").status();
}

// How many entries the writer has put off.
absl::StatusOr<int64_t> TailOf(Database& db) {
  return db.Number(
      "SELECT (SELECT coalesce(max(seq), 0) FROM event) - through "
      "FROM applied");
}

// What was put off is worked out for this reader alone, in tables of its own
// that its statements find before the file's.
absl::Status AddTail(Database& db) {
  Symbols symbols(db);
  Entities entities(db, db, symbols, SIZE_MAX);
  RETURN_IF_ERROR(entities.CatchUp());
  return entities.Merge(MergeInto::kTail);
}

// Whether a connection that was used sees everything without tables of its own.
bool SeesAllNow(Database& db) {
  if (!StartSnapshot(db).ok()) return false;
  const absl::StatusOr<int64_t> tail = TailOf(db);
  return tail.ok() && *tail == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> OpenForReading(
    const std::string& path) {
  auto db = Database::Open(path, Database::Mode::kReadOnly);
  if (!db.ok()) return db;
  const absl::Status read = (*db)->Number("PRAGMA schema_version").status();
  if (read.ok()) return db;
  // In a folder we may not write to, SQLite cannot make the log that it reads
  // alongside. With no log there, and no writer, the file alone is everything.
  if (!absl::IsUnavailable(read) || IsUnfinished(path) ||
      WriterLock::IsHeld(path)) {
    return read;
  }
  return Database::Open(path, Database::Mode::kImmutable);
}

ReaderPool::ReaderPool() : process_(getpid()) {}

ReaderPool::~ReaderPool() { Close(); }

std::unique_ptr<Database> ReaderPool::Take() {
  if (getpid() != process_) return nullptr;
  const base::MutexLock lock(mutex_);
  ++in_use_;
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Database> db = std::move(idle_.back());
  idle_.pop_back();
  return db;
}

void ReaderPool::GiveBack(std::unique_ptr<Database> db) {
  if (getpid() != process_) {
    if (db != nullptr) db->Abandon();
    return;
  }
  const base::MutexLock lock(mutex_);
  --in_use_;
  if (db == nullptr || closed_ || idle_.size() >= kMostIdle) return;
  idle_.push_back(std::move(db));
}

int64_t ReaderPool::CacheBytes() {
  const base::MutexLock lock(mutex_);
  return std::max(kMostCacheBytes / std::max<int64_t>(in_use_, 1),
                  kLeastCacheBytes);
}

void ReaderPool::Close() {
  const base::MutexLock lock(mutex_);
  closed_ = true;
  if (getpid() != process_) {
    for (const auto& db : idle_) db->Abandon();
  }
  idle_.clear();
}

absl::StatusOr<Snapshot> Snapshot::Of(const std::string& path,
                                      std::shared_ptr<ReaderPool> pool) {
  Snapshot snapshot(std::move(pool));
  RETURN_IF_ERROR(snapshot.Open(path));
  return snapshot;
}

absl::Status Snapshot::Open(const std::string& path) {
  if (pool_ != nullptr) db_ = pool_->Take();
  const int64_t cache =
      pool_ == nullptr ? kMostCacheBytes : pool_->CacheBytes();
  if (db_ != nullptr && LimitCache(*db_, cache).ok() && SeesAllNow(*db_)) {
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(db_, OpenForReading(path));
  RETURN_IF_ERROR(LimitCache(*db_, cache));
  RETURN_IF_ERROR(StartSnapshot(*db_));
  ASSIGN_OR_RETURN(const int64_t tail, TailOf(*db_));
  if (tail != 0) {
    RETURN_IF_ERROR(AddTail(*db_));
    is_for_others_ = false;  // it has tables of its own
  }
  db_->Seal();
  return absl::OkStatus();
}

Snapshot::~Snapshot() {
  if (pool_ == nullptr) return;
  const bool is_reusable = db_ != nullptr && is_for_others_ &&
                           db_->Run("ROLLBACK").ok() &&
                           LimitCache(*db_, kLeastCacheBytes).ok();
  pool_->GiveBack(is_reusable ? std::move(db_) : nullptr);
}

}  // namespace loyalty::store
