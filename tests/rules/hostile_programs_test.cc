// SPDX-License-Identifier: Apache-2.0
//
// Programs that mean harm: as large, as deep and as costly as texts can be.
// Each is compiled or refused, soon (S14).
#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compiling.h"

namespace loyalty::rules {
namespace {

// What one program may take, in a debug build beside other work: the promise
// is 50 ms, for one that is not as large as programs may be.
constexpr absl::Duration kSoon = absl::Seconds(2);

Compilation CompiledSoon(const std::string& text) {
  const absl::Time begin = absl::Now();
  Compilation compilation = CompiledText(Whole(text));
  EXPECT_LT(absl::Now() - begin, kSoon);
  return compilation;
}

std::string RuleWhen(const std::string& when) {
  return absl::StrCat("event_type { id: 'e' attribute { name: 'l' type: INT ",
                      "list: true required: true } }\n",
                      "rule { id: 'r' on: 'e' when: '", when,
                      "' reverse_object { } }");
}

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

TEST(HostilePrograms, AreRefusedWhereExpressionsAreTooDeepOrTooLong) {
  for (const std::string& when :
       {Repeated("(", 4000) + "true" + Repeated(")", 4000),
        Repeated("!", 8000) + "true", Repeated("-", 8000) + "1 > 0",
        Repeated("[", 4000) + Repeated("]", 4000) + " == []",
        Repeated("true ? true : ", 1000) + "true",
        Repeated("true && ", 2000) + "true", Repeated("x.", 4000) + "x",
        std::string(9000, 'a'), Repeated("a[", 2000) + Repeated("]", 2000)}) {
    EXPECT_EQ(CompiledSoon(RuleWhen(when)).program, nullptr)
        << when.substr(0, 20);
  }
}

TEST(HostilePrograms, AreRefusedWhereLoopsAreTooDeep) {
  EXPECT_NE(
      CompiledSoon(RuleWhen("event.l.all(a, event.l.all(b, a == b))")).program,
      nullptr);
  EXPECT_EQ(CompiledSoon(RuleWhen("event.l.all(a, event.l.all(b, "
                                  "event.l.all(c, a == c)))"))
                .program,
            nullptr);
}

TEST(HostilePrograms, HaveNoPatternThatTakesForever) {
  CompiledSoon(RuleWhen("event.id.matches(\"(a+)+b\")"));
  EXPECT_EQ(CompiledSoon(RuleWhen("event.id.matches(\"((a{100}){100}){100}\")"))
                .program,
            nullptr);
  EXPECT_EQ(CompiledSoon(RuleWhen("event.id.matches(event.type)")).program,
            nullptr);
}

TEST(HostilePrograms, WithManyNamesAreCompiledSoonOrRefused) {
  const auto with_currencies = [](int count) {
    std::string text = "event_type { id: 'e' }";
    for (int i = 0; i < count; ++i) {
      absl::StrAppend(&text, "currency { id: 'c", i, "' }\n");
    }
    return text;
  };
  EXPECT_NE(CompiledSoon(with_currencies(90)).program, nullptr);
  const Compilation refused = CompiledSoon(with_currencies(1000));
  ASSERT_EQ(refused.findings.size(), 1U);
  EXPECT_THAT(refused.findings[0].message,
              ::testing::HasSubstr("currencies; the most is 100"));
}

TEST(HostilePrograms, WithAMistakeInEveryRuleAreRefusedSoon) {
  std::string text = "event_type { id: 'e' }";
  for (int i = 0; i < 900; ++i) {
    absl::StrAppend(&text, "parameter { id: 'p", i, "' default: '1' }\n");
  }
  for (int i = 0; i < 5000; ++i) {
    absl::StrAppend(&text, "rule { id: 'r", i, "' on: 'e'\n award { ",
                    "currency: 'points' units: 'param.q", i, "' } }\n");
  }
  EXPECT_LE(CompiledSoon(text).findings.size(), 101U);
}

TEST(HostilePrograms, WithAThousandRulesAreCompiledSoon) {
  std::string text = "event_type { id: 'e' }";
  for (int i = 0; i < 1000; ++i) {
    absl::StrAppend(&text, "rule { id: 'r", i, "' on: 'e'\n",
                    " award { to: 'event.target' currency: 'points' ",
                    "units: '1' } }\n");
  }
  const Compilation compilation = CompiledSoon(text);
  ASSERT_NE(compilation.program, nullptr);
  EXPECT_EQ(compilation.program->event_types[0].rules.size(), 1000U);
}

TEST(HostilePrograms, WithMoreSlotsThanThereAreAreRefusedAndDoNotCrash) {
  // 2 standings of 2 names a currency: more than 65,536 slots.
  std::string text = "event_type { id: 'e' }";
  for (int i = 0; i < 20'000; ++i) {
    absl::StrAppend(&text, "currency { id: 'c", i, "' }\n");
  }
  absl::StrAppend(&text, "rule { id: 'r' on: 'e' when: 'balance.c19999 > 0' ",
                  "award { to: 'event.target' currency: 'c19999' ",
                  "units: 'earned.c19999' } }");
  EXPECT_EQ(CompiledText(Whole(text)).program, nullptr);
}

TEST(HostilePrograms, WithEveryNameMisspeltAreRefusedSoon) {
  std::string text = "event_type { id: 'e' }";
  for (int i = 0; i < 300; ++i) {
    absl::StrAppend(&text, "rule { id: '", std::string(40, 'r'), i, "' on: 'f",
                    i, "' reverse_object { keep: '", std::string(40, 'q'), i,
                    "' } }\n");
  }
  EXPECT_EQ(CompiledSoon(text).program, nullptr);
}

}  // namespace
}  // namespace loyalty::rules
