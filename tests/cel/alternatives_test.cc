// SPDX-License-Identifier: Apache-2.0
//
// Patterns that are no more than texts: told from others, and found where RE2
// finds them.
#include "cel/alternatives.h"

#include "random_expressions.h"

namespace loyalty::cel {
namespace {

bool IsPlain(std::string_view pattern) {
  return Alternatives::Of(pattern) != nullptr;
}

TEST(Alternatives, AreTextsWithLettersInBrackets) {
  EXPECT_TRUE(IsPlain("spam"));
  EXPECT_TRUE(IsPlain("[Ss]pam|[Cc]asino"));
  EXPECT_TRUE(
      IsPlain("gr\xC3\xBC\xC3\x9F"
              "e|https://"));
  for (const char* const pattern :
       {"",      "a|",   "|a", "a.b", "a*",    "^a",    "a$",
        "[a-z]", "[^a]", "[a", "a]",  "[]",    "[]a]",  "(a)",
        "a\\b",  "a{2}", "a?", "a+",  "(?i)a", "[a|b]", "[\xC3\xBC]"}) {
    EXPECT_FALSE(IsPlain(pattern)) << pattern;
  }
}

TEST(Alternatives, AreFew) {
  EXPECT_TRUE(IsPlain("[ab][ab][ab][ab]"));
  EXPECT_FALSE(IsPlain("[ab][ab][ab][ab][ab]"));
  EXPECT_TRUE(IsPlain("a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p"));
  EXPECT_FALSE(IsPlain("a|b|c|d|e|f|g|h|i|j|k|l|m|n|o|p|q"));
  EXPECT_TRUE(IsPlain(std::string(32, 'a')));
  EXPECT_FALSE(IsPlain(std::string(33, 'a')));
}

// RE2 is asked where the pattern is not known before. (That of 2022 takes
// a|[Aa] for a, so there is no such pair here.)
TEST(Alternatives, AreFoundWhereRe2FindsThem) {
  constexpr const char* kPieces[] = {"a", "b", "ab", "[ab]",     "[ac]",
                                     "|", "-", " ",  "\xC3\xA9", "."};
  constexpr const char* kTexts[] = {"a", "b", "c", "-", " ", "\xC3\xA9", "x"};
  Environment environment;
  ASSERT_TRUE(environment.Declare({"text", Type::String(), 0}).ok());
  ASSERT_TRUE(environment.Declare({"pattern", Type::String(), 1}).ok());
  CompileOptions dynamic;
  dynamic.dynamic_patterns = true;
  int plain = 0;
  int found = 0;
  for (uint64_t seed = 0; seed < 1'000; ++seed) {
    Random random(seed);
    std::string pattern;
    for (size_t i = random.Between(1, 5); i > 0; --i) {
      pattern += random.Of(kPieces);
    }
    plain += IsPlain(pattern) ? 1 : 0;
    std::string text;
    for (size_t i = random.Below(10); i > 0; --i) text += random.Of(kTexts);
    const Value slots[] = {Value::String(text), Value::String(pattern)};
    const std::string outcome =
        Evaluated("text.matches('" + pattern + "')", environment, slots);
    ASSERT_EQ(outcome,
              Evaluated("text.matches(pattern)", environment, slots, dynamic))
        << pattern << " in " << text;
    found += outcome == "true" ? 1 : 0;
  }
  EXPECT_GT(plain, 400);
  EXPECT_GT(found, 200);
  EXPECT_LT(found, 800);
}

TEST(Alternatives, AreTheSameInTheWalk) {
  Environment environment;
  ASSERT_TRUE(environment.Declare({"text", Type::String(), 0}).ok());
  const Value slots[] = {Value::String("A Casino")};
  CompileOptions slowly;
  slowly.optimize = false;
  for (const CompileOptions& options : {CompileOptions(), slowly}) {
    EXPECT_EQ(Evaluated("text.matches('a|[Aa]|[Ss]pam') && "
                        "text.matches('spam|[Cc]asino') && "
                        "!text.matches('casino')",
                        environment, slots, options),
              "true");
  }
}

}  // namespace
}  // namespace loyalty::cel
