// SPDX-License-Identifier: Apache-2.0
//
// Entity: what has state, and that state as the store keeps it. Apply sees one
// entity at a time.
#ifndef LOYALTY_LIB_MODEL_ENTITY_H_
#define LOYALTY_LIB_MODEL_ENTITY_H_

#include <absl/time/time.h>

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/flat_map.h"
#include "model/lots.h"
#include "model/symbol.h"

namespace loyalty::model {

struct Entity {
  enum class Kind { kMember = 1, kObject = 2, kProgram = 3 };
  Kind kind = Kind::kProgram;
  std::string id = {};  // the host's; empty for kProgram

  friend auto operator<=>(const Entity&, const Entity&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Entity& e) {
    return H::combine(std::move(h), e.kind, e.id);
  }
};

// One counter of an entity: a metric, a limit or a daily cap, in one window.
struct CounterKey {
  Symbol name = {};    // "metric:blogs", "limit:RULE/0/1", "limit:=GROUP",
                       // "cap:CURRENCY"
  int64_t window = 0;  // base::WindowStart of its period; 0 for ever
  // What a limit's key adds: the member who acted, or the object. The program,
  // which has no id, where there is no key. An entity, not its name, so that
  // stores can keep a member's number here and forget the name.
  Entity key = {};

  friend auto operator<=>(const CounterKey&, const CounterKey&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const CounterKey& k) {
    return H::combine(std::move(h), k.name, k.window, k.key);
  }
};

using Counters = FlatMap<CounterKey, int64_t, 4>;

// A member's units of one currency. `earned` is what rules gave and took and
// reversals took back; spending, which levels do not follow, is not in it.
// `balance` is all that was posted; of a currency with lots that is what is
// available, pending and held, less what is owed.
struct Holding {
  int64_t balance = 0;
  int64_t earned = 0;

  friend bool operator==(const Holding&, const Holding&) = default;
};

using Holdings = FlatMap<Symbol, Holding, 4>;  // by currency

struct EntityState {
  Entity entity = {};
  bool exists = false;  // members only; objects have counters
  absl::Time since = absl::InfinitePast();  // a member's first event
  // Who referred the member: what rules read of them. Stores keep a counter
  // that says where it stands (core/referral.h), and leave this empty.
  std::string referrer = {};
  Holdings holdings = {};
  AllLots lots = {};  // of the currencies that have any
  Counters counters =
      {};  // those that were asked for; one that is 0 may be absent

  friend bool operator==(const EntityState&, const EntityState&) = default;

  // An entity that has nothing yet; memory is kept for what comes.
  void Restart(const Entity& other) {
    entity = other;
    exists = false;
    since = absl::InfinitePast();
    referrer.clear();
    holdings.clear();
    lots.clear();
    counters.clear();
  }

  int64_t Counter(const CounterKey& key) const {
    const auto found = counters.find(key);
    return found == counters.end() ? 0 : found->second;
  }
  // What may be spent; as of when its lots were settled.
  int64_t Available(Symbol currency) const {
    const auto found = lots.find(currency);
    return found == lots.end() ? Held(currency).balance
                               : model::Available(found->second);
  }
  Holding Held(Symbol currency) const {
    const auto found = holdings.find(currency);
    return found == holdings.end() ? Holding{} : found->second;
  }
};

// Counters of one name and key, of which there is one for each second in which
// something was counted: those of [from, to].
struct CounterRange {
  Symbol name = {};
  int64_t from = 0;
  int64_t to = 0;
  Entity key = {};
};

// What of an entity a leg reads; everything but counters is always loaded.
struct ReadSet {
  Entity entity = {};
  std::vector<CounterKey> counters = {};  // sorted, unique
  std::vector<CounterRange> ranges = {};  // of names that `counters` has not
  // Instead of both, all counters that are not 0.
  bool all_counters = false;
};

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_ENTITY_H_
