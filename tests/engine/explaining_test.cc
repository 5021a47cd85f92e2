// SPDX-License-Identifier: Apache-2.0
//
// Every posting can be explained, and every statement adds up.
#include <absl/strings/str_cat.h>
#include <absl/strings/substitute.h>
#include <absl/time/civil_time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::Community;
using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kForum[] = R"(
  name: "forum" version: "7"
  currency { id: "rep" opening: 1 floor: 1 daily_cap { units: 15 } }
  event_type { id: "up" attribute { name: "owner" type: MEMBER } }
  event_type { id: "down" attribute { name: "owner" type: MEMBER } }
  rule { id: "up" describe: "your post was voted up" on: "up"
         award { to: "event.owner" currency: "rep" units: "10" } }
  rule { id: "night" on: "up" when: "event.time.getHours() < 6"
         award { to: "event.owner" currency: "rep" units: "1" } }
  rule { id: "broken" on: "up" when: "1 / (event.time.getMinutes() - event.time.getMinutes()) == 1"
         award { to: "event.owner" currency: "rep" units: "1" } }
  rule { id: "down" on: "down" award { to: "event.owner" currency: "rep" units: "-50" } }
)";

Event Vote(const std::string& type, const std::string& id) {
  return {.id = id,
          .type = type,
          .time = Day(1),
          .target = "post",
          .attributes = {{"owner", "grace"}}};
}

TEST(Explanation, NamesEventRuleProgramAndWhyThatAmount) {
  Community community(kForum);
  community.Send(Vote("up", "e1"));
  community.Send(Vote("up", "e2"));
  const auto explanation = (*community.engine().Query())->Explain("e2");
  ASSERT_TRUE(explanation.ok());
  EXPECT_EQ(explanation->program, "forum 7");
  ASSERT_EQ(explanation->postings.size(), 1u);
  EXPECT_EQ(explanation->postings[0].from, "issued:up");
  EXPECT_EQ(explanation->postings[0].to, "member:grace");
  EXPECT_EQ(explanation->postings[0].units, 5);
  EXPECT_THAT(
      explanation->sentences,
      ElementsAre("grace received 5 rep by up (your post was voted up), "
                  "which asked for 10. The daily cap of 15 rep left 5 "
                  "of it."));
}

TEST(Explanation, NamesLimitAndCapWhereBothCut) {
  Community community(R"(
    name: "f" version: "1"
    currency { id: "rep" daily_cap { units: 12 } }
    event_type { id: "up" attribute { name: "owner" type: MEMBER } }
    rule { id: "up" on: "up" award { to: "event.owner" currency: "rep" units: "10"
           limit { per: DAY units: 18 } } })");
  community.Send(Vote("up", "e1"));
  community.Send(Vote("up", "e2"));
  EXPECT_THAT((*community.engine().Query())->Explain("e2")->sentences,
              ElementsAre("grace received 2 rep by up, which asked for 10. A "
                          "limit of the rule left 8 of it. The daily cap of 12 "
                          "rep left 2 of it."));
}

TEST(Explanation, SaysOfTimesInWhichZoneTheyAre) {
  constexpr char kLasting[] = R"(
    name: "f" version: "1" $0
    currency { id: "rep" spendable: true }
    event_type { id: "up" attribute { name: "owner" type: MEMBER } }
    rule { id: "up" on: "up" award { to: "event.owner" currency: "rep"
           units: "10" expires_at_end_of: DAY } })";
  const auto told = [&](const std::string& zone) {
    Community community(absl::Substitute(kLasting, zone));
    Event vote = Vote("up", "e1");
    vote.time =
        absl::FromCivil(absl::CivilHour(2026, 1, 1, 12), absl::UTCTimeZone());
    community.Send(vote);
    return (*community.engine().Query())->Explain("e1")->sentences.back();
  };
  EXPECT_THAT(told(""), HasSubstr("2026-01-02 00:00"));
  EXPECT_THAT(told(""), Not(HasSubstr("UTC")));
  EXPECT_THAT(told("time_zone: 'Asia/Tokyo'"),
              HasSubstr("2026-01-02 00:00 JST"));
}

TEST(Explanation, SaysOfEveryRuleWhetherItFired) {
  Community community(kForum);
  community.Send(Vote("up", "e1"));
  const auto explanation = (*community.engine().Query())->Explain("e1");
  ASSERT_TRUE(explanation.ok());
  ASSERT_EQ(explanation->rules.size(), 3u);
  EXPECT_EQ(explanation->rules[0].verdict, "it fired");
  EXPECT_EQ(explanation->rules[1].verdict, "its condition was false");
  EXPECT_THAT(explanation->rules[2].verdict,
              HasSubstr("could not be evaluated: 1:3: "));
}

