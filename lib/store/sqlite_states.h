// SPDX-License-Identifier: Apache-2.0
//
// SqliteStates: the states the writer has touched. They are read once, changed
// in memory, and written once a transaction, at its end.
#ifndef LOYALTY_LIB_STORE_SQLITE_STATES_H_
#define LOYALTY_LIB_STORE_SQLITE_STATES_H_

#include <absl/container/flat_hash_map.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/entity.h"
#include "store/database.h"
#include "store/numbering.h"

namespace loyalty::store {

// As there is one writer, what was read or committed stays true from one
// transaction to the next.
//
// Not thread-safe; belongs to the writer's connection.
class SqliteStates {
 public:
  // How many entities and counters are remembered before it starts anew.
  static constexpr size_t kRemembered = 200'000;

  SqliteStates(Database& db, Numbering& numbering)
      : db_(db), numbering_(numbering) {}

  absl::StatusOr<model::EntityState> Load(const model::ReadSet& wanted);

  // Makes a new member's row at once, as movements need its number.
  absl::Status Change(const model::EntityState& now);

  // Writes what differs from what was read.
  absl::Status Flush();

  // Whether there is anything to flush.
  bool HasChanges() const { return !changed_.empty(); }

  // After a rollback, what is remembered is not what is stored.
  void Forget();
  // After a commit; forgets if it has become too much.
  void Trim();

 private:
  struct HoldingHere {
    model::Holding now;
    std::optional<model::Holding> stored;
  };
  struct CounterHere {
    int64_t now = 0;
    int64_t stored = 0;
  };
  struct Touched {
    model::Entity::Kind kind;
    bool changed = false;
    int64_t number = 0;  // 0: no row yet; always so for the program
    bool exists = false;
    absl::Time since = absl::InfinitePast();
    absl::Time stored_since = absl::InfinitePast();
    std::map<std::string, HoldingHere, std::less<>> holdings;
    std::map<model::CounterKey, CounterHere> counters;
    // Those of `counters` that were set since the last flush; maybe repeated.
    std::vector<std::pair<const model::CounterKey, CounterHere>*> set;
  };

  absl::StatusOr<Touched*> Touch(const model::Entity& entity);
  absl::Status ReadMember(std::string_view id, Touched& touched);
  absl::StatusOr<std::pair<const model::CounterKey, CounterHere>*> Counter(
      Touched& touched, const model::CounterKey& key);
  absl::Status FlushMember(Touched& touched);
  absl::Status FlushCounters(Touched& touched);

  Database& db_;
  Numbering& numbering_;
  absl::flat_hash_map<model::Entity, std::unique_ptr<Touched>> touched_;
  std::vector<Touched*> changed_;  // since the last flush
  size_t remembered_ = 0;
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_SQLITE_STATES_H_
