// SPDX-License-Identifier: Apache-2.0
//
// Next steps: what is proposed is played on an engine of its own, and has to
// lead there. And a search that tries all ways finds none that is shorter.
#include "loyalty/next_steps.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "engine/community.h"
#include "loyalty/engine.h"
#include "next/told.h"

namespace loyalty {
namespace {

using loyalty::testing::Community;
using loyalty::testing::Day;
using loyalty::testing::Find;
using loyalty::testing::Kind;
using loyalty::testing::Next;
using loyalty::testing::Told;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Example(const std::string& name) {
  const char* const source = std::getenv("LOYALTY_SOURCE");
  std::ifstream in(absl::StrCat(source == nullptr ? "." : source,
                                "/examples/programs/", name, ".textproto"));
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

constexpr char kIdeas[] = R"(
  name: "ideas"  version: "1"
  currency { id: "expert" }
  event_type { id: "vote" attribute { name: "owner" type: MEMBER } }
  event_type { id: "blog" attribute { name: "words" type: INT default: "0" } }
  event_type { id: "like" attribute { name: "owner" type: MEMBER required: true } }
  rule { id: "vote_on_an_idea" on: "vote" when: "event.owner != event.actor"
         describe: "1 for a vote, three a day"
         award { currency: "expert" units: "1" } limit { per: DAY times: 3 } }
  rule { id: "blog_a_solution" on: "blog" when: "event.words >= 300"
         describe: "30 for a solution blog of 300 words, one a week"
         award { currency: "expert" units: "30" } limit { per: WEEK times: 1 } }
  rule { id: "be_liked" on: "like"
         award { to: "event.owner" currency: "expert" units: "2" } }
  metric { id: "likes" on: "like" per: "event.owner" }
  badge { id: "liked" describe: "10 likes" when: "metric.likes >= 10" }
  badge { id: "odd" describe: "Something odd" when: "metric.likes * 3 % 7 == 5" }
  ladder { id: "expert" currency: "expert" level { id: "member" }
           level { id: "guide" at: 32 privilege: "edit" } }
)";

TEST(NextStepsTest, SaysTheFewestActs) {
  Told told(kIdeas);
  told.Send("vote", "ana", Day(5), {{"owner", "bob"}});
  const auto goals = Next(told.community(), "ana", Day(5, 13));
  const NextGoal* guide = Find(goals, Kind::kLevel, "guide");
  ASSERT_NE(guide, nullptr);
  ASSERT_EQ(guide->needs.size(), 1u);
  EXPECT_EQ(guide->needs[0].have, 1);
  EXPECT_EQ(guide->needs[0].want, 32);
  EXPECT_THAT(guide->privileges, ElementsAre("edit"));
  ASSERT_FALSE(guide->ways.empty());
  const NextWay& way = guide->ways[0];
  EXPECT_EQ(way.acts, 2);
  EXPECT_EQ(way.days, 0);
  EXPECT_EQ(
      guide->sentence,
      "Blog a solution (words 300) and vote on an idea today, and you are "
      "guide: 31 expert to go.");
  ASSERT_EQ(way.steps.size(), 2u);
  EXPECT_EQ(way.steps[0].rule, "blog_a_solution");
  EXPECT_EQ(way.steps[0].units, 30);
  EXPECT_EQ(way.steps[0].left, 1);
  EXPECT_THAT(way.steps[0].asked_for, ElementsAre("words"));
  EXPECT_EQ(way.steps[1].rule, "vote_on_an_idea");
  EXPECT_EQ(way.steps[1].units, 1);
  EXPECT_EQ(way.steps[1].left, 2);
  EXPECT_EQ(way.steps[1].left_until, Day(6, 0));
}

// The week's blog is written: votes are what is left, three a day.
TEST(NextStepsTest, KnowsWhatLimitsLeave) {
  Told told(kIdeas);
  told.Send("blog", "ana", Day(5), {{"words", 400}});  // a Monday
  for (int i = 0; i < 3; ++i) {
    told.Send("vote", "ana", Day(5), {{"owner", "bob"}});
  }
  const auto goals = Next(told.community(), "ana", Day(5, 13));
  EXPECT_EQ(goals.size(), 2u);  // ana is guide: what is left is the badges
  Told other(kIdeas);
  other.Send("blog", "eve", Day(5), {{"words", 400}});
  for (int i = 0; i < 3; ++i) {
    other.Send("vote", "ben", Day(5), {{"owner", "bob"}});
  }
  const auto of_eve = Next(other.community(), "eve", Day(5, 13));
  EXPECT_EQ(Find(of_eve, Kind::kLevel, "guide")->sentence,
            "Vote on an idea twice today, and you are guide: 2 expert to go.");
  // Ben needs the blog, which is there, and no more votes today.
  const auto of_ben = Next(other.community(), "ben", Day(5, 13));
  EXPECT_EQ(Find(of_ben, Kind::kLevel, "guide")->ways[0].acts, 1);
}

TEST(NextStepsTest, TellsWhatOthersDoApart) {
  Told told(kIdeas);
  for (int i = 0; i < 7; ++i) {
    told.Send("like", absl::StrCat("m", i), Day(5), {{"owner", "ana"}});
  }
  const auto goals = Next(told.community(), "ana", Day(5, 13));
  const NextGoal* liked = Find(goals, Kind::kBadge, "liked");
  ASSERT_NE(liked, nullptr);
  EXPECT_TRUE(liked->analysed);
  EXPECT_EQ(liked->needs[0].have, 7);
  EXPECT_EQ(liked->needs[0].want, 10);
  ASSERT_FALSE(liked->ways.empty());
  ASSERT_EQ(liked->ways[0].steps.size(), 1u);
  EXPECT_FALSE(liked->ways[0].steps[0].by_member);
  EXPECT_EQ(liked->ways[0].steps[0].times, 3);
  EXPECT_EQ(liked->sentence,
            "From others: like 3 times today, and you win the badge \"10 "
            "likes\": 3 likes to go.");
}

TEST(NextStepsTest, CountsOneOfWhatIsCalledByItsPlural) {
  Told told(kIdeas);
  for (int i = 0; i < 9; ++i) {
    told.Send("like", absl::StrCat("m", i), Day(5), {{"owner", "ana"}});
  }
  const auto goals = Next(told.community(), "ana", Day(5, 13));
  const NextGoal* liked = Find(goals, Kind::kBadge, "liked");
  ASSERT_NE(liked, nullptr);
  EXPECT_THAT(liked->sentence, HasSubstr(": 1 like to go."));
}

TEST(NextStepsTest, GuessesNothing) {
  Told told(kIdeas);
  told.Send("vote", "ana", Day(5), {{"owner", "bob"}});
  const auto goals = Next(told.community(), "ana", Day(5, 13));
  const NextGoal* odd = Find(goals, Kind::kBadge, "odd");
  ASSERT_NE(odd, nullptr);
  EXPECT_FALSE(odd->analysed);
  EXPECT_THAT(odd->needs, IsEmpty());
  EXPECT_THAT(odd->sentence, HasSubstr("Something odd"));
}

TEST(NextStepsTest, OfNobody) {
  Told told(kIdeas);
  const auto goals =
      (*told.community().engine().Query())->NextSteps("ana", Day(5));
  EXPECT_TRUE(absl::IsNotFound(goals.status())) << goals.status();
  told.Send("vote", "ana", Day(5), {{"owner", "bob"}});
  const auto never = (*told.community().engine().Query())
                         ->NextSteps("ana", absl::InfiniteFuture());
  EXPECT_TRUE(absl::IsInvalidArgument(never.status())) << never.status();
}

TEST(NextStepsTest, WritesNothing) {
  Told told(kIdeas);
  told.Send("vote", "ana", Day(5), {{"owner", "bob"}});
  Next(told.community(), "ana", Day(5, 13));
  EXPECT_EQ(told.community().Balance("ana", "expert"), 1);
  EXPECT_EQ((*(*told.community().engine().Query())->Head()).seq, 1);
  told.community().ExpectVerified();
}

constexpr char kShop[] = R"(
  name: "shop"  version: "1"
  currency { id: "beans" spendable: true }
  currency { id: "miles" }
  event_type { id: "buy" attribute { name: "euros" type: INT required: true } }
  event_type { id: "call" }
  rule { id: "buy" on: "buy" award { currency: "beans" units: "event.euros" } }
  rule { id: "call" on: "call" award { currency: "miles" units: "5" }
         limit { cooldown: "1h" } }
  reward { id: "coffee" describe: "a coffee"
           cost { currency: "beans" units: 31 } }
  ladder { id: "status" currency: "miles" level { id: "none" }
           level { id: "silver" at: 20 } tiers { period: YEAR } }
)";

// A bean for each euro: as many euros as beans are missing, or so many of the
// last purchase.
TEST(NextStepsTest, SaysHowMuch) {
  Told told(kShop);
  told.Send("call", "ana", Day(5));
  const auto goals = Next(told.community(), "ana", Day(5, 13));
  const NextGoal* coffee = Find(goals, Kind::kReward, "coffee");
  ASSERT_NE(coffee, nullptr);
  ASSERT_FALSE(coffee->ways.empty());
  EXPECT_EQ(coffee->ways[0].acts, 1);
  EXPECT_EQ(coffee->ways[0].steps[0].example.attributes.at("euros"), Value(31));
  told.Send("buy", "ana", Day(5), {{"euros", 7}});
  const auto later = Next(told.community(), "ana", Day(5, 13));
  const NextGoal* now = Find(later, Kind::kReward, "coffee");
  ASSERT_FALSE(now->ways.empty());
  EXPECT_EQ(now->needs[0].have, 7);
  EXPECT_EQ(now->ways[0].acts, 4);  // of 7 each: 24 are missing
  EXPECT_TRUE(now->ways[0].steps[0].as_last_time);
  int ways = 0;
  EXPECT_EQ(told.WaysThatFail("ana", Day(5, 13), 0, ways), 0);
}

TEST(NextStepsTest, WaitsOutACooldown) {
  Told told(kShop);
  told.Send("call", "ana", Day(5, 12));
  const auto goals =
      Next(told.community(), "ana", Day(5, 12) + absl::Minutes(20));
  const NextGoal* silver = Find(goals, Kind::kTier, "silver");
  ASSERT_NE(silver, nullptr);
  ASSERT_FALSE(silver->ways.empty());
  ASSERT_EQ(silver->ways[0].steps.size(), 3u);
  EXPECT_EQ(silver->ways[0].steps[0].time, Day(5, 13));
  EXPECT_EQ(silver->ways[0].when, Day(5, 15));
}

// A tier of last year, and the review of this one.
TEST(NextStepsTest, SaysWhatKeepsATier) {
  Told told(kShop);
  for (int i = 0; i < 4; ++i) told.Send("call", "ana", Day(5, 9 + 2 * i));
  const absl::Time next_year =
      absl::FromCivil(absl::CivilDay(2027, 6, 1), absl::UTCTimeZone());
  told.Send("call", "ana", next_year);
  const auto goals = Next(told.community(), "ana", next_year + absl::Hours(2));
  const NextGoal* keep = Find(goals, Kind::kKeep, "silver");
  ASSERT_NE(keep, nullptr);
  EXPECT_EQ(keep->needs[0].missing(), 15);
  EXPECT_EQ(keep->before,
            absl::FromCivil(absl::CivilDay(2028, 1, 1), absl::UTCTimeZone()));
  ASSERT_FALSE(keep->ways.empty());
  EXPECT_EQ(keep->ways[0].acts, 3);
  int ways = 0;
  EXPECT_EQ(told.WaysThatFail("ana", next_year + absl::Hours(2), 0, ways), 0);
}

// Whatever is proposed leads there; and with one act less, never does.
TEST(NextStepsTest, WaysOfBrandCommunityLeadThere) {
  Told told(Example("brand_community"));
  told.Send("member_joined", "ana", Day(2));
  for (int i = 0; i < 12; ++i) {
    told.Send("idea_posted", "ana", Day(3 + i));
    told.Send("welcome_posted", "ana", Day(3 + i),
              {{"newcomer", absl::StrCat("n", i)}});
    told.Send("kudos_given", absl::StrCat("k", i), Day(3 + i),
              {{"owner", "ana"}, {"kind", "reply"}});
  }
  told.Send("solution_blog", "ana", Day(14), {{"words", 700}});
  int ways = 0;
  EXPECT_EQ(told.WaysThatFail("ana", Day(15), 0, ways), 0);
  EXPECT_GE(ways, 6);
  int again = 0;
  EXPECT_EQ(told.WaysThatFail("ana", Day(15), 1, again), again);
}

TEST(NextStepsTest, WaysOfDailyHabitLeadThere) {
  Told told(Example("daily_habit"));
  for (int day = 2; day <= 7; ++day) {
    told.Send("lesson", "ana", Day(day),
              {{"course", "latin"}, {"perfect", day % 2 == 0}});
  }
  const auto goals = Next(told.community(), "ana", Day(8));
  const NextGoal* streak = Find(goals, Kind::kStreak, "daily");
  ASSERT_NE(streak, nullptr);
  EXPECT_EQ(streak->needs[0].have, 6);
  EXPECT_THAT(streak->sentence,
              HasSubstr("your streak of 6 (Days in a row with a lesson) goes"));
  EXPECT_EQ(Find(goals, Kind::kReach, "daily")->needs[0].want, 7);
  int ways = 0;
  EXPECT_EQ(told.WaysThatFail("ana", Day(8), 0, ways), 0);
  EXPECT_GE(ways, 4);
  int again = 0;
  EXPECT_EQ(told.WaysThatFail("ana", Day(8), 1, again), again);
}

TEST(NextStepsTest, WaysOfDiscourseLeadThere) {
  Told told(Example("discourse"));
  told.Send("posts_read", "ana", Day(2), {{"posts", 10}, {"seconds", 100}});
  told.Send("topic_entered", "ana", Day(2));
  const auto goals = Next(told.community(), "ana", Day(3));
  const NextGoal* basic = Find(goals, Kind::kLevel, "trust");
  ASSERT_NE(basic, nullptr);
  EXPECT_EQ(basic->id, "basic");
  EXPECT_FALSE(basic->analysed);  // since when somebody is a member
  ASSERT_FALSE(basic->ways.empty());
  int ways = 0;
  EXPECT_EQ(told.WaysThatFail("ana", Day(3), 0, ways), 0);
  EXPECT_GE(ways, 2);
}

// A rank that needs more than can be played is told without a way.
TEST(NextStepsTest, WaysOfKhorosAreTooFar) {
  Told told(Example("khoros"));
  told.Send("posted", "ana", Day(2), {{"kind", "blog"}});
  const auto goals = Next(told.community(), "ana", Day(3));
  const NextGoal* rank = Find(goals, Kind::kLevel, "rank");
  ASSERT_NE(rank, nullptr);
  EXPECT_EQ(rank->needs[0].have, 10);
  EXPECT_EQ(rank->needs[0].want, 30000);
  EXPECT_THAT(rank->ways, IsEmpty());
}

// Small programs at random: rules by the member and by others, limits of
// several kinds, a cap; all ways there are, tried one after another.
class Small {
 public:
  explicit Small(uint32_t seed) : random_(seed) {}

