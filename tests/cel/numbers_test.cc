// SPDX-License-Identifier: Apache-2.0
//
// The edges of arithmetic and of comparison across kinds of numbers.
#include "evaluate.h"

namespace loyalty::cel {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* kMax = "9223372036854775807";
constexpr const char* kMin = "-9223372036854775808";

std::string Of(const char* a, std::string_view rest) {
  return Evaluated(a + std::string(rest));
}

TEST(Ints, LeavingTheirRangeAreErrors) {
  EXPECT_EQ(Of(kMax, " + 1"), "error: 1:21: int overflow");
  EXPECT_THAT(Of(kMin, " - 1"), HasSubstr("int overflow"));
  EXPECT_THAT(Of(kMax, " * 2"), HasSubstr("int overflow"));
  EXPECT_THAT(Of("-(", std::string(kMin) + ")"), HasSubstr("int overflow"));
  EXPECT_THAT(Of(kMin, " / -1"), HasSubstr("int overflow"));
  EXPECT_THAT(Of(kMin, " % -1"), HasSubstr("int overflow"));
}

TEST(Ints, DividedByZeroAreErrors) {
  EXPECT_EQ(Evaluated("1 / 0"), "error: 1:3: division by zero");
  EXPECT_EQ(Evaluated("1 % 0"), "error: 1:3: modulus by zero");
  EXPECT_EQ(Evaluated("1u / 0u"), "error: 1:4: division by zero");
}

TEST(Ints, AreDividedTowardsZero) {
  EXPECT_EQ(Evaluated("-7 / 2"), "-3");
  EXPECT_EQ(Evaluated("-7 % 2"), "-1");
}

TEST(Uints, BelowZeroAreErrors) {
  EXPECT_THAT(Evaluated("1u - 2u"), HasSubstr("uint overflow"));
  EXPECT_THAT(Evaluated("18446744073709551615u + 1u"),
              HasSubstr("uint overflow"));
}

TEST(Doubles, DividedByZeroAreInfiniteOrNotANumber) {
  EXPECT_EQ(Evaluated("1.0 / 0.0"), "Infinity");
  EXPECT_EQ(Evaluated("-1.0 / 0.0"), "-Infinity");
  EXPECT_EQ(Evaluated("0.0 / 0.0"), "NaN");
}

TEST(NotANumber, IsNeitherEqualNorLessNorMore) {
  for (const char* const comparison : {"==", "<", "<=", ">", ">="}) {
    EXPECT_EQ(Evaluated(std::string("0.0/0.0 ") + comparison + " 0.0/0.0"),
              "false")
        << comparison;
  }
  EXPECT_EQ(Evaluated("0.0/0.0 != 0.0/0.0"), "true");
  EXPECT_EQ(Evaluated("0.0/0.0 in [0.0/0.0]"), "false");
}

TEST(Comparison, OfIntAndUintIsExact) {
  EXPECT_EQ(Evaluated("-1 < 0u"), "true");
  EXPECT_EQ(Evaluated("9223372036854775807 < 9223372036854775808u"), "true");
  EXPECT_EQ(Evaluated("dyn(-1) == 18446744073709551615u"), "false");
}

TEST(Comparison, OfIntAndDoubleIsByRangeAndThenAsDoubles) {
  EXPECT_EQ(Evaluated("9223372036854775807 < 1e19"), "true");
  EXPECT_EQ(Evaluated("-9223372036854775808 > -1e19"), "true");
  EXPECT_EQ(Evaluated("dyn(9223372036854775807) == 9223372036854775808.0"),
            "true");
  EXPECT_EQ(Evaluated("1 < 1.5"), "true");
  EXPECT_EQ(Evaluated("0u > -0.5"), "true");
}

TEST(Conversion, ToIntTruncatesAndExcludesItsBounds) {
  EXPECT_EQ(Evaluated("int(-1.9)"), "-1");
  EXPECT_THAT(Evaluated("int(9223372036854775808.0)"),
              HasSubstr("out of range"));
  EXPECT_THAT(Evaluated("int(-9223372036854775808.0)"),
              HasSubstr("out of range"));
  EXPECT_THAT(Evaluated("int(0.0 / 0.0)"), HasSubstr("out of range"));
  EXPECT_EQ(Evaluated("int('-42')"), "-42");
  EXPECT_THAT(Evaluated("int('4 2')"), HasSubstr("is not an int"));
  EXPECT_THAT(Evaluated("int('+-4')"), HasSubstr("is not an int"));
}

TEST(Conversion, ToUintRefusesNegatives) {
  EXPECT_THAT(Evaluated("uint(-1)"), HasSubstr("out of range"));
  EXPECT_THAT(Evaluated("uint(-0.5)"), HasSubstr("out of range"));
  EXPECT_THAT(Evaluated("uint(18446744073709551616.0)"),
              HasSubstr("out of range"));
  EXPECT_EQ(Evaluated("uint('7')"), "7u");
}

TEST(Conversion, OfDoublesToTextIsTheShortest) {
  EXPECT_EQ(Evaluated("string(0.1)"), "\"0.1\"");
  EXPECT_EQ(Evaluated("string(1000000.0)"), "\"1000000\"");
  EXPECT_EQ(Evaluated("string(1e21)"), "\"1e+21\"");
  EXPECT_EQ(Evaluated("string(0.00001)"), "\"1e-05\"");
}

TEST(Kinds, OfNumbersDoNotMixInArithmetic) {
  EXPECT_THAT(Evaluated("1 + 1.0"), StartsWith("issue: found no matching"));
  EXPECT_THAT(Evaluated("1 + 1u"), StartsWith("issue: found no matching"));
  EXPECT_THAT(Evaluated("1 == 1.0"), StartsWith("issue: found no matching"));
  EXPECT_THAT(Evaluated("dyn(1) + 1.0"),
              HasSubstr("error: 1:8: no matching overload for '_+_' applied "
                        "to '(int, double)'"));
}

TEST(Keys, OfMapsMatchAcrossKinds) {
  EXPECT_EQ(Evaluated("{1: 'a'}[1u]", Environment(), {}),
            "issue: found no matching overload for '_[_]' applied to "
            "'(map(int, string), uint)'");
  EXPECT_EQ(Evaluated("{1: 'a'}[dyn(1u)]"), "\"a\"");
  EXPECT_EQ(Evaluated("{1: 'a'}[dyn(1.0)]"), "\"a\"");
  EXPECT_EQ(Evaluated("dyn(1.5) in {1: 'a'}"), "false");
  EXPECT_THAT(Evaluated("{1: 'a', dyn(1u): 'b'}"), HasSubstr("repeated key"));
}

TEST(Indexes, OfListsAreWholeAndWithin) {
  EXPECT_EQ(Evaluated("[7, 8][1]"), "8");
  EXPECT_THAT(Evaluated("[7, 8][2]"), HasSubstr("index out of bounds"));
  EXPECT_THAT(Evaluated("[7, 8][-1]"), HasSubstr("index out of bounds"));
  EXPECT_EQ(Evaluated("[7, 8][dyn(1u)]"), "8");
  EXPECT_THAT(Evaluated("[7, 8][dyn(0.5)]"), HasSubstr("index out of bounds"));
}

}  // namespace
}  // namespace loyalty::cel
