// SPDX-License-Identifier: Apache-2.0
//
// What is asked of leaderboards, and what programs may not say of them. That
// their orders are right, the slow twin says
// (tests/properties/boards_twin_test.cc).
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/substitute.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "base/views.h"
#include "engine/community.h"
#include "loyalty/engine.h"
#include "rules/leaderboard.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Community;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MustRead;

constexpr char kBoards[] = R"(
  name: "boards" version: "1"
  currency { id: "points" }
  currency { id: "coins" spendable: true }
  badge { id: "champion" manual: true }
  event_type { id: "gain" attribute { name: "units" type: INT } }
  metric { id: "gains" on: "gain" }
  rule { id: "gain" on: "gain"
         award { currency: "points" units: "event.units" } }
  leaderboard { id: "week" currency: "points" period: WEEK anonymous: true
    prize { ranks: "1" award { currency: "coins" units: 7 } badge: "champion" }
  }
  leaderboard { id: "dense" currency: "points" ranks: DENSE }
  leaderboard { id: "all" metric: "gains" then { currency: "points" } }
)";

Event Gain(const std::string& id, const std::string& member, int64_t units,
           absl::Time time = Day(5)) {
  return {.id = id,
          .type = "gain",
          .time = time,
          .actor = member,
          .attributes = {{"units", units}}};
}

Event SeasonEnded(const std::string& id, const std::string& season,
                  absl::Time time) {
  return {.id = id,
          .type = std::string(kSeasonEnded),
          .time = time,
          .attributes = {{"leaderboard", "week"}, {"season", season}}};
}

std::vector<std::string> RowsOf(
    const absl::StatusOr<std::vector<LeaderboardRow>>& rows) {
  std::vector<std::string> texts;
  if (!rows.ok()) return {std::string(rows.status().message())};
  for (const LeaderboardRow& row : *rows) {
    texts.push_back(absl::StrCat(row.rank, " ",
                                 row.member.empty() ? "-" : row.member, " ",
                                 row.earned, row.listed ? "" : " hidden"));
  }
  return texts;
}

class Leaderboards : public ::testing::Test {
 protected:
  std::unique_ptr<Queries> Ask() { return *community_.engine().Query(); }
  void GainSeven() {
    const int64_t units[] = {130, 120, 110, 100, 40, 30, 20};
    for (int i = 0; i < 7; ++i) {
      community_.Send(
          Gain(absl::StrCat("e", i), absl::StrCat("m", i + 1), units[i]));
    }
  }

  Community community_{kBoards};
};

// R03, but that we slide.
TEST_F(Leaderboards, KeepTheirSizeAroundWhoIsNearTheEdge) {
  GainSeven();
  const auto queries = Ask();
  EXPECT_THAT(
      RowsOf(queries->Around("m4", "week", 2, 2)),
      ElementsAre("2 m2 120", "3 m3 110", "4 m4 100", "5 m5 40", "6 m6 30"));
  EXPECT_THAT(
      RowsOf(queries->Around("m1", "week", 2, 2)),
      ElementsAre("1 m1 130", "2 m2 120", "3 m3 110", "4 m4 100", "5 m5 40"));
  EXPECT_THAT(
      RowsOf(queries->Around("m7", "week", 2, 2)),
      ElementsAre("3 m3 110", "4 m4 100", "5 m5 40", "6 m6 30", "7 m7 20"));
}

