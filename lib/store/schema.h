// SPDX-License-Identifier: Apache-2.0
//
// The tables and views of a file, and whether a file has exactly these. They
// are part of the product: people read them with sqlite3. Start at schema.cc.
#ifndef LOYALTY_LIB_STORE_SCHEMA_H_
#define LOYALTY_LIB_STORE_SCHEMA_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "store/database.h"

namespace loyalty::store {

// PRAGMA application_id of our files: "LOYA".
inline constexpr int64_t kApplicationId = 0x4c4f5941;
// PRAGMA user_version. Any change to a table or view is a new one.
inline constexpr int64_t kSchemaVersion = 4;

// Makes everything in an empty file, or nothing.
absl::Status MakeSchema(Database& db);

// Makes the tables that follow from the journal, empty, in another database.
absl::Status MakeDerivedTables(Database& db);

// Empties them. Within the caller's transaction.
absl::Status EmptyDerivedTables(Database& db);

// Whether the file is ours, of this version, and has our tables and no more.
//
// ERRORS: kFailedPrecondition saying what it is instead.
absl::Status CheckSchema(Database& db, const std::string& path);

// Where the file's schema differs from ours; one sentence for each difference.
absl::StatusOr<std::vector<std::string>> SchemaFaults(Database& db);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SCHEMA_H_
