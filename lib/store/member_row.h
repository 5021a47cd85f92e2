// SPDX-License-Identifier: Apache-2.0
//
// The row of a member in the table member_state, and pages of counters, to and
// from what is in memory.
#ifndef LOYALTY_LIB_STORE_MEMBER_ROW_H_
#define LOYALTY_LIB_STORE_MEMBER_ROW_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/entity.h"
#include "model/journal.h"
#include "store/counter_pages.h"
#include "store/database.h"
#include "store/lines.h"
#include "store/names.h"

namespace loyalty::store {

struct MemberRow {
  struct Held {
    int64_t currency = 0;
    model::Symbol name = {};
    model::Holding now = {};
    model::Position reached = {};
  };
  absl::Time since = {};
  LineEnds lines = {};
  std::vector<Held> holdings = {};
  CounterPages counters = {};
  uint64_t keyed_bits = 0;
  model::AllLots lots = {};
};

// Of a row (since, lines, ends, holdings, counters, keyed, lots), whose first
// column
// is number `column` of the rows. ERRORS: kDataLoss if it cannot be.
absl::StatusOr<MemberRow> ReadMemberRow(const Rows& row, Names& names,
                                        int column = 0);

// Adds what a column `body` of counter_page has. ERRORS: likewise.
absl::Status ReadPage(std::string_view bytes, CounterPages& counters);

// The columns `ends`, `counters`, and `body`, which is empty if nothing is in
// that page.
std::string EndsText(const LineEnds& lines);
std::string MemberCounterBytes(const CounterPages& counters);
std::string PageBytes(const CounterPages& counters, int64_t page);

// Appends [currency,balance,earned,seq,n] to a column `holdings` that is being
// made.
void AppendHolding(int64_t currency, const model::Holding& holding,
                   model::Position reached, std::string& text);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_MEMBER_ROW_H_
