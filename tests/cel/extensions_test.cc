// SPDX-License-Identifier: Apache-2.0
//
// The extensions and cel.bind: edges that the suite leaves out.
#include "evaluate.h"

namespace loyalty::cel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::string Extended(std::string_view source) {
  Environment environment;
  environment.Enable(Extension::kStrings);
  environment.Enable(Extension::kMath);
  environment.Enable(Extension::kEncoders);
  environment.Enable(Extension::kOptionals);
  environment.Enable(Extension::kTwoVariables);
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

TEST(Formats, SayWhatIsWrongWithThem) {
  EXPECT_EQ(Extended("'%s %d %.1f %e %b %o %x %X'.format(['a', -1, 1.25, 1500,"
                     " -5, 8u, b'\\xab', 255])"),
            "\"a -1 1.2 1.500000e+03 -101 10 ab FF\"");
  EXPECT_EQ(Extended("'%s'.format([[{'b': 1, 'a': [type(1), null]}, []]])"),
            "\"[{a: [int, null], b: 1}, []]\"");
  EXPECT_THAT(Extended("'%'.format([1])"), HasSubstr("a % without a clause"));
  EXPECT_THAT(Extended("'%.f'.format([1])"), HasSubstr("without a clause"));
  EXPECT_THAT(Extended("'%.9999f'.format([1])"), HasSubstr("without a clause"));
  EXPECT_THAT(Extended("'%q'.format([1])"), HasSubstr("there is no %q"));
  EXPECT_THAT(Extended("'%d'.format([1.5])"), HasSubstr("does not take a"));
  EXPECT_THAT(Extended("'%s%s'.format([1])"), HasSubstr("index 1 out of"));
}

TEST(Encoders, TakeBase64WithAndWithoutPadding) {
  EXPECT_EQ(Extended("base64.decode('aGVsbG8')"), "b\"hello\"");
  EXPECT_EQ(Extended("base64.encode(b'\\xff\\xfe')"), "\"//4=\"");
  EXPECT_THAT(Extended("base64.decode('a*b')"), HasSubstr("not base64"));
}

TEST(Optionals, LookAtTheAlternativeOnlyIfNeeded) {
  EXPECT_EQ(Extended("optional.of(1).orValue(1 / 0)"), "1");
  EXPECT_THAT(Extended("optional.none().orValue(1 / 0)"), HasSubstr("by zero"));
  EXPECT_EQ(Extended("optional.of(1).or(optional.of(1 / 0))"),
            "optional.of(1)");
  EXPECT_THAT(Extended("optional.none().value()"), HasSubstr("has no value"));
}

TEST(Optionals, ChainThroughFieldsAndIndexes) {
  EXPECT_EQ(Extended("{'a': [1, 2]}.?a[1].orValue(0)"), "2");
  EXPECT_EQ(Extended("{'a': [1, 2]}.?a[7].orValue(0)"), "0");
  EXPECT_EQ(Extended("{'a': {'b': 1}}.?a.?b"), "optional.of(1)");
  EXPECT_EQ(Extended("{'a': {'b': 1}}.?z.b.c"),
            "issue: type 'int' does not support field selection");
  EXPECT_EQ(Extended("[1, 2][?5]"), "optional.none()");
  EXPECT_EQ(Extended("[1].first().optMap(x, x + 1).orValue(0)"), "2");
  EXPECT_EQ(Extended("{'a': optional.of(1)}.?a"),
            "optional.of(optional.of(1))");
}

TEST(Optionals, MayBeLeftOutOfListsAndMaps) {
  EXPECT_EQ(Extended("[1, ?optional.none(), ?optional.of(3)]"), "[1, 3]");
  EXPECT_EQ(Extended("{?'a': optional.none(), ?'b': optional.of(2)}"),
            "{\"b\": 2}");
  EXPECT_EQ(Extended("[optional.of(1), optional.none()].unwrapOpt()"), "[1]");
  EXPECT_THAT(Extended("[?1]"), HasSubstr("expected type 'optional_type'"));
  EXPECT_THAT(Extended("[?dyn(1)]"), HasSubstr("expected an optional"));
}

TEST(Optionals, AreNotThereUnlessEnabled) {
  const std::string advice = "; optionals are not enabled here";
  EXPECT_THAT(Issues("{}.?a"),
              ElementsAre("1:3 unsupported syntax '.?'" + advice));
  EXPECT_THAT(Issues("[][?0]"),
              ElementsAre("1:3 unsupported syntax '[?'" + advice));
  EXPECT_THAT(Issues("[1, ?1, {?2: 3}]"),
              ElementsAre("1:5 unsupported syntax '?'" + advice,
                          "1:10 unsupported syntax '?'" + advice));
  EXPECT_EQ(Evaluated("true ? [1] : [2]"), "[1]");
}

TEST(Optionals, AskForSlots) {
  Environment environment = CommunityEnvironment();
  environment.Enable(Extension::kOptionals);
  std::vector<Value> slots = CommunitySlots();
  const std::string source = "event.?words.orValue(7)";
  EXPECT_EQ(Evaluated(source, environment, slots), "500");
  slots[kEventWords] = Value::Absent();
  EXPECT_EQ(Evaluated(source, environment, slots), "7");
  const Compiled compiled = Compile(source, environment);
  ASSERT_TRUE(compiled.ok());
  EXPECT_TRUE(compiled.expression->unguarded_optional_slots().empty());
}

TEST(TwoVariables, AreIndexAndItemOrKeyAndValue) {
  EXPECT_EQ(Extended("[5, 6].transformList(i, x, i * 10 + x)"), "[5, 16]");
  EXPECT_EQ(Extended("{'a': 1, 'b': 2}.transformMap(k, v, v > 1, k + k)"),
            "{\"b\": \"bb\"}");
  EXPECT_EQ(Extended("['a', 'b'].transformMapEntry(i, x, {x: i})"),
            "{\"a\": 0, \"b\": 1}");
  EXPECT_THAT(Extended("['a', 'a'].transformMapEntry(i, x, {x: i})"),
              HasSubstr("repeated key"));
  EXPECT_EQ(Extended("[1, 2].all(i, i, true)"),
            "issue: the two names must differ");
  EXPECT_EQ(Extended("[[1], [2]].all(i, x, x.all(j, y, y == i + 1 + j))"),
            "true");
  EXPECT_THAT(Evaluated("[1].all(i, x, x > i)"), StartsWith("issue: "));
}

TEST(Bind, InManyOthersIsRefused) {
  std::string source = "1";
  for (int i = 0; i < 30; ++i) source = "cel.bind(x, 1, " + source + ")";
  EXPECT_THAT(Evaluated(source), StartsWith("issue: too many names"));
}

}  // namespace
}  // namespace loyalty::cel
