// SPDX-License-Identifier: Apache-2.0
//
// From rows of the schema to the journal's nouns: what the transaction and the
// reader of SqliteStore both ask.
#ifndef LOYALTY_LIB_STORE_SQLITE_ROWS_H_
#define LOYALTY_LIB_STORE_SQLITE_ROWS_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "model/journal.h"
#include "store/database.h"
#include "store/store.h"

namespace loyalty::store {

// Times as the file has them. The infinite ones are the ends of int64.
int64_t MicrosOf(absl::Time time);
absl::Time TimeOf(int64_t micros);

absl::StatusOr<std::optional<model::RecordedEvent>> EventById(
    Database& db, std::string_view id);
absl::StatusOr<std::optional<model::RecordedEvent>> EventBySeq(Database& db,
                                                               int64_t seq);
absl::StatusOr<std::vector<model::RecordedEvent>> EventsAfter(Database& db,
                                                              int64_t seq,
                                                              int limit);

// Movements, oldest first, with whether they have been undone. `member` and
// `object` are numbers; a currency of nullopt is any; a limit of -1 is none.
absl::StatusOr<std::vector<GivenAward>> MovementsOfEvent(Database& db,
                                                         int64_t seq);
absl::StatusOr<std::vector<GivenAward>> AwardsOfObjectAfter(
    Database& db, int64_t object, model::Position after, int limit);
absl::StatusOr<std::vector<GivenAward>> MovementsOfMember(
    Database& db, int64_t member, std::optional<int64_t> currency,
    model::Position after, int limit);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_ROWS_H_
