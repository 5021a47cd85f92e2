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
};

// A value that is kept apart from the journal.
struct PersonalValue {
  std::string_view name = {};
  std::string bytes = {};
};

// The event, its outcome and what it reversed; not what it changed, nor names
// that are new. Of attributes that are personal, it takes digests under `key`,
// the actor's, and leaves the values in `personal`.
//
// ERRORS: kInternal if the outcome does not tell each movement, in order.
absl::Status PutRecord(const Delta& delta, Numberer& numbers,
                       std::string_view key, v1::Record& record,
                       std::vector<PersonalValue>& personal);

// As the column `movements` has it, but for the links. Overwrites `row`, which
// may keep its memory from call to call.
absl::Status NumberMovement(const model::Movement& movement, Numberer& numbers,
                            wire::MovementNumbers& row);

// The number of the last member that the entry named first; 0 if none.
int64_t LastMemberOf(const v1::Record& record);

// A window as entries have it: by how many seconds it begins before the event's
// second, made so that what is usual takes few bytes.
int64_t CodeOfWindow(int64_t window, int64_t event_micros);
int64_t WindowOfCode(int64_t code, int64_t event_micros);

// The way back. ERRORS: kDataLoss where the bytes are none of ours.
absl::Status ParseRecord(std::string_view bytes, v1::Record& record);
absl::Status ParseMovements(std::string_view text,
                            std::vector<wire::MovementNumbers>& movements);
// Whether a movement needs the entry's record besides its numbers.
bool NeedsRecord(const wire::MovementNumbers& numbers);
// One movement of the entry `row`, of the member called `member`. Of the row,
// its number, target, and the record if that is needed.
absl::StatusOr<model::Movement> MovementOf(const EntryRow& row, size_t n,
                                           const wire::MovementNumbers& numbers,
                                           std::string member, Names& names);
absl::StatusOr<std::vector<model::Movement>> MovementsOfRow(const EntryRow& row,
                                                            Names& names);
absl::StatusOr<model::RecordedEvent> EventOfRow(const EntryRow& row,
                                                Names& names);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_RECORD_H_
