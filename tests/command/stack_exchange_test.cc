// SPDX-License-Identifier: Apache-2.0
//
// The reputation of every user of beer.stackexchange.com, from the real events
// of two public dumps, and their badges, against a reference computed apart
// from us.
#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

class StackExchange : public testing::TestWithParam<const char*> {};

TEST_P(StackExchange, ReputationIsThatOfTheReferenceForEveryUser) {
  const std::string folder = std::string("data/stackexchange/") + GetParam();
  const std::string events = SharedFile(folder + "/events.jsonl.gz");
  if (events.empty()) {
    GTEST_SKIP() << "no real data here: LOYALTY_SHARED does not name a folder "
                    "with "
                 << folder;
  }
  const Json manifest =
      Json::parse(Read(SharedFile(folder + "/manifest.json")));
  const std::string points =
      "question_upvote_points=" + manifest.at("question_upvote_points").dump();
  const store::TemporaryFolder temporary;
  const std::string db = temporary.File("beer.db");
  const Ended run = RunLoyalty(
      {"run", "--program", ExampleProgram("stack_exchange.textproto"), "--db",
       db, "--param", points, "--json", events});
  ASSERT_EQ(run.exit, 0) << run.err;
  const Json summary = Json::parse(run.out);
  EXPECT_EQ(summary.at("recorded"), manifest.at("events"));
  EXPECT_EQ(summary.at("undeclared"), Json::object());

  const std::map<std::string, int64_t> balances = BalancesIn(db, "reputation");
  int64_t users = 0;
  int64_t different = 0;
  for (const Json& line :
       JsonLines(ReadGzip(SharedFile(folder + "/reference.jsonl.gz")))) {
    const std::string user = line.at("user");
    const auto balance = balances.find(user);
    ++users;
    if (balance != balances.end() && balance->second == line.at("reputation")) {
      continue;
    }
    if (++different > 10) continue;
    ADD_FAILURE() << user << " has "
                  << (balance == balances.end()
                          ? "no balance"
                          : std::to_string(balance->second))
                  << ", the reference " << line.at("reputation");
  }
  EXPECT_EQ(different, 0) << "of " << users;
  EXPECT_EQ(users, manifest.at("users"));
  EXPECT_EQ(RunLoyalty({"verify", "--db", db}).exit, 0);
}

// All kinds that the references have. Of Curious the reference judges by scores
// of the end, so that only who has it compares.
const std::map<std::string, std::string>& NamesOfBadges() {
  static const auto& names = *new std::map<std::string, std::string>{
      {"Student", "student"},
      {"Teacher", "teacher"},
      {"Nice Question", "nice_question"},
      {"Good Question", "good_question"},
      {"Great Question", "great_question"},
      {"Nice Answer", "nice_answer"},
      {"Good Answer", "good_answer"},
      {"Great Answer", "great_answer"},
      {"Self-Learner", "self_learner"},
      {"Scholar", "scholar"},
      {"Guru", "guru"},
      {"Revival", "revival"},
      {"Necromancer", "necromancer"},
      {"Commentator", "commentator"},
      {"Pundit", "pundit"},
      {"Editor", "editor"},
      {"Organizer", "organizer"},
      {"Strunk & White", "strunk_and_white"},
      {"Copy Editor", "copy_editor"},
      {"Cleanup", "cleanup"},
      {"Promoter", "promoter"},
      {"Investor", "investor"},
      {"Popular Question", "popular_question"},
      {"Notable Question", "notable_question"},
      {"Famous Question", "famous_question"},
      {"Favorite Question", "favorite_question"},
      {"Stellar Question", "stellar_question"},
      {"Enlightened", "enlightened"},
      {"Curious", "curious"},
      {"Benefactor", "benefactor"},
      {"Altruist", "altruist"},
      {"Mortarboard", "mortarboard"},
      {"Yearling", "yearling"},
  };
  return names;
}

// Who holds which badge since when; of equals there may be several.
using Held = std::multiset<std::tuple<std::string, std::string, std::string>>;

// The same, but for times that are not to be compared.
std::string ToCompare(const std::string& badge, const std::string& time) {
  return badge == "curious" ? "" : time;
}

// One that differs: who wrote a few minutes before the site says they came has
// anniversaries of a registration that is told to the second only.
Held WithoutMilliseconds(const Held& held, const std::string& badge) {
  Held cut;
  for (const auto& [member, of, time] : held) {
    cut.emplace(member, of,
                of == badge ? time.substr(0, time.find('.')) : time);
  }
  return cut;
}

