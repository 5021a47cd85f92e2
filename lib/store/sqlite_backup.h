// SPDX-License-Identifier: Apache-2.0
//
// Backup: a file that is being written, copied to one that is whole by itself.
#ifndef LOYALTY_LIB_STORE_SQLITE_BACKUP_H_
#define LOYALTY_LIB_STORE_SQLITE_BACKUP_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>

#include <string>

#include "store/database.h"

namespace loyalty::store {

// Copies what the open transaction of `from` sees to `to`, which gets its name
// once it is on disk.
//
// ERRORS: as Queries::Backup; nothing is left of it.
absl::Status BackUpSqlite(Database& from, const std::string& to,
                          absl::FunctionRef<void(double)> progress);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_BACKUP_H_
