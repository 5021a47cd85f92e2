// SPDX-License-Identifier: Apache-2.0
//
// Lots as entries and members' rows keep them: what changed of them, and all of
// them, which is what changed since there were none.
#ifndef LOYALTY_LIB_STORE_LOT_RECORDS_H_
#define LOYALTY_LIB_STORE_LOT_RECORDS_H_

#include <absl/status/status.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "loyalty/v1/journal.pb.h"
#include "model/lots.h"
#include "store/names.h"

namespace loyalty::store {

// Fills in all of `change` but `whose` and `currency`.
void PutLotChange(const model::Lots& before, const model::Lots& after,
                  v1::LotChange& change);

// What `change` makes of `lots`.
void TakeLotChange(const v1::LotChange& change, model::Lots& lots);

// The column `lots` of a member's row. ERRORS: kDataLoss if it cannot be read.
absl::Status ReadLots(std::string_view bytes, Names& names,
                      model::AllLots& lots);

// About what they take in memory.
size_t BytesOf(const model::AllLots& lots);

// When something of them falls due for a sweep; InfiniteFuture if never.
absl::Time DueOf(const model::AllLots& lots);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_LOT_RECORDS_H_
