// SPDX-License-Identifier: Apache-2.0
//
// MemoryStore: the slow, obviously right twin of SqliteStore, for tests, for
// trying programs out, and for verify, which replays a journal into one.
#ifndef LOYALTY_LIB_STORE_MEMORY_STORE_H_
#define LOYALTY_LIB_STORE_MEMORY_STORE_H_

#include <memory>

#include "store/store.h"

namespace loyalty::store {

std::unique_ptr<Store> NewMemoryStore();

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_MEMORY_STORE_H_
