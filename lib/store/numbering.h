// SPDX-License-Identifier: Apache-2.0
//
// Numbering: the numbers by which tables name symbols, objects, members and
// accounts, remembered by the writer across its transactions.
#ifndef LOYALTY_LIB_STORE_NUMBERING_H_
#define LOYALTY_LIB_STORE_NUMBERING_H_

#include <absl/container/flat_hash_map.h>
#include <absl/hash/hash.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "model/journal.h"
#include "store/database.h"

namespace loyalty::store {

// The names of one table, by number. 0 is no number.
//
// COST: remembers at most kRemembered names, then starts anew.
class NumberedNames {
 public:
  static constexpr size_t kRemembered = 200'000;

  NumberedNames(Database& db, const char* find_sql, const char* add_sql)
      : db_(db), find_sql_(find_sql), add_sql_(add_sql) {}

  // 0 if it has none.
  absl::StatusOr<int64_t> Find(std::string_view name);
  // Adds the name if it is new; `more` are the values of further columns.
  template <typename... More>
  absl::StatusOr<int64_t> FindOrAdd(std::string_view name, More... more) {
    auto number = Find(name);
    if (!number.ok() || *number != 0) return number;
    absl::Status added = db_.Run(add_sql_, name, more...);
    if (!added.ok()) return added;
    Remember(name, db_.LastRowid());
    return db_.LastRowid();
  }
  void Forget() { numbers_.clear(); }

 private:
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view s) const {
      return absl::Hash<std::string_view>{}(s);
    }
  };

  void Remember(std::string_view name, int64_t number);

  Database& db_;
  const char* find_sql_;
  const char* add_sql_;
  absl::flat_hash_map<std::string, int64_t, Hash, std::equal_to<>> numbers_;
};

// Not thread-safe; belongs to the writer's connection.
class Numbering {
 public:
  explicit Numbering(Database& db);

  NumberedNames& symbols() { return symbols_; }
  NumberedNames& objects() { return objects_; }
  NumberedNames& members() { return members_; }

  // The number of an account, made if it is new.
  //
  // ERRORS: kInternal if it is a member's and there is no such member.
  absl::StatusOr<int64_t> AccountOf(const model::Account& account);

  // After a rollback, some of what is remembered is in no table.
  void Forget();

 private:
  Database& db_;
  NumberedNames symbols_;
  NumberedNames objects_;
  NumberedNames members_;
  // By (kind, symbol of the owner); as many as the programs have rules.
  absl::flat_hash_map<std::pair<int64_t, int64_t>, int64_t> accounts_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_NUMBERING_H_
