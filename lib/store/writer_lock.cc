// SPDX-License-Identifier: Apache-2.0
//
// A lock on the database file itself would be lost as soon as anyone in this
// process closed any descriptor to it; hence flock() on a file of its own.
#include "store/writer_lock.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace loyalty::store {
namespace {

std::string LockPath(const std::string& database) { return database + ".lock"; }

// Of the process that holds the lock; "unknown" in the instant before it has
// written it down.
std::string HolderOf(int descriptor) {
  char digits[32];
  const ssize_t size = pread(descriptor, digits, sizeof digits, 0);
  if (size <= 0) return "unknown";
  std::string pid(digits, static_cast<size_t>(size));
  absl::StripAsciiWhitespace(&pid);
  return pid;
}

int FlockWithoutWaiting(int descriptor, int kind) {
  int result;
  do {
    result = flock(descriptor, kind | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  return result;
}

// IsHeld() takes the lock for an instant: that is no reason to refuse a writer.
int FlockPatiently(int descriptor) {
  constexpr int kTries = 5;
  for (int i = 1;; ++i) {
    const int result = FlockWithoutWaiting(descriptor, LOCK_EX);
    if (result == 0 || errno != EWOULDBLOCK || i == kTries) return result;
    usleep(20'000);
  }
}

}  // namespace

absl::StatusOr<WriterLock> WriterLock::Take(const std::string& database) {
  const std::string path = LockPath(database);
  const int descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor < 0 && errno == ENOENT) {
    return absl::UnavailableError(
        absl::StrCat("cannot make ", database, ": there is no such folder"));
  }
  if (descriptor < 0) {
    return absl::UnavailableError(absl::StrCat(
        "cannot open ", path, " for writing: ", std::strerror(errno)));
  }
  WriterLock lock(descriptor);
  if (FlockPatiently(descriptor) != 0) {
    if (errno != EWOULDBLOCK) {
      return absl::UnavailableError(
          absl::StrCat("cannot lock ", path, ": ", std::strerror(errno)));
    }
    return absl::UnavailableError(
        absl::StrCat(database, " is being written by process ",
                     HolderOf(descriptor), "; a file has one writer"));
  }
  const std::string pid = absl::StrCat(getpid(), "\n");
  // For people only: a full disk must not keep the owner out.
  if (ftruncate(descriptor, 0) == 0) {
    [[maybe_unused]] const ssize_t written =
        pwrite(descriptor, pid.data(), pid.size(), 0);
  }
  return lock;
}

bool WriterLock::IsHeld(const std::string& database) {
  const int descriptor = open(LockPath(database).c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool held = FlockWithoutWaiting(descriptor, LOCK_SH) != 0;
  close(descriptor);
  return held;
}

WriterLock::WriterLock(WriterLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

WriterLock::~WriterLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

}  // namespace loyalty::store