TEST(Explanation, TellsOfFloorReversalAndRejection) {
  Community community(kForum);
  community.Send(Vote("up", "e1"));
  community.Send(Vote("down", "e2"));
  ASSERT_TRUE(community.engine().Reverse("r1", Day(2), "e2").ok());
  ASSERT_TRUE(community.engine().Reverse("r2", Day(2), "e9").ok());
  const auto queries = community.engine().Query();
  EXPECT_THAT((*queries)->Explain("e2")->sentences,
              ElementsAre("grace lost 10 rep by down, which asked for 50. "
                          "Nobody goes below 1 rep.",
                          "What it gave was taken back by event r1, a "
                          "loyalty.reverse of 2026-01-02 12:00."));
  EXPECT_THAT((*queries)->Explain("r1")->sentences,
              ElementsAre("grace got back 10 rep, to stand as if 1 earlier "
                          "award had never been asked."));
  EXPECT_THAT((*queries)->Explain("r2")->sentences[0], HasSubstr("Rejected"));
  EXPECT_EQ((*queries)->Explain("e9").status().code(),
            absl::StatusCode::kNotFound);
}

TEST(Statement, AddsUpToTheBalance) {
  Community community(kForum);
  for (int i = 0; i < 4; ++i) community.Send(Vote("up", absl::StrCat("e", i)));
  community.Send(Vote("down", "d1"));
  ASSERT_TRUE(community.engine().Reverse("r1", Day(2), "d1").ok());
  const auto queries = community.engine().Query();
  int64_t sum = 0;
  int64_t seq = 0;
  int32_t n = -1;
  while (true) {
    const auto page = (*queries)->Statement("grace", "rep", seq, n, 2);
    ASSERT_TRUE(page.ok());
    if (page->empty()) break;
    for (const StatementLine& line : *page) {
      sum += line.units;
      EXPECT_EQ(line.balance, sum) << line.event_id;
      seq = line.seq;
      n = line.n;
    }
  }
  EXPECT_EQ(sum, community.Balance("grace", "rep"));
  EXPECT_EQ(sum, 16);
}

TEST(Statement, IsTheSameReadFromItsEnd) {
  Community community(kForum);
  for (int i = 0; i < 40; ++i) {
    const std::string n = absl::StrCat(i);
    community.Send(Vote(i % 7 == 6 ? "down" : "up", "e" + n));
    community.Send({.id = "bob" + n,
                    .type = "up",
                    .time = Day(2),
                    .target = "post",
                    .attributes = {{"owner", "bob"}}});
  }
  const auto queries = community.engine().Query();
  const auto name = [](const StatementLine& line) {
    return absl::StrCat(line.seq, ".", line.n, " ", line.event_id, " ",
                        line.units, " to ", line.balance);
  };
  std::vector<std::string> forward;
  const auto all = (*queries)->Statement("grace", "", 0, -1, INT_MAX);
  for (const StatementLine& line : *all) forward.push_back(name(line));
  ASSERT_GT(forward.size(), 40u);
  for (const int limit : {1, 2, 3, 7, 1000}) {
    std::vector<std::string> back;
    int64_t seq = Queries::kNewest;
    int32_t n = 0;
    while (true) {
      const auto page = (*queries)->StatementBefore("grace", "", seq, n, limit);
      ASSERT_TRUE(page.ok()) << page.status();
      ASSERT_LE(page->size(), static_cast<size_t>(limit));
      if (page->empty()) break;
      for (const StatementLine& line : *page) back.push_back(name(line));
      seq = page->back().seq;
      n = page->back().n;
    }
    std::reverse(back.begin(), back.end());
    EXPECT_EQ(back, forward) << "pages of " << limit;
  }
  const auto unknown =
      (*queries)->StatementBefore("grace", "rip", Queries::kNewest, 0, 1);
  EXPECT_EQ(unknown.status().code(), absl::StatusCode::kInvalidArgument);
  const auto nobody =
      (*queries)->StatementBefore("nobody", "", Queries::kNewest, 0, 1);
  EXPECT_EQ(nobody.status().code(), absl::StatusCode::kNotFound);
}