// R05.
TEST_F(Leaderboards, NameNobodyElseIfTheyAreAnonymous) {
  community_.Send(Gain("e1", "ana", 100));
  community_.Send(Gain("e2", "bob", 120));
  community_.Send(Gain("e3", "cy", 130));
  const auto queries = Ask();
  EXPECT_THAT(
      RowsOf(queries->Leaderboard({.board = "week", .viewer = "bob"}, 0, 9)),
      ElementsAre("1 - 130", "2 bob 120", "3 - 100"));
  EXPECT_THAT(
      RowsOf(queries->Around("bob", {.board = "week", .viewer = "bob"}, 1, 1)),
      ElementsAre("1 - 130", "2 bob 120", "3 - 100"));
  EXPECT_THAT(RowsOf(queries->Leaderboard("week", 9)),
              ElementsAre("1 cy 130", "2 bob 120", "3 ana 100"))
      << "the host sees all";
  EXPECT_THAT(
      RowsOf(queries->Leaderboard({.board = "dense", .viewer = "bob"}, 0, 9)),
      ElementsAre("1 cy 130", "2 bob 120", "3 ana 100"))
      << "that one is not";
}

TEST_F(Leaderboards, TellWhoIsHiddenWhereTheyWouldBe) {
  GainSeven();
  community_.Send(
      {.id = "h", .type = std::string(kHide), .time = Day(6), .actor = "m2"});
  const auto queries = Ask();
  EXPECT_THAT(RowsOf(queries->Leaderboard("week", 3)),
              ElementsAre("1 m1 130", "2 m3 110", "3 m4 100"));
  const auto rank = queries->Rank("m2", "week");
  ASSERT_TRUE(rank.ok()) << rank.status();
  EXPECT_EQ(rank->rank, 2);
  EXPECT_FALSE(rank->listed);
  EXPECT_THAT(RowsOf(queries->Around("m2", "week", 1, 1)),
              ElementsAre("1 m1 130", "2 m2 120 hidden", "2 m3 110"));
  EXPECT_THAT(RowsOf(queries->Around("m2", "points", 9, 9)),
              ElementsAre("1 m1 130", "2 m2 120 hidden", "2 m3 110", "3 m4 100",
                          "4 m5 40", "5 m6 30", "6 m7 20"));
  EXPECT_EQ(queries->Rank("m3", "dense")->rank, 2);
}

TEST_F(Leaderboards, HaveSeasonsByName) {
  community_.Send(Gain("e1", "ana", 1, Day(4, 23)));
  community_.Send(Gain("e2", "bob", 1, Day(5, 0)));
  const auto queries = Ask();
  EXPECT_THAT(*queries->Seasons("week"), ElementsAre("2026-W01", "2026-W02"));
  EXPECT_THAT(*queries->Seasons("points"), IsEmpty());
  EXPECT_THAT(*queries->Seasons("all"), IsEmpty());
  EXPECT_THAT(RowsOf(queries->Leaderboard(
                  {.board = "week", .season = "2026-W01"}, 0, 9)),
              ElementsAre("1 ana 1"));
  EXPECT_THAT(
      RowsOf(queries->Leaderboard({.board = "week", .at = Day(4)}, 0, 9)),
      ElementsAre("1 ana 1"));
  EXPECT_THAT(RowsOf(queries->Leaderboard("week", 9)), ElementsAre("1 bob 1"));
  for (const std::string season : {"2026-W00", "2026-W54", "2026-w01", "W01",
                                   "2026-W1", "2026-01", "x", "99999-W01"}) {
    EXPECT_THAT(
        RowsOf(queries->Leaderboard({.board = "week", .season = season}, 0, 9)),
        ElementsAre(HasSubstr("has no season \"" + season +
                              "\"; they are called as \"2026-W12\"")));
  }
  EXPECT_THAT(
      RowsOf(queries->Leaderboard({.board = "points", .season = "2026"}, 0, 9)),
      ElementsAre(HasSubstr("for ever")));
  EXPECT_THAT(RowsOf(queries->Leaderboard("weak", 9)),
              ElementsAre(HasSubstr("Did you mean \"week\"")));
}

