// SPDX-License-Identifier: Apache-2.0
//
// The Reader of the memory store, and what it shares with the store.
#ifndef LOYALTY_LIB_STORE_MEMORY_READER_H_
#define LOYALTY_LIB_STORE_MEMORY_READER_H_

#include <memory>
#include <mutex>

#include "store/memory_book.h"
#include "store/store.h"

namespace loyalty::store {

// What the store and its transactions and readers share, and outlives them.
struct MemoryShared {
  std::mutex mutex;
  std::shared_ptr<Book> book = std::make_shared<Book>();  // guarded by mutex
  bool in_use = false;                                    // guarded by mutex

  // The book, to be added to: a new copy if readers look at this one.
  Book& Writable() {
    if (book.use_count() > 1) book = std::make_shared<Book>(*book);
    return *book;
  }
};

// It keeps the book there is now.
//
// REQUIRES: the caller holds the mutex.
std::unique_ptr<Reader> NewMemoryReader(std::shared_ptr<MemoryShared> shared);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_MEMORY_READER_H_
