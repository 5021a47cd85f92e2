// SPDX-License-Identifier: Apache-2.0
//
// The extensions strings and math, and cel.bind: edges that the suite leaves
// out.
#include "evaluate.h"

namespace loyalty::cel {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Extended(std::string_view source) {
  Environment environment;
  environment.Enable(Extension::kStrings);
  environment.Enable(Extension::kMath);
  return Evaluated(source, environment);
}

TEST(Extensions, AreThereOnlyIfEnabled) {
  EXPECT_THAT(Evaluated("'a'.trim()"), StartsWith("issue: undeclared"));
  EXPECT_THAT(Evaluated("math.abs(-1)"), StartsWith("issue: undeclared"));
  EXPECT_EQ(Extended("'a'.trim()"), "\"a\"");
}

TEST(Positions, AreInCodePoints) {
  EXPECT_EQ(Extended("'\\u00e9\\u00e9a'.indexOf('a')"), "2");
  EXPECT_EQ(Extended("'a\\u00e9a'.lastIndexOf('a')"), "2");
  EXPECT_EQ(Extended("'\\u00e9bc'.substring(1, 2)"), "\"b\"");
  EXPECT_EQ(Extended("'ab'.charAt(2)"), "\"\"");
  EXPECT_THAT(Extended("'ab'.charAt(3)"), HasSubstr("index out of range: 3"));
  EXPECT_THAT(Extended("'ab'.substring(-1)"), HasSubstr("out of range: -1"));
  EXPECT_EQ(Extended("''.indexOf('')"), "0");
  EXPECT_EQ(Extended("''.indexOf('a')"), "-1");
}

TEST(Replacing, OfNothingStandsBetweenCodePoints) {
  EXPECT_EQ(Extended("'a\\u00e9'.replace('', '-') == '-a-\\u00e9-'"), "true");
  EXPECT_EQ(Extended("'abc'.replace('', '-', 2)"), "\"-a-bc\"");
  EXPECT_EQ(Extended("''.replace('', '-')"), "\"-\"");
  EXPECT_EQ(Extended("'aaa'.replace('a', 'b', 2)"), "\"bba\"");
  EXPECT_EQ(Extended("'aaa'.replace('a', 'b', 0)"), "\"aaa\"");
}

TEST(Splitting, KeepsEmptyPartsAndTheRest) {
  EXPECT_EQ(Extended("'a,,b'.split(',')"), "[\"a\", \"\", \"b\"]");
  EXPECT_EQ(Extended("'a,b,c'.split(',', 2)"), "[\"a\", \"b,c\"]");
  EXPECT_EQ(Extended("'abc'.split('')"), "[\"a\", \"b\", \"c\"]");
  EXPECT_EQ(Extended("'abc'.split('', 2)"), "[\"a\", \"bc\"]");
  EXPECT_EQ(Extended("''.split(',')"), "[\"\"]");
  EXPECT_EQ(Extended("''.split('')"), "[]");
  EXPECT_EQ(Extended("'a,b'.split(',').join('+')"), "\"a+b\"");
}

TEST(Trimming, TakesBlanksOfEverySort) {
  EXPECT_EQ(Extended("' \\u00a0\\t\\u3000 x y \\u2003 '.trim()"), "\"x y\"");
  EXPECT_EQ(Extended("' \\u00a0 '.trim()"), "\"\"");
}

TEST(Texts, ThatGrowTooLargeAreErrors) {
  EXPECT_THAT(
      Extended("'aaaaaaaaaaaaaaaa'.split('').map(x, "
               "'aaaaaaaaaaaaaaaa'.replace('', "
               "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')"
               ".replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')"
               ".replace('', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')"
               ")"),
      HasSubstr("the result is too large"));
}

TEST(Extremes, KeepTheirKindAndCompareAcrossKinds) {
  EXPECT_EQ(Extended("math.greatest(1, 2) + 1"), "3");
  EXPECT_EQ(Extended("math.greatest(1, 2, 3, 4) + 1"), "5");
  EXPECT_EQ(Extended("math.least([3, 2]) + 1"), "3");
  EXPECT_EQ(Extended("math.least(1u, -1.5, 3)"), "-1.5");
  EXPECT_THAT(Extended("math.least('a', 'b')"), StartsWith("issue: found no"));
  EXPECT_THAT(Extended("math.least([])"), HasSubstr("of an empty list"));
  EXPECT_THAT(Extended("math.greatest(dyn([1, 'a']))"),
              HasSubstr("no matching overload"));
}

TEST(Rounding, TakesHalvesAwayFromZero) {
  EXPECT_EQ(Extended("math.round(-2.5)"), "-3");
  EXPECT_EQ(Extended("int(math.ceil(1.01))"), "2");
  EXPECT_THAT(Extended("math.abs(-9223372036854775808)"),
              HasSubstr("int overflow"));
  EXPECT_EQ(Extended("math.sign(-0.5)"), "-1");
}

TEST(Bind, NamesAValueOnce) {
  EXPECT_EQ(Evaluated("cel.bind(x, 2 + 3, x * x)"), "25");
  EXPECT_EQ(Evaluated("[1, 2].map(y, cel.bind(x, y + 1, x * y))"), "[2, 6]");
  EXPECT_EQ(Evaluated("cel.bind(x, 1, cel.bind(x, x + 1, x) + x)"), "3");
  EXPECT_THAT(Evaluated("cel.bind(x, 1 / 0, true)"), HasSubstr("by zero"));
  EXPECT_EQ(Evaluated("cel.bind(x.y, 1, 1)"),
            "issue: argument must be a simple name");
}

TEST(Bind, InManyOthersIsRefused) {
  std::string source = "1";
  for (int i = 0; i < 30; ++i) source = "cel.bind(x, 1, " + source + ")";
  EXPECT_THAT(Evaluated(source), StartsWith("issue: too many names"));
}

}  // namespace
}  // namespace loyalty::cel
