// SPDX-License-Identifier: Apache-2.0
//
// EntryQueue: entries that were written and are not in the table event yet.
//
// They are hashed and inserted several in a row: what does that is a lot of
// code, and between any two decisions it would have to come into the
// processor's caches anew, and then what decides.
#ifndef LOYALTY_LIB_STORE_ENTRY_QUEUE_H_
#define LOYALTY_LIB_STORE_ENTRY_QUEUE_H_

#include <absl/status/status.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "store/chain.h"
#include "store/sqlite_writer.h"

namespace loyalty::store {

// Belongs to one transaction. Whoever is about to read the table flushes it.
class EntryQueue {
 public:
  explicit EntryQueue(SqliteWriter& writer)
      : writer_(writer), chain_(writer.chain()) {}

  // Behind the last. The row is copied; the queue is flushed when it is full.
  absl::Status Add(const EntryRow& row);
  // All are in the table then.
  absl::Status Flush();

  // The id of entry `seq`, if it is here.
  std::optional<std::string_view> IdOf(int64_t seq) const;

  // Of the last entry that is in the table.
  const std::string& chain() const { return chain_; }

 private:
  struct Queued {
    EntryRow row = {};
    std::string texts = {};  // the row's, one behind the other
  };
  static constexpr size_t kMost = 32;

  SqliteWriter& writer_;
  std::string chain_;
  std::deque<Queued> queued_;  // as many as were ever in it; they stay in place
  size_t size_ = 0;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_ENTRY_QUEUE_H_
