// SPDX-License-Identifier: Apache-2.0
//
// Entity: what has state, and that state as the store keeps it. Apply sees one
// entity at a time.
#ifndef LOYALTY_LIB_MODEL_ENTITY_H_
#define LOYALTY_LIB_MODEL_ENTITY_H_

#include <absl/time/time.h>

#include <compare>
#include <cstdint>
#include <memory>
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

// What a counter is kept apart by: a member, an object, or nothing, as most
// are. Immutable, and shared by its copies, which are many.
class CounterKeyPart {
 public:
  CounterKeyPart() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): it is that entity.
  CounterKeyPart(Entity entity)
      : entity_(entity.kind == Entity::Kind::kProgram
                    ? nullptr
                    : std::make_shared<const Entity>(std::move(entity))) {}

  // No key is before it, that of nothing neither: to search from.
  static const CounterKeyPart& Lowest() {
    static const auto* const lowest =
        new CounterKeyPart(Entity{Entity::Kind::kMember, ""});
    return *lowest;
  }

  bool empty() const { return entity_ == nullptr; }
  // Of nothing: kProgram, which has no id.
  const Entity& entity() const {
    static const auto* const nothing = new Entity();
    return empty() ? *nothing : *entity_;
  }
  Entity::Kind kind() const { return entity().kind; }
  const std::string& id() const { return entity().id; }

  friend bool operator==(const CounterKeyPart& a, const CounterKeyPart& b) {
    if (a.entity_ == b.entity_) return true;
    return !a.empty() && !b.empty() && *a.entity_ == *b.entity_;
  }
  friend std::strong_ordering operator<=>(const CounterKeyPart& a,
                                          const CounterKeyPart& b) {
    if (a.entity_ == b.entity_) return std::strong_ordering::equal;
    return a.entity() <=> b.entity();
  }
  template <typename H>
  friend H AbslHashValue(H h, const CounterKeyPart& part) {
    return H::combine(std::move(h), part.entity());
  }

 private:
  std::shared_ptr<const Entity> entity_;
};

// Between which and its negative windows are: 8,700 years in seconds.
inline constexpr int64_t kMostWindow = (int64_t{1} << 38) - 1;

// One counter of an entity: a metric, a limit or a daily cap, in one window.
struct CounterKey {
  Symbol name = {};    // "metric:blogs", "metric:blogs/of", "limit:RULE/0/1",
                       // "limit:=GROUP", "cap:CURRENCY"
  int64_t window = 0;  // base::WindowStart of its period, or something else
                       // within kMostWindow; 0 for ever
  // What a limit's key adds: the member who acted, or the object; of a metric,
  // what it is kept apart by, or the value that is told apart. An entity,
  // not its name, so that stores can keep a member's number here and forget the
  // name.
  CounterKeyPart key = {};

  friend auto operator<=>(const CounterKey&, const CounterKey&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const CounterKey& k) {
    return H::combine(std::move(h), k.name, k.window, k.key);
  }
};

using Counters = FlatMap<CounterKey, int64_t, 4>;

// The counter of a member that says when time alone changes something that
// hosts are told of, besides lots: in microseconds since 1970, 0 for never. A
// sweep looks at the member then.
inline CounterKey DueCounter() {
  static const Symbol name("member:due");
  return {.name = name};
}

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
    if (lots.empty()) return Held(currency).balance;
    const auto found = lots.find(currency);
    return found == lots.end() ? Held(currency).balance
                               : model::Available(found->second);
  }
  Holding Held(Symbol currency) const {
    const auto found = holdings.find(currency);
    return found == holdings.end() ? Holding{} : found->second;
  }
};

// Counters of one name, and of one key or of all there are, of which there is
// one for each second, or day, in which something was counted: those of
// [from, to].
struct CounterRange {
  Symbol name = {};
  int64_t from = 0;
  int64_t to = 0;
  CounterKeyPart key = {};
  bool any_key = false;  // then `key` is empty; counters without a key are none
};

// What of an entity a leg reads; everything but counters is always loaded.
struct ReadSet {
  Entity entity = {};
  std::vector<CounterKey> counters = {};  // sorted, unique
  // What `counters` names too is loaded once.
  std::vector<CounterRange> ranges = {};
  // Instead of both, all counters that are not 0.
  bool all_counters = false;
};

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_ENTITY_H_
