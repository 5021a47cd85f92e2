// SPDX-License-Identifier: Apache-2.0
//
// Ladders: where curves lie, and what is said of ladders that make no sense.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "compiling.h"

namespace loyalty::rules {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kDeclared[] = R"(
  event_type { id: 'post' attribute { name: 'tag' type: STRING } }
  metric { id: 'posts' on: 'post' }
  metric { id: 'today' on: 'post' period: DAY }
  metric { id: 'tags' on: 'post' by: 'event.tag' }
  metric { id: 'seen' on: 'post' per: 'target' }
  badge { id: 'poster' when: 'metric.posts >= 1' }
)";

std::string Said(const std::string& ladder) {
  return SaidOf(kDeclared + ladder);
}

std::vector<int64_t> Curved(const std::string& curve) {
  const auto program = MustCompile(
      "ladder { id: 'l' currency: 'points' curve { " + curve + " } }");
  std::vector<int64_t> places;
  for (const Level& level : program->ladders.at(0).levels) {
    places.push_back(level.at);
  }
  return places;
}

TEST(Curves, AreRoundedWhereLevelsLieAndNotInSteps) {
  EXPECT_THAT(Curved("kind: RELATIVE levels: 10 base: 120 coefficient: '1.3'"),
              ElementsAre(0, 120, 276, 479, 742, 1085, 1531, 2110, 2863, 3842));
  EXPECT_THAT(Curved("kind: LINEAR levels: 5 base: 500 step: 50"),
              ElementsAre(0, 500, 1050, 1650, 2300));
  EXPECT_THAT(Curved("levels: 4 base: 100"), ElementsAre(0, 100, 200, 300));
  // 1, 2.5, 4.75: a half is the next one.
  EXPECT_THAT(Curved("kind: RELATIVE levels: 4 base: 1 coefficient: '1.5'"),
              ElementsAre(0, 1, 3, 5));
  EXPECT_THAT(Curved("kind: RELATIVE levels: 3 base: 100 coefficient: '0.5'"),
              ElementsAre(0, 100, 150));
}

TEST(Curves, NumberTheirLevels) {
  const auto program = MustCompile(
      "ladder { id: 'l' currency: 'points' curve { levels: 3 base: 1 first: 0 "
      "} "
      "level { id: 'L2' privilege: 'edit' } }");
  const Ladder& ladder = program->ladders.at(0);
  EXPECT_EQ(ladder.levels[0].id, "L0");
  EXPECT_EQ(ladder.levels[2].id, "L2");
  EXPECT_THAT(ladder.levels[2].privileges, ElementsAre("edit"));
}

TEST(Curves, EndBeforeAllUnitsDo) {
  EXPECT_THAT(Said("ladder { id: 'l' currency: 'points' curve { kind: RELATIVE "
                   "levels: 60 base: 10 coefficient: '2' } }"),
              HasSubstr("of the curve is beyond all units"));
  EXPECT_THAT(Said("ladder { id: 'l' currency: 'points' curve { kind: RELATIVE "
                   "levels: 60 base: 1 coefficient: '0.1' } }"),
              HasSubstr("is not above the one before it"));
  EXPECT_THAT(
      Said("ladder { id: 'l' currency: 'points' curve { levels: 5000 base: "
           "1 } }"),
      HasSubstr("curve has 5000 levels"));
  EXPECT_THAT(Said("ladder { id: 'l' currency: 'points' curve { levels: 5 } }"),
              HasSubstr("base of the curve is 0"));
  EXPECT_THAT(Said("ladder { id: 'l' currency: 'points' curve { kind: RELATIVE "
                   "levels: 5 base: 1 } }"),
              HasSubstr("coefficient of the curve has no factor"));
  EXPECT_THAT(
      Said("ladder { id: 'l' currency: 'points' curve { levels: 5 base: 1 } "
           "level { id: 'L6' } }"),
      HasSubstr("the curve has no level \"L6\" | Its levels are \"L1\" "
                "to \"L5\"."));
}

