// SPDX-License-Identifier: Apache-2.0
//
// Expressions within a program: the place of a mistake within the text, which
// names are known where, and what an event may lack.
#include <gtest/gtest.h>

#include <string>

#include "compiling.h"

namespace loyalty::rules {
namespace {

constexpr std::string_view kBefore =
    "name: 't' version: '1' currency { id: 'points' } "
    "parameter { id: 'bonus' default: '5' } "
    "ladder { id: 'status' currency: 'points' level { id: 'new' } } "
    "event_type { id: 'like' attribute { name: 'owner' type: MEMBER } "
    "attribute { name: 'post' type: OBJECT } "
    "attribute { name: 'words' type: INT } "
    "attribute { name: 'stars' type: INT required: true } "
    "attribute { name: 'kind' type: STRING default: 'post' } "
    "attribute { name: 'tags' type: STRING list: true } } "
    "metric { id: 'given' on: 'like' } "
    "metric { id: 'likes' on: 'like' per: 'target' }\n";

// As a rule's `when`, whose text begins in column 9 of line 3.
std::string SaidOfWhen(std::string_view when) {
  return SaidOfWhole(std::string(kBefore) +
                     "rule { id: 'r' on: 'like'\n when: '" + std::string(when) +
                     "'\n award { to: 'event.owner' currency: 'points' "
                     "units: '1' } }");
}

// As an award's `units`, likewise in column 10 of line 3.
std::string SaidOfUnits(std::string_view units) {
  return SaidOfWhole(
      std::string(kBefore) + "rule { id: 'r' on: 'like' award {\n units: '" +
      std::string(units) + "'\n to: 'event.owner' currency: 'points' } }");
}

TEST(Expressions, PointAtTheMistake) {
  EXPECT_EQ(SaidOfWhen("event.wrds > 3"),
            "3:9 rule \"r\", when: undeclared reference to 'event.wrds' | "
            "did you mean 'event.words'?");
  EXPECT_EQ(SaidOfWhen("true && evnt.stars > 3").substr(0, 5), "3:17 ");
  EXPECT_EQ(SaidOfWhen("event.stars > \"a\"").substr(0, 4), "3:21");
  EXPECT_EQ(SaidOfWhen("event.stars >").substr(0, 5), "3:22 ");
  EXPECT_EQ(SaidOfWhen("event.kind == \"é€😀\" && x").substr(0, 5), "3:32 ");
  EXPECT_EQ(SaidOfUnits("event.stars + (").substr(0, 5), "3:25 ");
}

TEST(Expressions, PointAtTheMistakeBehindEscapesAndInLaterPieces) {
  EXPECT_EQ(SaidOfWhen(R"(event.kind == \'a\' && x)").substr(0, 5), "3:32 ");
  EXPECT_EQ(SaidOfWhen("true &&'\n 'x").substr(0, 4), "4:3 ");
}

TEST(Expressions, WithSeveralMistakesTellThemAll) {
  EXPECT_EQ(SaidOfWhen("aaa > 1 && bbb > 2").find("3:9 "), 0U);
  EXPECT_NE(SaidOfWhen("aaa > 1 && bbb > 2").find("\n3:20 "),
            std::string::npos);
}

TEST(Expressions, OfSeveralLinesPointAtTheMistakeToo) {
  EXPECT_EQ(SaidOfWhen("true\\n && x").substr(0, 5), "3:19 ");
}

TEST(Expressions, GiveWhatIsAskedOfThem) {
  EXPECT_EQ(SaidOfWhen("1"),
            "3:9 rule \"r\", when: the result must be bool, and is int | "
            "compare it, as in x > 0");
  EXPECT_EQ(
      SaidOfUnits("true"),
      "3:10 rule \"r\", award, units: the result must be int, and is bool | "
      "write condition ? 1 : 0");
  EXPECT_EQ(
      SaidOfUnits("1.0"),
      "3:10 rule \"r\", award, units: the result must be int, and is double "
      "| Units are whole. Say beside them  factor: \"1.5\",  or write "
      "int(...), which drops the fraction.");
  EXPECT_EQ(SaidOfUnits("2 * 1.5"),
            "3:12 rule \"r\", award, units: found no matching overload for "
            "'_*_' applied to '(int, double)' | Units are whole. Say beside "
            "them  factor: \"1.5\",  or write int(...), which drops the "
            "fraction.");
}

TEST(Expressions, KnowTheActorInARule) {
  for (const char* when :
       {"actor.balance.points > 0", "actor.earned.points > 0",
        "actor.level.status > 0", "actor.metric.given > 0",
        "actor.since < event.time", "balance.points > 0", "earned.points > 0",
        "level.status > 0", "metric.given > 0", "object.metric.likes > 0",
        "metric.likes > 0", "param.bonus > 0", "event.id != event.type",
        "min(1, 2) == 1 && max(1, 2) == 2", "event.kind.trim() == \"a\"",
        "math.abs(-1) == 1"}) {
    EXPECT_EQ(SaidOfWhen(when), "") << when;
  }
}

TEST(Expressions, KnowTheMemberInAnAwardOnly) {
  for (const char* units :
       {"member.balance.points", "member.earned.points", "member.level.status",
        "member.metric.given", "actor.balance.points", "balance.points",
        "metric.given", "object.metric.likes"}) {
    EXPECT_EQ(SaidOfUnits(units), "") << units;
  }
  EXPECT_NE(SaidOfWhen("member.balance.points > 0"), "");
  EXPECT_EQ(SaidOfWhen("since < event.time").substr(0, 3), "3:9");
}

TEST(Expressions, KnowEachMetricAtItsHolderOnly) {
  EXPECT_EQ(SaidOfWhen("actor.metric.likes > 0"),
            "3:9 rule \"r\", when: undeclared reference to "
            "'actor.metric.likes' | Metric \"likes\" is kept per object: write "
            " object.metric.likes");
  EXPECT_EQ(SaidOfWhen("object.metric.given > 0"),
            "3:9 rule \"r\", when: undeclared reference to "
            "'object.metric.given' | Metric \"given\" is kept per member; what "
            "is counted of each target says  per: \"target\"");
}

TEST(Expressions, WarnOfWhatAnEventMayLack) {
  EXPECT_EQ(SaidOfWhen("event.words > 3"),
            "warning 3:8 rule \"r\", when: reads event.words, which an event "
            "may lack; then the rule does not fire | Ask  has(event.words)  "
            "first, or give the attribute a default.");
  EXPECT_EQ(SaidOfWhen("event.channel.size() > 3"),
            "warning 3:8 rule \"r\", when: reads event.channel, which an event "
            "may lack; then the rule does not fire | Ask  has(event.channel)  "
            "first.");
  EXPECT_EQ(SaidOfUnits("event.words"),
            "warning 3:9 rule \"r\", award, units: reads event.words, which an "
            "event may lack; then the rule does not fire | Ask  "
            "has(event.words)  first, or give the attribute a default.");
  EXPECT_NE(SaidOfWhen("size(event.tags) > 0"), "");
}

TEST(Expressions, HaveTimesThatAreSome) {
  EXPECT_EQ(SaidOfWhen("event.time > timestamp(\"2026-03-01\")"),
            "3:32 rule \"r\", when: '2026-03-01' is not a timestamp | write it "
            "as '2026-03-01T00:00:00Z'");
  EXPECT_EQ(SaidOfWhen("event.time > \"2026-03-01\""),
            "3:20 rule \"r\", when: found no matching overload for '_>_' "
            "applied to '(timestamp, string)' | write "
            "timestamp(\"2026-03-01T00:00:00Z\")");
  EXPECT_EQ(SaidOfWhen("actor.since + duration(\"1d\") < event.time"),
            "3:32 rule \"r\", when: '1d' is not a duration | write it as "
            "'90m', '36h' or '1h30m'; a day is '24h'");
}

TEST(Expressions, DoNotWarnOfWhatIsAskedForFirst) {
  for (const char* when :
       {"has(event.words) && event.words > 3", "!has(event.words)",
        "has(event.channel) && event.channel.size() > 3",
        "has(event.tags) && size(event.tags) > 0"}) {
    EXPECT_EQ(SaidOfWhen(when), "") << when;
  }
  EXPECT_EQ(SaidOfUnits("has(event.words) ? event.words : 0"), "");
}

TEST(Expressions, DoNotWarnOfWhatIsAlwaysThere) {
  for (const char* when :
       {"event.stars > 3", "event.kind == \"post\"", "event.id != \"a\""}) {
    EXPECT_EQ(SaidOfWhen(when), "") << when;
  }
}

TEST(Expressions, MayCompareAnAbsentIdToAnything) {
  for (const char* when :
       {"event.owner == event.actor", "event.actor != \"bot\"",
        "event.post == event.target", "event.channel == \"web\""}) {
    EXPECT_EQ(SaidOfWhen(when), "") << when;
  }
}

TEST(Expressions, SeeTheAttributesOfTheirOwnEventType) {
  EXPECT_EQ(
      SaidOfWhole(std::string(kBefore) +
                  "event_type { id: 'f' attribute { name: 'size' type: INT "
                  "required: true } }\n"
                  "rule { id: 'r' on: ['like', 'f'] when: 'event.size > 0'\n"
                  " award { to: 'event.target' currency: 'points' "
                  "units: '1' } }"),
      "3:41 rule \"r\", when: undeclared reference to 'event.size' | "
      "\"f\" has it, and \"like\", which this is on, has not.");
}

TEST(Expressions, OfAnyBytesAreOnlyEverRefused) {
  for (const char* when : {"((((((((((", "\\001", "\\\"", "a ? b", "[1,",
                           "event", "event.", ".", "1 +", "\\\\"}) {
    EXPECT_NE(SaidOfWhen(when), "") << when;
  }
}

}  // namespace
}  // namespace loyalty::rules
