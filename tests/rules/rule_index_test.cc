// SPDX-License-Identifier: Apache-2.0
//
// Rules that an event cannot meet are not asked, and no other is left out.
#include "rules/rule_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "compiling.h"
#include "rules/frame.h"

namespace loyalty::rules {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kTypes = R"(
parameter { id: "word" type: STRING default: "b" }
metric { id: "done" on: "e" }
event_type {
  id: "e"
  attribute { name: "kind" type: STRING required: true }
  attribute { name: "maybe" type: STRING }
  attribute { name: "usual" type: STRING default: "a" }
  attribute { name: "count" type: INT required: true }
  attribute { name: "on" type: BOOL required: true }
  attribute { name: "owner" type: MEMBER }
}
)";

std::shared_ptr<const CompiledProgram> WithRules(
    const std::vector<std::string>& conditions) {
  std::string text(kTypes);
  for (size_t i = 0; i < conditions.size(); ++i) {
    text += "rule { id: 'r" + std::to_string(i) + "' on: 'e' ";
    if (!conditions[i].empty()) text += "when: \"" + conditions[i] + "\" ";
    text += "award { currency: 'points' units: '1' } }\n";
  }
  return MustCompile(text);
}

Event SomeEvent() {
  return {.id = "e1",
          .type = "e",
          .time = absl::FromUnixSeconds(1'000),
          .actor = "ada",
          .target = "post-1",
          .attributes = {{"kind", "a"}, {"count", 1}, {"on", true}}};
}

RulePlaces Candidates(const CompiledProgram& program, const Event& event) {
  RulePlaces candidates;
  Frame(program, program.event_types[0], event).FindRules(candidates);
  return candidates;
}

TEST(RuleIndex, FindsByAttributeAndChannel) {
  const auto program = WithRules(
      {"event.kind == 'a'", "event.kind == 'b'", "", "event.count == 1",
       "event.count in [2, 3]", "event.channel == 'web'", "event.on",
       "!event.on", "event.usual == 'a'", "event.usual == 'b'",
       "metric.done == 3", "event.kind == 'a' && event.count > 7"});
  Event event = SomeEvent();
  EXPECT_THAT(Candidates(*program, event), ElementsAre(0, 2, 3, 6, 8, 10, 11));
  event.channel = "web";
  event.attributes.insert_or_assign("kind", "b");
  event.attributes.insert_or_assign("count", 3);
  event.attributes.insert_or_assign("on", false);
  event.attributes.insert_or_assign("usual", "b");
  EXPECT_THAT(Candidates(*program, event), ElementsAre(1, 2, 4, 5, 7, 9, 10));
  event.attributes.insert_or_assign("kind", "z");
  EXPECT_THAT(Candidates(*program, event), ElementsAre(2, 4, 5, 7, 9, 10));
}

TEST(RuleIndex, FindsWhatWouldFailForWantOfAnAttribute) {
  const auto program =
      WithRules({"event.maybe == 'a'", "event.owner == 'grace'"});
  EXPECT_THAT(Candidates(*program, SomeEvent()), ElementsAre(0));
  Event event = SomeEvent();
  event.attributes.insert_or_assign("maybe", "b");
  EXPECT_THAT(Candidates(*program, event), IsEmpty());
}

TEST(RuleIndex, FilesARuleUnderTheAttributeThatTellsMost) {
  std::vector<std::string> conditions;
  for (int i = 0; i < 50; ++i) {
    conditions.push_back("event.on && event.count == " + std::to_string(i));
  }
  EXPECT_THAT(Candidates(*WithRules(conditions), SomeEvent()), ElementsAre(1));
}

TEST(RuleIndex, LeavesOutOnlyRulesThatAreFalse) {
  const std::vector<std::string> parts = {
      "event.kind == 'a'",
      "event.kind in ['b', 'c']",
      "(event.kind == 'a' || event.kind == 'c')",
      "event.maybe == 'a'",
      "has(event.maybe)",
      "event.usual == param.word",
      "event.usual == 'b'",
      "event.count == 1",
      "event.count in [0, 2]",
      "6 / event.count > 2",
      "event.on",
      "!event.on",
      "event.owner == 'grace'",
      "event.owner == event.actor",
      "event.channel == 'web'",
      "event.target != 'post-1'"};
  std::mt19937 random(7);
  const auto pick = [&](const std::vector<std::string>& from) {
    return from[random() % from.size()];
  };
  std::vector<std::string> conditions;
  for (int i = 0; i < 400; ++i) {
    std::string condition = pick(parts);
    for (unsigned more = random() % 3; more > 0; --more) {
      condition += (random() % 4 == 0 ? " || " : " && ") + pick(parts);
    }
    conditions.push_back(condition);
  }
  const auto program = WithRules(conditions);
  ASSERT_NE(program, nullptr);
  const EventType& type = program->event_types[0];
  size_t asked = 0;
  size_t held = 0;
  constexpr int kEvents = 300;
  for (int i = 0; i < kEvents; ++i) {
    Event event = SomeEvent();
    event.attributes = {{"kind", pick({"a", "b", "c"})},
                        {"count", static_cast<int64_t>(random() % 3)},
                        {"on", random() % 2 == 0}};
    if (random() % 2 == 0) {
      event.attributes.insert_or_assign("maybe", pick({"a", "b"}));
    }
    if (random() % 2 == 0) {
      event.attributes.insert_or_assign("usual", pick({"a", "b"}));
    }
    if (random() % 2 == 0) {
      event.attributes.insert_or_assign("owner", pick({"ada", "grace"}));
    }
    if (random() % 2 == 0) event.channel = pick({"web", "app"});
    const Frame frame(*program, type, event);
    RulePlaces candidates;
    frame.FindRules(candidates);
    ASSERT_TRUE(std::is_sorted(candidates.begin(), candidates.end()));
    asked += candidates.size();
    size_t next = 0;
    for (size_t r = 0; r < type.rules.size(); ++r) {
      const bool is_candidate =
          next < candidates.size() && candidates[next] == static_cast<int>(r);
      next += is_candidate;
      const absl::StatusOr<bool> holds = frame.Bool(*type.rules[r].when);
      held += holds.ok() && *holds;
      if (is_candidate) continue;
      ASSERT_TRUE(holds.ok()) << conditions[r] << ": " << holds.status();
      ASSERT_FALSE(*holds) << conditions[r];
    }
  }
  EXPECT_GE(asked, held);
  EXPECT_LT(asked, conditions.size() * kEvents * 7 / 10);
}

}  // namespace
}  // namespace loyalty::rules