TEST(Ladders, AreOverOneThing) {
  EXPECT_EQ(Said("ladder { id: 'l' metric: 'posts' level { id: 'x' } "
                 "level { id: 'y' at: 2 } }"),
            "");
  EXPECT_THAT(Said("ladder { id: 'l' metric: 'posts' currency: 'points' "
                   "level { id: 'x' } }"),
              HasSubstr("is over more than one thing"));
  EXPECT_THAT(Said("ladder { id: 'l' metric: 'post' level { id: 'x' } }"),
              HasSubstr("metric \"post\" is not declared | Did you mean "
                        "\"posts\""));
  EXPECT_THAT(Said("ladder { id: 'l' metric: 'tags' level { id: 'x' } }"),
              HasSubstr("is kept apart by something"));
  EXPECT_THAT(Said("ladder { id: 'l' metric: 'seen' level { id: 'x' } }"),
              HasSubstr("is kept per object"));
  EXPECT_THAT(Said("ladder { id: 'l' metric: 'today' level { id: 'x' } }"),
              HasSubstr("changes as time passes"));
  EXPECT_THAT(Said("ladder { id: 'l' level { id: 'x' } "
                   "level { id: 'y' badge: 'postr' } }"),
              HasSubstr("badge \"postr\" is not declared | Did you mean "
                        "\"poster\""));
  EXPECT_THAT(Said("ladder { id: 'l' level { id: 'x' badge: 'poster' } }"),
              HasSubstr("is the lowest, which everybody has"));
  EXPECT_THAT(Said("ladder { id: 'l' level { id: 'x' } "
                   "level { id: 'y' badge: 'poster' } level { id: 'z' } }"),
              HasSubstr("\"z\" names no badge"));
}

TEST(Tiers, HaveOnePeriod) {
  const auto tiers = [](const std::string& terms) {
    return Said(
        "ladder { id: 'l' currency: 'points' level { id: 'x' } "
        "level { id: 'y' at: 2 } tiers { " +
        terms + " } }");
  };
  EXPECT_THAT(tiers(""), HasSubstr("its tiers have no period"));
  EXPECT_THAT(tiers("period: YEAR anniversary: true"),
              HasSubstr("more than one period"));
  EXPECT_THAT(tiers("period: HOUR"), HasSubstr("no period of an hour"));
  EXPECT_THAT(tiers("within: '36h'"), HasSubstr("is no number of days"));
  EXPECT_THAT(tiers("within: '30d' grace: '3d'"),
              HasSubstr("rolling tiers have no period for grace"));
  EXPECT_THAT(tiers("period: YEAR settle: '3d'"),
              HasSubstr("settle is for rolling tiers"));
  EXPECT_THAT(tiers("period: YEAR low_water: '1.1'"),
              HasSubstr("low_water is more than 1"));
}

TEST(Tiers, AddUpAMetricOfTheirPeriod) {
  const auto over = [](const std::string& tiers) {
    return Said(
        "ladder { id: 'l' metric: 'today' level { id: 'x' } "
        "level { id: 'y' at: 2 } tiers { " +
        tiers + " } }");
  };
  EXPECT_EQ(over("within: '30d'"), "");
  EXPECT_EQ(over("anniversary: true"), "");
  EXPECT_THAT(over("period: YEAR"), HasSubstr("Say the tiers' period"));
  EXPECT_THAT(Said("ladder { id: 'l' metric: 'posts' level { id: 'x' } "
                   "level { id: 'y' at: 2 } tiers { within: '30d' } }"),
              HasSubstr("Say  period: DAY  in the metric"));
}

TEST(Tiers, AreValidForAsLongAsWhatLedThereAtTheLeast) {
  const auto tiers = [](const std::string& terms) {
    return Said(
        "ladder { id: 'l' currency: 'points' level { id: 'x' } "
        "level { id: 'y' at: 2 } tiers { " +
        terms + " } }");
  };
  EXPECT_EQ(tiers("within: '365d' valid_for: '12mo'"), "");
  EXPECT_EQ(tiers("within: '59d' valid_for: '2mo'"), "");
  EXPECT_EQ(tiers("within: '30d' valid_for: '30d'"), "");
  EXPECT_THAT(tiers("within: '366d' valid_for: '12mo'"),
              HasSubstr("valid_for \"12mo\" may be but 365 days, and a tier is "
                        "reached by those of 366"));
  EXPECT_THAT(tiers("within: '31d' valid_for: '30d'"),
              HasSubstr("let  within  be no longer"));
  for (const char* const none : {"1y", "mo", "0mo", "1201mo", "36h", "-1mo"}) {
    EXPECT_THAT(tiers(std::string("within: '1d' valid_for: '") + none + "'"),
                HasSubstr("is no number of months or days"))
        << none;
  }
  EXPECT_THAT(tiers("period: YEAR valid_for: '12mo'"),
              HasSubstr("valid_for is for rolling tiers"));
  EXPECT_THAT(tiers("within: '30d' valid_for: '12mo' settle: '3d'"),
              HasSubstr("Leave out one of them."));
}

