// SPDX-License-Identifier: Apache-2.0
//
// What an expression asks its ints to be at least or at most.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "loyalty/cel/cel.h"

namespace loyalty::cel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct BoundsIn {
  std::vector<std::string> bounds = {};  // "0 >= 5"
  bool whole = false;
};

Environment Slots() {
  Environment environment;
  EXPECT_TRUE(environment.Declare({"x", Type::Int(), 0}).ok());
  EXPECT_TRUE(environment.Declare({"y", Type::Int(), 1}).ok());
  EXPECT_TRUE(environment.Declare({"b", Type::Bool(), 2}).ok());
  return environment;
}

BoundsIn In(const std::string& source) {
  const Compiled compiled = Compile(source, Slots());
  if (!compiled.ok()) {
    ADD_FAILURE() << source;
    return {};
  }
  const Bounds read = compiled.expression->bounds();
  BoundsIn in{.whole = read.whole};
  for (const Bound& bound : read.bounds) {
    in.bounds.push_back(absl::StrCat(
        bound.slot, bound.at_least ? " >= " : " <= ", bound.value));
  }
  return in;
}

TEST(BoundsTest, ComparisonsWithConstants) {
  EXPECT_THAT(In("x >= 5").bounds, ElementsAre("0 >= 5"));
  EXPECT_THAT(In("x > 5").bounds, ElementsAre("0 >= 6"));
  EXPECT_THAT(In("x <= 5").bounds, ElementsAre("0 <= 5"));
  EXPECT_THAT(In("x < 5").bounds, ElementsAre("0 <= 4"));
  EXPECT_THAT(In("x == 5").bounds, ElementsAre("0 >= 5", "0 <= 5"));
  EXPECT_THAT(In("5 <= x").bounds, ElementsAre("0 >= 5"));
  EXPECT_THAT(In("5 > x").bounds, ElementsAre("0 <= 4"));
}

TEST(BoundsTest, MultiplesRoundToWhatIsEnough) {
  EXPECT_THAT(In("x * 10 >= 45").bounds, ElementsAre("0 >= 5"));
  EXPECT_THAT(In("2 * x > 5").bounds, ElementsAre("0 >= 3"));
  EXPECT_THAT(In("x * 2 < 5").bounds, ElementsAre("0 <= 2"));
  EXPECT_THAT(In("x * 2 <= -5").bounds, ElementsAre("0 <= -3"));
}

TEST(BoundsTest, TellsWhetherThatIsAll) {
  EXPECT_TRUE(In("x >= 5 && y < 3").whole);
  EXPECT_THAT(In("x >= 5 && y < 3").bounds, ElementsAre("0 >= 5", "1 <= 2"));
  EXPECT_FALSE(In("x >= 5 && b").whole);
  EXPECT_THAT(In("x >= 5 && b").bounds, ElementsAre("0 >= 5"));
  EXPECT_FALSE(In("x >= 5 || y >= 1").whole);
  EXPECT_THAT(In("x >= 5 || y >= 1").bounds, IsEmpty());
  EXPECT_THAT(In("x >= y").bounds, IsEmpty());
  EXPECT_THAT(In("x * y >= 5").bounds, IsEmpty());
  EXPECT_THAT(In("x * -2 >= 5").bounds, IsEmpty());
  EXPECT_THAT(In("!(x >= 5)").bounds, IsEmpty());
}

// Where it is whole, it is true exactly where all bounds are met.
TEST(BoundsTest, AreWhatTheExpressionSays) {
  for (const char* op : {">=", ">", "<=", "<", "=="}) {
    for (int64_t factor = 1; factor <= 3; ++factor) {
      for (int64_t constant = -7; constant <= 7; ++constant) {
        const std::string source =
            absl::StrCat("x * ", factor, " ", op, " ", constant);
        const Compiled compiled = Compile(source, Slots());
        ASSERT_TRUE(compiled.ok()) << source;
        const Bounds read = compiled.expression->bounds();
        ASSERT_TRUE(read.whole) << source;
        for (int64_t x = -9; x <= 9; ++x) {
          const Value slots[] = {Value::Int(x)};
          bool met = true;
          for (const Bound& bound : read.bounds) {
            met &= bound.at_least ? x >= bound.value : x <= bound.value;
          }
          ASSERT_EQ(compiled.expression->Evaluate(slots)->bool_value(), met)
              << source << " of " << x;
        }
      }
    }
  }
}

}  // namespace
}  // namespace loyalty::cel