TEST_F(Leaderboards, EndTheirSeasonsOnceByThemselves) {
  community_.Send(Gain("e1", "ana", 3, Day(2)));
  community_.Send(Gain("e2", "bob", 2, Day(6)));
  Engine& engine = community_.engine();
  ASSERT_EQ(*engine.EndSeasons(Day(11, 23)), 1);
  EXPECT_EQ(community_.Balance("ana", "coins"), 7);
  EXPECT_EQ(*engine.EndSeasons(Day(11, 23)), 0);
  // Late, and more than ana had.
  community_.Send(Gain("e3", "cy", 9, Day(2)));
  EXPECT_EQ(*engine.EndSeasons(Day(13)), 1);
  EXPECT_EQ(community_.Balance("ana", "coins"), 7);
  EXPECT_EQ(community_.Balance("bob", "coins"), 7);
  EXPECT_EQ(community_.Balance("cy", "coins"), 0);
  EXPECT_EQ((*Ask()->Member("bob")).badges.at("champion"), 1);
  EXPECT_EQ(engine.EndSeasons(absl::InfiniteFuture()).status().code(),
            absl::StatusCode::kInvalidArgument);
  community_.ExpectVerified();
}

TEST_F(Leaderboards, EndWhatAHostSaysWithNoPrizeForWhoIsSuspended) {
  community_.Send(Gain("e1", "ana", 3, Day(2)));
  community_.Send({.id = "s",
                   .type = std::string(kSuspend),
                   .time = Day(3),
                   .actor = "ana"});
  EXPECT_EQ(community_.Send(SeasonEnded("x1", "2026-W01", Day(4))).rejected,
            RejectReason::kSeasonNotOver);
  const Outcome ended =
      community_.Send(SeasonEnded("x2", "2026-W01", Day(5, 0)));
  EXPECT_TRUE(ended.accepted());
  EXPECT_THAT(ended.effects, IsEmpty());
  ASSERT_EQ(ended.notes.size(), 1u);
  EXPECT_THAT(ended.notes[0].text, HasSubstr("no prize while suspended"));
  EXPECT_TRUE(community_.Send(SeasonEnded("x2", "2026-W01", Day(5, 0))).repeat);
  community_.ExpectVerified();
}

// What is decided in one batch with the events that it depends on.
TEST_F(Leaderboards, SeeTheEventsOfTheirOwnBatch) {
  const store::TemporaryFolder folder;
  const auto engine = Engine::Open(folder.File("b.db"), MustRead(kBoards),
                                   {.clock = [] { return Day(31); }});
  ASSERT_TRUE(engine.ok()) << engine.status();
  ASSERT_TRUE((*engine)->Process(Gain("e0", "ana", 3, Day(2))).ok());
  ASSERT_TRUE((*engine)->Query().ok());  // that one is merged
  const std::vector<Event> batch = {Gain("e1", "bob", 5, Day(2)),
                                    SeasonEnded("x", "2026-W01", Day(5)),
                                    Gain("e2", "ana", 9, Day(2))};
  ASSERT_TRUE((*engine)->Process(std::span<const Event>(batch)).ok());
  const auto queries = *(*engine)->Query();
  EXPECT_EQ((*queries->Member("bob")).badges.count("champion"), 1u);
  EXPECT_EQ((*queries->Member("ana")).badges.count("champion"), 0u);
  EXPECT_THAT(RowsOf(queries->Leaderboard(
                  {.board = "week", .season = "2026-W01"}, 0, 9)),
              ElementsAre("1 ana 12", "2 bob 5"));
  const auto report = queries->Verify();
  ASSERT_TRUE(report.ok());
  EXPECT_THAT(report->faults, IsEmpty());
}

TEST_F(Leaderboards, AreStillThereOnceSomebodyWasErased) {
  GainSeven();
  ASSERT_TRUE(community_.engine().Erase("x", Day(6), "m2").ok());
  const auto queries = Ask();
  EXPECT_THAT(RowsOf(queries->Leaderboard("week", 3)),
              ElementsAre("1 m1 130", "2 #2 120", "3 m3 110"));
  community_.ExpectVerified();
}

