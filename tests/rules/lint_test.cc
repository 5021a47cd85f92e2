// SPDX-License-Identifier: Apache-2.0
//
// What a program may say but hardly meant is warned of, and nothing else is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compiling.h"

namespace loyalty::rules {
namespace {

constexpr std::string_view kFarmable =
    "warning 3:12 rule \"r\": members can award themselves without limit | "
    "Add  limit { per: DAY times: 10 }  to the rule or the award.";

// The text of an otherwise innocent rule, on line 3.
std::string SaidOfRule(std::string_view rule,
                       std::string_view currency = "id: 'points'") {
  return SaidOfWhole(
      "name: 't' version: '1' currency { " + std::string(currency) +
      " }\nevent_type { id: 'e' attribute { name: 'owner' type: MEMBER } "
      "attribute { name: 'n' type: INT required: true } }\n"
      "rule { id: 'r' on: 'e' " +
      std::string(rule) + " }");
}

TEST(Lint, WarnsOfAnEventTypeThatNothingIsOn) {
  EXPECT_EQ(SaidOf("event_type { id: 'e' }"),
            "warning 2:18 event type \"e\": no rule and no metric is on it | "
            "Reward it, or leave it in as known and unrewarded.");
  EXPECT_EQ(SaidOf("event_type { id: 'e' } metric { id: 'm' on: 'e' }"), "");
  EXPECT_EQ(SaidOfRule("reverse_object { }"), "");
}

TEST(Lint, WarnsOfARuleThatCanNeverFire) {
  const std::string said =
      "warning 3:30 rule \"r\" can never fire | "
      "Its condition is always false.";
  EXPECT_EQ(SaidOfRule("when: 'false' reverse_object { }"), said);
  EXPECT_EQ(SaidOfRule("when: '1 > 2' reverse_object { }"), said);
  EXPECT_EQ(SaidOfRule("when: 'true' reverse_object { }"), "");
  EXPECT_EQ(SaidOfRule("when: 'event.n > 2' reverse_object { }"), "");
}

TEST(Lint, WarnsOfAnAwardToTheActorWithoutEnd) {
  EXPECT_EQ(SaidOfRule("award { currency: 'points' units: '1' }"), kFarmable);
  EXPECT_EQ(SaidOfRule("award { to: 'actor' currency: 'points' units: '1' }"),
            kFarmable);
  EXPECT_EQ(
      SaidOfRule("award { to: 'event.actor' currency: 'points' units: '1' }"),
      kFarmable);
  EXPECT_EQ(SaidOfRule("award { currency: 'points' units: 'event.n' }"),
            kFarmable);
}

TEST(Lint, WarnsOfATextThatIsMadeOfAMembersId) {
  const auto said = [](const std::string& by) {
    return SaidOfRule(
        "award { to: 'event.owner' currency: 'points' units: '1'\n limit { "
        "per: "
        "DAY times: 1 by: '" +
        by + "' } }");
  };
  EXPECT_EQ(said("event.owner + event.id"),
            "warning 4:32 rule \"r\", award, limit, by: makes a text of a "
            "member's id, which begins again once they are merged, and is not "
            "forgotten with them | Write nothing but the name of the MEMBER: "
            "\"event.owner\"");
  EXPECT_NE(said("event.actor + event.id"), "");
  EXPECT_EQ(said("event.owner"), "");
  EXPECT_EQ(said("event.target + event.id"), "");
  EXPECT_EQ(said("event.owner == event.actor ? event.id : event.target"), "");
}

// What is only warned of has to work, however much of it there is.
TEST(Lint, LeavesNoRuleOutForItsWarnings) {
  std::string text =
      "name: 't' version: '1' currency { id: 'points' } event_type { id: 'e' }";
  for (int i = 0; i < 150; ++i) {
    text += "\nrule { id: 'r" + std::to_string(i) +
            "' on: 'e' award { currency: 'points' units: '1' } }";
  }
  const std::string reads_what_may_not_be_there =
      "\nevent_type { id: 'f' attribute { name: 'n' type: INT } }";
  text += reads_what_may_not_be_there;
  for (int i = 150; i < 300; ++i) {
    text += "\nrule { id: 'r" + std::to_string(i) +
            "' on: 'f' when: 'event.n > 1' reverse_object { } }";
  }
  const Compilation compilation = CompiledText(text);
  ASSERT_NE(compilation.program, nullptr);
  EXPECT_EQ(compilation.program->event_types[0].rules.size(), 150U);
  EXPECT_EQ(compilation.program->event_types[1].rules.size(), 150U);
  EXPECT_EQ(compilation.findings.size(), 101U);
  // Nor do warnings hide an error.
  EXPECT_EQ(CompiledText(text + "\nrule { id: 'x' on: 'f' when: 'event.m > 1' "
                                "reverse_object { } }")
                .program,
            nullptr);
}

TEST(Lint, DoesNotWarnOfALimitedAward) {
  EXPECT_EQ(SaidOfRule("award { currency: 'points' units: '1'\n"
                       " limit { times: 1 } }"),
            "");
  EXPECT_EQ(SaidOfRule("award { currency: 'points' units: '1' }\n"
                       " limit { per: DAY units: 9 }"),
            "");
}

TEST(Lint, DoesNotWarnOfACappedAwardUnlessItIsExempt) {
  const std::string award = "award { currency: 'points' units: '1' }";
  EXPECT_EQ(SaidOfRule(award, "id: 'points' daily_cap { units: 9 }"), "");
  EXPECT_EQ(
      SaidOfRule(award, "id: 'points' daily_cap { units: 9 exempt: 'r' }"),
      kFarmable);
}

TEST(Lint, DoesNotWarnOfALossOrAnAwardToOthers) {
  EXPECT_EQ(SaidOfRule("award { currency: 'points' units: '-1' }"), "");
  EXPECT_EQ(SaidOfRule("award { currency: 'points' units: '0' }"), "");
  EXPECT_EQ(
      SaidOfRule("award { to: 'event.owner' currency: 'points' units: '1' }"),
      "");
}

TEST(Lint, WarnsOfUnitsThatExpireBeforeTheyAreAvailable) {
  const std::string said =
      "warning 3:93 rule \"r\", award: its units expire before they are "
      "available | expires_after begins when they are given: let it be longer "
      "than pending_for.";
  const auto said_of = [](std::string_view terms) {
    return SaidOfRule(
        "award { to: 'event.owner' currency: 'points' units: '1' " +
        std::string(terms) + " }");
  };
  EXPECT_EQ(said_of("pending_for: '2d' expires_after: '1d'"), said);
  EXPECT_EQ(said_of("pending_for: '24h' expires_after: '1d'"), said);
  EXPECT_EQ(said_of("pending_for: '1d' expires_after: '2d'"), "");
  EXPECT_EQ(said_of("pending_for: '2d' expires_at_end_of: YEAR"), "");
}

TEST(Lint, WarnsOfABadgeThatIsNeverAsked) {
  EXPECT_EQ(SaidOf("badge { id: 'b' when: 'true' }"),
            "warning 2:13 badge \"b\" is asked when what its condition reads "
            "has changed, and it reads nothing | Read what the member has, or "
            "say  on:  at which events.");
  EXPECT_EQ(SaidOf("badge { id: 'b' when: 'true' asked_at: END_OF_YEAR }"), "");
  EXPECT_EQ(SaidOf("badge { id: 'b' when: 'balance.points > 1' }"), "");
}

TEST(Lint, SaysWhatIsWrongWithASegmentThatNobodyAsks) {
  const std::string type =
      "event_type { id: 'e' attribute { name: 'n' type: STRING } } "
      "metric { id: 'm' on: 'e' } ";
  EXPECT_THAT(SaidOf(type + "segment { id: 's' when: 'not (' }"),
              testing::HasSubstr("segment \"s\", when: syntax error"));
  EXPECT_THAT(SaidOf(type + "segment { id: 's' when: 'event.n == \"x\"' }"),
              testing::HasSubstr("undeclared reference to 'event.n' | What is "
                                 "asked of a member at any time reads no "
                                 "event."));
}

TEST(Lint, SaysThatAFactorIsBelowNothing) {
  EXPECT_EQ(SaidOf("multiplier { id: 'm' factor: '-1' }"),
            "2:30 multiplier \"m\": factor \"-1\" is below 0 | What takes "
            "units away is an award of less than 0.");
}

TEST(Lint, DoesNotTripOverAFormulaThatFails) {
  EXPECT_EQ(SaidOfRule("award { currency: 'points' units: '1 / 0' }"), "");
  EXPECT_EQ(SaidOfRule("when: '1 / 0 == 1' reverse_object { }"), "");
}

TEST(Lint, IsSilentAboutWhatAnErrorLeaves) {
  EXPECT_EQ(SaidOf("event_type { id: 'e' }\n"
                   "metric { id: 'm' on: 'e' per: 'owner' }")
                .find("no rule and no metric"),
            std::string::npos);
}

TEST(Lint, WarnsWithoutHinderingTheProgram) {
  const Compilation compilation = CompiledText(
      Whole("event_type { id: 'e' } rule { id: 'r' on: 'e' when: 'false' "
            "award { currency: 'points' units: '1' } }"));
  EXPECT_NE(compilation.program, nullptr);
  EXPECT_EQ(compilation.findings.size(), 2U);
}

}  // namespace
}  // namespace loyalty::rules
