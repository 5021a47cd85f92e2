// SPDX-License-Identifier: Apache-2.0
//
// SqliteStore: one SQLite file, one writer connection, any number of readers.
#ifndef LOYALTY_LIB_STORE_SQLITE_STORE_H_
#define LOYALTY_LIB_STORE_SQLITE_STORE_H_

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "store/store.h"

namespace loyalty::store {

enum class Access {
  kWrite,  // makes the file if there is none; the one writer
  kRead,   // the file must exist; Begin and AddProgram are refused
};

// Opens `path`.
//
// ERRORS: kNotFound            Access::kRead and there is no such file.
//         kFailedPrecondition  the file is no loyalty database, or of a newer
//                              version of this library.
//         kUnavailable         another process writes to it (its process id is
//                              in the message), or the file cannot be opened.
//         kDataLoss            SQLite finds the file damaged.
absl::StatusOr<std::unique_ptr<Store>> OpenSqliteStore(const std::string& path,
                                                       Access access);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_STORE_H_
