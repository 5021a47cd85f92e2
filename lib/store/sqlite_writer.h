// SPDX-License-Identifier: Apache-2.0
//
// SqliteWriter: the one connection that writes to a file, and what must be done
// with it for an acknowledged event to survive (I10).
#ifndef LOYALTY_LIB_STORE_SQLITE_WRITER_H_
#define LOYALTY_LIB_STORE_SQLITE_WRITER_H_

#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>

#include "store/database.h"
#include "store/entities.h"
#include "store/sqlite_store.h"
#include "store/symbols.h"
#include "store/writer_lock.h"

namespace loyalty::store {

// Begin and End are thread-safe; the connection is whose Begin succeeded.
class SqliteWriter {
 public:
  // `path` is absolute and without symbolic links, as the lock goes by it.
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> Open(
      const std::string& path, const SqliteOptions& options);

  // Makes the tables that follow from the journal anew, all or nothing.
  static absl::Status Rebuild(const std::string& path,
                              const SqliteOptions& options);

  // Everything committed is put into the file itself; then it is closed.
  ~SqliteWriter();

  // ERRORS: kFailedPrecondition  a transaction is open, or this is the child of
  //                              a fork.
  //         kUnavailable         a commit or a checkpoint failed before.
  absl::Status Begin();

  // Ends the transaction, whatever comes of it. After a failure it is unknown
  // whether it was committed, and nothing more can be written.
  // `chain` is that of the last entry now.
  absl::Status Commit(std::string chain);
  void Rollback();

  // Brings the tables up to date with the journal, unless a transaction is
  // open.
  absl::Status Settle();

  // ERRORS: kFailedPrecondition in the child of a fork.
  absl::Status CheckProcess() const;

  Database& db() { return *db_; }
  Symbols& symbols() { return symbols_; }
  Entities& entities() { return entities_; }

  // Of the last committed entry; "" if there is none.
  const std::string& chain() const { return chain_; }
  // Within the transaction that is open.
  absl::Status AddProgram(const StoredProgram& program);

  // Of the program of that number.
  absl::StatusOr<std::string_view> IdentityOf(int64_t program);

 private:
  SqliteWriter(WriterLock lock, std::unique_ptr<Database> db,
               const SqliteOptions& options);

  // Locked and fit to write, but without a look at what is in the tables.
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> OpenAsItIs(
      const std::string& path, const SqliteOptions& options);
  absl::Status Prepare(const std::string& path);
  absl::Status Remake();
  absl::Status RewriteLog();
  absl::Status Checkpoint(int mode);
  void CheckpointIfLong();
  void EmptyLog();
  absl::Status Merge();
  static int NotePagesInLog(void* writer, sqlite3* handle, const char* schema,
                            int pages);

  const pid_t process_;
  WriterLock lock_;  // outlives the connection
  std::unique_ptr<Database> db_;
  const SqliteOptions options_;
  Symbols symbols_;
  Entities entities_;
  std::string chain_;
  absl::flat_hash_map<int64_t, std::string> identities_;  // of programs
  bool prepared_ = false;
  int pages_in_log_ = 0;
  int pages_at_last_checkpoint_ = 0;

  std::mutex mutex_;
  bool in_use_ = false;
  absl::Status poison_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_WRITER_H_
