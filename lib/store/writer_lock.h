// SPDX-License-Identifier: Apache-2.0
//
// WriterLock: there is one writer to a file, in all processes. SQLite's own
// locks would let two take turns, and every SQLite before 3.51.3 can lose
// committed data when one of two resets the write-ahead log.
#ifndef LOYALTY_LIB_STORE_WRITER_LOCK_H_
#define LOYALTY_LIB_STORE_WRITER_LOCK_H_

#include <absl/status/statusor.h>

#include <string>

namespace loyalty::store {

// Holds FILE.lock, a file beside the database, for as long as it lives. The
// system frees it when the process ends, however that happens. The file stays;
// it holds the process id of its last holder.
class WriterLock {
 public:
  // ERRORS: kUnavailable, naming the holder's process, if it is held; or
  //         saying why the lock file cannot be made.
  static absl::StatusOr<WriterLock> Take(const std::string& database);

  // Whether some process holds it now.
  static bool IsHeld(const std::string& database);

  WriterLock(WriterLock&& other) noexcept;
  WriterLock& operator=(WriterLock&&) = delete;
  ~WriterLock();

 private:
  explicit WriterLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;  // -1: moved from
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_WRITER_LOCK_H_
