// SPDX-License-Identifier: Apache-2.0
//
// What a program tells those it is for, whether they have any of it or not.
#include "loyalty/guide.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_join.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty::testing {
namespace {

using ::testing::ElementsAre;

constexpr char kClub[] = R"(
  name: "club" version: "1"
  currency { id: "points" describe: "Done for all" }
  currency { id: "coins" spendable: true }
  event_type { id: "visit" }
  metric { id: "visits" on: "visit" }
  metric { id: "this_year" on: "visit" period: YEAR }
  badge { id: "regular" describe: "Ten visits" class: SILVER
          when: "metric.visits >= 10" }
  badge { id: "friend" manual: true }
  ladder { id: "rank" describe: "How far" currency: "points"
           level { id: "new" }
           level { id: "known" describe: "By name" at: 10
                   privilege: "key" privilege: "cellar" } }
  ladder { id: "steps" metric: "visits"
           curve { levels: 2 base: 5 }
           level { id: "L2" describe: "Second" privilege: "stool" } }
  ladder { id: "tier" currency: "points" tiers { period: YEAR }
           level { id: "guest" }
           level { id: "silver" at: 10 also { metric: "this_year" at: 4 } }
           level { id: "gold" at: 20 also { currency: "coins" at: 3 } } }
  ladder { id: "trust" level { id: "none" }
           level { id: "some" badge: "regular" } }
  quest { id: "begin" describe: "Twice" until: "2026-06-01T00:00:00Z"
          step { id: "come" describe: "Come" on: "visit" goal: 2 } }
  streak { id: "weeks" describe: "In a row" on: "visit" every: WEEK
           reach { at: 2 describe: "Two weeks" } }
  reward { id: "mug" describe: "A mug" cost { currency: "coins" units: 5 } }
  reward { id: "key" cost { currency: "coins" units: 9 } only_for_some: true
           when: "level.rank >= 1" }
  leaderboard { id: "month" describe: "The best" currency: "points"
                period: MONTH }
)";

template <typename List>
std::vector<std::string> Said(const List& list) {
  std::vector<std::string> said;
  for (const auto& one : list) {
    said.push_back(absl::StrCat(one.id, ": ", one.describe));
  }
  return said;
}

std::vector<std::string> Levels(const Guide::Ladder& ladder) {
  std::vector<std::string> levels;
  for (const Guide::Level& level : ladder.levels) {
    std::string also;
    for (const Guide::Also& one : level.also) {
      absl::StrAppend(&also, " and ", one.at, " ", one.currency, one.metric);
    }
    levels.push_back(absl::StrCat(level.id, " (", level.describe, ") at ",
                                  level.at, level.badge, also, " opens ",
                                  absl::StrJoin(level.privileges, "+")));
  }
  return levels;
}

TEST(Guide, TellsWhatThereIsInTheProgramsWords) {
  const Guide guide = GuideOf(MustRead(kClub));
  // Not the currencies that keep badges, nor the badges of quests and streaks.
  EXPECT_THAT(Said(guide.currencies),
              ElementsAre("points: Done for all", "coins: "));
  EXPECT_THAT(Said(guide.badges),
              ElementsAre("regular: Ten visits", "friend: "));
  EXPECT_EQ(guide.badges[0].badge_class, "silver");
  EXPECT_EQ(guide.badges[1].badge_class, "");
  EXPECT_THAT(Said(guide.streaks), ElementsAre("weeks: In a row"));
  EXPECT_THAT(Said(guide.leaderboards), ElementsAre("month: The best"));
  EXPECT_THAT(Said(guide.rewards), ElementsAre("mug: A mug", "key: "));
  EXPECT_FALSE(guide.rewards[0].only_for_some);
  EXPECT_TRUE(guide.rewards[1].only_for_some);
  EXPECT_THAT(Said(guide.quests), ElementsAre("begin: Twice"));
  EXPECT_EQ(guide.quests[0].from, absl::InfinitePast());
  EXPECT_EQ(guide.quests[0].until,
            absl::FromCivil(absl::CivilDay(2026, 6, 1), absl::UTCTimeZone()));
  EXPECT_THAT(Said(guide.quests[0].steps), ElementsAre("come: Come"));
  EXPECT_EQ(guide.quests[0].steps[0].goal, 2);
}

TEST(Guide, TellsWhatEachLevelAsksAndOpens) {
  const Guide guide = GuideOf(MustRead(kClub));
  EXPECT_THAT(Said(guide.ladders),
              ElementsAre("rank: How far", "steps: ", "tier: ", "trust: "));
  EXPECT_EQ(guide.ladders[0].currency, "points");
  EXPECT_EQ(guide.ladders[1].metric, "visits");
  EXPECT_EQ(guide.ladders[3].currency + guide.ladders[3].metric, "");
  EXPECT_THAT(Levels(guide.ladders[0]),
              ElementsAre("new () at 0 opens ",
                          "known (By name) at 10 opens key+cellar"));
  EXPECT_THAT(Levels(guide.ladders[1]),
              ElementsAre("L1 () at 0 opens ", "L2 (Second) at 5 opens stool"));
  // What a level does not say, it asks as the one below does.
  EXPECT_THAT(Levels(guide.ladders[2]),
              ElementsAre("guest () at 0 opens ",
                          "silver () at 10 and 4 this_year opens ",
                          "gold () at 20 and 4 this_year and 3 coins opens "));
  EXPECT_THAT(Levels(guide.ladders[3]),
              ElementsAre("none () at 0 opens ", "some () at 0regular opens "));
}

}  // namespace
}  // namespace loyalty::testing
