// SPDX-License-Identifier: Apache-2.0
//
// Points as money from the command line: what a person at a counter, or a
// script, asks of a file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <utility>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class Counter : public testing::Test {
 protected:
  Counter() {
    Write(folder_.File("events.jsonl"),
          R"({"id":"e1","type":"purchase","time":"2026-03-01T12:00:00Z",)"
          R"("actor":"ana","attributes":{"cents":5000}})"
          "\n"
          R"({"id":"e2","type":"purchase","time":"2026-03-02T12:00:00Z",)"
          R"("actor":"ana","attributes":{"cents":900,"on_sale":true}})"
          "\n");
    const Ended ran =
        RunLoyalty({"run", "--program", ExampleProgram("corner_shop.textproto"),
                    "--db", db_, folder_.File("events.jsonl")});
    EXPECT_EQ(ran.exit, 0) << ran.err;
  }

  Ended Ask(Arguments arguments) {
    arguments.insert(arguments.end(), {"--db", db_});
    return RunLoyalty(arguments);
  }

  int64_t Has(const std::string& what) {
    const Json ana = Json::parse(Ask({"member", "ana", "--json"}).out);
    return ana.at("currencies")[0].at(what);
  }

  store::TemporaryFolder folder_;
  const std::string db_ = folder_.File("shop.db");
};

TEST_F(Counter, RedeemsAndSaysSo) {
  const Ended first = Ask({"redeem", "ana", "coffee", "--id", "r1"});
  EXPECT_EQ(first.exit, 0) << first.err;
  EXPECT_EQ(first.out, "ana spent 10 points on coffee.\n");
  const Ended again = Ask({"redeem", "ana", "coffee", "--id", "r1"});
  EXPECT_THAT(again.out, HasSubstr("As answered before:"));
  const Json json = Json::parse(Ask({"redeem", "ana", "coffee", "--id", "r2",
                                     "--quantity", "2", "--json"})
                                    .out);
  EXPECT_TRUE(json.at("accepted"));
  EXPECT_FALSE(json.at("repeat"));
  EXPECT_EQ(json.at("effects")[0].at("kind"), "redeemed");
  EXPECT_EQ(json.at("effects")[0].at("units"), 20);
  EXPECT_EQ(Has("balance"), 20);
}

TEST_F(Counter, AnswersAsBeforeHoweverMuchLater) {
  Ask({"redeem", "ana", "coffee", "--id", "r1"});
  Ask({"redeem", "ana", "coffee", "--id", "r2", "--at", "2026-03-09"});
  const Ended again = Ask({"redeem", "ana", "coffee", "--id", "r1"});
  EXPECT_EQ(again.exit, 0);
  EXPECT_THAT(again.out, HasSubstr("As answered before:"));
  EXPECT_EQ(Has("balance"), 30);
}

