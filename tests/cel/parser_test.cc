// SPDX-License-Identifier: Apache-2.0
//
// The grammar: what binds how tightly, what literals mean, and what is said
// about text that is not CEL.
#include "evaluate.h"

namespace loyalty::cel {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

TEST(Precedence, OfTimesIsAbovePlus) {
  EXPECT_EQ(Evaluated("1 + 2 * 3"), "7");
  EXPECT_EQ(Evaluated("(1 + 2) * 3"), "9");
}

TEST(Precedence, OfEqualOperatorsIsLeftToRight) {
  EXPECT_EQ(Evaluated("10 - 4 - 3"), "3");
  EXPECT_EQ(Evaluated("100 / 10 / 5"), "2");
  EXPECT_EQ(Evaluated("7 % 4 * 2"), "6");
}

TEST(Precedence, OfAndIsAboveOr) {
  EXPECT_EQ(Evaluated("true || false && false"), "true");
  EXPECT_EQ(Evaluated("(true || false) && false"), "false");
}

TEST(Precedence, OfComparisonIsAboveAndBelowPlus) {
  EXPECT_EQ(Evaluated("1 + 1 == 2 && 2 < 3"), "true");
  EXPECT_EQ(Evaluated("2 in [1 + 1] || false"), "true");
}

TEST(Precedence, OfNotIsAboveAll) {
  EXPECT_EQ(Evaluated("!false && false"), "false");
  EXPECT_EQ(Evaluated("-2 * -3"), "6");
}

TEST(Conditional, IsReadRightToLeft) {
  EXPECT_EQ(Evaluated("false ? 1 : true ? 2 : 3"), "2");
  EXPECT_EQ(Evaluated("true ? 1 : 1 / 0"), "1");
  EXPECT_EQ(Evaluated("false || true ? 'a' : 'b'"), "\"a\"");
}

TEST(Blanks, AndCommentsMeanNothing) {
  EXPECT_EQ(Evaluated(" 1\t+ // one\n\r\n 2 // two"), "3");
  EXPECT_EQ(Evaluated("'a // b'"), "\"a // b\"");
}

TEST(Minus, BelongsToTheNumberAfterIt) {
  EXPECT_EQ(Evaluated("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(Evaluated("-0x8000000000000000"), "-9223372036854775808");
  EXPECT_EQ(Evaluated("1-1"), "0");
  EXPECT_EQ(Evaluated("1 - -1"), "2");
  EXPECT_EQ(Evaluated("--1"), "1");
}

TEST(Lists, AndMapsMayEndInOneComma) {
  EXPECT_EQ(Evaluated("[1, 2,].size() + {1: 2,}.size()"), "3");
  EXPECT_EQ(Evaluated("[,].size() + {,}.size()"), "0");
  EXPECT_THAT(Issues("[,,]"),
              Contains("1:2 syntax error: expected an expression, found ','"));
  EXPECT_THAT(Issues("[1,,]"),
              Contains("1:4 syntax error: expected an expression, found ','"));
}

TEST(Arguments, DoNotEndInAComma) {
  EXPECT_THAT(Issues("size([1],)"),
              ElementsAre("1:10 syntax error: expected an expression, found "
                          "')'"));
  EXPECT_THAT(Issues("true and false"),
              ElementsAre("1:6 syntax error: expected the end, found 'and'; "
                          "write && for and"));
  EXPECT_THAT(Issues("(true or false)"),
              Contains(HasSubstr("; write || for or")));
  EXPECT_THAT(Issues("[1][0,]"), Contains(HasSubstr("1:7 syntax error")));
}

TEST(Messages, AreRefusedWithTheirFields) {
  EXPECT_THAT(
      Issues("a.B{c: 1, d: [2, {3: 4}]} == 1 && )"),
      ElementsAre("1:4 unsupported syntax '{': there are no messages; a "
                  "map is written {'key': value}",
                  StartsWith("1:35 syntax error")));
}

TEST(Numbers, MayBeHexadecimalOrUnsigned) {
  EXPECT_EQ(Evaluated("0xFF"), "255");
  EXPECT_EQ(Evaluated("0xFFu"), "255u");
  EXPECT_EQ(Evaluated("18446744073709551615u"), "18446744073709551615u");
}

TEST(Numbers, MayBeginWithAPointButNotEndInOne) {
  EXPECT_EQ(Evaluated(".99"), "0.99");
  EXPECT_EQ(Evaluated("1e3"), "1000");
  EXPECT_THAT(Evaluated("1."), StartsWith("issue: syntax error"));
}

TEST(Numbers, OutOfRangeAreRefused) {
  EXPECT_EQ(Evaluated("9223372036854775808"), "issue: out of range for int");
  EXPECT_EQ(Evaluated("18446744073709551616u"), "issue: out of range for uint");
  EXPECT_EQ(Evaluated("1e999"), "issue: out of range for double");
}

TEST(Numbers, TooSmallReadAsZero) {
  const std::string zeros(400, '0');
  EXPECT_EQ(Evaluated("1e-999"), "0");
  EXPECT_EQ(Evaluated("0." + zeros + "1"), "0");
  EXPECT_EQ(Evaluated("1" + zeros + "e-400"), "1");
  // Too large, whatever sign its exponent has.
  EXPECT_EQ(Evaluated("1" + zeros + "e-1"), "issue: out of range for double");
  EXPECT_EQ(Evaluated("double('1e-999')"), "0");
  EXPECT_THAT(Evaluated("double('1e999')"), HasSubstr("is not a double"));
  EXPECT_THAT(Evaluated("double('0x10')"), HasSubstr("is not a double"));
}

TEST(Numbers, RunningIntoANameAreRefused) {
  EXPECT_EQ(Evaluated("0X1F"), "issue: malformed number");
  EXPECT_EQ(Evaluated("12ab"), "issue: malformed number");
  EXPECT_EQ(Evaluated("1_000"), "issue: malformed number");
}

TEST(Strings, MayBeQuotedInFourWaysAndRaw) {
  EXPECT_EQ(Evaluated("'a' + \"b\" + '''c''' + \"\"\"d\"\"\" == 'abcd'"),
            "true");
  EXPECT_EQ(Evaluated("r'\\n' == '\\\\n'"), "true");
  EXPECT_EQ(Evaluated("'''it's''' == \"it's\""), "true");
  EXPECT_EQ(Evaluated("size('''a\nb''')"), "3");
}

TEST(Strings, HoldCodePointsAndBytesOctets) {
  EXPECT_EQ(Evaluated("size('\\xff')"), "1");
  EXPECT_EQ(Evaluated("size(b'\\xff')"), "1");
  EXPECT_EQ(Evaluated("size(bytes('\\xff'))"), "2");
}

TEST(Strings, WithABadEscapeAreReportedThere) {
  EXPECT_THAT(Issues("'ab\\q'"), ElementsAre(StartsWith("1:4 no such escape")));
  EXPECT_THAT(Issues("'\\ud800'"),
              ElementsAre(StartsWith("1:2 not a Unicode code point")));
  EXPECT_THAT(Issues("b'\\u0041'"),
              ElementsAre(StartsWith("1:3 no such escape")));
}

TEST(Strings, WithoutAnEndAreReportedAtTheirBeginning) {
  EXPECT_THAT(Issues("1 + 'abc"),
              Contains("1:5 text without its closing quote"));
  EXPECT_THAT(Issues("'a\nb'"), Contains("1:1 text without its closing quote"));
}

TEST(QuotedNames, SelectFieldsThatAreNoIdentifiers) {
  EXPECT_EQ(Evaluated("{'a-b': 1}.`a-b`"), "1");
  EXPECT_EQ(Evaluated("has({'a.b': 1}.`a.b`)"), "true");
}

TEST(ReservedWords, AreFieldsButNotVariables) {
  EXPECT_EQ(Evaluated("{'while': 1}.while"), "1");
  EXPECT_EQ(Evaluated("while"), "issue: reserved word: while");
}

TEST(Lists, AndMapsMayEndInAComma) {
  EXPECT_EQ(Evaluated("[1, 2,]"), "[1, 2]");
  EXPECT_EQ(Evaluated("{'a': 1,}"), "{\"a\": 1}");
}

TEST(SyntaxErrors, NameThePlaceInCodePoints) {
  EXPECT_THAT(Issues("'\xC3\xA9\xC3\xA9' +"),
              ElementsAre(HasSubstr("1:7 syntax error: expected an "
                                    "expression, found the end")));
  EXPECT_THAT(Issues("true &&\n  )"), ElementsAre(StartsWith("2:3 syntax")));
}

TEST(SyntaxErrors, ExplainOperatorsOfOtherLanguages) {
  EXPECT_THAT(Issues("1 = 2"), Contains(HasSubstr("write == to compare")));
  EXPECT_THAT(Issues("true & false"), Contains(HasSubstr("write &&")));
}

TEST(SyntaxErrors, AreFoundInSeveralArguments) {
  EXPECT_THAT(Issues("[1 2, 3, 4 5, 'a' 'b']").size(), 3);
}

TEST(SyntaxErrors, EndAtTheLimitOfIssues) {
  std::string source = "[";
  for (int i = 0; i < 100; ++i) source += "1 2,";
  EXPECT_EQ(Issues(source + "]").size(), 30);
}

TEST(Macros, WantASimpleNameAndAField) {
  EXPECT_EQ(Evaluated("[1].all(a.b, true)"),
            "issue: argument must be a simple name");
  EXPECT_EQ(Evaluated("has(1)"), "issue: invalid argument to has() macro");
}

TEST(Source, ThatIsEmptyOrNoTextIsAnIssue) {
  EXPECT_THAT(Issues(""), ElementsAre(StartsWith("1:1 syntax error")));
  EXPECT_THAT(Issues("'\xff'"),
              ElementsAre("1:2 the source is not UTF-8; write other bytes "
                          "as in b'\\xff'"));
  EXPECT_THAT(Issues(std::string_view("1\0+1", 4)),
              Contains(HasSubstr("control character")));
}

}  // namespace
}  // namespace loyalty::cel
