// SPDX-License-Identifier: Apache-2.0
//
// What streaks and quests may say together, and how long rows are.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "compiling.h"
#include "rules/streak.h"

namespace loyalty::rules {
namespace {

using ::testing::HasSubstr;

constexpr char kEvents[] =
    "event_type { id: 'e' attribute { name: 'n' type: INT required: true } "
    "attribute { name: 'who' type: MEMBER } }\n"
    "metric { id: 'o' on: 'e' per: 'target' }\n"
    "rule { id: 'r' on: 'e' award { currency: 'points' units: '0' } }\n";

std::string SaidOfStreak(const std::string& streak) {
  return SaidOf(kEvents + ("streak { id: 's' " + streak + " }"));
}
std::string SaidOfQuest(const std::string& quest,
                        const std::string& more = "") {
  return SaidOf(kEvents + more + ("quest { id: 'q' " + quest + " }"));
}

TEST(Streaks, SayWhatGoesTogether) {
  EXPECT_EQ(
      SaidOfStreak("on: 'e' when: 'event.n > 1' per: 'event.who' weekday: "
                   "MONDAY freeze { every: 7 max: 2 lasts: "
                   "'streak.s > 1 ? 2 : 1' } reach { at: 7 award { "
                   "currency: 'points' units: 'longest_streak.s' } } "
                   "reach { every: 7 revoke: true }"),
      "");
  EXPECT_EQ(SaidOfStreak(""),
            "5:14 streak \"s\" is on no event type | Add  on: \"...\"");
  EXPECT_THAT(SaidOfStreak("on: 'f'"),
              HasSubstr("streak \"s\": event type \"f\" is not declared"));
  EXPECT_THAT(
      SaidOfStreak("on: 'e' every: YEAR"),
      HasSubstr("streak \"s\" is every hour, quarter or year | Use every: "
                "DAY, WEEK or MONTH."));
  EXPECT_THAT(SaidOfStreak("on: 'e' every: WEEK weekday: MONDAY"),
              HasSubstr("says weekdays, and its windows are no days"));
  EXPECT_THAT(SaidOfStreak("on: 'e' freeze { every: 7 }"),
              HasSubstr("freeze: every 7, max 0 earns none"));
  EXPECT_THAT(SaidOfStreak("on: 'e' reach { at: 7 every: 7 }"),
              HasSubstr("reach: at 7, every 7 is no length | Say at: 7"));
  EXPECT_THAT(SaidOfStreak("on: 'e' reach { at: -1 }"),
              HasSubstr("reach: at -1, every 0 is no length"));
  EXPECT_THAT(SaidOfStreak("on: 'e' reach { at: 7 } reach { at: 7 }"),
              HasSubstr("s/7"));
  EXPECT_THAT(SaidOfStreak("on: 'e' per: 'target'"),
              HasSubstr("streak \"s\" is a member's, and per is \"target\""));
  EXPECT_THAT(SaidOfStreak("on: 'e' when: 'false'"),
              HasSubstr("warning 5:32 streak \"s\" can never count anything"));
}

TEST(Quests, SayWhatGoesTogether) {
  EXPECT_EQ(
      SaidOfQuest("join: REQUEST when: 'quest.q == 0 && earned.points > 1' "
                  "from: '2026-01-01' until: '2026-02-01' period: WEEK times: "
                  "0 in_order: true revoke: true step { id: 'a' on: 'e' when: "
                  "'event.n > 1' per: 'event.who' sum: 'event.n' goal: 9 } "
                  "award { currency: 'points' units: '1' }"),
      "");
  EXPECT_EQ(SaidOfQuest("step { id: 'a' value: 'earned.points' }"), "");
  EXPECT_THAT(SaidOfQuest(""),
              HasSubstr("quest \"q\" has no step | Add  step"));
  EXPECT_THAT(SaidOfQuest("step { id: 'a' }"),
              HasSubstr("step \"a\" says neither on nor value"));
  EXPECT_THAT(SaidOfQuest("step { id: 'a' on: 'e' value: '1' }"),
              HasSubstr("step \"a\" says both on and value"));
  EXPECT_THAT(SaidOfQuest("step { id: 'a' value: 'earned.points' sum: '1' }"),
              HasSubstr("says when, per or sum, and counts no events"));
  EXPECT_THAT(SaidOfQuest("step { id: 'a' on: 'e' goal: -1 }"),
              HasSubstr("a goal of -1 cannot be come to"));
  EXPECT_THAT(SaidOfQuest("times: -1 step { id: 'a' on: 'e' }"),
              HasSubstr("quest \"q\": times -1"));
  EXPECT_THAT(
      SaidOfQuest("in_order: true step { id: 'a' value: 'earned.points' }"),
      HasSubstr("is in order, and step \"a\" is a value"));
  EXPECT_THAT(SaidOfQuest("step { id: 'a' on: 'e' } step { id: 'a' on: 'e' }"),
              HasSubstr("quest \"q\", step \"a\""));
  EXPECT_THAT(SaidOfQuest("step { id: 'a' on: 'e' per: 'target' }"),
              HasSubstr("step \"a\" is a member's, and per is \"target\""));
  EXPECT_THAT(SaidOfQuest("step { id: 'a' value: '1' }"),
              HasSubstr("value is always the same, and never rises"));
  EXPECT_THAT(SaidOfQuest("step { id: 'a' on: 'e' when: 'false' }"),
              HasSubstr("quest \"q\", step \"a\" can never count anything"));
  EXPECT_THAT(SaidOfQuest("step { id: 'a' value: 'object.metric.o' }"),
              HasSubstr("value reads object.*"));
  EXPECT_THAT(SaidOfQuest("from: '2026-02-01' until: '2026-01-01' step { id: "
                          "'a' on: 'e' }"),
              HasSubstr("quest \"q\" ends before it begins, and never holds"));
}

TEST(QuestsDoneTogether, SayWhatGoesTogether) {
  const std::string step = " step { id: 'a' on: 't' goal: 9 }";
  const auto said = [&](const std::string& quest) {
    return SaidOfQuest(quest,
                       "event_type { id: 't' attribute { name: 'team' "
                       "type: OBJECT } }\n");
  };
  EXPECT_EQ(said("together: 'everybody' times: 0 period: WEEK until: "
                 "'2026-02-01' revoke: true min_contribution: 2 step { id: 'b' "
                 "on: 'e' sum: 'event.n' per: 'event.who' goal: 9 }" +
                 step),
            "");
  EXPECT_EQ(said("together: 'target'" + step), "");
  EXPECT_EQ(said("together: 'event.team'" + step), "");
  EXPECT_THAT(
      said("together: 'event.team' step { id: 'a' on: 'e' }"),
      HasSubstr(
          "quest \"q\", step \"a\", together: \"event.team\" is no OBJECT "
          "attribute of \"e\" | Use \"everybody\", \"target\""));
  EXPECT_THAT(said("together: 'everyone'" + step),
              HasSubstr("together: \"everyone\" is no OBJECT attribute"));
  EXPECT_THAT(said("together: 'everybody' join: REQUEST" + step),
              HasSubstr("is done together, and joined on request | Leave join "
                        "out"));
  EXPECT_THAT(said("together: 'everybody' when: 'earned.points > 1'" + step),
              HasSubstr("is done together, and says who may do it | Leave when "
                        "out"));
  EXPECT_THAT(said("together: 'everybody' in_order: true" + step),
              HasSubstr("is done together, and in order | Leave in_order out"));
  EXPECT_THAT(
      said("together: 'everybody' step { id: 'a' value: 'earned.points' }"),
      HasSubstr("a step is a value, which is one member's | Count events"));
  EXPECT_THAT(said("together: 'everybody' min_contribution: 0" + step),
              HasSubstr("min_contribution is out of range | Let it be 1"));
  EXPECT_THAT(said("min_contribution: 2" + step),
              HasSubstr("says min_contribution, and each does it for themselves"
                        " | Leave it out, or add  together"));
}

int64_t Day(int day) {
  return absl::ToUnixSeconds(
      absl::FromCivil(absl::CivilDay(2026, 1, day), absl::UTCTimeZone()));
}

model::Counters Acted(const std::vector<int>& days) {
  model::Counters counters;
  for (const int day : days) {
    counters[{"streak:s", Day(day), ActedKey()}] = 1;
  }
  return counters;
}

Rows By(const StreakTerms& terms, const model::Counters& counters, int day) {
  return RowsBy(terms, "streak:s", counters, Day(day));
}

TEST(Rows, AreAsLongAsWindowsComeOneAfterAnother) {
  const StreakTerms terms{.zone = absl::UTCTimeZone()};
  const Rows rows = By(terms, Acted({1, 2, 4, 5, 6}), 6);
  ASSERT_EQ(rows.rows.size(), 2u);
  EXPECT_EQ(rows.rows[0], (Row{Day(1), Day(2), 2, 0}));
  EXPECT_EQ(rows.rows[1], (Row{Day(4), Day(6), 3, 0}));
  EXPECT_EQ(rows.length(), 3);
  EXPECT_EQ(rows.longest(), 3);
  EXPECT_TRUE(rows.acted);
  EXPECT_EQ(rows.act_before, absl::FromUnixSeconds(Day(8)));
  EXPECT_EQ(rows.TimesReached(2, false), 2);
  EXPECT_EQ(rows.TimesReached(1, true), 5);
  EXPECT_EQ(By(terms, Acted({1, 2, 4, 5, 6}), 3).length(), 2);
  EXPECT_EQ(By(terms, Acted({1, 2, 4, 5, 6}), 8).length(), 0);
  EXPECT_EQ(By(terms, {}, 8).act_before, absl::InfiniteFuture());
}

TEST(Rows, UseAFreezeForEachWindowThatWasMissed) {
  const StreakTerms terms{
      .freeze_every = 2, .freeze_max = 2, .zone = absl::UTCTimeZone()};
  const model::Counters counters = Acted({1, 2, 3, 4, 7});
  EXPECT_EQ(By(terms, counters, 4).freezes(), 2);
  EXPECT_EQ(By(terms, counters, 4).act_before, absl::FromUnixSeconds(Day(8)));
  EXPECT_EQ(By(terms, counters, 7).length(), 5);
  EXPECT_EQ(By(terms, counters, 7).freezes(), 0);
  EXPECT_EQ(By(terms, counters, 9).length(), 0);
  model::Counters frozen = counters;
  frozen[{"streak:s", Day(8), FrozenKey()}] = 1;
  EXPECT_EQ(By(terms, frozen, 9).length(), 5);
  EXPECT_EQ(By(terms, frozen, 9).act_before, absl::FromUnixSeconds(Day(10)));
}

TEST(Rows, GoFromOneDayThatCountsToTheNext) {
  // Mondays and Thursdays; January 1st, 2026, is a Thursday.
  const StreakTerms terms{.weekdays = 0b1001, .zone = absl::UTCTimeZone()};
  EXPECT_TRUE(Counts(terms, Day(1)));
  EXPECT_FALSE(Counts(terms, Day(2)));
  const model::Counters counters = Acted({1, 5, 8, 15});
  EXPECT_EQ(By(terms, counters, 11).length(), 3);
  EXPECT_EQ(By(terms, counters, 8).act_before, absl::FromUnixSeconds(Day(13)));
  EXPECT_EQ(By(terms, counters, 13).length(), 0);
  EXPECT_EQ(By(terms, counters, 15).length(), 1);
}

}  // namespace
}  // namespace loyalty::rules
