// SPDX-License-Identifier: Apache-2.0
//
// What the command answers about a small community whose numbers can be added
// up by hand, for people and as JSON.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "command/running.h"
#include "store/raw_sqlite.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

constexpr char kProgram[] = R"(
  name: "ideas" version: "1"
  currency { id: "points" }
  currency { id: "starter" }
  event_type { id: "idea" }
  event_type { id: "vote" attribute { name: "owner" type: MEMBER } }
  metric { id: "ideas" on: "idea" }
  rule { id: "have_an_idea" on: "idea" describe: "5 points, two ideas a day"
         award { currency: "points" units: "5" }
         limit { per: DAY times: 2 } }
  rule { id: "vote" on: "vote" when: "event.owner != event.actor"
         award { to: "event.owner" currency: "starter" units: "2" } }
  ladder { id: "starters" currency: "starter"
           level { id: "member" }
           level { id: "spark" at: 4 privilege: "run_a_poll" } }
)";

class Answers : public testing::Test {
 protected:
  Answers() {
    Write(folder_.File("ideas.textproto"), kProgram);
    Write(folder_.File("events.jsonl"),
          EventLine("e1", "idea", R"(,"actor":"ada","target":"i1")") +
              EventLine("e2", "idea", R"(,"actor":"ada","target":"i2")") +
              EventLine("e3", "idea", R"(,"actor":"ada","target":"i3")") +
              EventLine("v1", "vote",
                        R"(,"actor":"bea","target":"i1",)"
                        R"("attributes":{"owner":"ada"})") +
              EventLine("v2", "vote",
                        R"(,"actor":"cy","target":"i1",)"
                        R"("attributes":{"owner":"ada"})"));
    ran_ = RunLoyalty({"run", "--program", folder_.File("ideas.textproto"),
                       "--db", db_, "--json", folder_.File("events.jsonl")});
  }

  Ended Ask(Arguments arguments) {
    arguments.insert(arguments.end(), {"--db", db_});
    return RunLoyalty(arguments);
  }

  store::TemporaryFolder folder_;
  const std::string db_ = folder_.File("community.db");
  Ended ran_;
};

TEST_F(Answers, SumUpTheRun) {
  ASSERT_EQ(ran_.exit, 0) << ran_.err;
  const Json summary = Json::parse(ran_.out);
  EXPECT_EQ(summary.at("recorded"), 5);
  EXPECT_EQ(summary.at("awards"), Json::parse(R"([
              {"rule":"have_an_idea","currency":"points","times":2,"units":10},
              {"rule":"vote","currency":"starter","times":2,"units":4}])"));
  EXPECT_EQ(summary.at("cuts"), Json({{"limit", 1}}));
  EXPECT_EQ(summary.at("levels"), Json::parse(R"([
              {"ladder":"starters","level":"spark","reached":1,"lost":0}])"));
}

TEST_F(Answers, SayWhatAMemberHasAndMayDo) {
  const Json ada = Json::parse(Ask({"member", "ada", "--json"}).out);
  EXPECT_EQ(ada.at("currencies")[0].at("balance"), 10);
  EXPECT_EQ(ada.at("ladders")[0].at("level"), "spark");
  EXPECT_THAT(ada.at("privileges"), ElementsAre("run_a_poll"));
  EXPECT_EQ(ada.at("metrics").at("ideas"), 3);
  const Ended bea = Ask({"member", "bea"});
  EXPECT_EQ(bea.exit, 0);
  EXPECT_THAT(bea.out, HasSubstr("4 starter to spark"));
}

TEST_F(Answers, AddStatementsUp) {
  const Ended ended = Ask({"statement", "ada"});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_THAT(ended.out, HasSubstr("5 points, two ideas a day"));
  EXPECT_THAT(ended.out,
              HasSubstr("points: all lines add up to 10, which is the "
                        "balance"));
  int64_t sum = 0;
  for (const Json& line : JsonLines(
           Ask({"statement", "ada", "--currency", "starter", "--json"}).out)) {
    sum += line.at("units").get<int64_t>();
    EXPECT_EQ(line.at("balance"), sum);
  }
  EXPECT_EQ(sum, 4);
}

TEST_F(Answers, ShowTheNewestLinesOfAStatementAndStillAddUp) {
  const Ended ended =
      Ask({"statement", "ada", "--currency", "starter", "--limit", "1"});
  EXPECT_THAT(ended.out, HasSubstr("1 earlier line not shown"));
  EXPECT_THAT(ended.out, HasSubstr("v2"));
  EXPECT_THAT(ended.out, HasSubstr("add up to 4"));
}

