// SPDX-License-Identifier: Apache-2.0
//
// See counter_pages.h.
#include "store/counter_pages.h"

#include <algorithm>

namespace loyalty::store {
namespace {

constexpr int64_t kSecondsOfPage = int64_t{30} * 86'400;

}  // namespace

uint64_t StableHash(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  }
  return hash;
}

int64_t PageOf(int64_t window) {
  return window / kSecondsOfPage - (window % kSecondsOfPage < 0 ? 1 : 0);
}

bool CounterPages::Has(int64_t page) const {
  return std::any_of(pages_.begin(), pages_.end(),
                     [page](const Page& one) { return one.number == page; });
}

void CounterPages::AddPage(int64_t page) {
  if (!Has(page)) pages_.push_back({.number = static_cast<int32_t>(page)});
}

void CounterPages::Put(const CounterId& id, int64_t value) {
  const int64_t packed = Pack(id);
  if (counters_.empty() || counters_.back().id < packed) {
    counters_.push_back({packed, value});
    return;
  }
  const auto place =
      std::lower_bound(counters_.begin(), counters_.end(), packed, IsBefore);
  if (place != counters_.end() && place->id == packed) {
    place->value = value;
  } else {
    Insert(place, {packed, value});
  }
}

int64_t CounterPages::Value(const CounterId& id) const {
  const int64_t packed = Pack(id);
  const auto place =
      std::lower_bound(counters_.begin(), counters_.end(), packed, IsBefore);
  return place == counters_.end() || place->id != packed ? 0 : place->value;
}

// By half as much again: twice as much would mostly stay empty.
void CounterPages::Insert(std::vector<Packed>::iterator place, Packed counter) {
  const auto at = place - counters_.begin();
  if (counters_.size() == counters_.capacity()) {
    counters_.reserve(counters_.size() + counters_.size() / 2 + 2);
  }
  counters_.insert(counters_.begin() + at, counter);
}

std::span<const CounterPages::Packed> CounterPages::OfPage(int64_t page) const {
  const auto from = [&](int64_t number) {
    return std::lower_bound(counters_.begin(), counters_.end(),
                            Pack({.window = number * kSecondsOfPage}),
                            IsBefore);
  };
  return {from(page), from(page + 1)};
}

void CounterPages::MarkDirty(int64_t page) {
  for (Page& one : pages_) {
    if (one.number == page) one.dirty = true;
  }
}

int64_t CounterPages::Set(const CounterId& id, int64_t value) {
  const int64_t packed = Pack(id);
  const auto place =
      std::lower_bound(counters_.begin(), counters_.end(), packed, IsBefore);
  const bool is_there = place != counters_.end() && place->id == packed;
  const int64_t was = is_there ? place->value : 0;
  if (was == value) return was;
  const int64_t page = PageOf(id.window);
  if (page > latest_) {
    MarkDirty(latest_);  // it goes where past pages lie
    latest_ = page;
  }
  MarkDirty(page);
  if (is_there) {
    place->value = value;
  } else {
    Insert(place, {packed, value});
  }
  return was;
}

void CounterPages::Clean() {
  for (Page& page : pages_) page.dirty = false;
  std::erase_if(counters_,
                [](const Packed& counter) { return counter.value == 0; });
}

size_t CounterPages::bytes() const {
  return counters_.capacity() * sizeof(Packed);
}

bool KeyedCounters::Knows(int64_t name, int64_t from, int64_t to) const {
  return std::any_of(known_.begin(), known_.end(), [&](const Stretch& one) {
    return one.name == name && one.from <= from && to <= one.to;
  });
}

void KeyedCounters::SetKnown(int64_t name, int64_t from, int64_t to) {
  const auto one =
      std::find_if(known_.begin(), known_.end(),
                   [&](const Stretch& of) { return of.name == name; });
  if (one == known_.end()) {
    known_.push_back({name, from, to});
  } else {
    *one = {name, from, to};
  }
}

uint64_t KeyedCounters::BitOf(const KeyedId& id) {
  const uint64_t hash =
      id.member != 0 ? static_cast<uint64_t>(id.member) : StableHash(id.object);
  // Multiplied so that all of its bits decide the highest six.
  return uint64_t{1} << ((hash * 0x9e3779b97f4a7c15) >> 58);
}

}  // namespace loyalty::store
