// SPDX-License-Identifier: Apache-2.0
//
// A FlatMap does what std::map does, whatever is done to it.
#include "model/flat_map.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

namespace loyalty::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

using Flat = FlatMap<std::string, int, 3>;
using Twin = std::map<std::string, int>;

// Beyond what SSO holds, so that a sanitizer sees each text's memory.
std::string KeyNumber(int number) {
  return "a key with some length " + std::to_string(number);
}

void ExpectSame(const Flat& map, const Twin& twin, const std::string& key) {
  ASSERT_EQ(map.size(), twin.size());
  ASSERT_EQ(map.empty(), twin.empty());
  ASSERT_TRUE(std::equal(map.begin(), map.end(), twin.begin(),
                         [](const auto& a, const auto& b) {
                           return a.first == b.first && a.second == b.second;
                         }));
  ASSERT_EQ(map.contains(key), twin.contains(key));
  const auto found = map.find(key);
  ASSERT_EQ(found == map.end(), !twin.contains(key));
  if (found == map.end()) return;
  ASSERT_EQ(found->second, twin.at(key));
}

// Some of many keys, or of few, so that maps stay small or grow.
class Random {
 public:
  explicit Random(unsigned seed) : random_(seed), keys_(2 + Below(40)) {}
  int Below(int end) { return static_cast<int>(random_() % unsigned(end)); }
  std::string Key() { return KeyNumber(Below(keys_)); }
  Flat Map() {
    Flat map;
    for (int i = Below(12); i > 0; --i) map[Key()] = Below(100);
    return map;
  }

 private:
  std::mt19937 random_;
  int keys_;
};

void DoOne(Random& random, Flat& map, Twin& twin) {
  const std::string key = random.Key();
  const int value = random.Below(100);
  switch (random.Below(8)) {
    case 0:
    case 1: map[key] = twin[key] = value; break;
    case 2:
      map.emplace(key, value);
      twin.emplace(key, value);
      break;
    case 3: ASSERT_EQ(map.erase(key), twin.erase(key)); break;
    case 4: {
      const auto is_it = [&](const auto& entry) {
        return entry.second % 3 == value % 3;
      };
      map.EraseIf(is_it);
      std::erase_if(twin, is_it);
      break;
    }
    case 5: {
      const Flat other = random.Map();
      map.Assign(other);
      for (const auto& [k, v] : other) twin[k] = v;
      break;
    }
    case 6: {
      const Flat copy = map;
      map = Flat(copy);
      break;
    }
    default:
      if (random.Below(5) == 0) {
        map.clear();
        twin.clear();
      }
  }
  ExpectSame(map, twin, random.Key());
}

TEST(FlatMap, IsAsAMapWhateverIsDone) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    Flat map;
    Twin twin;
    for (int i = 0; i < 100; ++i) DoOne(random, map, twin);
    if (HasFatalFailure()) return;
  }
}

TEST(FlatMap, EqualsOneOfTheSameEntriesHoweverTheyCame) {
  Flat a;
  Flat b;
  for (int i = 0; i < 20; ++i) a[KeyNumber(i)] = i;
  for (int i = 19; i >= 0; --i) b[KeyNumber(i)] = i;
  EXPECT_EQ(a, b);
  b[KeyNumber(7)] = 8;
  EXPECT_NE(a, b);
}

TEST(FlatMap, IsMadeOfEntriesInAnyOrder) {
  EXPECT_THAT((FlatMap<int, int, 2>{{3, 30}, {1, 10}, {2, 20}, {1, 11}}),
              ElementsAre(Pair(1, 10), Pair(2, 20), Pair(3, 30)));
}

TEST(FlatMap, StartsANewKeyAtZero) {
  FlatMap<int, int64_t, 2> map;
  map[5] += 7;
  EXPECT_THAT(map, ElementsAre(Pair(5, 7)));
}

TEST(FlatMap, KeepsItsMemoryWhenItIsCleared) {
  FlatMap<int, int, 2> map;
  for (int i = 0; i < 20; ++i) map[i] = i;
  const auto* const before = &*map.begin();
  map.clear();
  EXPECT_THAT(map, IsEmpty());
  for (int i = 0; i < 20; ++i) map[i] = i;
  EXPECT_EQ(&*map.begin(), before);
}

}  // namespace
}  // namespace loyalty::model
