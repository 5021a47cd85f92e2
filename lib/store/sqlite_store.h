// SPDX-License-Identifier: Apache-2.0
//
// SqliteStore: one SQLite file, one writer connection, any number of readers.
#ifndef LOYALTY_LIB_STORE_SQLITE_STORE_H_
#define LOYALTY_LIB_STORE_SQLITE_STORE_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "store/store.h"

namespace loyalty::store {

enum class Access {
  kWrite,  // makes the file if there is none; the one writer
  kRead,   // the file must exist; Begin and AddProgram are refused
};

struct SqliteOptions {
  // Bytes of memory for members and objects that events touched. Those that
  // have changed since the tables were last brought up to date are kept
  // besides.
  size_t cache_bytes = size_t{128} << 20;
  // After so many events the tables that follow from the journal are brought up
  // to date; that many at most are read again after an unclean stop.
  int64_t max_tail = 200'000;
  // Pages of the log after which what is in it is put into the file: 16 MiB of
  // SQLite's 4 KiB pages.
  int long_log_pages = 4096;
};

// Opens `path`.
//
// ERRORS: kNotFound            Access::kRead and there is no such file.
//         kFailedPrecondition  the file is no loyalty database, or of a newer
//                              version of this library, or an unreleased one.
//         kUnavailable         another process writes to it (its process id is
//                              in the message), or the file cannot be opened.
//         kDataLoss            SQLite finds the file damaged.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(
    const std::string& path, Access access, const SqliteOptions& options = {});

// Makes the tables that follow from the journal (schema.cc) anew, all or
// nothing, as the file's only writer; whatever they say now.
//
// ERRORS: as OpenSqliteStore, for Access::kRead as well.
//         kDataLoss  the journal cannot be read.
absl::Status RebuildSqliteFile(const std::string& path);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_STORE_H_