TEST(Queries, SayWhatTheyDoNotKnow) {
  Community community(kForum);
  community.Send(Vote("up", "e1"));
  const auto queries = community.engine().Query();
  EXPECT_EQ((*queries)->Member("bob").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(
      std::string((*queries)->Leaderboard("repp", 3).status().message()),
      HasSubstr("Did you mean \"rep\"?"));
}

TEST(Leaderboard, GivesTiedMembersOneRank) {
  Community community(kForum);
  for (const std::string member : {"cy", "ada", "bob"}) {
    Event event = Vote("up", member);
    event.attributes.at("owner") = member;
    community.Send(event);
  }
  Event more = Vote("up", "more");
  more.attributes.at("owner") = "bob";
  community.Send(more);
  const auto rows = (*community.engine().Query())->Leaderboard("rep", 10);
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 3u);
  EXPECT_EQ((*rows)[0].member, "bob");
  EXPECT_EQ((*rows)[1].rank, 2);
  EXPECT_EQ((*rows)[1].member, "cy") << "who had as many first";
  EXPECT_EQ((*rows)[2].rank, 2);
}

constexpr char kVotes[] = R"(
  name: "votes" version: "1"
  currency { id: "rep" }
  event_type { id: "up" attribute { name: "owner" type: MEMBER } }
  rule { id: "up" on: "up" award { to: "event.owner" currency: "rep" units: "10" } }
)";

class Placed : public ::testing::Test {
 protected:
  // m0 has most; m3 and m4 have equally many.
  Placed() {
    for (const int member : {0, 1, 2, 3, 4, 5, 6}) {
      const int votes = member < 4 ? 8 - member : 9 - member;
      for (int i = 0; i < votes; ++i) {
        Event event = Vote("up", absl::StrCat("v", member, "-", i));
        event.attributes.at("owner") = absl::StrCat("m", member);
        community_.Send(event);
      }
    }
    queries_ = std::move(*community_.engine().Query());
  }

  static std::vector<std::string> RowsOf(
      const absl::StatusOr<std::vector<LeaderboardRow>>& rows) {
    std::vector<std::string> texts;
    for (const LeaderboardRow& row : rows.value()) {
      texts.push_back(absl::StrCat(row.rank, " ", row.member));
    }
    return texts;
  }

  Community community_{kVotes};
  std::unique_ptr<Queries> queries_;
};

TEST_F(Placed, MembersAreFoundByPages) {
  EXPECT_THAT(RowsOf(queries_->Leaderboard("rep", 2, 3)),
              ElementsAre("3 m2", "4 m3", "4 m4"));
  EXPECT_THAT(RowsOf(queries_->Leaderboard("rep", 4, 9)),
              ElementsAre("4 m4", "6 m5", "7 m6"));
  EXPECT_THAT(RowsOf(queries_->Leaderboard("rep", 7, 9)), IsEmpty());
}

TEST_F(Placed, MembersHaveARank) {
  const auto row = queries_->Rank("m4", "rep");
  ASSERT_TRUE(row.ok()) << row.status();
  EXPECT_EQ(row->rank, 4);
  EXPECT_EQ(row->member, "m4");
  EXPECT_EQ(row->earned, queries_->Rank("m3", "rep")->earned);
}

TEST_F(Placed, MembersHaveOthersAround) {
  EXPECT_THAT(RowsOf(queries_->Around("m4", "rep", 2, 1)),
              ElementsAre("3 m2", "4 m3", "4 m4", "6 m5"));
  EXPECT_THAT(RowsOf(queries_->Around("m0", "rep", 2, 1)),
              ElementsAre("1 m0", "2 m1", "3 m2", "4 m3"));
  EXPECT_THAT(RowsOf(queries_->Around("m6", "rep", 1, 1)),
              ElementsAre("4 m4", "6 m5", "7 m6"));
  EXPECT_THAT(RowsOf(queries_->Around("m6", "rep", -1, -1)),
              ElementsAre("7 m6"));
  EXPECT_THAT(
      RowsOf(queries_->Around("m2", "rep", INT_MAX, INT_MAX)),
      ElementsAre("1 m0", "2 m1", "3 m2", "4 m3", "4 m4", "6 m5", "7 m6"));
}

TEST_F(Placed, NobodyIsWhoEarnedNothing) {
  const auto nobody = queries_->Rank("nobody", "rep");
  EXPECT_EQ(nobody.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(nobody.status().message()), HasSubstr("\"nobody\""));
  EXPECT_EQ(queries_->Around("nobody", "rep", 1, 1).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(queries_->Rank("m1", "repp").status().code(),
            absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace loyalty
