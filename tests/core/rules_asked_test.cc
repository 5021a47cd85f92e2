// SPDX-License-Identifier: Apache-2.0
//
// How many rules an event asks, of few and of many: those it may meet.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <memory>

#include "core/apply.h"
#include "core/counters.h"
#include "core/forum.h"

namespace loyalty::core {
namespace {

constexpr int kTypes = 20;
constexpr int kCategories = 50;

// Rule i is on type i % 20 and asks for category i / 20 % 50, and for more.
std::shared_ptr<const rules::CompiledProgram> WithRules(int count) {
  model::ProgramSpec spec;
  spec.name = T("many");
  spec.version = T("1");
  model::CurrencySpec points;
  points.id = T("points");
  spec.currencies = {points};
  model::AttributeSpec category;
  category.name = T("category");
  category.type = model::Type::kString;
  category.required = true;
  model::AttributeSpec words;
  words.name = T("words");
  words.type = model::Type::kInt;
  words.required = true;
  for (int i = 0; i < kTypes; ++i) {
    spec.event_types.push_back({T(absl::StrCat("t", i)), {category, words}});
  }
  model::AwardSpec award;
  award.currency = T("points");
  award.units = T("1");
  for (int i = 0; i < count; ++i) {
    model::RuleSpec rule;
    rule.id = T(absl::StrCat("r", i));
    rule.on = {T(absl::StrCat("t", i % kTypes))};
    rule.when = T(absl::StrCat("event.category == 'c", i / kTypes % kCategories,
                               "' && event.words > ", 37 * i % 700));
    rule.awards = {award};
    spec.rules.push_back(rule);
  }
  rules::Compilation compilation = rules::Compile(spec);
  EXPECT_NE(compilation.program, nullptr);
  return compilation.program;
}

// The most that one event asks, over all types and categories.
int MostAsked(const rules::CompiledProgram& program) {
  int most = 0;
  for (int type = 0; type < kTypes; ++type) {
    for (int category = 0; category < kCategories; ++category) {
      const Event event{
          .id = "e",
          .type = absl::StrCat("t", type),
          .time = absl::FromUnixSeconds(1'767'268'800),
          .actor = "ada",
          .attributes = {{"category", absl::StrCat("c", category)},
                         {"words", 350}}};
      const Cause cause(program, event);
      State state;
      state.entity.entity = MemberEntity("ada");
      const auto decision = Apply(cause, state, EnterMessage(cause));
      EXPECT_TRUE(decision.ok()) << decision.status();
      EXPECT_LE(decision->movements.size(),
                static_cast<size_t>(decision->rules_asked));
      most = std::max(most, decision->rules_asked);
    }
  }
  return most;
}

TEST(RulesAsked, AreThoseThatTheEventMayMeet) {
  EXPECT_EQ(MostAsked(*WithRules(10)), 1);
  EXPECT_EQ(MostAsked(*WithRules(1'000)), 1);
  // 500 are on each type, 10 of them for each category.
  EXPECT_EQ(MostAsked(*WithRules(10'000)), 10);
}

}  // namespace
}  // namespace loyalty::core
