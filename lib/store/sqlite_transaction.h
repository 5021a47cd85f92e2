// SPDX-License-Identifier: Apache-2.0
//
// The Transaction of SqliteStore.
#ifndef LOYALTY_LIB_STORE_SQLITE_TRANSACTION_H_
#define LOYALTY_LIB_STORE_SQLITE_TRANSACTION_H_

#include <absl/status/statusor.h>

#include <memory>

#include "store/sqlite_writer.h"
#include "store/store.h"

namespace loyalty::store {

// Claims `writer` until it ends. It may outlive the store.
absl::StatusOr<std::unique_ptr<Transaction>> BeginSqliteTransaction(
    std::shared_ptr<SqliteWriter> writer);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_TRANSACTION_H_
