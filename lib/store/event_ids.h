// SPDX-License-Identifier: Apache-2.0
//
// Which entry an event's id belongs to. Where ids ascend from entry to entry,
// as those that grow with time do, the journal itself is in their order: a run
// of such entries is one row of a table, and is searched in the journal. The
// others are in an index.
//
// Entries are looked at in blocks of 64, those of seq 1 to 64 first: a block
// whose every id is greater than all ids before it belongs to a run, and the
// entries of any other, and of the last one until it is full, to the index. So
// the tables are the same however often they were brought up to date.
#ifndef LOYALTY_LIB_STORE_EVENT_IDS_H_
#define LOYALTY_LIB_STORE_EVENT_IDS_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/database.h"
#include "store/merge_into.h"

namespace loyalty::store {

// The order of ids, entry by entry as they come.
class IdOrder {
 public:
  static constexpr int64_t kBlock = 64;
  static int64_t BlockOf(int64_t seq) { return (seq - 1) / kBlock; }

  // From the first entry of a block on. `greatest`: of all ids before it.
  void Begin(std::string greatest);
  void Add(std::string_view id, int64_t seq);

  const std::string& greatest() const { return greatest_; }
  // Blocks since Begin with an id that is not greater than all before it;
  // ascending.
  const std::vector<int64_t>& broken() const { return broken_; }

  // Blocks before that one are not asked for again.
  void ForgetBefore(int64_t block);

  // To take entries back: as both were before.
  void Restore(std::string greatest, size_t broken) {
    greatest_ = std::move(greatest);
    broken_.resize(broken);
  }

 private:
  std::string greatest_;
  std::vector<int64_t> broken_;
};

// The tables event_run and event_by_id of `db`, of the journal in `journal`.
class EventIds {
 public:
  EventIds(Database& db, Database& journal) : db_(db), journal_(journal) {}

  // 0 if no entry up to where the tables are has that id.
  //
  // COST: a row or two, and in a run the logarithm of its length.
  absl::StatusOr<int64_t> SeqOf(std::string_view id);

  // The order as it is behind entry `through`, where the tables are.
  absl::StatusOr<IdOrder> OrderAt(int64_t through);

  // Adds entries `after` + 1 to `through`; all to the index of a reader's tail.
  absl::Status Add(int64_t after, int64_t through, const IdOrder& order,
                   MergeInto into);

 private:
  absl::StatusOr<int64_t> Search(int64_t from, int64_t end,
                                 std::string_view id);
  absl::StatusOr<std::string> IdAt(int64_t seq);
  absl::Status AddRun(int64_t from, int64_t end);
  absl::Status AddToIndex(int64_t from, int64_t end, MergeInto into);
  absl::Status DropFromIndex(int64_t from, int64_t end);

  Database& db_;
  Database& journal_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_EVENT_IDS_H_
