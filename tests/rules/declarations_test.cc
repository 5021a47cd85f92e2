// SPDX-License-Identifier: Apache-2.0
//
// What is said about declarations that make no sense: where, what, and what to
// do. Rules are in rules_test.cc, expressions in expressions_test.cc.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compiling.h"

namespace loyalty::rules {
namespace {

using ::testing::HasSubstr;

constexpr std::string_view kNameAdvice =
    "Use letters, digits and '_', at most 64, a letter first.";
constexpr std::string_view kDottedAdvice =
    "Use letters, digits, '_', '-' and '.', at most 64, a letter first.";
constexpr std::string_view kAmountAdvice =
    "Use a whole number from -1000000000000 to 1000000000000.";

std::string With(std::string_view message, std::string_view advice) {
  return std::string(message) + " | " + std::string(advice);
}

TEST(Declarations, OfAWholeProgramAreAccepted) {
  EXPECT_EQ(SaidOf(""), "");
  EXPECT_EQ(SaidOf("time_zone: 'Asia/Tokyo' max_ahead: '90m'\n"
                   "never_earns: ['bot', 'u-1']"),
            "");
}

TEST(Program, HasANameAndAVersion) {
  EXPECT_EQ(SaidOfWhole("currency { id: 'a' }"),
            With("1:1 the program has no name", kDottedAdvice) + "\n" +
                "1:1 the program has no version | Add  version: \"1\"  and "
                "change it whenever the program changes.");
  EXPECT_EQ(SaidOfWhole("version: '1' currency { id: 'a' }\nname: 'a b'"),
            With("2:7 the program \"a b\" is no name", kDottedAdvice));
}

// Badges and metrics need none.
TEST(Program, MayHaveNoCurrency) {
  EXPECT_EQ(SaidOfWhole("name: 'a' version: '1'"), "");
}

TEST(Program, IsInAKnownTimeZone) {
  EXPECT_EQ(SaidOf("time_zone: 'Europe/Berlim'"),
            "2:12 time_zone \"Europe/Berlim\" is not known | "
            "Use a name of the IANA list such as \"Europe/Berlin\".");
  for (const char* zone :
       {"/etc/passwd", "../../etc/localtime", "zone.tab", "CET-1CEST"}) {
    EXPECT_NE(SaidOf("time_zone: '" + std::string(zone) + "'"), "") << zone;
  }
}

TEST(Program, HasADurationThatEventsMayLieAhead) {
  const std::string said =
      "2:12 max_ahead is no duration | Write it as \"24h\" or \"90m\".";
  for (const char* text : {"24", "tomorrow", "-1h", "inf", "1 h", "\t1h"}) {
    EXPECT_EQ(SaidOf("max_ahead: '" + std::string(text) + "'"), said) << text;
  }
  for (const char* text : {"0", "0s", "24h", "1h30m", "1.5h"}) {
    EXPECT_EQ(SaidOf("max_ahead: '" + std::string(text) + "'"), "") << text;
  }
}

TEST(Program, NamesThoseWhoNeverEarn) {
  EXPECT_EQ(SaidOf("never_earns: ['a', '']"),
            "2:20 never_earns names an empty id");
}

TEST(Parameter, HasAnIdAndADefaultOfItsType) {
  EXPECT_EQ(SaidOf("parameter { default: '5' }"),
            With("2:1 parameter has no name", kNameAdvice));
  EXPECT_EQ(SaidOf("parameter { id: 'a.b' default: '5' }"),
            With("2:17 parameter \"a.b\" is no name", kNameAdvice));
  EXPECT_EQ(SaidOf("parameter { id: 'a' default: 'x' }"),
            "2:30 parameter \"a\": expected an INT, got \"x\"");
  EXPECT_EQ(SaidOf("parameter { id: 'a' }"),
            "2:1 parameter \"a\": expected an INT, got \"\"");
  EXPECT_EQ(SaidOf("parameter { id: 'a' type: BOOL default: 'yes' }"),
            "2:41 parameter \"a\": expected a BOOL, got \"yes\"");
  EXPECT_EQ(SaidOf("parameter { id: 'a' type: DURATION default: '9' }"),
            "2:45 parameter \"a\": expected a DURATION such as \"90m\" or "
            "\"1h30m\", got \"9\"");
  EXPECT_EQ(SaidOf("parameter { id: 'a' type: STRING }"), "");
}

TEST(Parameter, IsNeitherATimeNorAnId) {
  const std::string advice = " | Use INT, DOUBLE, STRING, BOOL or DURATION.";
  EXPECT_EQ(SaidOf("parameter { id: 'a' type: TIME default: 'x' }"),
            "2:17 parameter \"a\" cannot be a TIME" + advice);
  EXPECT_EQ(SaidOf("parameter { id: 'a' type: MEMBER default: 'x' }"),
            "2:17 parameter \"a\" cannot be a MEMBER" + advice);
  EXPECT_EQ(SaidOf("parameter { id: 'a' type: OBJECT default: 'x' }"),
            "2:17 parameter \"a\" cannot be an OBJECT" + advice);
}

TEST(Names, AreDeclaredOnce) {
  const std::string twice = " is declared twice | Rename one of them.";
  EXPECT_EQ(SaidOf("currency { id: 'points' }"),
            "2:16 currency \"points\"" + twice);
  EXPECT_EQ(SaidOf("parameter { id: 'a' default: '1' }\n"
                   "parameter { id: 'a' default: '2' }"),
            "3:17 parameter \"a\"" + twice);
  EXPECT_EQ(SaidOf("ladder { id: 'a' currency: 'points' level { id: 'x' } }\n"
                   "ladder { id: 'a' currency: 'points' level { id: 'x' } }"),
            "3:14 ladder \"a\"" + twice);
  EXPECT_EQ(SaidOf("ladder { id: 'a' currency: 'points'\n"
                   " level { id: 'x' } level { id: 'x' at: 1 } }"),
            "3:32 ladder \"a\": level \"x\"" + twice);
  EXPECT_EQ(SaidOf("event_type { id: 'e' }\nevent_type { id: 'e' }\n"
                   "metric { id: 'm' on: 'e' }\nmetric { id: 'm' on: 'e' }"),
            "3:18 event type \"e\"" + twice + "\n5:14 metric \"m\"" + twice);
  EXPECT_EQ(SaidOf("metric { id: 'm' on: 'e' } event_type { id: 'e'\n"
                   " attribute { name: 'a' type: INT }\n"
                   " attribute { name: 'a' type: INT } }"),
            "4:20 event type \"e\": attribute \"a\"" + twice);
}

TEST(Names, MayBeTheSameOfDifferentThings) {
  EXPECT_EQ(SaidOf("parameter { id: 'points' default: '1' }\n"
                   "event_type { id: 'points' }\n"
                   "metric { id: 'points' on: 'points' }\n"
                   "ladder { id: 'points' currency: 'points' "
                   "level { id: 'points' } }"),
            "");
}

TEST(Names, AreIdentifiersOfAtMost64Letters) {
  const std::string longest(64, 'a');
  EXPECT_EQ(SaidOf("currency { id: '" + longest + "' }"), "");
  EXPECT_EQ(SaidOf("currency { id: '_9' }"), "");
  for (const std::string& id :
       {longest + "a", std::string("9a"), std::string("a-b"),
        std::string("a.b"), std::string("a b"), std::string("é"),
        std::string("a/b"), std::string("-")}) {
    EXPECT_EQ(SaidOf("currency { id: '" + id + "' }"),
              With("2:16 currency \"" + id + "\" is no name", kNameAdvice));
  }
  EXPECT_EQ(SaidOf("currency { }"),
            With("2:1 currency has no name", kNameAdvice));
  EXPECT_EQ(SaidOf("ladder { id: 'a-b' currency: 'points' }"),
            With("2:14 ladder \"a-b\" is no name", kNameAdvice));
  EXPECT_EQ(SaidOf("metric { id: 'a-b' on: 'e' } event_type { id: 'e' }"),
            With("2:14 metric \"a-b\" is no name", kNameAdvice));
}

TEST(Names, OfTypesRulesAndLevelsMayHaveDots) {
  EXPECT_EQ(SaidOf("event_type { id: 'idea.voted-up' }\n"
                   "metric { id: 'm' on: 'idea.voted-up' }\n"
                   "ladder { id: 'l' currency: 'points'\n"
                   " level { id: 'v1.0-a' privilege: 'edit.all' } }"),
            "");
  EXPECT_EQ(SaidOf("event_type { id: 'a b' }"),
            With("2:18 event type \"a b\" is no name", kDottedAdvice));
  EXPECT_EQ(
      SaidOf("ladder { id: 'l' currency: 'points'\n"
             " level { id: 'a b' } level { id: 'x' privilege: '' } }"),
      With("3:14 ladder \"l\": level \"a b\" is no name", kDottedAdvice) +
          "\n" +
          With("3:49 ladder \"l\": privilege has no name", kDottedAdvice));
}

TEST(Currency, HasAnOpeningAndAFloorInRange) {
  EXPECT_EQ(SaidOf("currency { id: 'a' opening: 1000000000000\n"
                   " floor: -1000000000000 }"),
            "");
  EXPECT_EQ(
      SaidOf("currency { id: 'a' opening: 1000000000001 }"),
      With("2:29 currency \"a\": opening is 1000000000001", kAmountAdvice));
  EXPECT_EQ(
      SaidOf("currency { id: 'a' floor: -1000000000001 }"),
      With("2:27 currency \"a\": floor is -1000000000001", kAmountAdvice));
  EXPECT_EQ(SaidOf("currency { id: 'a' opening: -9223372036854775808\n"
                   " floor: -9223372036854775808 }"),
            With("2:29 currency \"a\": opening is -9223372036854775808",
                 kAmountAdvice) +
                "\n" +
                With("3:9 currency \"a\": floor is -9223372036854775808",
                     kAmountAdvice));
}

TEST(Currency, DoesNotOpenBelowItsFloor) {
  EXPECT_EQ(SaidOf("currency { id: 'a' opening: 5 floor: 5 }"), "");
  EXPECT_EQ(SaidOf("currency { id: 'a' opening: 4 floor: 5 }"),
            "2:29 currency \"a\": opening is below the floor of 5 | "
            "Raise opening, or lower floor.");
  EXPECT_EQ(SaidOf("currency { id: 'a' floor: 1 }"),
            "2:1 currency \"a\": opening is below the floor of 1 | "
            "Raise opening, or lower floor.");
}

TEST(DailyCap, IsAPositiveAmount) {
  const std::string advice = " | Use a whole number from 1 to 1000000000000.";
  EXPECT_EQ(SaidOf("currency { id: 'a' daily_cap { units: 1 } }"), "");
  for (const char* units : {"0", "-1", "1000000000001"}) {
    EXPECT_EQ(
        SaidOf("currency { id: 'a' daily_cap { units: " + std::string(units) +
               " } }"),
        "2:20 currency \"a\": daily_cap is " + std::string(units) + advice);
  }
  EXPECT_EQ(SaidOf("currency { id: 'a' daily_cap { } }"),
            "2:20 currency \"a\": daily_cap is 0" + advice);
}

TEST(DailyCap, ExemptsDeclaredRules) {
  EXPECT_EQ(SaidOf("currency { id: 'a' daily_cap { units: 5\n"
                   " exempt: 'gft' } }\n"
                   "event_type { id: 'e' }\n"
                   "rule { id: 'gift' on: 'e' award { to: 'event.target'\n"
                   " currency: 'a' units: '1' } }"),
            "3:10 currency \"a\", daily_cap.exempt: rule \"gft\" is not "
            "declared | Did you mean \"gift\"?");
}

TEST(Ladder, IsOfADeclaredCurrency) {
  EXPECT_EQ(SaidOf("ladder { id: 'l' currency: 'pionts' level { id: 'a' } }"),
            "2:28 ladder \"l\": currency \"pionts\" is not declared | "
            "Did you mean \"points\"?");
  EXPECT_EQ(SaidOf("ladder { id: 'l' currency: 'zzz' level { id: 'a' } }"),
            "2:28 ladder \"l\": currency \"zzz\" is not declared | "
            "Known: points.");
  EXPECT_EQ(SaidOf("ladder { id: 'l' level { id: 'a' } }"),
            "2:1 ladder \"l\": currency \"\" is not declared | "
            "Known: points.");
}

TEST(Ladder, HasLevelsFromLowestToHighest) {
  EXPECT_EQ(SaidOf("ladder { id: 'l' currency: 'points' }"),
            "2:14 ladder \"l\" has no level");
  EXPECT_EQ(SaidOf("ladder { id: 'l' currency: 'points'\n"
                   " level { id: 'a' at: 5 }\n level { id: 'b' at: 5 }\n"
                   " level { id: 'c' at: 4 }\n level { id: 'd' at: 9 } }"),
            "4:22 ladder \"l\": level \"b\" at 5 is not above \"a\" at 5 | "
            "List levels from lowest to highest.\n"
            "5:22 ladder \"l\": level \"c\" at 4 is not above \"b\" at 5 | "
            "List levels from lowest to highest.");
  EXPECT_EQ(SaidOf("ladder { id: 'l' currency: 'points'\n"
                   " level { id: 'a' } level { id: 'b' } }"),
            "3:20 ladder \"l\": level \"b\" at 0 is not above \"a\" at 0 | "
            "List levels from lowest to highest.");
  EXPECT_EQ(SaidOf("ladder { id: 'l' currency: 'points'\n"
                   " level { id: 'a' at: -5 } level { id: 'b' } }"),
            "");
  EXPECT_EQ(SaidOf("ladder { id: 'l' currency: 'points'\n"
                   " level { id: 'a' at: 1000000000001 } }"),
            With("3:22 ladder \"l\": at is 1000000000001", kAmountAdvice));
}

TEST(EventType, HasAFreeName) {
  EXPECT_EQ(SaidOf("event_type { id: 'loyalty.reverse' }\n"
                   "metric { id: 'm' on: 'loyalty.reverse' }"),
            "2:18 event type \"loyalty.reverse\" is reserved | "
            "Choose a name that does not begin with \"loyalty.\".");
  EXPECT_EQ(SaidOf("event_type { id: 'loyalty' }\n"
                   "metric { id: 'm' on: 'loyalty' }"),
            "");
}

TEST(Attribute, HasANameOfItsOwn) {
  for (const char* name :
       {"id", "type", "time", "actor", "target", "channel"}) {
    EXPECT_EQ(SaidOf("metric { id: 'm' on: 'e' } event_type { id: 'e'\n"
                     " attribute { name: '" +
                     std::string(name) + "' type: INT } }"),
              "3:20 event type \"e\": attribute \"" + std::string(name) +
                  "\" is a name that every event has of its own | "
                  "Choose another name.");
  }
  EXPECT_EQ(
      SaidOf("metric { id: 'm' on: 'e' } event_type { id: 'e'\n"
             " attribute { name: 'a.b' type: INT } }"),
      With("3:20 event type \"e\": attribute \"a.b\" is no name", kNameAdvice));
}

TEST(Attribute, HasAType) {
  EXPECT_EQ(
      SaidOf("metric { id: 'm' on: 'e' } event_type { id: 'e'\n"
             " attribute { name: 'a' } }"),
      "3:20 event type \"e\": attribute \"a\" has no type | Add  type: "
      "INT  or DOUBLE, STRING, BOOL, TIME, DURATION, MEMBER, OBJECT, MAP.");
}

TEST(Attribute, HasADefaultOfItsType) {
  const auto said = [](std::string_view attribute) {
    return SaidOf(
        "metric { id: 'm' on: 'e' } event_type { id: 'e'\n"
        " attribute { name: 'a' " +
        std::string(attribute) + " } }");
  };
  const std::string where = "3:34 event type \"e\": attribute \"a\": ";
  EXPECT_EQ(said("type: INT default: '-5'"), "");
  EXPECT_EQ(said("type: TIME default: '2026-01-01T00:00:00Z'"), "");
  EXPECT_EQ(said("type: STRING default: ''"), "");
  EXPECT_EQ(said("default: '5.0' type: INT").substr(5),
            "event type \"e\": attribute \"a\": expected an INT, got \"5.0\"");
  EXPECT_EQ(said("type: INT default: '\\''"),
            "3:43 event type \"e\": attribute \"a\": expected an INT, "
            "got \"'\"");
  EXPECT_EQ(said("type: MEMBER default: 'ada'"),
            "3:46 event type \"e\": attribute \"a\": expected a MEMBER, "
            "got \"ada\"");
  EXPECT_EQ(said("list: true type: INT default: '5'"),
            "3:54 event type \"e\": attribute \"a\": a list has no default");
}

TEST(Declarations, AreAllTriedAndToldInTheOrderOfTheText) {
  EXPECT_EQ(SaidOf("rule { id: 'r' on: 'f' award { currency: 'pints'\n"
                   " units: '1' } }\n"
                   "event_type { id: 'e' attribute { name: 'id' type: INT } }\n"
                   "parameter { id: 'p' default: 'x' }\n"
                   "ladder { id: 'l' currency: 'points' }"),
            "2:20 rule \"r\": event type \"f\" is not declared | "
            "Did you mean \"e\"?\n"
            "4:40 event type \"e\": attribute \"id\" is a name that every "
            "event has of its own | Choose another name.\n"
            "5:30 parameter \"p\": expected an INT, got \"x\"\n"
            "6:14 ladder \"l\" has no level");
}

TEST(PersonalAttributes, AreReadByNoRule) {
  const std::string said = SaidOf(
      "event_type { id: 'e' attribute { name: 'email' type: STRING personal: "
      "true } }\n"
      "rule { id: 'r' on: 'e' when: 'event.email != \"\"' award { currency: "
      "'points' units: '1' } }");
  EXPECT_THAT(said, HasSubstr("undeclared reference to 'event.email'"));
  EXPECT_THAT(said, HasSubstr("It is personal, which no rule may read."));
}

TEST(PersonalAttributes, AreNoMembersAndHaveNoDefault) {
  for (const char* attribute :
       {"type: MEMBER", "type: OBJECT", "type: STRING default: 'x'"}) {
    EXPECT_THAT(SaidOf(std::string("event_type { id: 'e' attribute { name: "
                                   "'a' personal: true ") +
                       attribute + " } }"),
                HasSubstr("\"a\" is personal, and "))
        << attribute;
  }
}

TEST(Referrers, AreOneMember) {
  EXPECT_THAT(SaidOf("event_type { id: 'e' attribute { name: 'a' type: STRING "
                     "refers: true } }"),
              HasSubstr("\"a\" refers, and is no MEMBER"));
  EXPECT_THAT(SaidOf("event_type { id: 'e' attribute { name: 'a' type: MEMBER "
                     "refers: true } attribute { name: 'b' type: MEMBER "
                     "refers: true } }"),
              HasSubstr("\"b\" refers, and so does another one"));
}

}  // namespace
}  // namespace loyalty::rules
