// SPDX-License-Identifier: Apache-2.0
//
// See numbering.h, and the tables' comments in schema.cc.
#include "store/numbering.h"

#include <absl/strings/str_cat.h>

#include "base/status_macros.h"

namespace loyalty::store {

absl::StatusOr<int64_t> NumberedNames::Find(std::string_view name) {
  const auto found = numbers_.find(name);
  if (found != numbers_.end()) return found->second;
  ASSIGN_OR_RETURN(const int64_t number, db_.Number(find_sql_, name));
  if (number != 0) Remember(name, number);
  return number;
}

void NumberedNames::Remember(std::string_view name, int64_t number) {
  if (numbers_.size() >= kRemembered) numbers_.clear();
  numbers_.emplace(std::string(name), number);
}

Numbering::Numbering(Database& db)
    : db_(db),
      symbols_(db, "SELECT symbol FROM symbol WHERE text = ?",
               "INSERT INTO symbol (text) VALUES (?)"),
      objects_(db, "SELECT object FROM object WHERE id = ?",
               "INSERT INTO object (id) VALUES (?)"),
      members_(db, "SELECT member FROM member WHERE id = ?",
               "INSERT INTO member (id, since) VALUES (?, ?)") {}

absl::StatusOr<int64_t> Numbering::AccountOf(const model::Account& account) {
  if (account.kind == model::AccountKind::kMember) {
    ASSIGN_OR_RETURN(const int64_t member, members_.Find(account.owner));
    if (member != 0) return member;
    return absl::InternalError(
        absl::StrCat("no member \"", account.owner, "\" to have an account"));
  }
  const auto kind = static_cast<int64_t>(account.kind);
  ASSIGN_OR_RETURN(const int64_t owner, symbols_.FindOrAdd(account.owner));
  int64_t& number = accounts_[{kind, owner}];
  if (number != 0) return number;
  ASSIGN_OR_RETURN(
      const int64_t known,
      db_.Number("SELECT account FROM account WHERE kind = ? AND owner = ?",
                 kind, owner));
  if (known != 0) return number = known;
  ASSIGN_OR_RETURN(const int64_t lowest,
                   db_.Number("SELECT min(account) FROM account"));
  RETURN_IF_ERROR(
      db_.Run("INSERT INTO account VALUES (?, ?, ?)", lowest - 1, kind, owner));
  return number = lowest - 1;
}

void Numbering::Forget() {
  symbols_.Forget();
  objects_.Forget();
  members_.Forget();
  accounts_.clear();
}

}  // namespace loyalty::store
