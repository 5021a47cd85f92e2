// SPDX-License-Identifier: Apache-2.0
//
// Which name a misspelt one is taken for, and when none.
#include "base/suggest.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace loyalty::base {
namespace {

const std::vector<std::string> kCurrencies = {"points", "miles", "karma"};

TEST(Suggest, FindsTheNameWithTheFewestChanges) {
  EXPECT_EQ(Nearest("point", kCurrencies), "points");
  EXPECT_EQ(Nearest("pionts", kCurrencies), "points");
  EXPECT_EQ(Nearest("mils", kCurrencies), "miles");
  EXPECT_EQ(Nearest("smiles", kCurrencies), "miles");
  EXPECT_EQ(Nearest("karna", kCurrencies), "karma");
}

TEST(Suggest, AllowsAThirdOfTheNameToDiffer) {
  EXPECT_EQ(Nearest("points", {"paints"}), "paints");  // one of six
  EXPECT_EQ(Nearest("points", {"pawnts"}), "pawnts");  // two of six
  EXPECT_EQ(Nearest("points", {"pawnds"}), "");        // three of six
}

TEST(Suggest, AllowsOneChangeOfTheShortestNames) {
  EXPECT_EQ(Nearest("a", {"b"}), "b");
  EXPECT_EQ(Nearest("ab", {"ac"}), "ac");
  EXPECT_EQ(Nearest("ab", {"cd"}), "");
  EXPECT_EQ(Nearest("a", {"abc"}), "");
}

TEST(Suggest, TakesTheFirstOfEquallyNearNames) {
  EXPECT_EQ(Nearest("rule3", {"rule1", "rule2"}), "rule1");
  EXPECT_EQ(Nearest("rule2", {"rule1", "rule2"}), "rule2");
}

TEST(Suggest, FindsNothingForNothing) {
  EXPECT_EQ(Nearest("", kCurrencies), "");
  EXPECT_EQ(Nearest("points", {}), "");
  EXPECT_EQ(Nearest("x", {""}), "");
}

TEST(Suggest, DoesNotCompareWhatIsNoName) {
  const std::string longest(128, 'x');
  EXPECT_EQ(Nearest(longest, {longest}), longest);
  EXPECT_EQ(Nearest(longest + "x", {longest}), "");
  EXPECT_EQ(Nearest(longest, {longest + "x"}), "");
  EXPECT_EQ(Nearest(std::string(10'000'000, 'x'), kCurrencies), "");
}

TEST(Suggest, AsksOrElseListsWhatIsKnown) {
  EXPECT_EQ(DidYouMean("pionts", kCurrencies), "Did you mean \"points\"?");
  EXPECT_EQ(DidYouMean("zzz", kCurrencies), "Known: points, miles, karma.");
  EXPECT_EQ(DidYouMean("", kCurrencies), "Known: points, miles, karma.");
  EXPECT_EQ(DidYouMean("zzz", {}), "");
  const std::vector<std::string> reasons = {"insufficient_balance",
                                            "member_limit", "transfer_limit"};
  EXPECT_EQ(DidYouMean("insufficient", reasons),
            "Did you mean \"insufficient_balance\"?");
  EXPECT_EQ(DidYouMean("limit", reasons),
            "Did you mean \"member_limit\" or \"transfer_limit\"?");
  EXPECT_EQ(DidYouMean("ember", reasons),
            "Known: insufficient_balance, member_limit, transfer_limit.");
}

TEST(Suggest, ListsAllOrADozen) {
  std::vector<std::string> known;
  for (int i = 10; i < 42; ++i) known.push_back("n" + std::to_string(i));
  EXPECT_TRUE(DidYouMean("zzz", known).ends_with("n40, n41."));
  known.push_back("n42");
  EXPECT_TRUE(DidYouMean("zzz", known).ends_with("n20, n21, ..."));
}

}  // namespace
}  // namespace loyalty::base
