// SPDX-License-Identifier: Apache-2.0
//
// MemberLines: one member's movements, read from the journal along their links
// (lines.h).
#ifndef LOYALTY_LIB_STORE_MEMBER_LINES_H_
#define LOYALTY_LIB_STORE_MEMBER_LINES_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/journal.h"
#include "store/database.h"
#include "store/lines.h"
#include "store/names.h"
#include "store/store.h"
#include "wire/movements.h"

namespace loyalty::store {

// ERRORS: kDataLoss where links lead nowhere, or entries cannot be read.
//
// COST: one row for each line, and to find the first of them the logarithm of
// how many there are, squared at worst.
class MemberLines {
 public:
  // All of these must outlive it.
  MemberLines(Database& journal, Names& names, int64_t member,
              std::string_view id, Line last)
      : journal_(journal),
        names_(names),
        member_(member),
        id_(id),
        last_(last) {}

  // Their movements of `currency`, or of all for "", after `after`, oldest
  // first; at most `limit`.
  absl::StatusOr<std::vector<StatementEntry>> After(model::Position after,
                                                    std::string_view currency,
                                                    size_t limit);

  // The same, newest first, before `before`.
  absl::StatusOr<std::vector<StatementEntry>> Before(model::Position before,
                                                     std::string_view currency,
                                                     size_t limit);

  // All movements from `from` on, oldest first.
  absl::StatusOr<std::vector<GivenAward>> MovementsFrom(model::Position from);

 private:
  absl::StatusOr<LineLinks> ReadLinks(int64_t seq);
  // Appends an entry's movements, the last one first, and goes to the line
  // before.
  absl::Status TakeLine(Line& line, std::vector<StatementEntry>& entries);

  Database& journal_;
  Names& names_;
  const int64_t member_;
  const std::string_view id_;
  const Line last_;
  std::vector<wire::MovementNumbers> movements_;  // of the entry being read
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_MEMBER_LINES_H_
