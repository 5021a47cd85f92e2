// SPDX-License-Identifier: Apache-2.0
//
// What can be looked at: profile, statement, explanation, leaderboards, shop,
// the admin's figures, and what monitoring asks.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "server/serving.h"

namespace community {
namespace {

using testing::HasSubstr;
using testing::Not;

class Reading : public testing::Test {
 protected:
  std::string Blog(Client& client) {
    const Answer answer =
        client.Post("/api/posts",
                    {{"kind", "blog"}, {"title", "How"}, {"text", Words(300)}});
    return answer.body.value("event", "");
  }

  Serving serving_;
  Client ada_ = serving_.Member("ada");
  Client grace_ = serving_.Member("grace");
};

TEST_F(Reading, AProfileSaysWhatTheNextLevelAsksFor) {
  Blog(ada_);
  const Json profile = ada_.Get("/api/members/me").body;
  EXPECT_EQ(profile["member"], "ada");
  const Json& expert = profile["ladders"][0];
  EXPECT_EQ(expert["level"], "member");
  EXPECT_EQ(expert["next_level"], "helper");
  EXPECT_EQ(expert["have"], 10);
  EXPECT_EQ(expert["want"], 100);
  EXPECT_EQ(profile["streaks"][0]["length"], 1);
  EXPECT_EQ(profile["quests"][0]["quest"], "first_steps");
}

TEST_F(Reading, AProfileOfAnotherHasNoBalances) {
  const Json seen = grace_.Get("/api/members/ada").body;
  EXPECT_TRUE(seen.contains("ladders"));
  EXPECT_FALSE(seen.contains("currencies"));
  EXPECT_FALSE(seen.contains("metrics"));
  EXPECT_TRUE(serving_.Machine(kReadToken)
                  .Get("/api/members/ada")
                  .body.contains("currencies"));
  EXPECT_EQ(grace_.Get("/api/members/ada/statement").status, 403);
  EXPECT_EQ(grace_.Get("/api/members/ada/next").status, 403);
  EXPECT_EQ(grace_.Get("/api/members/nobody").status, 404);
}

TEST_F(Reading, AStatementSaysWhyPageByPageTheNewestFirst) {
  Blog(ada_);
  ada_.Post("/api/posts",
            {{"kind", "question"}, {"title", "Why"}, {"text", "?"}});
  const std::string path = "/api/members/me/statement?limit=2";
  const Json first = ada_.Get(path).body;
  ASSERT_EQ(first["lines"].size(), 2u);
  EXPECT_EQ(first["lines"][0]["event_type"], "question_asked");
  EXPECT_EQ(first["lines"][0]["currency"], "conversation");
  EXPECT_EQ(first["lines"][1]["currency"], "points");
  EXPECT_EQ(first["lines"][1]["balance"], 11);
  const Json second =
      ada_.Get(path + "&before=" + first["before"].get<std::string>()).body;
  ASSERT_EQ(second["lines"].size(), 2u);
  EXPECT_EQ(second["lines"][0]["why"],
            "10 points and up to 30 expert for a solution blog of 300 words or "
            "more, two a week");
  const Json third =
      ada_.Get(path + "&before=" + second["before"].get<std::string>()).body;
  ASSERT_EQ(third["lines"].size(), 1u);
  EXPECT_EQ(third["lines"][0]["balance"], 10);
  EXPECT_TRUE(third["before"].is_null());
  // Nor is there more after a last page that is full.
  const Json whole = ada_.Get("/api/members/me/statement?limit=5").body;
  EXPECT_EQ(whole["lines"].size(), 5u);
  EXPECT_TRUE(whole["before"].is_null());
  EXPECT_EQ(ada_.Get(path + "&before=x").status, 400);
  EXPECT_EQ(ada_.Get("/api/members/me/statement?currency=pionts").status, 400);
}

TEST_F(Reading, AnExplanationNamesNobodyElse) {
  const std::string event = Blog(ada_);
  const std::string post =
      ada_.Get("/api/posts?author=ada&kind=blog").body["posts"][0]["id"];
  const std::string kudos =
      grace_.Put("/api/posts/" + post + "/kudos").body["event"];
  const Answer own = ada_.Get("/api/explain/" + event);
  EXPECT_EQ(own.body["rules"][0]["gave"], true);
  EXPECT_NE(own.body["rules"][0]["sentence"], "");
  const Answer received = ada_.Get("/api/explain/" + kudos);
  EXPECT_EQ(received.status, 200);
  EXPECT_THAT(received.text, Not(HasSubstr("grace")));
  EXPECT_EQ(grace_.Get("/api/explain/" + event).status, 404);
  EXPECT_THAT(serving_.Machine(kReadToken).Get("/api/explain/" + kudos).text,
              HasSubstr("grace"));
}

TEST_F(Reading, ALeaderboardHasItsTopAndWhatIsAroundAMember) {
  Blog(ada_);
  EXPECT_THAT(ada_.Get("/api/leaderboards").text, HasSubstr("\"month\""));
  const Json top = grace_.Get("/api/leaderboards/month").body["rows"];
  ASSERT_EQ(top.size(), 1u);
  EXPECT_EQ(top[0]["member"], "ada");
  EXPECT_EQ(top[0]["earned"], 10);
  EXPECT_EQ(ada_.Get("/api/leaderboards/month/around").body["rows"], top);
  EXPECT_EQ(grace_.Get("/api/leaderboards/month/around").status, 404);
  EXPECT_EQ(ada_.Get("/api/leaderboards/month/seasons").body["seasons"].size(),
            1u);
  EXPECT_EQ(ada_.Get("/api/leaderboards/mont").status, 400);
}

TEST_F(Reading, TheShopHasWhatTheMemberMaySee) {
  const Json rewards = ada_.Get("/api/rewards").body["rewards"];
  ASSERT_EQ(rewards.size(), 2u);  // not those of a second level
  EXPECT_EQ(rewards[0]["reward"], "stickers");
  EXPECT_EQ(rewards[0]["why"], "insufficient_balance");
}

TEST_F(Reading, TheGuideHasWhatNobodyHasYet) {
  const Json guide = ada_.Get("/api/program").body;
  const Json& expert = guide["ladders"][0];
  EXPECT_EQ(expert["describe"], "Solves what others are stuck with");
  EXPECT_EQ(expert["currency"], "expert");
  ASSERT_EQ(expert["levels"].size(), 4u);
  EXPECT_EQ(expert["levels"][1], (Json{{"level", "helper"},
                                       {"describe", ""},
                                       {"at", 100},
                                       {"badge", ""},
                                       {"by_hand", false},
                                       {"also", Json::array()},
                                       {"privileges", {"expert_badge"}}}));
  ASSERT_EQ(guide["badges"].size(), 8u);
  EXPECT_EQ(guide["badges"][1], (Json{{"badge", "problem_solver"},
                                      {"describe", "50 replies that solved it"},
                                      {"class", "silver"}}));
  EXPECT_EQ(
      guide["quests"][0]["steps"][1],
      (Json{{"step", "votes"}, {"describe", "Vote for ideas"}, {"goal", 2}}));
  EXPECT_EQ(guide["currencies"][4]["describe"], "What the brand's shop takes");
  EXPECT_EQ(guide["streaks"][0]["streak"], "weeks");
  EXPECT_EQ(guide["leaderboards"][0]["describe"], "Who did most for all");
  // Not those that only some may see, as a profile of theirs would have them.
  EXPECT_EQ(guide["rewards"].size(), 2u);
  EXPECT_EQ(serving_.Machine(kReadToken).Get("/api/program").body, guide);
  EXPECT_EQ(serving_.Machine(kWriteToken).Get("/api/program").status, 403);
  EXPECT_EQ(serving_.Nobody().Get("/api/program").status, 401);
}

TEST_F(Reading, NextStepsSayWhatToDo) {
  const Json goals = ada_.Get("/api/members/me/next?limit=3").body["goals"];
  ASSERT_EQ(goals.size(), 3u);
  EXPECT_NE(goals[0]["sentence"], "");
  EXPECT_TRUE(goals[0]["ways"][0]["left_to_others"].is_number());
}

// What all members do together asks one solution of each who is to share in it.
TEST_F(Reading, NextStepsSayWhatManyDoTogether) {
  const Json goals = ada_.Get("/api/members/me/next?limit=20").body["goals"];
  const auto all = std::find_if(
      goals.begin(), goals.end(),
      [](const Json& goal) { return goal["id"] == "two_hundred"; });
  ASSERT_NE(all, goals.end());
  EXPECT_EQ((*all)["together"], true);
  EXPECT_EQ((*all)["needs"],
            (Json{{{"what", "solutions"}, {"have", 0}, {"want", 200}},
                  {{"what", "own.two_hundred"}, {"have", 0}, {"want", 1}}}));
  EXPECT_EQ((*all)["ways"][0]["left_to_others"], 199);
}

TEST_F(Reading, TheProgramComesWithItsDiagnostics) {
  Client admin = serving_.Machine(kAdminToken);
  const Json program = admin.Get("/api/admin/program").body;
  EXPECT_EQ(program["name"], "brand_community");
  const Json found =
      admin
          .Post("/api/admin/program/check",
                {{"text", "name: \"x\" version: \"1\"\ncurency {}"}})
          .body["diagnostics"];
  ASSERT_FALSE(found.empty());
  EXPECT_EQ(found[0]["severity"], "error");
  EXPECT_EQ(found[0]["line"], 2);
}

TEST_F(Reading, FiguresAddUp) {
  Blog(ada_);
  const Json figures =
      serving_.Machine(kAdminToken).Get("/api/admin/figures").body;
  EXPECT_EQ(figures["accepted"], 3);  // two joined
  EXPECT_EQ(figures["outstanding"]["points"]["units"], 10);
  EXPECT_EQ(figures["awards"][0]["rule"], "blog_a_solution");
  EXPECT_EQ(figures["awards"][0]["units"]["coins"], 5);
  ASSERT_EQ(figures["days"].size(), 1u);  // today
  EXPECT_EQ(figures["days"][0]["units"]["points"], 10);
  EXPECT_EQ(figures["most_active"]["members"][0]["member"], "ada");
  EXPECT_EQ(figures["most_active"]["rewarded"], 0);
}

TEST_F(Reading, MetricsCountWhatWasDone) {
  Blog(ada_);
  const Answer metrics = serving_.Machine(kReadToken).Get("/metrics");
  EXPECT_THAT(metrics.Header("Content-Type"), HasSubstr("text/plain"));
  EXPECT_THAT(metrics.text,
              HasSubstr("community_acts_total{answer=\"accepted\"} 3\n"));
  EXPECT_THAT(metrics.text, HasSubstr("community_journal_seq 3\n"));
  EXPECT_THAT(metrics.text, HasSubstr("community_acts_pending 0\n"));
  EXPECT_THAT(metrics.text, HasSubstr("community_http_answers_total{route=\"/"
                                      "api/posts\",status=\"201\"} 1\n"));
  EXPECT_EQ(serving_.Nobody().Get("/healthz").status, 200);
}

}  // namespace
}  // namespace community
