// SPDX-License-Identifier: Apache-2.0
//
// SqliteWriter: the one connection that writes to a file, and what must be done
// with it for an acknowledged event to survive (I10).
#ifndef LOYALTY_LIB_STORE_SQLITE_WRITER_H_
#define LOYALTY_LIB_STORE_SQLITE_WRITER_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <sys/types.h>

#include <memory>
#include <mutex>
#include <string>

#include "store/database.h"
#include "store/numbering.h"
#include "store/sqlite_states.h"
#include "store/writer_lock.h"

namespace loyalty::store {

// Begin and End are thread-safe; the connection is whose Begin succeeded.
class SqliteWriter {
 public:
  // `path` is absolute and without symbolic links, as the lock goes by it.
  static absl::StatusOr<std::unique_ptr<SqliteWriter>> Open(
      const std::string& path);

  // Everything committed is put into the file itself; then it is closed.
  ~SqliteWriter();

  // ERRORS: kFailedPrecondition  a transaction is open, or this is the child of
  //                              a fork.
  //         kUnavailable         a commit or a checkpoint failed before.
  absl::Status Begin();

  // Ends the transaction, whatever comes of it. After a failure it is unknown
  // whether it was committed, and nothing more can be written.
  absl::Status Commit();
  void Rollback();

  // ERRORS: kFailedPrecondition in the child of a fork.
  absl::Status CheckProcess() const;

  Database& db() { return *db_; }
  Numbering& numbering() { return numbering_; }
  SqliteStates& states() { return states_; }

 private:
  SqliteWriter(WriterLock lock, std::unique_ptr<Database> db);

  absl::Status Prepare(const std::string& path);
  absl::Status Checkpoint(int mode);
  void CheckpointIfLong();
  static int NotePagesInLog(void* writer, sqlite3* handle, const char* schema,
                            int pages);

  const pid_t process_;
  WriterLock lock_;  // outlives the connection
  std::unique_ptr<Database> db_;
  Numbering numbering_;
  SqliteStates states_;
  int changes_before_ = 0;  // of rows, before the transaction
  bool prepared_ = false;
  int pages_in_log_ = 0;
  int pages_at_last_checkpoint_ = 0;

  std::mutex mutex_;
  bool in_use_ = false;
  absl::Status poison_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_WRITER_H_