TEST_F(Counter, SaysNoWithASentence) {
  const Ended ended =
      Ask({"redeem", "ana", "coffee", "--id", "r1", "--quantity", "9"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_EQ(ended.out, "Rejected: it costs 90 points, and 50 are available.\n");
  EXPECT_EQ(Ask({"redeem", "ana", "coffe", "--id", "r2"}).exit, 1);
  EXPECT_EQ(Ask({"redeem", "ana", "coffee", "--id", "r1"}).exit, 1)
      << "another content under the same id";
  EXPECT_EQ(Has("balance"), 50);
}

TEST_F(Counter, SuggestsNoOfferThatTheMemberMayNotSee) {
  const auto said = [&](const std::string& reward) {
    const Ended ended = Ask({"redeem", "ana", reward, "--id", "for-" + reward});
    EXPECT_EQ(ended.exit, 1);
    return ended.out + ended.err;
  };
  EXPECT_THAT(said("hampr"), HasSubstr("hamper"));
  EXPECT_THAT(said("tastin"), Not(HasSubstr("tasting")));
  EXPECT_THAT(said("tasting"), HasSubstr("there is no reward \"tasting\""));
}

TEST_F(Counter, IsAskedWrongly) {
  EXPECT_EQ(Ask({"redeem", "ana", "coffee"}).exit, 2) << "no id";
  const Ended bad =
      Ask({"redeem", "ana", "coffee", "--id", "r1", "--at", "noon"});
  EXPECT_EQ(bad.exit, 2);
  EXPECT_THAT(bad.err, HasSubstr("--at noon: write it as"));
  EXPECT_EQ(Ask({"redeem", "ana", "coffee", "--id", ""}).exit, 2);
  EXPECT_EQ(RunLoyalty({"redeem", "ana", "coffee", "--id", "r1", "--db",
                        folder_.File("nowhere.db")})
                .exit,
            3);
  EXPECT_EQ(Ask({"explain"}).exit, 2);
  EXPECT_EQ(Ask({"explain", "e1", "--currency", "points"}).exit, 2);
}

TEST_F(Counter, ReadsNumbersAsTheyAreWritten) {
  const auto transfer = [&](const std::string& units, const std::string& id) {
    return Ask({"transfer", "ana", "bob", "--currency", "points", "--units",
                units, "--id", id});
  };
  EXPECT_THAT(transfer("010", "t1").out, HasSubstr("ana sent 10 points."));
  for (const std::string units :
       {"", " ", "0x10", "1.5", "ten", "99999999999999999999"}) {
    const Ended ended = transfer(units, "t2");
    EXPECT_EQ(ended.exit, 2) << units;
    EXPECT_THAT(ended.err, HasSubstr("is no whole number of 64 bits"));
  }
  // Without --units it would be all of it, which nobody said.
  Ask({"redeem", "ana", "coffee", "--id", "r1"});
  EXPECT_EQ(Ask({"cancel", "ana", "r1", "--units", "", "--id", "c1"}).exit, 2);
  EXPECT_EQ(
      Ask({"redeem", "ana", "coffee", "--quantity", "", "--id", "r2"}).exit, 2);
  EXPECT_EQ(Has("balance"), 30);
}

TEST_F(Counter, AsksWhoCorrectsAndWhy) {
  const auto adjust = [&](const std::string& by, const std::string& reason) {
    return Ask({"adjust", "ana", "--currency", "points", "--units", "5", "--by",
                by, "--reason", reason, "--id", "j1"});
  };
  for (const auto& [by, reason, field] :
       {std::tuple("", "late", "attributes.by: is blank"),
        std::tuple(" ", "late", "attributes.by: is blank"),
        std::tuple("jo", " ", "attributes.reason: is blank")}) {
    const Ended ended = adjust(by, reason);
    EXPECT_EQ(ended.exit, 2);
    EXPECT_THAT(ended.err, HasSubstr(field));
  }
  EXPECT_EQ(Has("balance"), 50);
  EXPECT_EQ(adjust("jo", "late").exit, 0);
}

// As "member" does.
TEST_F(Counter, ExportsAsOfTheNewestEvent) {
  const Json whole = Json::parse(Ask({"export", "ana"}).out);
  EXPECT_EQ(whole.at("currencies")[0].at("balance"), 50);
  EXPECT_EQ(Ask({"export", "ana", "--at", "2026-03-02T12:00:00Z"}).out,
            Ask({"export", "ana"}).out);
  EXPECT_NE(Ask({"export", "ana", "--at", "2030-01-01"}).out,
            Ask({"export", "ana"}).out);
}

TEST_F(Counter, HoldsCapturesVoidsAndCancels) {
  EXPECT_EQ(Ask({"redeem", "ana", "workshop", "--id", "h1"}).exit, 0);
  EXPECT_EQ(Has("held"), 30);
  EXPECT_THAT(Ask({"member", "ana"}).out, HasSubstr("30 held"));
  EXPECT_EQ(Ask({"void", "ana", "h1", "--id", "v1"}).out,
            "30 points of ana that were held are free again.\n");
  EXPECT_EQ(Ask({"redeem", "ana", "workshop", "--id", "h2"}).exit, 0);
  EXPECT_EQ(Ask({"capture", "ana", "h2", "--id", "c1", "--units", "25"}).exit,
            0);
  EXPECT_EQ(Ask({"capture", "ana", "h2", "--id", "c2"}).exit, 1);
  EXPECT_EQ(Ask({"cancel", "ana", "h2", "--id", "x1"}).exit, 0);
  const Ended nothing = Ask({"cancel", "ana", "h2", "--id", "x2"});
  EXPECT_EQ(nothing.exit, 0);
  EXPECT_THAT(nothing.out, HasSubstr("had been given back before"));
  EXPECT_EQ(Has("balance"), 50);
}

TEST_F(Counter, NotesWhatWasHandedOver) {
  Ask({"redeem", "ana", "coffee", "--id", "r1"});
  EXPECT_EQ(Ask({"fulfil", "ana", "r1", "--by", "jo", "--id", "f1"}).out,
            "coffee was handed over to ana.\n");
  const Ended cancelled = Ask({"cancel", "ana", "r1", "--id", "c1"});
  EXPECT_EQ(cancelled.exit, 1);
  EXPECT_THAT(cancelled.out, HasSubstr("is not given back"));
  EXPECT_THAT(Ask({"statement", "ana"}).out, HasSubstr("coffee handed over"));
}

TEST_F(Counter, SendsAndCorrects) {
  EXPECT_EQ(Ask({"transfer", "ana", "bob", "--currency", "points", "--units",
                 "20", "--id", "t1"})
                .out,
            "ana sent 20 points.\nbob received 20 points.\n20 points of bob "
            "expire at 2027-03-01 12:00.\n");
  EXPECT_EQ(Ask({"adjust", "ana", "--currency", "points", "--units", "-5",
                 "--by", "jo", "--reason", "counted twice", "--id", "j1"})
                .out,
            "ana lost 5 points by a person's correction.\n"
            "It was corrected by jo: counted twice.\n");
  EXPECT_EQ(BalancesIn(db_, "points"),
            (std::map<std::string, int64_t>{{"ana", 25}, {"bob", 20}}));
}

TEST_F(Counter, ErasesOnlyWhoIsMeant) {
  const Ended asked = Ask({"erase", "ana", "--id", "x1"});
  EXPECT_EQ(asked.exit, 2);
  EXPECT_THAT(asked.out, IsEmpty());
  EXPECT_THAT(asked.err, AllOf(HasSubstr("cannot be undone"),
                               HasSubstr("say --yes if that is meant")));
  EXPECT_EQ(Has("balance"), 50);
  const Ended erased = Ask({"erase", "ana", "--id", "x1", "--yes"});
  EXPECT_EQ(erased.exit, 0) << erased.err;
  EXPECT_EQ(erased.out,
            "Who it was is forgotten: the file calls them #1 from here on.\n");
  EXPECT_EQ(Ask({"member", "ana"}).exit, 1);
  EXPECT_THAT(Read(db_), Not(HasSubstr("ana")));
  const Ended again = Ask({"erase", "ana", "--id", "x1", "--yes", "--json"});
  EXPECT_TRUE(Json::parse(again.out).at("repeat"));
  EXPECT_EQ(Ask({"verify"}).exit, 0);
}

TEST_F(Counter, ShowsTheCatalogue) {
  const Ended all = Ask({"rewards"});
  EXPECT_THAT(all.out, AllOf(HasSubstr("coffee"), HasSubstr("3 left"),
                             HasSubstr("tasting")));
  const Ended ana = Ask({"rewards", "--member", "ana"});
  EXPECT_THAT(ana.out, HasSubstr("can be had"));
  EXPECT_THAT(ana.out, Not(HasSubstr("tasting")));
  EXPECT_THAT(ana.out, HasSubstr("it costs 500 points, and 50 are available"));
  for (const Json& line :
       JsonLines(Ask({"rewards", "--member", "ana", "--json"}).out)) {
    EXPECT_EQ(line.at("available").get<bool>(), line.at("reason").is_null());
  }
  EXPECT_EQ(Ask({"rewards", "--member", "nobody"}).exit, 1);
}

TEST_F(Counter, ShowsWhatExpiresAndPostsIt) {
  EXPECT_THAT(Ask({"member", "ana"}).out,
              HasSubstr("50  points  until 2027-03-01 12:00"));
  EXPECT_THAT(Ask({"member", "ana", "--at", "2027-03-02"}).out,
              Not(HasSubstr("Expiring")));
  EXPECT_THAT(Ask({"sweep"}).out, HasSubstr("Nothing has fallen due"));
  EXPECT_EQ(Ask({"sweep", "--at", "2027-03-02"}).exit, 1)
      << "further ahead than the program allows";
}

TEST_F(Counter, ShowsOfMuchThatExpiresWhatDoesFirst) {
  std::string days;
  for (int day = 3; day <= 9; ++day) {
    const std::string number = std::to_string(day);
    days += R"({"id":"day)" + number +
            R"(","type":"purchase","actor":"ben","time":"2026-03-0)" + number +
            R"(T12:00:00Z","attributes":{"cents":1000}})" + "\n";
  }
  Write(folder_.File("days.jsonl"), days);
  ASSERT_EQ(Ask({"run", "--program", ExampleProgram("corner_shop.textproto"),
                 folder_.File("days.jsonl")})
                .exit,
            0);
  const std::string ben = Ask({"member", "ben"}).out;
  EXPECT_THAT(ben,
              HasSubstr("  10  points  until 2027-03-07 12:00\n"
                        "  20  points  later, the last of it until 2027-03-09 "
                        "12:00\n"));
  EXPECT_THAT(ben, Not(HasSubstr("03-08")));
}