// A part of an award, and a currency whose units expire.
TEST_F(Leaderboards, TakePartsFromTheSeasonInWhichTheyCame) {
  community_.Send(Gain("e1", "ana", 10, Day(2)));
  community_.Send(Gain("e2", "ana", 5, Day(6)));
  community_.Send(
      {.id = "r",
       .type = std::string(kReverse),
       .time = Day(7),
       .attributes = {
           {"event", "e1"}, {"keep", int64_t{2}}, {"of", int64_t{5}}}});
  const auto queries = Ask();
  EXPECT_THAT(
      RowsOf(queries->Leaderboard({.board = "week", .at = Day(2)}, 0, 9)),
      ElementsAre("1 ana 4"));
  EXPECT_THAT(RowsOf(queries->Leaderboard("week", 9)), ElementsAre("1 ana 5"));
  EXPECT_EQ(queries->Rank("ana", "points")->earned, 9);
}

TEST_F(Leaderboards, TakeWhatExpiresFromTheSeasonInWhichItCame) {
  Community community(R"(
    name: "lots" version: "1"
    currency { id: "coins" spendable: true expires_after: "3d" }
    event_type { id: "gain" attribute { name: "units" type: INT } }
    rule { id: "gain" on: "gain"
           award { currency: "coins" units: "event.units" } }
    leaderboard { id: "day" currency: "coins" period: DAY })");
  community.Send(Gain("e1", "ana", 10, Day(2)));
  community.Send(Gain("e2", "ana", 5, Day(4)));
  community.Send({.id = "r",
                  .type = std::string(kReverse),
                  .time = Day(20),
                  .attributes = {{"event", "e1"}}});
  const auto queries = *community.engine().Query();
  EXPECT_THAT(
      RowsOf(queries->Leaderboard({.board = "day", .at = Day(2)}, 0, 9)),
      IsEmpty());
  EXPECT_THAT(
      RowsOf(queries->Leaderboard({.board = "day", .at = Day(4)}, 0, 9)),
      ElementsAre("1 ana 5"))
      << "expired units were earned";
  community.ExpectVerified();
}

TEST(LeaderboardsOfAProgram, AreChecked) {
  const auto said = [](const std::string& boards) {
    const auto program =
        Program::FromText(absl::StrCat(R"(name: "p" version: "1"
          currency { id: "points" }
          badge { id: "b" manual: true }
          event_type { id: "e" attribute { name: "n" type: INT }
                               attribute { name: "o" type: OBJECT } }
          metric { id: "most" on: "e" max: "event.n" }
          metric { id: "seen" on: "e" per: "event.o" }
          metric { id: "all" on: "e" }
          rule { id: "r" on: "e" award { currency: "points" units: "1" } }
          )",
                                       boards),
                          "p");
    return program.ok() ? "" : std::string(program.status().message());
  };
  EXPECT_EQ(said(R"(leaderboard { id: "l" metric: "all" within: "7d" })"), "");
  EXPECT_THAT(said(R"(leaderboard { id: "l" })"), HasSubstr("names neither"));
  EXPECT_THAT(
      said(R"(leaderboard { id: "l" currency: "points" metric: "all" })"),
      HasSubstr("names both"));
  EXPECT_THAT(said(R"(leaderboard { id: "l" currency: "pionts" })"),
              HasSubstr("Did you mean \"points\""));
  EXPECT_THAT(
      said(R"(leaderboard { id: "l" currency: "badge:b" period: DAY })"),
      HasSubstr("is not declared"));
  EXPECT_THAT(said(R"(leaderboard { id: "l" metric: "al" })"),
              HasSubstr("Did you mean \"all\""));
  EXPECT_THAT(said(R"(leaderboard { id: "l" metric: "most" })"),
              HasSubstr("no count and no sum"));
  EXPECT_THAT(said(R"(leaderboard { id: "l" metric: "seen" })"),
              HasSubstr("kept per object"));
  EXPECT_THAT(said(R"(leaderboard { id: "points" currency: "points" })"),
              HasSubstr("called as a currency is"));
  EXPECT_THAT(said(R"(leaderboard { id: "l" metric: "all" }
                      leaderboard { id: "l" metric: "all" })"),
              HasSubstr("declared twice"));
  EXPECT_THAT(said(R"(leaderboard { id: "l" metric: "all" within: "36h" })"),
              HasSubstr("is not 2 to 31 days"));
  EXPECT_THAT(said(R"(leaderboard { id: "l" metric: "all" within: "32d" })"),
              HasSubstr("is not 2 to 31 days"));
  EXPECT_THAT(said(R"(leaderboard { id: "l" metric: "all" within: "7d"
                                    period: WEEK })"),
              HasSubstr("both within and a period"));
  const auto prize = [&](const std::string& text) {
    return said(absl::StrCat(R"(leaderboard { id: "l" metric: "all" period: DAY
                                              prize { )",
                             text, " } }"));
  };
  for (const std::string ranks :
       {"0", "3-2", "top 0%", "top 101%", "first", "1-", "-2", "", "1000001"}) {
    EXPECT_THAT(prize("badge: \"b\" ranks: \"" + ranks + "\""),
                HasSubstr("are no ranks of a prize"))
        << ranks;
  }
  EXPECT_THAT(prize(R"(ranks: "1")"), HasSubstr("a prize of nothing"));
  EXPECT_THAT(prize(R"(ranks: "1" badge: "c")"), HasSubstr("is not declared"));
  EXPECT_THAT(prize(R"(ranks: "1" award { currency: "points" })"),
              HasSubstr("units of a prize is 0"));
  EXPECT_THAT(said(R"(leaderboard { id: "l" metric: "all"
                                    prize { ranks: "1" badge: "b" } })"),
              HasSubstr("no season ends"));
}

