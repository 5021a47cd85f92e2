// SPDX-License-Identifier: Apache-2.0
//
// FlatMap: a small sorted map, in one piece of memory. For what an entity has
// of each currency and counter: a few, read far more often than added to, and
// copied with the entity.
#ifndef LOYALTY_LIB_MODEL_FLAT_MAP_H_
#define LOYALTY_LIB_MODEL_FLAT_MAP_H_

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <utility>

namespace loyalty::model {

// Iterates in the order of the keys, as std::map does. The first `kInside`
// entries need no memory of their own, and memory that was needed once is kept:
// filling a map that was cleared, or assigning to it, takes none.
//
// Adding a key behind the last one is cheap, any other moves what is behind it:
// who adds thousands in no order wants another map.
//
// Any change but an assignment through operator[] invalidates iterators.
template <typename Key, typename T, size_t kInside>
class FlatMap {
 public:
  using key_type = Key;
  using mapped_type = T;
  using value_type = std::pair<Key, T>;
  using Entries = absl::InlinedVector<value_type, kInside>;
  // No iterator lets a key be changed; operator[] is how values are.
  using const_iterator = typename Entries::const_iterator;
  using iterator = const_iterator;
  using const_reference = const value_type&;
  using size_type = size_t;

  FlatMap() = default;
  FlatMap(std::initializer_list<value_type> entries) {
    for (const value_type& entry : entries) emplace(entry.first, entry.second);
  }

  const_iterator begin() const { return entries_.begin(); }
  const_iterator end() const { return entries_.end(); }
  size_t size() const { return entries_.size(); }
  bool empty() const { return entries_.empty(); }

  const_iterator find(const Key& key) const {
    const const_iterator last = end();
    // Equality is cheaper than order: of a few, each is looked at.
    if (size() <= kFew) {
      const_iterator place = begin();
      while (place != last && !(place->first == key)) ++place;
      return place;
    }
    const auto place = std::lower_bound(begin(), last, key, KeyIsLess);
    return place != last && place->first == key ? place : last;
  }
  bool contains(const Key& key) const { return find(key) != end(); }
  // The first that is not before `key`.
  const_iterator lower_bound(const Key& key) const {
    return std::lower_bound(begin(), end(), key, KeyIsLess);
  }

  // The value of `key`, which is there from now on, and whether it is new.
  std::pair<T*, bool> TryEmplace(const Key& key) {
    const const_iterator found = find(key);
    if (found != end()) return {&entries_[found - begin()].second, false};
    if (empty() || entries_.back().first < key) {
      return {&entries_.emplace_back(key, T{}).second, true};
    }
    const auto place = std::lower_bound(begin(), end(), key, KeyIsLess);
    return {&entries_.emplace(place, key, T{})->second, true};
  }
  T& operator[](const Key& key) { return *TryEmplace(key).first; }

  // Does nothing if `key` is there.
  void emplace(const Key& key, T value) {
    const auto [place, is_new] = TryEmplace(key);
    if (is_new) *place = std::move(value);
  }

  // Adds `key`, which is behind all that is there: cheaper than emplace.
  void Append(const Key& key, T value) {
    entries_.emplace_back(key, std::move(value));
  }

  // Takes over all of `other`: its values win. In one pass, however many.
  void Assign(const FlatMap& other) {
    const size_t before = size();
    for (const auto& [key, value] : other) {
      const auto old_end = entries_.begin() + static_cast<Distance>(before);
      const auto place =
          std::lower_bound(entries_.begin(), old_end, key, KeyIsLess);
      if (place != old_end && place->first == key) {
        place->second = value;
      } else {
        entries_.emplace_back(key, value);
      }
    }
    const auto added = entries_.begin() + static_cast<Distance>(before);
    if (before == 0 || added == entries_.end()) return;
    if (std::prev(added)->first < added->first) return;
    std::inplace_merge(entries_.begin(), added, entries_.end(),
                       [](const value_type& a, const value_type& b) {
                         return a.first < b.first;
                       });
  }

  // How many went: 0 or 1.
  size_t erase(const Key& key) {
    const const_iterator found = find(key);
    if (found == end()) return 0;
    entries_.erase(found);
    return 1;
  }

  template <typename Predicate>
  void EraseIf(const Predicate& predicate) {
    entries_.erase(std::remove_if(entries_.begin(), entries_.end(), predicate),
                   entries_.end());
  }

  // Keeps its memory, as InlinedVector's own clear() does not.
  void clear() { entries_.erase(entries_.begin(), entries_.end()); }

  friend bool operator==(const FlatMap& a, const FlatMap& b) {
    return a.entries_ == b.entries_;
  }

 private:
  using Distance = typename Entries::difference_type;
  static constexpr size_t kFew = 8;

  static bool KeyIsLess(const value_type& entry, const Key& key) {
    return entry.first < key;
  }

  Entries entries_;
};

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_FLAT_MAP_H_