TEST_F(Counter, TellsAStatementOfAnyTime) {
  Ask({"redeem", "ana", "coffee", "--id", "r1", "--at", "2026-03-05"});
  const Ended before = Ask({"statement", "ana", "--at", "2026-03-04"});
  EXPECT_EQ(before.exit, 0);
  EXPECT_THAT(before.out,
              HasSubstr("points: all lines add up to 50, which is the "
                        "balance"));
  EXPECT_THAT(before.out, HasSubstr("expires 2027-03-01 12:00"));
  EXPECT_THAT(before.out, Not(HasSubstr("r1")));
  const Ended now = Ask({"statement", "ana", "--limit", "1"});
  EXPECT_THAT(now.out, AllOf(HasSubstr("the balance before: 50 points"),
                             HasSubstr("add up to 40")));
  const Ended later = Ask({"statement", "ana", "--at", "2027-03-02"});
  EXPECT_EQ(later.exit, 0);
  EXPECT_THAT(later.out, HasSubstr("add up to 40, 40 of it expired and not "
                                   "posted yet, and the balance is 0"));
  const auto lines = JsonLines(Ask({"statement", "ana", "--json"}).out);
  EXPECT_EQ(lines[0].at("expires"), "2027-03-01T12:00:00Z");
  EXPECT_EQ(Ask({"balances", "--currency", "points", "--at", "2026-03-04"}).out,
            "ana\t50\n");
  EXPECT_EQ(Ask({"balances", "--currency", "points"}).out, "ana\t40\n");
}

