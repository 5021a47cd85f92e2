// SPDX-License-Identifier: Apache-2.0
//
// Symbols: the numbers of the program's names, for the writer.
#ifndef LOYALTY_LIB_STORE_SYMBOLS_H_
#define LOYALTY_LIB_STORE_SYMBOLS_H_

#include <absl/container/flat_hash_map.h>
#include <absl/hash/hash.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "model/symbol.h"
#include "store/database.h"

namespace loyalty::store {

// Hashes texts by their bytes, so that views find strings.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const {
    return absl::Hash<std::string_view>{}(text);
  }
};
template <typename V>
using TextMap = absl::flat_hash_map<std::string, V, TextHash, std::equal_to<>>;

// All of them are remembered: there are as many as programs have names. So is
// which of the program's have none, as whether somebody is suspended is asked
// in every leg. Nobody else adds any.
//
// Not thread-safe; belongs to one connection.
class Symbols {
 public:
  explicit Symbols(Database& db) : db_(db) {}

  // 0 if it has none.
  absl::StatusOr<int64_t> Find(std::string_view text);
  absl::StatusOr<int64_t> FindSymbol(model::Symbol symbol) {
    const size_t index = symbol.index();
    if (index < by_symbol_.size() && by_symbol_[index] != 0) [[likely]] {
      return std::max<int64_t>(by_symbol_[index], 0);
    }
    return LookUp(symbol);
  }
  // As the next number.
  absl::StatusOr<int64_t> Add(std::string_view text);
  // After a rollback, some of what is remembered is in no table.
  void Forget() {
    numbers_.clear();
    by_symbol_.clear();
  }

 private:
  absl::StatusOr<int64_t> LookUp(model::Symbol symbol);

  Database& db_;
  TextMap<int64_t> numbers_;
  std::vector<int64_t> by_symbol_;  // by the symbol's index; 0: not known;
                                    // below 0: it has no number
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SYMBOLS_H_
