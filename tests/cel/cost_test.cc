// SPDX-License-Identifier: Apache-2.0
//
// The cost of an expression: reckoned before it is ever evaluated, limited by
// the host, and never exceeded. twins_test.cc asks the same of random ones.
#include "evaluate.h"

namespace loyalty::cel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

constexpr size_t kLongestText = 640;  // ten steps
constexpr size_t kLongestList = 20;

CompileOptions Sized() {
  CompileOptions options;
  options.input_text_bytes = kLongestText;
  options.input_list_items = kLongestList;
  return options;
}

Environment ExtendedEnvironment() {
  Environment environment = CommunityEnvironment();
  for (const Extension extension :
       {Extension::kStrings, Extension::kMath, Extension::kEncoders,
        Extension::kOptionals, Extension::kTwoVariables}) {
    environment.Enable(extension);
  }
  return environment;
}

int64_t BoundOf(std::string_view source) {
  const Compiled compiled = Compile(source, ExtendedEnvironment(), Sized());
  EXPECT_TRUE(compiled.ok()) << source;
  return compiled.ok() ? compiled.expression->cost_bound() : -1;
}

// Slots with the largest texts and lists that Sized() assumes.
std::vector<Value> FullSlots(char c = 'a') {
  std::vector<Value> slots = CommunitySlots();
  const Value text = Value::String(std::string(kLongestText, c));
  slots[kEventType] = text;
  slots[kMemberCountry] = text;
  slots[kEventTags] = Value::List(std::vector<Value>(kLongestList, text));
  return slots;
}

