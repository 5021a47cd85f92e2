// SPDX-License-Identifier: Apache-2.0
//
// See symbols.h.
#include "store/symbols.h"

#include <algorithm>

#include "base/status_macros.h"

namespace loyalty::store {
namespace {

constexpr int64_t kHasNone = -1;

}  // namespace

absl::StatusOr<int64_t> Symbols::Find(std::string_view text) {
  if (const auto found = numbers_.find(text); found != numbers_.end()) {
    return found->second;
  }
  ASSIGN_OR_RETURN(
      const int64_t number,
      db_.Number("SELECT symbol FROM symbol WHERE text = ?", text));
  if (number != 0) numbers_.emplace(std::string(text), number);
  return number;
}

absl::StatusOr<int64_t> Symbols::FindSymbol(model::Symbol symbol) {
  const size_t index = symbol.index();
  if (index < by_symbol_.size() && by_symbol_[index] != 0) {
    return std::max<int64_t>(by_symbol_[index], 0);
  }
  ASSIGN_OR_RETURN(const int64_t number, Find(symbol.text()));
  if (index >= by_symbol_.size()) by_symbol_.resize(index + 1);
  by_symbol_[index] = number == 0 ? kHasNone : number;
  return number;
}

absl::StatusOr<int64_t> Symbols::Add(std::string_view text) {
  RETURN_IF_ERROR(db_.Run("INSERT INTO symbol (text) VALUES (?)", text));
  const int64_t number = db_.LastRowid();
  numbers_.emplace(std::string(text), number);
  // It may have been asked for before.
  const size_t index = model::Symbol(text).index();
  if (index < by_symbol_.size()) by_symbol_[index] = number;
  return number;
}

}  // namespace loyalty::store
