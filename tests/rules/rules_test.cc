// SPDX-License-Identifier: Apache-2.0
//
// What is said about rules and metrics that make no sense.
#include <gtest/gtest.h>

#include <string>

#include "compiling.h"

namespace loyalty::rules {
namespace {

// `rule` on line 2, after an event type "e" with an owner.
std::string SaidOfRule(std::string_view rule) {
  return SaidOfWhole(
      "name: 't' version: '1' currency { id: 'points' } event_type { id: 'e' "
      "attribute { name: 'owner' type: MEMBER } "
      "attribute { name: 'n' type: INT required: true } }\n" +
      std::string(rule));
}

// As the award of an otherwise flawless rule.
std::string SaidOfAward(std::string_view award) {
  return SaidOfRule("rule { id: 'r' on: 'e' award {\n" + std::string(award) +
                    "} }");
}

constexpr std::string_view kGift =
    "award { to: 'event.owner' currency: 'points' units: '1' }";

std::string WithGift(std::string_view rule) {
  return std::string(rule) + " " + std::string(kGift) + " }";
}

TEST(Rules, HaveANameOfTheirOwn) {
  EXPECT_EQ(SaidOfRule(WithGift("rule { on: 'e'")),
            "2:1 rule has no name | Use letters, digits, '_', '-' and '.', at "
            "most 64, a letter first.");
  EXPECT_EQ(SaidOfRule(WithGift("rule { id: 'a' on: 'e'") + "\n" +
                       WithGift("rule { id: 'a' on: 'e'")),
            "3:12 rule \"a\" is declared twice | Rename one of them.");
  EXPECT_EQ(SaidOfRule(WithGift("rule { id: 'opening' on: 'e'")),
            "2:12 rule \"opening\" has a reserved name | "
            "Choose another; opening units are booked under it.");
}

TEST(Rules, AreOnDeclaredEventTypes) {
  EXPECT_EQ(
      SaidOfRule("metric { id: 'm' on: 'e' }\n" + WithGift("rule { id: 'r'")),
      "3:12 rule \"r\" is on no event type | Add  on: \"...\"");
  EXPECT_EQ(SaidOfRule(WithGift("rule { id: 'r' on: ['e', 'ee']")),
            "2:26 rule \"r\": event type \"ee\" is not declared | "
            "Did you mean \"e\"?");
  EXPECT_EQ(SaidOfRule(WithGift("rule { id: 'r' on: ['e', 'liked']")),
            "2:26 rule \"r\": event type \"liked\" is not declared | "
            "Known: e.");
  EXPECT_EQ(SaidOfRule(WithGift("rule { id: 'r' on: ['e', 'e']")), "");
}

TEST(Rules, HaveAnEffect) {
  EXPECT_EQ(SaidOfRule("rule { id: 'r' on: 'e' when: 'true' }"),
            "2:12 rule \"r\" has no effect | "
            "Add an award, a reverse_object or a reverse_event.");
  EXPECT_EQ(SaidOfRule("rule { id: 'r' on: 'e' reverse_object { } }"), "");
}

TEST(Awards, AreOfADeclaredCurrency) {
  EXPECT_EQ(SaidOfAward("currency: 'pionts' units: '1'"),
            "3:11 rule \"r\", award: currency \"pionts\" is not declared | "
            "Did you mean \"points\"?");
  EXPECT_EQ(SaidOfAward("units: '1'"),
            "2:24 rule \"r\", award names no currency | Known: points.");
}

TEST(Awards, HaveUnits) {
  EXPECT_EQ(SaidOfAward("to: 'event.owner' currency: 'points'"),
            "2:24 rule \"r\", award has no units | Add  units: \"10\"");
}

TEST(Awards, AreToldByNumberWhereThereAreSeveral) {
  EXPECT_EQ(SaidOfRule("rule { id: 'r' on: 'e' " + std::string(kGift) +
                       "\n award { currency: 'x' units: '1' } }"),
            "3:20 rule \"r\", award 2: currency \"x\" is not declared | "
            "Known: points.");
}

TEST(Awards, GoToAMember) {
  EXPECT_EQ(
      SaidOfAward("to: 'owner' currency: 'points' units: '1'").substr(0, 3),
      "3:6");
  EXPECT_EQ(
      SaidOfAward("to: 'event.n' currency: 'points' units: '1'"),
      "3:6 rule \"r\", award, to: the result must be string, and is int | "
      "write string(...)");
  EXPECT_EQ(SaidOfAward("to: 'event.target' currency: 'points' units: '1'"),
            "");
}

TEST(Limits, SayTimesOrUnits) {
  EXPECT_EQ(SaidOfAward("currency: 'points' units: '1'\n limit { per: DAY }"),
            "4:2 rule \"r\", award, limit says neither times nor units nor "
            "cooldown | Add  times: 2  or  units: 100  or  cooldown: \"10m\"");
  EXPECT_EQ(SaidOfRule(WithGift("rule { id: 'r' on: 'e' limit { key: PAIR }")),
            "2:24 rule \"r\", limit says neither times nor units nor "
            "cooldown | Add  times: 2  or  units: 100  or  cooldown: \"10m\"");
}

TEST(Limits, ArePositiveAmounts) {
  const std::string advice = " | Use a whole number from 0 to 1000000000000.";
  for (const char* kind : {"times", "units"}) {
    for (const char* most : {"-1", "1000000000001", "-9223372036854775808",
                             "9223372036854775807"}) {
      EXPECT_EQ(
          SaidOfAward(
              "to: 'event.owner' currency: 'points' units: '1' limit { " +
              std::string(kind) + ": " + most + " }"),
          "3:49 rule \"r\", award, limit is " + std::string(most) + advice);
    }
    for (const char* most : {"1", "1000000000000"}) {
      EXPECT_EQ(SaidOfAward("currency: 'points' units: '1' limit { " +
                            std::string(kind) + ": " + most + " }"),
                "");
    }
  }
}

TEST(Limits, CountInNamedGroups) {
  EXPECT_EQ(SaidOfAward("currency: 'points' units: '1'\n"
                        " limit { times: 1 group: 'a b' }"),
            "4:26 rule \"r\", award, limit, group \"a b\" is no name | Use "
            "letters, digits, '_', '-' and '.', at most 64, a letter first.");
}

TEST(Reversals, SayWhichRulesGoOrWhichStay) {
  EXPECT_EQ(SaidOfRule(WithGift("rule { id: 'g' on: 'e'") +
                       "\nrule { id: 'r' on: 'e'\n"
                       " reverse_object { rule: 'g' keep: 'g' } }"),
            "4:2 rule \"r\", reverse_object says both rule and keep | "
            "Say which rules' awards go, or which stay, not both.");
}

TEST(Reversals, NameDeclaredRules) {
  EXPECT_EQ(SaidOfRule("rule { id: 'gone' on: 'e'\n"
                       " reverse_object { rule: ['gone', 'gome'] } }"),
            "3:34 rule \"gone\", reverse_object.rule: rule \"gome\" is not "
            "declared | Did you mean \"gone\"?");
  EXPECT_EQ(SaidOfRule("rule { id: 'gone' on: 'e'\n"
                       " reverse_object { keep: 'x' } }"),
            "3:25 rule \"gone\", reverse_object.keep: rule \"x\" is not "
            "declared | Known: gone.");
}

TEST(Reversals, NameAnObjectOrAnEvent) {
  EXPECT_EQ(SaidOfRule("rule { id: 'r' on: 'e'\n"
                       " reverse_object { object: 'event.n' } }"),
            "3:28 rule \"r\", reverse_object.object: the result must "
            "be string, and is int | write string(...)");
  EXPECT_EQ(SaidOfRule("rule { id: 'r' on: 'e'\n"
                       " reverse_event { event: '1' } }"),
            "3:26 rule \"r\", reverse_event.event: the result must be "
            "string, and is int | write string(...)");
  EXPECT_EQ(SaidOfRule("rule { id: 'r' on: 'e'\n"
                       " reverse_event { event: 'event.owner + \"/\"' } }"),
            "");
}

TEST(Reversals, OfNoEventAreAnError) {
  EXPECT_NE(SaidOfRule("rule { id: 'r' on: 'e' reverse_event { } }"), "");
}

TEST(Metrics, AreOnDeclaredEventTypes) {
  EXPECT_EQ(SaidOfRule("rule { id: 'r' on: 'e' reverse_object { } }\n"
                       "metric { id: 'm' }\nmetric { id: 'n' on: 'ee' }"),
            "3:14 metric \"m\" is on no event type | Add  on: \"...\"\n"
            "4:22 metric \"n\": event type \"ee\" is not declared | "
            "Did you mean \"e\"?");
}

TEST(Metrics, AreKeptPerActorTargetOrMemberAttribute) {
  for (const char* per : {"", "actor", "target", "event.owner"}) {
    EXPECT_EQ(SaidOfRule("metric { id: 'm' on: 'e' per: '" + std::string(per) +
                         "' }"),
              "");
  }
  for (const char* per : {"owner", "event.n", "event.actor", "event.", "Target",
                          "event.owner "}) {
    EXPECT_EQ(SaidOfRule("metric { id: 'm' on: 'e' per: '" + std::string(per) +
                         "' }"),
              "2:31 metric \"m\", per: \"" + std::string(per) +
                  "\" is no MEMBER or OBJECT attribute of \"e\" | Use "
                  "\"actor\", \"target\", or a MEMBER or OBJECT attribute "
                  "as \"event.owner\".");
  }
}

TEST(Metrics, SumAnIntAndAskABool) {
  EXPECT_EQ(SaidOfRule("metric { id: 'm' on: 'e' sum: '1.5' }"),
            "2:32 metric \"m\", sum: the result must be int, and is double | "
            "write int(...), which drops the fraction");
  EXPECT_EQ(SaidOfRule("metric { id: 'm' on: 'e' when: 'event.n' }"),
            "2:33 metric \"m\", when: the result must be bool, and is int | "
            "compare it, as in x > 0");
}

TEST(Metrics, ReadTheEventAlone) {
  for (const char* name : {"balance.points", "actor.balance.points",
                           "member.since", "metric.m", "actor.metric.m"}) {
    EXPECT_NE(SaidOfRule("metric { id: 'm' on: 'e' sum: '" + std::string(name) +
                         "' }"),
              "")
        << name;
  }
}

TEST(Rules, OnTwoTypesSayTheSameOnce) {
  EXPECT_EQ(
      SaidOfRule("event_type { id: 'f' }\n" +
                 WithGift("rule { id: 'r' on: ['e', 'f'] when: '1'")),
      "3:38 rule \"r\", when: the result must be bool, and is int | "
      "compare it, as in x > 0\n"
      "3:54 rule \"r\", award, to: undeclared reference to 'event.owner' | "
      "\"e\" has it, and \"f\", which this is on, has not.");
}

}  // namespace
}  // namespace loyalty::rules