  std::string Program() {
    std::string text = "name: \"small\" version: \"1\" currency { id: \"p\" ";
    if (Upto(2) == 0) {
      absl::StrAppend(&text, "daily_cap { units: ", 5 + Upto(10), " } ");
    }
    absl::StrAppend(&text, "} ");
    rules_ = 1 + Upto(2);
    for (int i = 0; i < rules_; ++i) {
      absl::StrAppend(
          &text, "event_type { id: \"t", i,
          "\" attribute { name: \"n\" type: INT default: \"0\" } } rule { id: "
          "\"r",
          i, "\" on: \"t", i, "\" ");
      if (Upto(1) == 0) {
        absl::StrAppend(&text, "when: \"event.n >= ", 1 + Upto(5), "\" ");
      }
      absl::StrAppend(&text, "award { currency: \"p\" units: \"", 1 + Upto(5),
                      "\" } ", Limit(), "} ");
    }
    absl::StrAppend(&text,
                    "ladder { id: \"l\" currency: \"p\" level { id: \"low\" } "
                    "level { id: \"high\" at: ",
                    1 + Upto(11), " } }");
    return text;
  }

  int rules() const { return rules_; }
  int Upto(int most) {
    return std::uniform_int_distribution<int>(0, most)(random_);
  }

 private:
  std::string Limit() {
    switch (Upto(3)) {
      case 0:
        return absl::StrCat("limit { per: DAY times: ", 1 + Upto(3), " } ");
      case 1:
        return absl::StrCat("limit { per: DAY units: ", 1 + Upto(9), " } ");
      case 2:
        return absl::StrCat("limit { per: WEEK times: ", 1 + Upto(3), " } ");
      default: return "";
    }
  }

