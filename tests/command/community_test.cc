// SPDX-License-Identifier: Apache-2.0
//
// A made-up community: that its log is the same for a seed, that it looks like
// one, and that neither batches nor repeats make a difference to what it earns.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using testing::HasSubstr;
using testing::IsSupersetOf;

std::string LogOf(const std::string& seed) {
  const Ended ended = RunLoyalty({"simulate-community", "--members", "80",
                                  "--days", "60", "--seed", seed});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  return ended.out;
}

class Community : public testing::Test {
 protected:
  // Feeds the log to a database of its own, whose path it returns.
  std::string Fed(const std::string& name, const Arguments& more) {
    const std::string db = folder_.File(name + ".db");
    Feed(db, more);
    return db;
  }

  Json Feed(const std::string& db, const Arguments& more) {
    Write(folder_.File("events.jsonl"), log_);
    Arguments arguments = {
        "run",  "--program", ExampleProgram("brand_community.textproto"),
        "--db", db,          "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(folder_.File("events.jsonl"));
    const Ended ended = RunLoyalty(arguments);
    EXPECT_EQ(ended.exit, 0) << ended.err;
    return Json::parse(ended.out);
  }

  store::TemporaryFolder folder_;
  std::string log_ = LogOf("1");
};

TEST_F(Community, IsTheSameForTheSameSeedByteForByte) {
  EXPECT_TRUE(LogOf("1") == log_);
  EXPECT_FALSE(LogOf("2") == log_);
  const std::string out = folder_.File("out.jsonl");
  EXPECT_EQ(RunLoyalty({"simulate-community", "--members", "80", "--days", "60",
                        "--seed", "1", "--out", out})
                .exit,
            0);
  EXPECT_TRUE(Read(out) == log_);
}

TEST_F(Community, DoesAllThatCommunitiesDo) {
  std::set<std::string> types;
  std::map<std::string, int> lines_by_id;
  std::map<std::string, int> events_by_actor;
  int late = 0;
  std::string newest;
  for (const Json& event : JsonLines(log_)) {
    types.insert(event.at("type"));
    const std::string time = event.at("time");
    if (time < newest) ++late;
    newest = std::max(newest, time);
    if (++lines_by_id[event.at("id")] > 1) continue;
    if (event.contains("actor")) ++events_by_actor[event.at("actor")];
  }
  EXPECT_THAT(types,
              IsSupersetOf({"kudos_given", "kudos_taken_back", "post_deleted",
                            "solution_blog", "solution_accepted", "idea_vote",
                            "welcome_posted", "reply_posted"}));
  size_t lines = 0;
  for (const auto& [id, count] : lines_by_id) lines += count;
  EXPECT_GT(lines, lines_by_id.size()) << "some lines come twice";
  EXPECT_GT(late, 0);

  std::vector<int> activity;
  int all = 0;
  for (const auto& [actor, count] : events_by_actor) {
    activity.push_back(count);
    all += count;
  }
  std::sort(activity.rbegin(), activity.rend());
  int most_active_tenth = 0;
  for (size_t i = 0; i < activity.size() / 10; ++i) {
    most_active_tenth += activity[i];
  }
  EXPECT_GT(most_active_tenth, all / 4) << "a few do much of it";
}

TEST_F(Community, UsesNoAttributeThatItsProgramsDoNotDeclare) {
  for (const char* program :
       {"brand_community.textproto", "likes_only.textproto"}) {
    const Ended ended = RunLoyalty(
        {"run", "--program", ExampleProgram(program), "--db",
         folder_.File(std::string(program) + ".db"), "--strict", "--json", "-"},
        log_);
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(Json::parse(ended.out).at("bad_lines"), 0);
  }
}

TEST_F(Community, EarnsTheSameInBatchesOfAnySize) {
  const std::string one = Fed("one", {"--batch", "1"});
  const std::string seven = Fed("seven", {"--batch", "7"});
  const std::string thousand = Fed("thousand", {"--batch", "1000"});
  const std::vector<Json> feed = FeedOf(one);
  EXPECT_GT(feed.size(), 1000u);
  EXPECT_TRUE(FeedOf(seven) == feed);
  EXPECT_TRUE(FeedOf(thousand) == feed);
  EXPECT_TRUE(PostingsIn(seven) == PostingsIn(one));
  EXPECT_TRUE(PostingsIn(thousand) == PostingsIn(one));
  for (const char* currency : {"points", "expert", "welcome", "conversation"}) {
    const auto balances = BalancesIn(one, currency);
    EXPECT_EQ(BalancesIn(seven, currency), balances);
    EXPECT_EQ(BalancesIn(thousand, currency), balances);
  }
}

TEST_F(Community, EarnsNothingMoreWhenItsLogIsFedAgain) {
  const std::string db = folder_.File("community.db");
  const Json first = Feed(db, {});
  const auto balances = BalancesIn(db, "points");
  const std::vector<Json> feed = FeedOf(db);
  const std::vector<std::string> postings = PostingsIn(db);
  const Json again = Feed(db, {});
  EXPECT_EQ(again.at("recorded"), 0);
  EXPECT_EQ(again.at("repeats"), first.at("lines"));
  EXPECT_EQ(BalancesIn(db, "points"), balances);
  EXPECT_TRUE(FeedOf(db) == feed);
  EXPECT_TRUE(PostingsIn(db) == postings);
  const Ended verified = RunLoyalty({"verify", "--db", db});
  EXPECT_EQ(verified.exit, 0) << verified.out;
}

TEST_F(Community, HasStatementsThatAddUp) {
  const std::string db = Fed("community", {});
  for (const Json& row :
       JsonLines(RunLoyalty({"leaderboard", "--db", db, "--currency", "points",
                             "--json"})
                     .out)) {
    const Ended ended = RunLoyalty({"statement", row.at("member"), "--db", db});
    EXPECT_EQ(ended.exit, 0);
    EXPECT_THAT(ended.out, HasSubstr("which is the balance"));
  }
}

}  // namespace
}  // namespace loyalty::command