TEST(Tiers, AskSeveralThingsThatAreCountedAlike) {
  const auto also = [](const std::string& first, const std::string& second,
                       const std::string& terms = "tiers { within: '9d' }") {
    return Said(
        "currency { id: 'stays' } metric { id: 'a_year' on: 'post' period: "
        "YEAR } "
        "ladder { id: 'l' currency: 'points' level { id: 'x' } "
        "level { id: 'y' at: 2 " +
        first + " } level { id: 'z' at: 3 " + second + " } " + terms + " }");
  };
  EXPECT_EQ(also("also { metric: 'today' at: 2 } also { currency: 'stays' at: "
                 "1 }",
                 "also { metric: 'today' at: 2 }"),
            "");
  EXPECT_THAT(
      also("also { metric: 'today' at: 2 }", "also { metric: 'today' at: 1 }"),
      HasSubstr("level \"z\", also asks 1, and the level below 2"));
  EXPECT_THAT(also("also { metric: 'today' at: 2 } also { metric: 'today' at: "
                   "2 }",
                   ""),
              HasSubstr("says the same thing twice"));
  EXPECT_THAT(also("also { at: 2 }", ""), HasSubstr("names neither"));
  EXPECT_THAT(also("also { metric: 'today' currency: 'stays' at: 2 }", ""),
              HasSubstr("names both"));
  EXPECT_THAT(also("also { currency: 'points' at: 2 }", ""),
              HasSubstr("is what the ladder is over"));
  EXPECT_THAT(also("also { currency: 'stay' at: 2 }", ""),
              HasSubstr("Did you mean \"stays\""));
  EXPECT_THAT(also("also { metric: 'todai' at: 2 }", ""),
              HasSubstr("Did you mean \"today\""));
  EXPECT_THAT(also("also { metric: 'a_year' at: 2 }", ""),
              HasSubstr("Say  period: DAY  in the metric"));
  EXPECT_THAT(also("also { metric: 'tags' at: 2 }", ""),
              HasSubstr("is kept apart by something"));
  EXPECT_THAT(also("also { metric: 'today' at: 0 }", ""),
              HasSubstr("level \"y\", also: at is 0"));
  EXPECT_THAT(also("also { metric: 'today' at: 2 }", "", ""),
              HasSubstr("the ladder has no tiers"));
  EXPECT_THAT(Said("ladder { id: 'l' currency: 'points' "
                   "level { id: 'x' also { metric: 'today' at: 1 } } "
                   "tiers { within: '9d' } }"),
              HasSubstr("it is the lowest, which all reach"));
}

TEST(Levels, ThatAreByHandLieAboveAllOthers) {
  EXPECT_THAT(Said("ladder { id: 'l' currency: 'points' level { id: 'x' } "
                   "level { id: 'y' by_hand: true } }"),
              HasSubstr("\"y\" cannot be by hand"));
  EXPECT_THAT(Said("ladder { id: 'l' currency: 'points' level { id: 'x' } "
                   "level { id: 'y' by_hand: true } level { id: 'z' at: 2 } "
                   "tiers { period: YEAR } }"),
              HasSubstr("\"z\" is above one that is reached by hand only"));
}

TEST(Lint, SeesLevelsThatNobodyCanReach) {
  EXPECT_THAT(Said("currency { id: 'b' } "
                   "rule { id: 'r' on: 'post' award { currency: 'points' "
                   "units: '-1' } } ladder { id: 'l' currency: 'b' "
                   "level { id: 'x' } level { id: 'y' at: 2 } }"),
              HasSubstr("no rule gives any b"));
  EXPECT_THAT(Said("ladder { id: 'l' metric: 'posts' "
                   "level { id: 'x' privilege: 'p' } "
                   "level { id: 'y' at: 2 privilege: 'p' } }"),
              HasSubstr("which a level below has"));
}

}  // namespace
}  // namespace loyalty::rules