TEST(LeaguesOfAProgram, AreChecked) {
  const auto said = [](const std::string& board, const std::string& ladders) {
    const auto program =
        Program::FromText(absl::StrCat(R"(name: "p" version: "1"
          currency { id: "points" }
          badge { id: "b" manual: true }
          event_type { id: "e" }
          leaderboard { id: "l" currency: "points" )",
                                       board, " } ", ladders),
                          "p");
    return program.ok() ? "" : std::string(program.status().message());
  };
  const auto league = [&](const std::string& terms) {
    return said("period: WEEK league { " + terms + " }",
                R"(ladder { id: "d" league: "l"
                            level { id: "low" } level { id: "high" } })");
  };
  const auto ladder = [&](const std::string& text) {
    return said("period: WEEK league { cohort: 30 promote: 1 }",
                "ladder { id: \"d\" league: \"l\" " + text + " }");
  };
  const std::string two = R"(level { id: "low" } level { id: "high" })";
  EXPECT_EQ(league("cohort: 30 promote: 10 relegate: 20"), "");
  EXPECT_EQ(league("cohort: 2 relegate: 1"), "");
  for (const std::string terms :
       {"promote: 1", "cohort: 1 promote: 1", "cohort: 1001 promote: 1"}) {
    EXPECT_THAT(league(terms), HasSubstr("a cohort of its league has"))
        << terms;
  }
  for (const std::string terms :
       {"cohort: 30", "cohort: 30 promote: 20 relegate: 11",
        "cohort: 30 promote: -1 relegate: 2",
        "cohort: 30 promote: 2 relegate: -1",
        "cohort: 30 promote: 9223372036854775807 relegate: 1"}) {
    EXPECT_THAT(league(terms), HasSubstr("of a cohort")) << terms;
  }
  const std::string good = "league { cohort: 30 promote: 1 }";
  const std::string over = "ladder { id: \"d\" league: \"l\" " + two + " }";
  for (const std::string seasons : {"", "period: HOUR", "within: \"7d\""}) {
    EXPECT_THAT(said(seasons + " " + good, over),
                HasSubstr("no seasons to end it"))
        << seasons;
  }
  EXPECT_THAT(said("period: WEEK ranks: DENSE " + good, over),
              HasSubstr("its ranks are DENSE"));
  EXPECT_THAT(said("period: WEEK " + good, ""),
              HasSubstr("no ladder has its divisions"));
  EXPECT_THAT(said("period: WEEK " + good,
                   over + R"(ladder { id: "e" league: "l")" + two + "}"),
              HasSubstr("more than one ladder"));
  EXPECT_THAT(said("period: WEEK", over), HasSubstr("\"l\" is no league"));
  EXPECT_THAT(said("period: WEEK " + good,
                   R"(ladder { id: "d" league: "L")" + two + "}"),
              HasSubstr("Did you mean \"l\""));
  for (const std::string more :
       {"currency: \"points\"", "metric: \"m\"", "keeps: true",
        "curve { levels: 2 base: 1 }", "tiers { period: YEAR }"}) {
    EXPECT_THAT(ladder(two + more), HasSubstr("how levels are reached"))
        << more;
  }
  EXPECT_THAT(ladder(R"(level { id: "low" } level { id: "high" at: 5 })"),
              HasSubstr("how levels are reached"));
  EXPECT_THAT(ladder(R"(level { id: "low" } level { id: "h" badge: "b" })"),
              HasSubstr("how levels are reached"));
  EXPECT_THAT(ladder(R"(level { id: "low" })"), HasSubstr("has 1 divisions"));
  std::string many;
  for (int i = 0; i < 17; ++i)
    absl::StrAppend(&many, "level { id: \"l", i, "\" }");
  EXPECT_THAT(ladder(many), HasSubstr("has 17 divisions"));
  const std::string prize =
      R"( prize { ranks: "1" badge: "b" division: "hig" })";
  EXPECT_THAT(said("period: WEEK " + good + prize, over),
              HasSubstr("Did you mean \"high\""));
  EXPECT_THAT(said("period: WEEK" + prize, ""), HasSubstr("it is no league"));
}

