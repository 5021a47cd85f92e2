// SPDX-License-Identifier: Apache-2.0
//
// The Reader of SqliteStore: a read-only connection in one read transaction.
#ifndef LOYALTY_LIB_STORE_SQLITE_READER_H_
#define LOYALTY_LIB_STORE_SQLITE_READER_H_

#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "store/database.h"
#include "store/store.h"

namespace loyalty::store {

// Opens `path`, an existing file, for reading only. Where the folder takes no
// write-ahead log beside it, and nobody writes, as if it never changed.
absl::StatusOr<std::unique_ptr<Database>> OpenForReading(
    const std::string& path);

// Sees what is committed now, and nothing later.
absl::StatusOr<std::unique_ptr<Reader>> NewSqliteReader(
    std::unique_ptr<Database> db);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_READER_H_
