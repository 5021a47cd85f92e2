// SPDX-License-Identifier: Apache-2.0
//
// Hostile and careless input: whatever the text, compiling and evaluating end
// soon, with an issue or an error.
#include "evaluate.h"

namespace loyalty::cel {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

std::string Repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

// As generous as a host could be.
CompileOptions Generous() {
  CompileOptions options;
  options.max_source_bytes = 10'000'000;
  options.max_nodes = 10'000'000;
  options.max_depth = 1'000'000;
  options.max_loop_depth = 1'000;
  return options;
}

std::string Generously(const std::string& source) {
  return Evaluated(source, Environment(), {}, Generous());
}

TEST(Nesting, ThatIsHostileIsAnIssue) {
  for (const char* const opening :
       {"(", "[", "{", "!", "-", "a(", "a.b(", "a[", "{1:", "1?",
        "true?1:", "[1].map(x,", "-(", "!(", "[[", "a[a.", "'a'+("}) {
    const std::string source = Repeated(opening, 100'000);
    EXPECT_THAT(Evaluated(source), StartsWith("issue: the source is too long"));
    EXPECT_THAT(Generously(source), StartsWith("issue: ")) << opening;
  }
}

TEST(Nesting, IsCountedAndNamed) {
  EXPECT_EQ(Evaluated(Repeated("(", 40) + "1" + Repeated(")", 40)), "1");
  EXPECT_EQ(Evaluated(Repeated("(", 70) + "1" + Repeated(")", 70)),
            "issue: nested too deeply: more than 64 levels");
}

TEST(Chains, ThatAreHostileAreAnIssue) {
  for (const char* const link :
       {"+1", ".a", "[0]", ".b()", "==1", " in [1]", ".map(x,x)", "*2"}) {
    EXPECT_THAT(Generously("x" + Repeated(link, 50'000)), StartsWith("issue: "))
        << link;
  }
}

TEST(Chains, OfAndAreAsLongAsTheLimitAllows) {
  EXPECT_EQ(Evaluated("true" + Repeated("&&true", 900)), "true");
  EXPECT_EQ(Evaluated("1" + Repeated("+1", 400)), "401");
  EXPECT_THAT(Evaluated("true" + Repeated("&&true", 1'000)),
              StartsWith("issue: the expression is too large"));
  EXPECT_EQ(Generously("true" + Repeated("||true", 100'000)), "true");
}

TEST(Loops, WithinLoopsAreLimited) {
  EXPECT_EQ(Evaluated("[1].all(a, [1].all(b, a == b))"), "true");
  EXPECT_THAT(Evaluated("[1].all(a, [1].all(b, [1].all(c, a == c)))"),
              StartsWith("issue: too many loops in one another"));
}

TEST(Loops, ThatTakeTooLongAreErrors) {
  const std::string hundred = "[" + Repeated("1,", 100) + "]";
  EXPECT_THAT(Generously(hundred + ".all(a," + hundred + ".all(b," + hundred +
                         ".all(c," + hundred + ".all(d, a+b+c+d > 0))))"),
              HasSubstr("the evaluation takes too many steps"));
}

TEST(Values, ThatGrowExponentiallyAreErrors) {
  EXPECT_THAT(Generously("['aaaaaaaa']" + Repeated(".map(x, x + x)", 40)),
              HasSubstr("the string is too large"));
  EXPECT_THAT(Generously("[[1, 2]]" + Repeated(".map(x, x + x)", 40)),
              HasSubstr("the list is too large"));
}

TEST(Values, ThatShareExponentiallyAreComparedWithinTheLimit) {
  const std::string shared = "[[1]]" + Repeated(".map(x, [x, x])", 40);
  EXPECT_THAT(Generously(shared + " == " + shared),
              HasSubstr("the evaluation takes too many steps"));
}

TEST(Values, ThatAreManyAndLargeAreErrors) {
  const std::string large = "'" + std::string(8'000, 'a') + "'";
  const std::string hundred = "[" + Repeated("1,", 100) + "]";
  EXPECT_THAT(Generously("cel.bind(t, " + large + ", " + hundred + ".map(a, " +
                         hundred + ".map(b, t + t)))"),
              HasSubstr("the evaluation takes too many steps"));
}

TEST(Steps, AreLimitedByTheOption) {
  CompileOptions options;
  options.max_steps = 10;
  EXPECT_THAT(Evaluated("[1,2,3,4,5,6,7,8].map(x, x + 1).size()", Environment(),
                        {}, options),
              HasSubstr("too many steps"));
}

// Also where loops run without a walk over the tree.
TEST(Steps, OfCompiledLoopsAreLimited) {
  CompileOptions options;
  options.max_steps = 20;
  const Environment environment = CommunityEnvironment();
  std::vector<Value> slots = CommunitySlots();
  const std::string source = "event.tags.all(t, t != 'none')";
  EXPECT_EQ(Evaluated(source, environment, slots, options), "true");
  slots[kEventTags] =
      Value::List(std::vector<Value>(50, Value::String("howto")));
  EXPECT_THAT(Evaluated(source, environment, slots, options),
              HasSubstr("too many steps"));
  const std::string nested =
      "event.tags.all(t, event.tags.exists(u, u == t && t == 'howto'))";
  EXPECT_EQ(Evaluated(nested, environment, slots), "true");
  options.max_steps = 400;
  EXPECT_THAT(Evaluated(nested, environment, slots, options),
              HasSubstr("too many steps"));
}

// Bytes in an order that no one meant: a cheap stand-in for the fuzzer.
TEST(Garbage, NeverDoesHarm) {
  constexpr std::string_view kPieces[] = {
      "(",        ")",          "[",        "]",           "{",        "}",
      ".",        ",",          ":",        "?",           "!",        "-",
      "+",        "&&",         "||",       "==",          "in",       "has",
      "all",      "map",        "x",        "event.words", "1",        "1u",
      "1.5",      "'a'",        "b'\\xff'", "r'",          "\"",       "`",
      "\\",       "null",       "true",     " ",           "//",       "\n",
      "\xC3\xA9", "\xff",       "matches",  "event.tags",  "@",        "<",
      "%",        ".exists(x,", "size(",    "timestamp(",  "duration("};
  uint64_t state = 1;
  const auto next = [&state](uint64_t below) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (state >> 33) % below;
  };
  const Environment environment = CommunityEnvironment();
  const std::vector<Value> slots = CommunitySlots();
  for (int i = 0; i < 20'000; ++i) {
    std::string source;
    for (uint64_t size = 1 + next(12); size > 0; --size) {
      source += kPieces[next(std::size(kPieces))];
    }
    CompileOptions options;
    options.check = next(4) != 0;
    const Compiled compiled = Compile(source, environment, options);
    ASSERT_EQ(compiled.ok(), compiled.issues.empty()) << source;
    for (const Issue& issue : compiled.issues) {
      ASSERT_LE(issue.offset, source.size()) << source;
      ASSERT_FALSE(FormatIssue(issue, source).empty());
    }
    if (compiled.ok()) (void)compiled.expression->Evaluate(slots).ok();
  }
}

}  // namespace
}  // namespace loyalty::cel