constexpr char kLeague[] = R"(
  name: "league" version: "1"
  currency { id: "points" }
  event_type { id: "gain" attribute { name: "units" type: INT } }
  rule { id: "gain" on: "gain"
         award { currency: "points" units: "event.units" } }
  ladder { id: "division" league: "week" level { id: "low" } level { id: "high" } }
  leaderboard { id: "week" currency: "points" period: WEEK anonymous: true
                league { cohort: 2 promote: 1 } }
)";

// Cohorts are asked for by a member or by name.
TEST(Leagues, AreAskedForByCohort) {
  Community community(kLeague);
  community.Send(Gain("e1", "ana", 1));
  community.Send(Gain("e2", "bob", 2));
  community.Send(Gain("e3", "cy", 3));
  const auto queries = *community.engine().Query();
  EXPECT_THAT(*queries->Seasons("week"),
              ElementsAre("2026-W02/low/1", "2026-W02/low/2"));
  EXPECT_THAT(RowsOf(queries->Around("ana", "week", 9, 9)),
              ElementsAre("1 bob 2", "2 ana 1"));
  EXPECT_THAT(
      RowsOf(queries->Leaderboard({.board = "week", .viewer = "ana"}, 0, 9)),
      ElementsAre("1 - 2", "2 ana 1"));
  EXPECT_THAT(RowsOf(queries->Leaderboard(
                  {.board = "week", .season = "2026-W02/low/2"}, 0, 9)),
              ElementsAre("1 cy 3"));
  EXPECT_THAT(RowsOf(queries->Leaderboard(
                  {.board = "week", .season = "2026-W02/high/1"}, 0, 9)),
              IsEmpty());
  EXPECT_THAT(RowsOf(queries->Leaderboard("week", 9)),
              ElementsAre(HasSubstr("\"2026-W02/low/1\"")));
  EXPECT_THAT(
      RowsOf(queries->Leaderboard({.board = "week", .viewer = "dan"}, 0, 9)),
      IsEmpty());
  for (const std::string season :
       {"2026-W02/", "2026-W02/low", "2026-W02/low/0", "2026-W02/low/01",
        "2026-W02/mid/1", "2026-W02/low/1/", "2026-W02/low/40000",
        "2026-W99/low/1"}) {
    EXPECT_THAT(
        RowsOf(queries->Leaderboard({.board = "week", .season = season}, 0, 9)),
        ElementsAre(HasSubstr("they are called as \"2026-W12/low/1\"")))
        << season;
  }
}

