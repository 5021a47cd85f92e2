// SPDX-License-Identifier: Apache-2.0
//
// The Reader of SqliteStore: a read-only connection in one read transaction.
#ifndef LOYALTY_LIB_STORE_SQLITE_READER_H_
#define LOYALTY_LIB_STORE_SQLITE_READER_H_

#include <memory>

#include "store/reader_pool.h"
#include "store/store.h"

namespace loyalty::store {

std::unique_ptr<Reader> NewSqliteReader(Snapshot snapshot);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_READER_H_