TEST(CostBound, IsOfTheOrderOfWhatHasToBeDone) {
  EXPECT_LT(BoundOf("event.words > 300 && event.amount * 2.0 < 10.0"), 30);
  EXPECT_GE(BoundOf("event.type.size() > 3"), 10);
  EXPECT_LT(BoundOf("event.type.size() > 3"), 60);
  const int64_t loop = BoundOf("event.tags.all(t, t != 'a')");
  const int64_t nested =
      BoundOf("event.tags.all(t, event.tags.all(u, t != u || u == 'a'))");
  EXPECT_GE(loop, static_cast<int64_t>(kLongestList));
  EXPECT_LT(loop, 400);
  EXPECT_GT(nested, loop * 15);
  EXPECT_LT(nested, 40'000);
  EXPECT_LT(BoundOf("size(event.tags) > 3 && event.tags.size() < 9"), 30);
  EXPECT_LT(BoundOf("event.tags.filter(t, t != 'a').size() > 3"), loop + 30);
}

TEST(CostBound, IsKnownToBeFinite) {
  EXPECT_LT(BoundOf("event.tags.map(t, t + t + event.type).exists(t, "
                    "t.matches('a+b') && t.contains(event.type))"),
            1'000'000);
  EXPECT_LT(BoundOf("(event.tags + event.tags).filter(t, t.size() > 2)"
                    ".map(t, [t, t]).exists(l, l == event.tags)"),
            1'000'000);
}

TEST(CostBound, IsTheHostsLimitWhereItCannotBeTold) {
  Environment environment;
  ASSERT_TRUE(environment.Declare({"x", Type::Dyn(), 0}).ok());
  const Compiled compiled = Compile("x == x", environment);
  ASSERT_TRUE(compiled.ok());
  EXPECT_EQ(compiled.expression->cost_bound(), CompileOptions().max_steps);
  CompileOptions options;
  options.max_cost = 1'000'000'000;
  EXPECT_THAT(Issues("x == x", environment, options),
              ElementsAre(HasSubstr("more steps than can be told")));
}

TEST(Cost, BeyondTheLimitIsAnIssue) {
  CompileOptions options = Sized();
  options.max_cost = 500;
  const Environment environment = ExtendedEnvironment();
  EXPECT_THAT(Issues("event.tags.exists(t, t == 'a')", environment, options),
              ElementsAre());
  EXPECT_THAT(Issues("event.tags.exists(t, event.tags.exists(u, u != t))",
                     environment, options),
              ElementsAre(AllOf(HasSubstr("steps, where 500 are allowed"),
                                HasSubstr("loops within loops"))));
}

TEST(Cost, NeverExceedsItsBoundOverSlotsOfTheAssumedSizes) {
  CompileOptions slowly = Sized();
  slowly.optimize = false;
  const Environment environment = ExtendedEnvironment();
  for (const char* const source : {
           "event.tags.all(t, event.tags.all(u, t == u && t.contains(u)))",
           "event.tags == event.tags && event.type in event.tags",
           "event.tags.map(t, t + t).all(t, t.size() > 2 && t >= 'a')",
           "event.tags.map(t, [t, t]).all(l, l == [event.type, event.type])",
           "event.tags.transformMap(i, t, t + t).all(k, k < 100)",
           "event.tags.transformMapEntry(i, t, {i: t, -1 - i: t}).size() == 40",
           "event.tags.transformList(i, t, i).exists(i, i == 19)",
           "event.tags.all(t, t.matches('(a|b)*a?') && t.endsWith('a'))",
           "event.type.split('').size() == 640",
           "size(event.tags) == 20 && {'a': event.tags}.size() == 1",
           "dyn(event.tags).size() == 20 && dyn(event.type).size() == 640",
           "event.type.split('').map(c, c + c).join('-').size() > 640",
           "event.type.replace('a', 'bb').size() == 1280",
           "event.type.replace('', 'c').reverse().upperAscii().size() > 1",
           "event.type.indexOf('b') == -1 && event.type.lastIndexOf('a') > 0",
           "event.type.substring(1, 600).trim().lowerAscii() != ''",
           "event.type.charAt(5) == 'a' && strings.quote(event.type) != ''",
           "'%s %s %s'.format([event.tags, event.type, {'a': 1}]) != ''",
           "base64.decode(base64.encode(bytes(event.type))) != b''",
           "string(bytes(event.type)) == event.type",
           "event.tags[?3].orValue('') == event.tags.first().value()",
           "event.tags.map(t, optional.of(t)).unwrapOpt() == event.tags",
           "math.greatest(event.tags.map(t, t.size())) == 640",
           "cel.bind(x, event.tags + event.tags, x == x && x + x == x + x)",
           "[[event.tags, event.tags], [event.tags]].all(l, l == l)",
           "{'a': event.tags}.a == event.tags",
           "{'a': {'b': event.type}}.?a.?b.orValue('') == event.type",
           "(event.words > 3 ? event.tags : []).exists_one(t, t == '') == "
           "false",
           "event.tags.exists(t, dyn(t) == 1 || t == event.type)",
           "int(string(event.words)) == event.words",
       }) {
    EXPECT_EQ(Evaluated(source, environment, FullSlots(), Sized()), "true")
        << source;
    EXPECT_EQ(Evaluated(source, environment, FullSlots(), slowly), "true")
        << source;
  }
}

TEST(Cost, OverLargerSlotsStopsAtTheBound) {
  const Environment environment = ExtendedEnvironment();
  std::vector<Value> slots = FullSlots();
  slots[kEventTags] =
      Value::List(std::vector<Value>(100 * kLongestList, Value::String("b")));
  EXPECT_THAT(
      Evaluated("event.tags.all(t, t == 'b')", environment, slots, Sized()),
      HasSubstr("too many steps"));
  slots[kEventType] = Value::String(std::string(100 * kLongestText, 'a'));
  EXPECT_THAT(Evaluated("event.type.size() > 3", environment, slots, Sized()),
              HasSubstr("too many steps"));
  EXPECT_EQ(Evaluated("event.words == 500", environment, slots, Sized()),
            "true");
}

// Linear: a pattern that makes others backtrack takes what its text takes.
TEST(Patterns, TakeTimeInProportionToTheText) {
  Environment environment;
  ASSERT_TRUE(environment.Declare({"t", Type::String(), 0}).ok());
  const std::string text(60'000, 'a');
  const std::vector<Value> slots = {Value::BorrowedString(text)};
  for (const char* const pattern :
       {"(a*)*b", "(a|a)*b", "(a|aa)+$b", "^(([a-z])+.)+[A-Z]([a-z])+$"}) {
    EXPECT_EQ(Evaluated("t.matches('" + std::string(pattern) + "')",
                        environment, slots),
              "false");
  }
}

TEST(Literals, AreLimitedInSize) {
  CompileOptions options;
  options.max_literal_items = 3;
  options.max_literal_bytes = 5;
  const Environment environment;
  EXPECT_EQ(Evaluated("[1, 2, 3].size() + {1: 1, 2: 2, 3: 3}.size()",
                      environment, {}, options),
            "6");
  EXPECT_THAT(Evaluated("[1, 2, 3, 4]", environment, {}, options),
              StartsWith("issue: too many items: more than 3"));
  EXPECT_THAT(Evaluated("{1: 1, 2: 2, 3: 3, 4: 4}", environment, {}, options),
              StartsWith("issue: too many items"));
  EXPECT_EQ(Evaluated("'12345'", environment, {}, options), "\"12345\"");
  EXPECT_THAT(Evaluated("'123456'", environment, {}, options),
              StartsWith("issue: the text is too long"));
}

}  // namespace
}  // namespace loyalty::cel
