// SPDX-License-Identifier: Apache-2.0
//
// See symbols.h.
#include "store/symbols.h"

#include <absl/strings/str_cat.h>

#include "base/status_macros.h"
#include "base/views.h"
#include "store/counter_pages.h"

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

absl::StatusOr<int64_t> Symbols::LookUp(model::Symbol symbol) {
  const size_t index = symbol.index();
  ASSIGN_OR_RETURN(const int64_t number, Find(symbol.text()));
  if (index >= by_symbol_.size()) by_symbol_.resize(index + 1);
  by_symbol_[index] = number == 0 ? kHasNone : number;
  return number;
}

absl::StatusOr<int64_t> Symbols::Add(std::string_view text) {
  RETURN_IF_ERROR(db_.Run("INSERT INTO symbol (text) VALUES (?)", text));
  const int64_t number = db_.LastRowid();
  if (number >= kMostSymbols) {
    return absl::ResourceExhaustedError(
        absl::StrCat("a file can have ", kMostSymbols,
                     " names of a program's; "
                     "\"",
                     base::av(text), "\" is one too many"));
  }
  numbers_.emplace(std::string(text), number);
  // It may have been asked for before.
  const size_t index = model::Symbol(text).index();
  if (index < by_symbol_.size()) by_symbol_[index] = number;
  return number;
}

}  // namespace loyalty::store
