// SPDX-License-Identifier: Apache-2.0
//
// Vouchers as they are shown: codes from the host's key, and the rest from the
// journal.
#ifndef LOYALTY_LIB_ENGINE_VOUCHERS_H_
#define LOYALTY_LIB_ENGINE_VOUCHERS_H_

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/stored_program.h"
#include "engine/voucher_key.h"
#include "loyalty/queries.h"
#include "model/entity.h"
#include "model/journal.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// What is asked of a store, whether to write or to read.
using CounterOfProgram =
    absl::FunctionRef<absl::StatusOr<int64_t>(const model::CounterKey&)>;
using EntryOfJournal =
    absl::FunctionRef<absl::StatusOr<std::optional<model::RecordedEvent>>(
        int64_t)>;

// The codes of the redemption that entry `given` gave, the redemption itself or
// its capture; none if the reward gives none.
//
// ERRORS: kDataLoss if one was imported, and cannot be read.
absl::StatusOr<std::vector<std::string>> CodesGivenBy(
    int64_t given, const VoucherKey& key, const rules::Reward& reward,
    const Event& redemption, CounterOfProgram counter, EntryOfJournal entry);

// Those of the member whose statement has those lines, oldest first; codes only
// with a key.
//
// ERRORS: kFailedPrecondition if the key is another than theirs.
absl::StatusOr<std::vector<MemberVoucher>> VouchersOf(
    store::Reader& reader, StoredPrograms& programs,
    const std::vector<store::StatementEntry>& lines, absl::Time at,
    const VoucherKey* key);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_VOUCHERS_H_
