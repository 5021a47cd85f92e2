// SPDX-License-Identifier: Apache-2.0
#include "model/aliases.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace loyalty::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// At 5 a became b, at 7 x became c, and at 9 b became c.
Aliases Chain() {
  Aliases aliases;
  aliases.Add({.member = "a", .into = "b", .seq = 5});
  aliases.Add({.member = "x", .into = "c", .seq = 7});
  aliases.Add({.member = "b", .into = "c", .seq = 9});
  return aliases;
}

TEST(Aliases, MeanWhoTheyHadBecomeByThen) {
  const Aliases aliases = Chain();
  EXPECT_EQ(aliases.Resolve("a"), "c");
  EXPECT_EQ(aliases.Resolve("b"), "c");
  EXPECT_EQ(aliases.Resolve("c"), "c");
  EXPECT_EQ(aliases.Resolve("nobody"), "nobody");
  EXPECT_EQ(aliases.Resolve("a", 4), "a");
  // The entry that merges them is still about two.
  EXPECT_EQ(aliases.Resolve("a", 5), "a");
  EXPECT_EQ(aliases.Resolve("a", 6), "b");
  EXPECT_EQ(aliases.Resolve("a", 9), "b");
  EXPECT_EQ(aliases.Resolve("a", 10), "c");
}

TEST(Aliases, TellTheWayThereAndBack) {
  const Aliases aliases = Chain();
  const Alias a{"a", "b", 5}, x{"x", "c", 7}, b{"b", "c", 9};
  EXPECT_THAT(aliases.PathOf("a"), ElementsAre(a, b));
  EXPECT_THAT(aliases.PathOf("c"), IsEmpty());
  EXPECT_THAT(aliases.Of("c"), ElementsAre(a, x, b));
  EXPECT_THAT(aliases.Of("b"), ElementsAre(a));
  EXPECT_THAT(aliases.Of("a"), IsEmpty());
}

TEST(Aliases, GoOnUnderOtherNames) {
  Aliases aliases = Chain();
  aliases.Rename("b", "#2");
  EXPECT_EQ(aliases.Resolve("b"), "b");
  EXPECT_EQ(aliases.Resolve("#2"), "c");
  EXPECT_EQ(aliases.Resolve("a"), "c");
  EXPECT_THAT(aliases.PathOf("a"),
              ElementsAre(Alias{"a", "#2", 5}, Alias{"#2", "c", 9}));
  aliases.Rename("c", "#3");
  EXPECT_EQ(aliases.Resolve("x"), "#3");
  EXPECT_EQ(aliases.Of("#3").size(), 3u);
  aliases.Rename("nobody", "#9");
  EXPECT_EQ(aliases.size(), 3u);
}

TEST(Aliases, CanBeTakenBack) {
  Aliases aliases = Chain();
  aliases.Remove("b");
  EXPECT_EQ(aliases.Resolve("a"), "b");
  EXPECT_THAT(aliases.Of("c"), ElementsAre(Alias{"x", "c", 7}));
  aliases.Remove("a");
  aliases.Remove("x");
  EXPECT_TRUE(aliases.empty());
  EXPECT_THAT(aliases.Of("c"), IsEmpty());
}

}  // namespace
}  // namespace loyalty::model
