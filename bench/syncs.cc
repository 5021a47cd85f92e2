// SPDX-License-Identifier: Apache-2.0
//
// Takes the place of the C library's fsync and fdatasync in this executable, by
// which SQLite calls them too: what is counted is what is done.
#include "syncs.h"

#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace {

std::atomic<int64_t> syncs = 0;

}  // namespace

extern "C" int fsync(int file) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fsync, file));
}

extern "C" int fdatasync(int file) {
  ++syncs;
  return static_cast<int>(syscall(SYS_fdatasync, file));
}

namespace loyalty::bench {

int64_t Syncs() { return syncs; }

}  // namespace loyalty::bench