// Beyond the windows of an hour-long day, say, the last cohort takes all.
TEST(Leagues, HaveRoomForAsManyCohortsAsASeasonHasSeconds) {
  const rules::Leaderboard board{
      .id = "day",
      .period = base::Period::kDay,
      .league = rules::League{.divisions = {"low", "high"}, .size = 2}};
  const absl::TimeZone utc = absl::UTCTimeZone();
  const int64_t season = absl::ToUnixSeconds(Day(5, 0));
  for (const int64_t joined : {0, 1, 2, 3, 10'000, 1'000'000'000}) {
    const int64_t window = rules::CohortWindow(board, season, 1, joined, utc);
    const rules::Cohort cohort = rules::CohortOf(board, window, utc);
    EXPECT_EQ(cohort.season, season) << joined;
    EXPECT_EQ(cohort.division, 1) << joined;
    EXPECT_EQ(cohort.number, std::min<int64_t>(joined / 2, 5398) + 1);
    const std::string name = rules::SeasonName(board, window, utc);
    EXPECT_EQ(*rules::SeasonNamed(board, name, utc), window) << name;
  }
}

constexpr char kHolders[] = R"(
  name: "holders" version: "1"
  currency { id: "points" }
  badge { id: "gold" manual: true }
  badge { id: "busy" asked_at: END_OF_DAY when: "balance.points > 0" }
  event_type { id: "gain" attribute { name: "units" type: INT } }
  rule { id: "gain" on: "gain"
         award { currency: "points" units: "event.units" } }
  ladder { id: "d" league: "l" level { id: "low" } level { id: "high" } }
  leaderboard { id: "l" currency: "points" period: WEEK
                league { cohort: 9 promote: 1 } $0 }
  leaderboard { id: "w" currency: "points" period: WEEK $1 }
)";

TEST(Holders, AreOfABadgeThatThereIs) {
  const auto said = [](std::string_view of_league, std::string_view of_week) {
    const auto program = Program::FromText(
        absl::Substitute(kHolders, base::av(of_league), base::av(of_week)),
        "p");
    return program.ok() ? "" : std::string(program.status().message());
  };
  EXPECT_EQ(said("", R"(badge: "gold")"), "");
  EXPECT_EQ(said("", R"(badge: "busy")"), "");
  EXPECT_THAT(said("", R"(badge: "gld")"),
              HasSubstr("p:12:64: error: leaderboard \"w\", badge \"gld\": it "
                        "is not declared\n  Did you mean \"gold\"?"));
  EXPECT_THAT(said(R"(badge: "gold")", ""),
              HasSubstr("it is a league, whose cohorts are filled as members "
                        "come"));
  EXPECT_THAT(said("", R"(badge: "busy" prize { ranks: "1"
                   award { currency: "points" units: 1 } })"),
              HasSubstr("it has asked_at, and prizes may be due before "
                        "anything says who holds it then"));
}

TEST(Holders, AreToldWhyTheyAreNotOnTheBoard) {
  Community community(absl::Substitute(kHolders, "", R"(badge: "gold")"));
  community.Send(Gain("e1", "ana", 5));
  const auto queries = *community.engine().Query();
  const auto rank = queries->Rank("ana", {.board = "w"});
  EXPECT_EQ(rank.status(),
            absl::NotFoundError("member \"ana\" is not on the leaderboard of "
                                "w, of those who hold badge \"gold\""));
  EXPECT_EQ(queries->Around("ana", {.board = "w"}, 2, 2).status(),
            rank.status());
}

}  // namespace
}  // namespace loyalty
