// SPDX-License-Identifier: Apache-2.0
//
// JournalRows: rows of the table event, and what they say of the past.
#ifndef LOYALTY_LIB_STORE_JOURNAL_ROWS_H_
#define LOYALTY_LIB_STORE_JOURNAL_ROWS_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/journal.h"
#include "store/chain.h"
#include "store/database.h"
#include "store/names.h"
#include "store/store.h"

namespace loyalty::store {

// Entries in their order, after `seq`, at most `limit`; -1 is all.
class JournalRows {
 public:
  JournalRows(Database& db, int64_t after, int limit);

  // Null at the end, and after an error. Views hold until the next call.
  const EntryRow* Next();
  // Of the present row.
  std::string_view chain() const { return rows_.Bytes(11); }
  const absl::Status& status() const { return rows_.status(); }

 private:
  Rows rows_;
  EntryRow row_;
};

absl::StatusOr<std::optional<model::RecordedEvent>> EventBySeq(Database& db,
                                                               Names& names,
                                                               int64_t seq);

// The movements of an entry, with whether they have been undone; none where
// there is no such entry.
absl::StatusOr<std::vector<GivenAward>> MovementsOfEntry(Database& db,
                                                         Names& names,
                                                         int64_t seq);
absl::StatusOr<std::optional<GivenAward>> MovementAt(Database& db, Names& names,
                                                     model::Position at);

// Notes what an entry undid, in the tables that never lag.
absl::Status AddReversal(Database& db, int64_t member, int64_t currency,
                         model::Position at,
                         const std::vector<model::Position>& reverses,
                         const std::optional<model::Position>& part);
absl::Status AddEventReversal(Database& db, int64_t seq, int64_t by_seq);

// The entries that entry `seq` reversed as a whole, and those that took it, or
// an award of it, back; in their order.
absl::StatusOr<std::vector<int64_t>> EntriesReversedBy(Database& db,
                                                       int64_t seq);
absl::StatusOr<std::vector<int64_t>> EntriesThatReversed(Database& db,
                                                         int64_t seq);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_JOURNAL_ROWS_H_