TEST_F(Answers, ExplainEveryRuleOfAnEvent) {
  const Ended ended = Ask({"explain", "v2"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("vote by cy on i1"));
  EXPECT_THAT(ended.out, HasSubstr("owner = \"ada\""));
  EXPECT_THAT(ended.out, HasSubstr("member:ada"));
  const Json json = Json::parse(Ask({"explain", "v2", "--json"}).out);
  EXPECT_EQ(json.at("rules")[0].at("rule"), "vote");
  EXPECT_EQ(json.at("postings")[0].at("units"), 2);
  EXPECT_EQ(json.at("event").at("actor"), "cy");
}

TEST_F(Answers, RankByCurrencyAndByLadder) {
  const auto by_currency =
      JsonLines(Ask({"leaderboard", "--currency", "points", "--json"}).out);
  ASSERT_EQ(by_currency.size(), 1u) << "who earned nothing has no rank";
  EXPECT_EQ(by_currency[0],
            Json::parse(R"({"rank":1,"member":"ada","earned":10})"));
  const auto by_ladder = JsonLines(
      Ask({"leaderboard", "--ladder", "starters", "--top", "1", "--json"}).out);
  ASSERT_EQ(by_ladder.size(), 1u);
  EXPECT_EQ(by_ladder[0].at("level"), "spark");
}

TEST_F(Answers, ListTheLeaderboardsWhereNoneIsNamed) {
  const auto boards = JsonLines(Ask({"leaderboard", "--json"}).out);
  ASSERT_FALSE(boards.empty());
  EXPECT_EQ(boards.front().at("board"), "points");
  EXPECT_THAT(Ask({"leaderboard"}).out, HasSubstr("points"));
}

TEST_F(Answers, RankFromFurtherDownAndAroundAMember) {
  Write(folder_.File("more.jsonl"),
        EventLine("e4", "idea", R"(,"actor":"bea","target":"i4")") +
            EventLine("e5", "idea", R"(,"actor":"cy","target":"i5")"));
  ASSERT_EQ(RunLoyalty({"run", "--program", folder_.File("ideas.textproto"),
                        "--db", db_, folder_.File("more.jsonl")})
                .exit,
            0);
  const Arguments by_points = {"leaderboard", "--currency", "points", "--json"};
  const auto with = [&](Arguments more) {
    more.insert(more.begin(), by_points.begin(), by_points.end());
    return Ask(more).out;
  };
  const std::string ada = "{\"rank\":1,\"member\":\"ada\",\"earned\":10}\n";
  const std::string bea = "{\"rank\":2,\"member\":\"bea\",\"earned\":5}\n";
  const std::string cy = "{\"rank\":2,\"member\":\"cy\",\"earned\":5}\n";
  EXPECT_EQ(with({}), ada + bea + cy);
  EXPECT_EQ(with({"--offset", "1"}), bea + cy);
  EXPECT_EQ(with({"--offset", "1", "--top", "1"}), bea);
  EXPECT_EQ(with({"--offset", "3"}), "");
  EXPECT_EQ(with({"--around", "bea", "--top", "3"}), ada + bea + cy);
  EXPECT_EQ(with({"--around", "cy", "--top", "2"}), bea + cy);
  EXPECT_EQ(with({"--around", "cy", "--top", "1"}), cy);
}

TEST_F(Answers, SayWhoIsNotOnALeaderboard) {
  for (const std::string member : {"bea", "nobody"}) {
    const Ended ended =
        Ask({"leaderboard", "--currency", "points", "--around", member});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_THAT(ended.out, IsEmpty());
    EXPECT_THAT(ended.err, HasSubstr("\"" + member + "\""));
  }
}

TEST_F(Answers, ListEveryMembersBalanceInTheOrderOfIds) {
  EXPECT_EQ(Ask({"balances", "--currency", "points", "--json"}).out,
            "{\"member\":\"ada\",\"currency\":\"points\",\"balance\":10}\n"
            "{\"member\":\"bea\",\"currency\":\"points\",\"balance\":0}\n"
            "{\"member\":\"cy\",\"currency\":\"points\",\"balance\":0}\n");
}

TEST_F(Answers, VerifyEveryBalance) {
  const Ended ended = Ask({"verify", "--json"});
  EXPECT_EQ(ended.exit, 0);
  const Json report = Json::parse(ended.out);
  EXPECT_EQ(report.at("ok"), true);
  EXPECT_EQ(report.at("events"), 5);
  EXPECT_EQ(report.at("members"), 3);
}

TEST_F(Answers, VerifyAgainstAHeadThatWasKept) {
  const std::string head =
      Json::parse(Ask({"verify", "--json"}).out).at("head");
  EXPECT_THAT(head, MatchesRegex("5:[0-9a-f]+"));
  EXPECT_THAT(Ask({"verify"}).out, HasSubstr("\nhead " + head + "\n"));
  EXPECT_EQ(Ask({"verify", "--head", head}).exit, 0);
  EXPECT_EQ(Ask({"verify", "--head", "0:"}).exit, 0);

  // Another digit, another entry, one that is not there yet.
  std::string other = head;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const auto& [kept, why] :
       {std::pair(other, "entry 5 is not the one of the head"),
        std::pair("4" + head.substr(1), "entry 4 is not the one of the head"),
        std::pair("6" + head.substr(1), "entries are missing at the end")}) {
    const Ended ended = Ask({"verify", "--head", kept});
    EXPECT_EQ(ended.exit, 1);
    EXPECT_THAT(ended.out, HasSubstr(why));
    EXPECT_THAT(ended.out, HasSubstr("1 fault\n"));
    EXPECT_EQ(
        Json::parse(Ask({"verify", "--head", kept, "--json"}).out).at("ok"),
        false);
  }
  for (const std::string kept : {"5", "5:", "5:12", ":", "x:12", "-5:12", "0:1",
                                 "99999999999999999999:12"}) {
    const Ended ended = Ask({"verify", "--head", kept});
    EXPECT_EQ(ended.exit, 2) << kept;
    EXPECT_THAT(ended.err, HasSubstr("is no head"));
  }
  // As of a script that has lost it.
  EXPECT_EQ(Ask({"verify", "--head", ""}).exit, 2);
}