TEST_F(Counter, SaysWhatATimeBeforeTheNewestEventIsAnsweredBy) {
  Ask({"redeem", "ana", "coffee", "--id", "r1", "--at", "2026-03-05"});
  for (const std::string command : {"member", "badges", "rewards"}) {
    const bool names = command == "rewards";
    const auto asked = [&](const std::string& at) {
      return names ? Ask({command, "--member", "ana", "--at", at})
                   : Ask({command, "ana", "--at", at});
    };
    EXPECT_THAT(asked("2026-03-04").err,
                HasSubstr("--at 2026-03-04 is before the newest event, of "
                          "2026-03-0"))
        << command;
    EXPECT_EQ(asked("2026-03-06").err, "") << command;
  }
  EXPECT_EQ(Ask({"statement", "ana", "--at", "2026-03-04"}).err, "");
}

TEST_F(Counter, ExplainsBalances) {
  Ask({"redeem", "ana", "coffee", "--id", "r1"});
  const Ended text =
      Ask({"explain", "--member", "ana", "--currency", "points"});
  EXPECT_EQ(text.exit, 0) << text.err;
  EXPECT_THAT(
      text.out,
      AllOf(
          HasSubstr(
              "+50 points by purchase (a point for each euro, but for sales)"),
          HasSubstr("-10 points spent on coffee."),
          HasSubstr("That is 40 points: 40 available, 0 pending")));
  const Json json = Json::parse(
      Ask({"explain", "--member", "ana", "--currency", "points", "--json"})
          .out);
  int64_t sum = 0;
  for (const Json& part : json.at("parts")) {
    sum += part.at("units").get<int64_t>();
  }
  EXPECT_EQ(sum, json.at("total"));
}