Held HeldByReference(const std::string& reference) {
  Held held;
  for (const Json& line : JsonLines(ReadGzip(reference))) {
    for (const Json& badge : line.at("badges")) {
      const auto name = NamesOfBadges().find(badge.at("name"));
      if (name == NamesOfBadges().end()) continue;
      held.emplace(line.at("user"), name->second,
                   ToCompare(name->second, badge.at("time")));
    }
  }
  return held;
}

TEST_P(StackExchange, BadgesAreThoseOfTheReferenceForEveryUser) {
  const std::string folder = std::string("data/stackexchange/") + GetParam();
  const std::string events = SharedFile(folder + "/events.jsonl.gz");
  if (events.empty()) {
    GTEST_SKIP() << "no real data here: LOYALTY_SHARED does not name a folder "
                    "with "
                 << folder;
  }
  const Json manifest =
      Json::parse(Read(SharedFile(folder + "/manifest.json")));
  const std::string points =
      "question_upvote_points=" + manifest.at("question_upvote_points").dump();
  const store::TemporaryFolder temporary;
  const std::string db = temporary.File("beer.db");
  const Ended run = RunLoyalty(
      {"run", "--program", ExampleProgram("stack_exchange_badges.textproto"),
       "--db", db, "--param", points, events});
  ASSERT_EQ(run.exit, 0) << run.err;
  const Ended badges = RunLoyalty({"badges", "--db", db, "--json"});
  ASSERT_EQ(badges.exit, 0) << badges.err;
  Held held;
  for (const Json& line : JsonLines(badges.out)) {
    held.emplace(line.at("member"), line.at("badge"),
                 ToCompare(line.at("badge"), line.at("time")));
  }
  const Held reference =
      HeldByReference(SharedFile(folder + "/reference.jsonl.gz"));
  EXPECT_GT(reference.size(), 500);
  EXPECT_EQ(WithoutMilliseconds(held, "yearling"),
            WithoutMilliseconds(reference, "yearling"));
  EXPECT_EQ(RunLoyalty({"verify", "--db", db}).exit, 0);
}

// The log up to the moment of an older dump, whose references were computed
// apart: votes that were taken back later stand in it.
class StackExchangeAsOf : public testing::TestWithParam<const char*> {};

TEST_P(StackExchangeAsOf, BadgesAreThoseOfTheReferenceForEveryUser) {
  const std::string folder = "data/stackexchange/beer-2016/";
  const std::string day = GetParam();
  const std::string events = SharedFile(folder + "events.jsonl.gz");
  if (events.empty()) {
    GTEST_SKIP() << "no real data here: LOYALTY_SHARED does not name a folder "
                    "with "
                 << folder;
  }
  const Json report =
      Json::parse(Read(SharedFile(folder + "report-" + day + ".json")));
  const std::string until = report.at("until");
  std::string log;
  int64_t count = 0;
  for (const Json& event : JsonLines(ReadGzip(events))) {
    if (event.at("time").get<std::string>() > until) continue;
    log += event.dump() + "\n";
    ++count;
  }
  EXPECT_EQ(count, report.at("events"));
  const store::TemporaryFolder temporary;
  const std::string until_then = temporary.File("events.jsonl");
  Write(until_then, log);
  const std::string db = temporary.File("beer.db");
  const Ended run = RunLoyalty(
      {"run", "--program", ExampleProgram("stack_exchange_badges.textproto"),
       "--db", db, "--param",
       "question_upvote_points=" + report.at("question_upvote_points").dump(),
       until_then});
  ASSERT_EQ(run.exit, 0) << run.err;
  // What time has brought by then.
  const Ended badges =
      RunLoyalty({"badges", "--db", db, "--at", until, "--json"});
  ASSERT_EQ(badges.exit, 0) << badges.err;
  Held held;
  for (const Json& line : JsonLines(badges.out)) {
    held.emplace(line.at("member"), line.at("badge"),
                 ToCompare(line.at("badge"), line.at("time")));
  }
  const Held reference =
      HeldByReference(SharedFile(folder + "reference-" + day + ".jsonl.gz"));
  EXPECT_GT(reference.size(), 500);
  EXPECT_EQ(WithoutMilliseconds(held, "yearling"),
            WithoutMilliseconds(reference, "yearling"));
}

INSTANTIATE_TEST_SUITE_P(Beer, StackExchangeAsOf,
                         testing::Values("2014-05-04", "2016-09-04"),
                         [](const auto& day) {
                           return std::string(day.param) == "2014-05-04"
                                      ? "In2014"
                                      : "In2016";
                         });

INSTANTIATE_TEST_SUITE_P(Beer, StackExchange,
                         testing::Values("beer-2014", "beer-2016"),
                         [](const auto& dump) {
                           return std::string(dump.param) == "beer-2014"
                                      ? "In2014"
                                      : "In2016";
                         });

}  // namespace
}  // namespace loyalty::command
