// SPDX-License-Identifier: Apache-2.0
//
// Pages of counters beside a plain map: values, which pages changed, what a
// page holds, and the latest one.
#include "store/counter_pages.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace loyalty::store {
namespace {

struct Numbers {
  void Add(int64_t number) { all.push_back(number); }
  std::vector<int64_t> all;
};

std::set<int64_t> DirtyOf(const CounterPages& pages) {
  std::set<int64_t> dirty;
  pages.ForEachDirty([&](int64_t page) { dirty.insert(page); });
  return dirty;
}

TEST(CounterPages, AreAsAMapIs) {
  std::mt19937 random(5);
  CounterPages pages;
  std::map<CounterId, int64_t> twin;
  std::set<int64_t> dirty;
  int64_t latest = 0;
  for (int i = 0; i < 20'000; ++i) {
    const CounterId id{.window = static_cast<int64_t>(random() % 40) * 432'000,
                       .name = static_cast<int64_t>(random() % 7)};
    const int64_t page = PageOf(id.window);
    pages.AddPage(page);
    const auto value = static_cast<int64_t>(random() % 5);
    const int64_t was = std::exchange(twin[id], value);
    EXPECT_EQ(pages.Set(id, value), was);
    if (value != was) {
      // Where a later page begins, the one that was the latest has to be put
      // where past pages are.
      if (page > latest && pages.Has(latest)) dirty.insert(latest);
      latest = std::max(latest, page);
      dirty.insert(page);
    }
    EXPECT_EQ(pages.latest(), latest);
    if (random() % 200 == 0) {
      EXPECT_EQ(DirtyOf(pages), dirty);
      pages.Clean();
      dirty.clear();
    }
  }
  for (const auto& [id, value] : twin) EXPECT_EQ(pages.Value(id), value);
  for (int64_t page = 0; page <= latest; ++page) {
    Numbers numbers;
    pages.AppendTo(numbers, page);
    std::vector<int64_t> expected;
    for (const auto& [id, value] : twin) {
      if (PageOf(id.window) != page || value == 0) continue;
      expected.insert(expected.end(), {id.name, id.window, value});
    }
    EXPECT_EQ(numbers.all, expected);
  }
}

TEST(CounterPages, HaveAllIdsThatThereCanBe) {
  constexpr int64_t kName = kMostSymbols - 1;
  std::vector<CounterId> ids;  // in their order
  for (const int64_t window : {-model::kMostWindow, int64_t{-1}, int64_t{0},
                               int64_t{1}, model::kMostWindow}) {
    ids.push_back({.window = window, .name = 0});
    ids.push_back({.window = window, .name = kName});
  }
  CounterPages pages;
  for (const CounterId& id : ids) pages.AddPage(PageOf(id.window));
  int64_t value = 0;
  for (const CounterId& id : ids) {
    ASSERT_TRUE(IsCounterId(id));
    EXPECT_EQ(pages.Set(id, ++value), 0);
  }
  std::vector<CounterId> all;
  for (const auto& [id, number] : pages.all()) {
    all.push_back(id);
    EXPECT_EQ(pages.Value(id), number);
    Numbers of_page;
    pages.AppendTo(of_page, PageOf(id.window));
    EXPECT_THAT(of_page.all, ::testing::IsSupersetOf({id.name, id.window}));
  }
  EXPECT_EQ(all, ids);
  for (const CounterId& id :
       {CounterId{.name = -1}, CounterId{.name = kMostSymbols},
        CounterId{.window = model::kMostWindow + 1},
        CounterId{.window = -model::kMostWindow - 1}}) {
    EXPECT_FALSE(IsCounterId(id));
  }
}

TEST(CounterPages, BeforeNineteenSeventyAreNotThoseOfEver) {
  EXPECT_EQ(PageOf(0), 0);
  EXPECT_EQ(PageOf(-1), -1);
  EXPECT_EQ(PageOf(30 * 86'400 - 1), 0);
  EXPECT_EQ(PageOf(30 * 86'400), 1);
}

TEST(KeyedCounters, HaveOneBitForAKeyWhateverTheWindow) {
  std::set<uint64_t> bits;
  for (int64_t member = 1; member <= 300; ++member) {
    const uint64_t bit = KeyedCounters::BitOf({.member = member});
    EXPECT_EQ(bit & (bit - 1), 0);
    EXPECT_EQ(bit,
              KeyedCounters::BitOf({.name = 7, .window = 9, .member = member}));
    bits.insert(bit);
  }
  EXPECT_EQ(bits.size(), 64);
  EXPECT_NE(KeyedCounters::BitOf({.object = "a"}),
            KeyedCounters::BitOf({.object = "b"}));
}

}  // namespace
}  // namespace loyalty::store