TEST_F(Answers, ComeBackWhenTheFileIsRebuilt) {
  const std::string balances = Ask({"balances", "--currency", "points"}).out;
  ASSERT_EQ(store::RawSqlite(db_).Run(
                "UPDATE member_state SET holdings = '[]' WHERE member = 1"),
            SQLITE_OK);
  EXPECT_EQ(Ask({"verify"}).exit, 1);
  const Ended ended = Ask({"rebuild"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("rebuilt from 5 events"));
  EXPECT_EQ(Ask({"verify"}).exit, 0);
  EXPECT_EQ(Ask({"balances", "--currency", "points"}).out, balances);
  EXPECT_EQ(Json::parse(Ask({"rebuild", "--json"}).out).at("events"), 5);
  EXPECT_EQ(RunLoyalty({"rebuild", "--db", folder_.File("none.db")}).exit, 3);
}

TEST_F(Answers, AreTheSameOfABackup) {
  const std::string copy = folder_.File("copy.db");
  const Json made = Json::parse(Ask({"backup", "--to", copy, "--json"}).out);
  EXPECT_EQ(made.at("events"), 5);
  const std::string head = made.at("head");
  EXPECT_EQ(Ask({"verify", "--head", head}).exit, 0);
  EXPECT_EQ(RunLoyalty({"verify", "--db", copy, "--head", head}).exit, 0);
  EXPECT_EQ(RunLoyalty({"feed", "--db", copy}).out, Ask({"feed"}).out);
  const Ended again = Ask({"backup", "--to", copy});
  EXPECT_EQ(again.exit, 3);
  EXPECT_THAT(again.out, IsEmpty());
  EXPECT_THAT(again.err, HasSubstr("is there already"));
  const Ended other = Ask({"backup", "--to", folder_.File("other.db")});
  EXPECT_EQ(other.exit, 0);
  EXPECT_THAT(other.out, HasSubstr("\nhead " + head + "\n"));
}

TEST_F(Answers, PageThroughTheFeed) {
  EXPECT_EQ(JsonLines(Ask({"feed"}).out).size(), 5u);
  const auto page =
      JsonLines(Ask({"feed", "--after", "3", "--limit", "1"}).out);
  ASSERT_EQ(page.size(), 1u);
  EXPECT_EQ(page[0].at("event"), "v1");
  EXPECT_EQ(page[0].at("seq"), 4);
}

TEST_F(Answers, CountWhoOfTheMostActiveIsRewarded) {
  const Ended ended = Ask({"rewarded", folder_.File("events.jsonl"), "--json"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  const Json figures = Json::parse(ended.out);
  EXPECT_EQ(figures.at("contributors"), 3);
  EXPECT_EQ(figures.at("most_active"), 1);
  EXPECT_EQ(figures.at("fewest_events"), 3);
  EXPECT_EQ(figures.at("earned_anything"), 1);
  EXPECT_EQ(figures.at("reached_a_level"), 1);
}

TEST_F(Answers, AreNoForWhatIsNotThere) {
  for (const Arguments& arguments :
       std::initializer_list<Arguments>{{"member", "nobody"},
                                        {"statement", "nobody"},
                                        {"explain", "nothing"},
                                        {"member", ""}}) {
    const Ended ended = Ask(arguments);
    EXPECT_EQ(ended.exit, 1) << testing::PrintToString(arguments);
    EXPECT_THAT(ended.out, IsEmpty());
    EXPECT_THAT(ended.err, HasSubstr("\"" + arguments[1] + "\""));
  }
}

TEST_F(Answers, GuessWhichCurrencyOrLadderWasMeant) {
  const Ended currency = Ask({"balances", "--currency", "point"});
  EXPECT_EQ(currency.exit, 2);
  EXPECT_THAT(currency.err, HasSubstr("Did you mean \"points\"?"));
  const Ended ladder = Ask({"leaderboard", "--ladder", "starter"});
  EXPECT_EQ(ladder.exit, 2);
  EXPECT_THAT(ladder.err, HasSubstr("Did you mean \"starters\"?"));
}

// Each city has a leaderboard of its own.
TEST(Leaderboards, AreAskedOfAGroup) {
  const store::TemporaryFolder folder;
  const std::string program = folder.File("areas.textproto");
  const std::string events = folder.File("events.jsonl");
  const std::string db = folder.File("areas.db");
  Write(program, R"(name: "areas" version: "1"
    currency { id: "points" }
    event_type { id: "visit" attribute { name: "city" type: STRING } }
    rule { id: "visit" on: "visit" award { currency: "points" units: "1" } }
    leaderboard { id: "city" currency: "points" period: MONTH by: "city"
                  prize { ranks: "1"
                          award { currency: "points" units: 5 } } })");
  Write(events,
        EventLine("e1", "visit",
                  R"(,"actor":"ada","attributes":{"city":"Bern"})") +
            EventLine("e2", "visit",
                      R"(,"actor":"bea","attributes":{"city":"Genf"})"));
  ASSERT_EQ(RunLoyalty({"run", "--program", program, "--db", db, events}).exit,
            0);
  const auto ask = [&](Arguments more) {
    Arguments arguments = {"leaderboard", "city", "--db", db};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunLoyalty(arguments);
  };
  EXPECT_EQ(ask({"--of", "Bern"}).out, "1  ada  1\n");
  EXPECT_EQ(ask({"--around", "bea"}).out, "1  bea  1\n");
  EXPECT_EQ(ask({"--of", "Paris"}).out, "");
  const Ended unsaid = ask({});
  EXPECT_EQ(unsaid.exit, 2);
  EXPECT_THAT(unsaid.err, HasSubstr("say of which city"));
  const Ended ended = RunLoyalty({"sweep", "--db", db, "--at", "2026-06-01"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("Ended 2 seasons of leaderboards"));
  EXPECT_THAT(ended.out, HasSubstr("/Bern"));
}

// A badge is units too, but no currency that anybody has asked for.
TEST(Statements, AddUpBesideBadges) {
  const store::TemporaryFolder folder;
  const std::string program = folder.File("badge.textproto");
  const std::string events = folder.File("events.jsonl");
  const std::string db = folder.File("badge.db");
  Write(program, std::string(kProgram) +
                     "badge { id: \"thinker\" when: \"metric.ideas >= 1\" }");
  Write(events, EventLine("e1", "idea", R"(,"actor":"ada","target":"i1")"));
  ASSERT_EQ(RunLoyalty({"run", "--program", program, "--db", db, events}).exit,
            0);
  const Ended statement = RunLoyalty({"statement", "ada", "--db", db});
  EXPECT_EQ(statement.exit, 0) << statement.err;
  EXPECT_THAT(statement.out, HasSubstr("badge thinker"));
  EXPECT_THAT(statement.out, HasSubstr("points: all lines add up to 5"));
}

}  // namespace
}  // namespace loyalty::command
