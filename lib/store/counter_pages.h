// SPDX-License-Identifier: Apache-2.0
//
// An entity's counters as the tables have them, by numbers instead of names.
//
// Those of some thirty days of windows make a page. A member's row has the page
// of windows that are ever and the latest one: what events of today ask for;
// past pages lie apart. Counters with keys, of which there may be any number,
// are rows of their own.
#ifndef LOYALTY_LIB_STORE_COUNTER_PAGES_H_
#define LOYALTY_LIB_STORE_COUNTER_PAGES_H_

#include <absl/container/btree_map.h>
#include <absl/container/inlined_vector.h>

#include <compare>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/entity.h"

namespace loyalty::store {

// The same on every machine (FNV-1a).
uint64_t StableHash(std::string_view text);

struct CounterId {
  int64_t window = 0;  // the second in which it begins; 0: ever
  int64_t name = 0;    // symbol

  friend auto operator<=>(const CounterId&, const CounterId&) = default;
};

struct Counter {
  CounterId id = {};
  int64_t value = 0;  // 0: as good as none
};

// There are fewer names than that: a file has as many as its programs have
// words.
inline constexpr int64_t kMostSymbols = int64_t{1} << 24;

// Whether a counter can be so called: any name, in a window of this calendar.
constexpr bool IsCounterId(const CounterId& id) {
  return id.name >= 0 && id.name < kMostSymbols &&
         id.window >= -model::kMostWindow && id.window <= model::kMostWindow;
}

int64_t PageOf(int64_t window);

// The pages of one entity that are in memory. Of ids that IsCounterId.
class CounterPages {
 public:
  bool Has(int64_t page) const;
  // A page is there from now on, with what Put adds to it.
  void AddPage(int64_t page);
  // For so many that Put will add.
  void Reserve(size_t more) { counters_.reserve(counters_.size() + more); }
  // While reading: in any order, replacing what is there.
  void Put(const CounterId& id, int64_t value);

  int64_t Value(const CounterId& id) const;
  // Of a page that is there; gives the value before. The same value is no
  // change.
  int64_t Set(const CounterId& id, int64_t value);

  // The latest page that was ever set; 0 if none was.
  int64_t latest() const { return latest_; }
  void set_latest(int64_t page) { latest_ = page; }

  // Calls `visit(page)` for those that changed since Clean.
  template <typename F>
  void ForEachDirty(F&& visit) const {
    for (const Page& page : pages_) {
      if (page.dirty) visit(page.number);
    }
  }
  // Those of page `page` that are not 0, as lists of name, window and value.
  template <typename List>
  void AppendTo(List& list, int64_t page) const;
  // In the order of their ids.
  class All;
  All all() const;
  // Where they are.
  std::span<const std::byte> memory() const {
    return std::as_bytes(std::span(counters_));
  }
  void Clean();
  size_t bytes() const;

 private:
  struct Page {
    int32_t number = 0;
    bool dirty = false;
  };
  // With a million members they are most of what is remembered, and what is
  // waited for: window and name in one number, of the same order.
  struct Packed {
    int64_t id = 0;
    int64_t value = 0;
  };
  static int64_t Pack(const CounterId& id) {
    return id.window * kMostSymbols + id.name;
  }
  static CounterId IdOf(int64_t packed) {
    const int64_t name = packed & (kMostSymbols - 1);
    return {.window = (packed - name) / kMostSymbols, .name = name};
  }
  static bool IsBefore(const Packed& counter, int64_t id) {
    return counter.id < id;
  }
  void Insert(std::vector<Packed>::iterator place, Packed counter);
  std::span<const Packed> OfPage(int64_t page) const;
  void MarkDirty(int64_t page);

  int64_t latest_ = 0;
  absl::InlinedVector<Page, 2> pages_;
  std::vector<Packed> counters_;  // sorted
};

class CounterPages::All {
 public:
  class Iterator {
   public:
    explicit Iterator(const Packed* at) : at_(at) {}
    Counter operator*() const { return {IdOf(at_->id), at_->value}; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Packed* at_;
  };

  explicit All(std::span<const Packed> counters) : counters_(counters) {}
  Iterator begin() const { return Iterator(counters_.data()); }
  Iterator end() const { return Iterator(counters_.data() + counters_.size()); }

 private:
  std::span<const Packed> counters_;
};

inline CounterPages::All CounterPages::all() const { return All(counters_); }

template <typename List>
void CounterPages::AppendTo(List& list, int64_t page) const {
  for (const Packed& counter : OfPage(page)) {
    if (counter.value == 0) continue;
    const CounterId id = IdOf(counter.id);
    list.Add(id.name);
    list.Add(id.window);
    list.Add(counter.value);
  }
}

// In the order in which the table has them.
struct KeyedId {
  int64_t name = 0;
  int64_t window = 0;
  int64_t member = 0;       // the key: a member's number,
  std::string object = {};  // or an object's id

  friend auto operator<=>(const KeyedId&, const KeyedId&) = default;
};

struct KeyedValue {
  int64_t value = 0;
  bool dirty = false;
};

// Those of one entity that are in memory, zeros too: they are known not to be.
struct KeyedCounters {
  static constexpr size_t kBytesEach = 96;

  absl::btree_map<KeyedId, KeyedValue> values = {};
  // One bit of 64 is set for each key there is: others need not be looked for.
  uint64_t bits = 0;

  static uint64_t BitOf(const KeyedId& id);

  // Whether all there are of that name in windows `from` to `to` are in memory.
  bool Knows(int64_t name, int64_t from, int64_t to) const;
  // They are, from now on; what was known of other windows of it may be
  // forgotten.
  void SetKnown(int64_t name, int64_t from, int64_t to);

 private:
  struct Stretch {
    int64_t name = 0;
    int64_t from = 0;
    int64_t to = 0;
  };
  std::vector<Stretch> known_ = {};  // one of a name
};

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_COUNTER_PAGES_H_
