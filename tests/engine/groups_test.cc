// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards that keep groups apart: how they are asked, ended and switched,
// and what programs may not say of them. What counts in which group, the slow
// twin says (tests/properties/groups_twin_test.cc).
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/community.h"
#include "loyalty/engine.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Community;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MustRead;

constexpr char kAreas[] = R"(
  name: "areas" version: "1"
  currency { id: "points" }
  currency { id: "gems" }
  event_type { id: "gain" attribute { name: "units" type: INT default: "0" }
               attribute { name: "city" type: STRING }
               attribute { name: "team" type: STRING } }
  rule { id: "gain" on: "gain"
         award { currency: "points" units: "event.units" } }
  leaderboard { id: "week" currency: "points" period: WEEK by: "city"
                anonymous: true
                prize { ranks: "1" award { currency: "gems" units: 7 } } }
  leaderboard { id: "ever" currency: "points" by: "city" }
  leaderboard { id: "all" currency: "points" period: WEEK }
)";

Event GainIn(const std::string& id, const std::string& member, int64_t units,
             const std::string& city, absl::Time time = Day(5)) {
  return {.id = id,
          .type = "gain",
          .time = time,
          .actor = member,
          .attributes = {{"units", units}, {"city", city}}};
}

std::vector<std::string> RowsIn(
    const absl::StatusOr<std::vector<LeaderboardRow>>& rows) {
  std::vector<std::string> texts;
  if (!rows.ok()) return {std::string(rows.status().message())};
  for (const LeaderboardRow& row : *rows) {
    texts.push_back(absl::StrCat(
        row.rank, " ", row.member.empty() ? "-" : row.member, " ", row.earned));
  }
  return texts;
}

class Groups : public ::testing::Test {
 protected:
  Groups() {
    community_.Send(GainIn("e1", "ana", 5, "Bern"));
    community_.Send(GainIn("e2", "bob", 3, "Bern"));
    community_.Send(GainIn("e3", "cy", 9, "New York/Bronx"));
    community_.Send({.id = "e4",
                     .type = "gain",
                     .time = Day(5),
                     .actor = "dan",
                     .attributes = {{"units", int64_t{50}}}});
  }
  std::unique_ptr<Queries> Ask() { return *community_.engine().Query(); }

  Community community_{kAreas};
};

TEST_F(Groups, AreAskedForByNameOrByAMember) {
  const auto queries = Ask();
  const auto page = [&](const BoardView& view) {
    return RowsIn(queries->Leaderboard(view, 0, 9));
  };
  EXPECT_THAT(page({.board = "ever", .of = "Bern"}),
              ElementsAre("1 ana 5", "2 bob 3"));
  EXPECT_THAT(page({.board = "week", .viewer = "bob"}),
              ElementsAre("1 - 5", "2 bob 3"));
  EXPECT_THAT(RowsIn(queries->Around("cy", "week", 9, 9)),
              ElementsAre("1 cy 9"));
  EXPECT_EQ(queries->Rank("bob", {.board = "ever", .of = "Bern"})->rank, 2);
  EXPECT_THAT(
      std::string(queries->Rank("cy", {.board = "ever", .of = "Bern"})
                      .status()
                      .message()),
      HasSubstr("member \"cy\" is not on the leaderboard of ever for city "
                "\"Bern\""));
  EXPECT_THAT(page({.board = "ever", .of = "Paris"}), IsEmpty())
      << "nobody was ever there, and somebody may be";
}