TEST_F(Counter, ExplainsWhatDidNotCome) {
  const Ended text =
      Ask({"explain", "e2", "--rule", "purchase", "--member", "ana"});
  EXPECT_EQ(text.exit, 0) << text.err;
  EXPECT_THAT(
      text.out,
      HasSubstr("\"a point for each euro, but for sales\" does not hold "
                "here: !event.on_sale is false: "
                "event.on_sale is true."));
  const Json json = Json::parse(
      Ask({"explain", "e2", "--rule", "purchase", "--member", "ana", "--json"})
          .out);
  EXPECT_FALSE(json.at("gave"));
  EXPECT_THAT(json.at("steps"), Not(IsEmpty()));
  EXPECT_THAT(Ask({"explain", "e2"}).out,
              HasSubstr("!event.on_sale is false: event.on_sale is true"));
  EXPECT_EQ(Ask({"explain", "e2", "--rule", "purchas", "--member", "ana"}).exit,
            2);
  const Ended nobody =
      Ask({"explain", "e2", "--rule", "purchase", "--member", "anna"});
  EXPECT_EQ(nobody.exit, 1);
  EXPECT_THAT(nobody.err, HasSubstr("there is no member \"anna\""));
}

// One of two awards of a rule could not be computed.
TEST_F(Counter, ExplainsAnAwardThatFailedBesideOneThatCame) {
  Write(folder_.File("two.textproto"), R"(
    name: "two" version: "1" currency { id: "p" } currency { id: "q" }
    event_type { id: "buy" attribute { name: "n" type: INT required: true } }
    rule { id: "buy" on: "buy" award { currency: "p" units: "10 / event.n" }
           award { currency: "q" units: "1" } })");
  Write(folder_.File("two.jsonl"),
        R"({"id":"b1","type":"buy","time":"2026-03-01T12:00:00Z",)"
        R"("actor":"ana","attributes":{"n":0}})"
        "\n");
  const std::string db = folder_.File("two.db");
  const Ended ran =
      RunLoyalty({"run", "--program", folder_.File("two.textproto"), "--db", db,
                  folder_.File("two.jsonl")});
  EXPECT_EQ(ran.exit, 0) << ran.err;
  const Ended told = RunLoyalty(
      {"explain", "b1", "--rule", "buy", "--member", "ana", "--db", db});
  EXPECT_THAT(told.out, AllOf(HasSubstr("ana received 1 q"),
                              HasSubstr("division by zero")));
}

}  // namespace
}  // namespace loyalty::command