  std::mt19937 random_;
  int rules_ = 0;
};

// Whether some `acts` events of one moment make her `high`.
bool CanReach(const std::string& program, int rules, int64_t acts,
              absl::Time at) {
  std::vector<int64_t> counts(static_cast<size_t>(rules), 0);
  const auto played = [&] {
    Community community(program);
    community.now = at;
    int number = 0;
    for (int i = 0; i < rules; ++i) {
      for (int64_t n = 0; n < counts[static_cast<size_t>(i)]; ++n) {
        community.Send({.id = absl::StrCat("x", ++number),
                        .type = absl::StrCat("t", i),
                        .time = at,
                        .actor = "ana",
                        .attributes = {{"n", 100}}});
      }
    }
    if (number == 0) return false;
    const auto ana = (*community.engine().Query())->Member("ana", at);
    return ana->ladders[0].level == "high";
  };
  // All ways to divide the acts among the rules.
  const auto divide = [&](auto&& self, int rule, int64_t left) -> bool {
    const auto i = static_cast<size_t>(rule);
    if (rule == rules - 1) {
      counts[i] = left;
      return played();
    }
    for (counts[i] = 0; counts[i] <= left; ++counts[i]) {
      const int64_t here = counts[i];
      if (self(self, rule + 1, left - here)) return true;
      counts[i] = here;
    }
    return false;
  };
  return divide(divide, 0, acts);
}

TEST(NextStepsTwinTest, NothingIsSooner) {
  int of_one_day = 0;
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    Small small(seed);
    const std::string program = small.Program();
    Told told(program);
    // Somebody who has done nothing that counts.
    told.Send(Event{.type = "t0", .time = Day(5), .actor = "bob"});
    told.Send(
        Event{.type = std::string(kEnroll), .time = Day(5), .actor = "ana"});
    const auto goals = Next(told.community(), "ana", Day(5, 13));
    const NextGoal* high = Find(goals, Kind::kLevel, "high");
    ASSERT_NE(high, nullptr);
    ASSERT_FALSE(high->ways.empty()) << program;
    for (const NextWay& way : high->ways) {
      EXPECT_TRUE(told.Leads("ana", *high, way, way.acts)) << program;
    }
    const NextWay& way = high->ways.front();
    if (way.days > 0) {
      // Not to be had today, with however many.
      EXPECT_FALSE(CanReach(program, small.rules(), 14, Day(5, 13))) << program;
      continue;
    }
    ++of_one_day;
    EXPECT_FALSE(CanReach(program, small.rules(), way.acts - 1, Day(5, 13)))
        << program << "\n"
        << way.sentence;
  }
  EXPECT_GE(of_one_day, 20);
}

}  // namespace
}  // namespace loyalty