TEST_F(Groups, AreCalledByWhatTheirSeasonsAre) {
  const auto queries = Ask();
  EXPECT_THAT(*queries->Seasons("week"),
              ElementsAre("2026-W02/Bern", "2026-W02/New York/Bronx"));
  EXPECT_THAT(*queries->Seasons("ever"), ElementsAre("Bern", "New York/Bronx"));
  for (const std::string board : {"week", "ever"}) {
    const auto seasons = queries->Seasons(board);
    ASSERT_TRUE(seasons.ok()) << seasons.status();
    for (const std::string& season : *seasons) {
      EXPECT_FALSE(
          queries->Leaderboard({.board = board, .season = season}, 0, 9)
              ->empty())
          << season;
    }
  }
  EXPECT_THAT(RowsIn(queries->Leaderboard(
                  {.board = "week", .season = "2026-W02", .of = "Bern"}, 0, 9)),
              ElementsAre("1 ana 5", "2 bob 3"));
  EXPECT_THAT(RowsIn(queries->Leaderboard(
                  {.board = "week", .season = "2026-W99/Bern"}, 0, 9)),
              ElementsAre(HasSubstr("has no season \"2026-W99\"")));
}

TEST_F(Groups, HaveToBeSaid) {
  const auto queries = Ask();
  EXPECT_THAT(RowsIn(queries->Leaderboard("ever", 9)),
              ElementsAre(HasSubstr("keeps members apart by city: say of which "
                                    "city")));
  const auto dans = queries->Rank("dan", "week");
  EXPECT_EQ(dans.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(dans.status().message()),
              HasSubstr("member \"dan\" is in no city"));
  EXPECT_EQ(queries->Rank("nobody", "week").status().message(),
            "there is no member \"nobody\"");
  EXPECT_THAT(
      RowsIn(queries->Leaderboard({.board = "all", .of = "Bern"}, 0, 9)),
      ElementsAre(HasSubstr("\"all\" keeps no groups apart")));
  EXPECT_THAT(
      RowsIn(queries->Leaderboard({.board = "points", .of = "Bern"}, 0, 9)),
      ElementsAre(HasSubstr("leaderboard of points keeps no groups apart")));
}

// dan, who is in none, has most, and no prize.
TEST_F(Groups, EndTheirSeasonsByThemselves) {
  Engine& engine = community_.engine();
  ASSERT_EQ(*engine.EndSeasons(Day(12)), 2);
  EXPECT_EQ(*engine.EndSeasons(Day(13)), 0);
  EXPECT_EQ(community_.Balance("ana", "gems"), 7);
  EXPECT_EQ(community_.Balance("bob", "gems"), 0);
  EXPECT_EQ(community_.Balance("cy", "gems"), 7);
  EXPECT_EQ(community_.Balance("dan", "gems"), 0);
  // dan, late, is somewhere: a group of an earlier season goes on counting.
  community_.Send(GainIn("e5", "dan", 1, "Bern", Day(6)));
  EXPECT_THAT(RowsIn(Ask()->Leaderboard(
                  {.board = "week", .season = "2026-W02/Bern"}, 0, 9)),
              ElementsAre("1 dan 51", "2 ana 5", "3 bob 3"));
  EXPECT_EQ(*engine.EndSeasons(Day(14)), 0);
  // The first in a city of a season that has ended elsewhere.
  community_.Send(GainIn("e6", "eve", 1, "Chur", Day(6)));
  EXPECT_EQ(*engine.EndSeasons(Day(14)), 1);
  EXPECT_EQ(community_.Balance("eve", "gems"), 7);
  community_.ExpectVerified();
}

TEST_F(Groups, KeepWhoWasErasedWithoutAName) {
  ASSERT_TRUE(community_.engine().Erase("x", Day(6), "ana").ok());
  EXPECT_THAT(RowsIn(Ask()->Leaderboard({.board = "ever", .of = "Bern"}, 0, 9)),
              ElementsAre("1 #1 5", "2 bob 3"));
  community_.ExpectVerified();
}

// "" is no group, and neither is what nobody could ask for.
TEST_F(Groups, AreNamesOfSomeLength) {
  const std::string longest(128, 'x');
  community_.Send(GainIn("l1", "ana", 1, longest, Day(6)));
  EXPECT_EQ(Ask()->Rank("ana", {.board = "ever", .of = longest})->earned, 6);
  const Outcome outcome =
      community_.Send(GainIn("l2", "ana", 1, longest + "x", Day(7)));
  EXPECT_TRUE(outcome.accepted());
  ASSERT_EQ(outcome.notes.size(), 1u);
  EXPECT_THAT(outcome.notes.front().text,
              HasSubstr("a group of more than 128 bytes is none"));
  EXPECT_EQ(Ask()->Rank("ana", {.board = "ever", .of = longest})->earned, 7);
  community_.Send(GainIn("l3", "ana", 1, "", Day(8)));
  EXPECT_FALSE(Ask()->Rank("ana", "ever").ok());
  EXPECT_EQ(Ask()->Rank("ana", "points")->earned, 8);
  community_.ExpectVerified();
}

