// SPDX-License-Identifier: Apache-2.0
//
// Snapshots for readers, and the connections that have them. To open one takes
// as long as some hundred reads, most of it to parse the schema, and a server
// needs a new snapshot after each commit: so some are kept for the next reader.
#ifndef LOYALTY_LIB_STORE_READER_POOL_H_
#define LOYALTY_LIB_STORE_READER_POOL_H_

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "store/database.h"

namespace loyalty::store {

// Opens `path`, an existing file, for reading only. Where the folder takes no
// write-ahead log beside it, and nobody writes, as if it never changed.
absl::StatusOr<std::unique_ptr<Database>> OpenForReading(
    const std::string& path);

// Connections without a snapshot. They are not for a process that was forked
// off, which abandons them. Thread-safe.
class ReaderPool {
 public:
  ReaderPool();
  ~ReaderPool();
  ReaderPool(const ReaderPool&) = delete;
  ReaderPool& operator=(const ReaderPool&) = delete;

  // One more is in use, until something is given back for it. Null: none is
  // there, and the caller opens one.
  std::unique_ptr<Database> Take();
  // Closes it if there are enough already, or the pool is closed. Null where
  // the one in use is not for others.
  void GiveBack(std::unique_ptr<Database> db);
  // How much of the file one more may remember: many share what one alone has.
  int64_t CacheBytes();
  // Closes all. Those in use are closed when they are given back.
  void Close();

 private:
  const pid_t process_;
  base::Mutex mutex_;
  std::vector<std::unique_ptr<Database>> idle_ ABSL_GUARDED_BY(mutex_);
  int64_t in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

// A connection that sees what was committed, and nothing later. Its end is that
// of the snapshot.
class Snapshot {
 public:
  // What is committed now in `path`, by a connection of `pool` if it has one
  // that can; `pool` may be null.
  static absl::StatusOr<Snapshot> Of(const std::string& path,
                                     std::shared_ptr<ReaderPool> pool);
  ~Snapshot();
  Snapshot(Snapshot&&) = default;  // the other has nothing to give back
  Snapshot& operator=(Snapshot&&) = delete;

  Database& operator*() const { return *db_; }
  Database* operator->() const { return db_.get(); }

 private:
  explicit Snapshot(std::shared_ptr<ReaderPool> pool)
      : pool_(std::move(pool)) {}
  absl::Status Open(const std::string& path);

  std::unique_ptr<Database> db_;
  std::shared_ptr<ReaderPool> pool_;
  bool is_for_others_ = true;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_READER_POOL_H_
