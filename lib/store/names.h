// SPDX-License-Identifier: Apache-2.0
//
// Names: which name each number of the tables stands for.
#ifndef LOYALTY_LIB_STORE_NAMES_H_
#define LOYALTY_LIB_STORE_NAMES_H_

#include <absl/container/flat_hash_map.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/symbol.h"
#include "store/database.h"

namespace loyalty::store {

// Reads of one connection. What a number means never changes, so that names are
// remembered; a member's, which may be forgotten, are not.
//
// Not thread-safe.
class Names {
 public:
  explicit Names(Database& db) : db_(db) {}

  // ERRORS: kDataLoss if the table has no such number.
  absl::StatusOr<model::Symbol> Symbol(int64_t number);
  // "#17" for a member whose name has been erased (model/member_name.h).
  absl::StatusOr<std::string> Member(int64_t number);
  // The same of several, in their order, twelve a statement.
  absl::StatusOr<std::vector<std::string>> Members(
      std::span<const int64_t> numbers);

  // The key of a member's digests; "" once it has been erased.
  absl::StatusOr<std::string> KeyOf(int64_t member);
  // What is kept apart of one event, as bytes; nullopt once it has been erased.
  absl::StatusOr<std::optional<std::string>> Personal(int64_t member,
                                                      int64_t seq,
                                                      std::string_view name);

 private:
  Database& db_;
  absl::flat_hash_map<int64_t, model::Symbol> symbols_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_NAMES_H_