TEST(GroupsOfAFile, MayNotBecomeOthersByASwitch) {
  const store::TemporaryFolder folder;
  const std::string text = kAreas;
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find("version: \"1\""), 12, "version: \"2\"");
    for (size_t at = changed.find(from); at != std::string::npos;
         at = changed.find(from, at + to.size())) {
      changed.replace(at, from.size(), to);
    }
    return MustRead(changed);
  };
  const auto engine = Engine::Open(folder.File("a.db"), MustRead(text),
                                   {.clock = [] { return Day(31); }});
  ASSERT_TRUE(engine.ok()) << engine.status();
  ASSERT_TRUE((*engine)->Process(GainIn("e1", "ana", 5, "Bern")).ok());
  const auto said = [&](const Program& program) {
    return std::string(
        (*engine)->Switch(program, "s", Day(6)).status().message());
  };
  EXPECT_THAT(said(with("by: \"city\"", "by: \"team\"")),
              HasSubstr("leaderboard \"week\": its seasons, its `by`"));
  EXPECT_THAT(said(with("by: \"city\"", "")), HasSubstr("its `by`"));
  EXPECT_THAT(said(with("by: \"city\"", "by: \"city\" lowest_first: true")),
              HasSubstr("who comes first"));
  EXPECT_EQ(said(with("units: 7", "units: 8")), "");
}

TEST(GroupsOfAProgram, AreChecked) {
  const auto said = [](const std::string& terms) {
    const auto program =
        Program::FromText(absl::StrCat(R"(name: "p" version: "1"
currency { id: "points" }
event_type { id: "e" attribute { name: "city" type: STRING }
             attribute { name: "n" type: INT }
             attribute { name: "name" type: STRING personal: true }
             attribute { name: "mixed" type: STRING }
             attribute { name: "many" type: STRING list: true } }
event_type { id: "f" attribute { name: "mixed" type: OBJECT } }
rule { id: "r" on: "e" award { currency: "points" units: "1" } }
ladder { id: "d" league: "w" level { id: "low" } level { id: "high" } }
leaderboard { id: "w" currency: "points" period: WEEK
              league { cohort: 30 promote: 1 } }
leaderboard { id: "l" currency: "points" )",
                                       terms, " }"),
                          "p");
    return program.ok() ? "" : std::string(program.status().message());
  };
  EXPECT_EQ(said(R"(by: "city")"), "");
  EXPECT_EQ(said(R"(by: "city" within: "7d" then { currency: "points" })"), "");
  EXPECT_THAT(said(R"(by: "cty")"),
              HasSubstr("p:13:46: error: leaderboard \"l\", by \"cty\": no "
                        "event type has an attribute of that name\n  Did you "
                        "mean \"city\"?"));
  EXPECT_THAT(said(R"(by: "n")"),
              HasSubstr("of event type \"e\" it is an INT"));
  EXPECT_THAT(said(R"(by: "name")"),
              HasSubstr("of event type \"e\" it is something personal"));
  EXPECT_THAT(said(R"(by: "many")"), HasSubstr("of event type \"e\" it is"));
  EXPECT_THAT(said(R"(by: "mixed")"), HasSubstr("of event type \"f\" it is"));
  EXPECT_THAT(said(R"(by: "city" period: HOUR)"),
              HasSubstr("not kept apart by the hour"));
  EXPECT_THAT(said(R"(by: "city" period: WEEK
                      league { cohort: 30 promote: 1 })"),
              HasSubstr("it is a league, whose cohorts are of divisions"));
}

}  // namespace
}  // namespace loyalty
