// SPDX-License-Identifier: Apache-2.0
//
// Records: an entry of the journal to and from the columns of its row. Names
// become numbers on the way in, and names again on the way out.
#ifndef LOYALTY_LIB_STORE_RECORD_H_
#define LOYALTY_LIB_STORE_RECORD_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/v1/journal.pb.h"
#include "model/journal.h"
#include "store/chain.h"
#include "store/names.h"
#include "store/store.h"
#include "wire/movements.h"

namespace loyalty::store {

// Gives numbers to names, new ones too.
class Numberer {
 public:
  virtual ~Numberer() = default;
  virtual absl::StatusOr<int64_t> TextNumber(std::string_view text) = 0;
  virtual absl::StatusOr<int64_t> SymbolNumber(model::Symbol symbol) = 0;
  virtual absl::StatusOr<int64_t> MemberNumber(std::string_view id) = 0;
  virtual absl::StatusOr<int64_t> ObjectNumber(std::string_view id) = 0;
};

// A value that is kept apart from the journal.
struct PersonalValue {
  std::string_view name = {};
  std::string bytes = {};
};

// The event, its outcome and what it reversed; not `change` and `new_name`. Of
// attributes that are personal, it takes digests under `key`, the actor's, and
// leaves the values in `personal`.
absl::Status PutRecord(const Delta& delta, Numberer& numbers,
                       std::string_view key, v1::Record& record,
                       std::vector<PersonalValue>& personal);

// The column `movements`.
absl::StatusOr<std::string> MovementsText(
    const std::vector<model::Movement>& movements, Numberer& numbers);

// The way back. ERRORS: kDataLoss where the bytes are none of ours.
absl::StatusOr<v1::Record> ParsedRecord(std::string_view bytes);
absl::StatusOr<std::vector<wire::MovementNumbers>> ParsedMovements(
    std::string_view text);
absl::StatusOr<std::vector<model::Movement>> MovementsOfRow(const EntryRow& row,
                                                            Names& names);
absl::StatusOr<model::RecordedEvent> EventOfRow(const EntryRow& row,
                                                Names& names);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_RECORD_H_
