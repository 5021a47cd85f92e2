// SPDX-License-Identifier: Apache-2.0
//
// Limits of every kind: over the calendar and rolling, cooldowns, by what they
// are kept apart. C.. are rows of the scenarios that other systems test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::AwardsOf;
using testing::Community;
using testing::Day;
using ::testing::ElementsAre;
using testing::MustRead;

// 2026-01-05 was a Monday.
const absl::Time kNow = Day(5);

std::string WithLimit(const std::string& limit, const std::string& units = "1",
                      const std::string& more = "") {
  return absl::StrCat(R"(
    name: "limits" version: "1" currency { id: "points" }
    event_type { id: "act" attribute { name: "kind" type: STRING }
                 attribute { name: "n" type: INT default: "1" } }
    rule { id: "r" on: "act" award { currency: "points" units: ")",
                      units, R"(" } )", limit, " }", more);
}

class Acts {
 public:
  explicit Acts(const std::string& program) : community(program) {}

  // What it gave; `seconds` from now.
  int64_t At(int64_t seconds, int n = 1) {
    return Gave(
        {.time = kNow + absl::Seconds(seconds), .attributes = {{"n", n}}});
  }

  int64_t Gave(Event event) {
    event.id = absl::StrCat("e", ++number_);
    event.type = "act";
    if (!event.actor.has_value()) event.actor = "ada";
    last = community.Send(event);
    for (const Effect& effect : last.effects) {
      if (const auto* a = std::get_if<Awarded>(&effect)) return a->units;
    }
    return -1;
  }

  void Reverse(int number) {
    community.Send({.id = absl::StrCat("undo", number),
                    .type = std::string(kReverse),
                    .time = kNow + absl::Hours(100 + number),
                    .attributes = {{"event", absl::StrCat("e", number)}}});
  }

  Community community;
  Outcome last;

 private:
  int number_ = 0;
};

TEST(Limits, C01AreRollingAndHalfOpen) {
  struct Row {
    int window;
    int64_t gives;
  };
  for (const Row& row : {Row{1, 1}, Row{1000, 1}, Row{10000, 0}}) {
    Acts acts(WithLimit(
        absl::StrCat("limit { times: 3 within: '", row.window, "s' }")));
    for (const int at : {-1000, -2000, -100}) EXPECT_EQ(acts.At(at), 1);
    EXPECT_EQ(acts.At(0), row.gives) << row.window;
    acts.community.ExpectVerified();
  }
}

TEST(Limits, C03AreACooldownThatIsOverAtJustItsGap) {
  struct Row {
    int gap;
    int64_t gives;
  };
  for (const Row& row : {Row{99, 1}, Row{100, 1}, Row{101, 0}}) {
    Acts acts(WithLimit(absl::StrCat("limit { cooldown: '", row.gap, "s' }")));
    EXPECT_EQ(acts.At(-100), 1);
    EXPECT_EQ(acts.At(0), row.gives) << row.gap;
    if (row.gives == 0) {
      EXPECT_THAT(AwardsOf(acts.last), ElementsAre("r ada 0 cooldown"));
    }
  }
}

TEST(Limits, C05OfZeroAreNone) {
  for (const char* limit :
       {"limit { times: 0 within: '1s' }", "limit { times: 1 within: '0s' }",
        "limit { cooldown: '0s' }", "limit { times: 0 per: DAY }",
        "limit { units: 0 per: DAY rolling: true }"}) {
    Acts acts(WithLimit(limit));
    for (int i = 0; i < 10; ++i) EXPECT_EQ(acts.At(0), 1) << limit;
  }
}

TEST(Limits, C07HoldOnceDailyWeeklyAndMonthly) {
  for (const char* per : {"EVER", "DAY", "WEEK", "MONTH"}) {
    Acts acts(WithLimit(absl::StrCat("limit { times: 1 per: ", per, " }")));
    EXPECT_EQ(acts.At(0), 1);
    EXPECT_EQ(acts.At(3600), 0) << per;
    EXPECT_THAT(AwardsOf(acts.last), ElementsAre("r ada 0 limit"));
  }
}

TEST(Limits, C09LetARuleWaitForOthers) {
  Community community(R"(
    name: "t" version: "1" currency { id: "points" }
    event_type { id: "p1" } event_type { id: "p2" } event_type { id: "r" }
    metric { id: "p1" on: "p1" } metric { id: "p2" on: "p2" }
    rule { id: "p" on: "p1" on: "p2"
           award { currency: "points" units: "1" } }
    rule { id: "r" on: "r" when: "metric.p1 > 0 && metric.p2 > 0"
           award { currency: "points" units: "1" } })");
  std::vector<int64_t> counts;
  int number = 0;
  for (const char* type : {"r", "p1", "r", "p2", "r"}) {
    community.Send({.id = absl::StrCat("e", ++number),
                    .type = type,
                    .time = kNow,
                    .actor = "ada"});
    counts.push_back(community.Balance("ada", "points"));
  }
  EXPECT_THAT(counts, ElementsAre(0, 1, 1, 2, 3));
}

TEST(Limits, C13OfUnitsCutWhatDoesNotFit) {
  Acts acts(WithLimit("limit { units: 200 per: DAY }", "event.n"));
  for (int i = 0; i < 19; ++i) EXPECT_EQ(acts.At(i, 10), 10);
  EXPECT_EQ(acts.At(20, 9), 9);
  EXPECT_EQ(acts.At(21, 10), 1);
  EXPECT_EQ(acts.At(22, 10), 0);
}

TEST(Limits, C15OfACurrencyLeaveOutWhatIsExempt) {
  Community community(R"(
    name: "t" version: "1"
    currency { id: "rep" daily_cap { units: 200 exempt: "accepted" } }
    event_type { id: "vote" } event_type { id: "accept" }
    rule { id: "voted" on: "vote" award { currency: "rep" units: "10" } }
    rule { id: "accepted" on: "accept"
           award { currency: "rep" units: "15" } })");
  for (int i = 0; i < 25; ++i) {
    community.Send({.id = absl::StrCat("v", i),
                    .type = "vote",
                    .time = kNow,
                    .actor = "ada"});
  }
  EXPECT_EQ(community.Balance("ada", "rep"), 200);
  community.Send({.id = "a", .type = "accept", .time = kNow, .actor = "ada"});
  EXPECT_EQ(community.Balance("ada", "rep"), 215);
}

TEST(RollingLimits, OfUnitsLeaveWhatTheLastTimeLeft) {
  Acts acts(WithLimit("limit { units: 10 per: DAY rolling: true }", "event.n"));
  EXPECT_EQ(acts.At(0, 6), 6);
  EXPECT_EQ(acts.At(3600, 6), 4);
  EXPECT_EQ(acts.At(7200, 1), 0);
  EXPECT_EQ(acts.At(86'399, 1), 0);
  EXPECT_EQ(acts.At(86'400, 9), 6);  // the first six have left
  EXPECT_EQ(acts.At(86'400 + 3599, 1), 0);
  EXPECT_EQ(acts.At(86'400 + 3600, 9), 4);
  acts.community.ExpectVerified();
}

// No stretch of a day has more than two, whatever came when.
TEST(RollingLimits, HoldForLateEventsToo) {
  Acts acts(WithLimit("limit { times: 2 within: '24h' }"));
  EXPECT_EQ(acts.At(0), 1);
  EXPECT_EQ(acts.At(36'000), 1);
  EXPECT_EQ(acts.At(18'000), 0);   // between the two
  EXPECT_EQ(acts.At(-18'000), 0);  // (-5h, 19h] would have three
  EXPECT_EQ(acts.At(36'000 - 86'400), 1);
  EXPECT_EQ(acts.At(36'000 - 86'400 + 1), 0);
  acts.community.ExpectVerified();
}

TEST(RollingLimits, AreFreedByAReversal) {
  Acts acts(WithLimit("limit { times: 1 within: '24h' }"));
  EXPECT_EQ(acts.At(0), 1);
  acts.Reverse(1);
  EXPECT_EQ(acts.At(10), 1);
  EXPECT_EQ(acts.community.Balance("ada", "points"), 1);
  acts.community.ExpectVerified();
}

TEST(Limits, AreKeptByChannelOrByWhatAnExpressionSays) {
  Acts by_channel(WithLimit("limit { times: 1 per: DAY key: CHANNEL }"));
  EXPECT_EQ(by_channel.Gave({.time = kNow, .channel = "web"}), 1);
  EXPECT_EQ(by_channel.Gave({.time = kNow, .channel = "web"}), 0);
  EXPECT_EQ(by_channel.Gave({.time = kNow, .channel = "app"}), 1);
  EXPECT_EQ(by_channel.Gave({.time = kNow}), 1);
  EXPECT_EQ(by_channel.Gave({.time = kNow}), 0);
  by_channel.community.ExpectVerified();

  Acts by_kind(WithLimit("limit { cooldown: '1h' by: 'event.kind' }"));
  const auto at = [](int seconds, const std::string& kind) {
    return Event{.time = kNow + absl::Seconds(seconds),
                 .attributes = {{"kind", kind}}};
  };
  EXPECT_EQ(by_kind.Gave(at(0, "a")), 1);
  EXPECT_EQ(by_kind.Gave(at(1, "b")), 1);
  EXPECT_EQ(by_kind.Gave(at(3599, "a")), 0);
  EXPECT_EQ(by_kind.Gave(at(3600, "a")), 1);
  EXPECT_EQ(by_kind.Gave(at(3600, std::string(300, 'x'))), 1);
  EXPECT_EQ(by_kind.Gave(at(3601, std::string(300, 'x'))), 0);
  by_kind.community.ExpectVerified();
}

TEST(Limits, OfAGroupCountRulesTogether) {
  Acts acts(WithLimit(
      "limit { times: 2 within: '1h' group: 'g' }", "1",
      R"(rule { id: "s" on: "act" award { currency: "points" units: "5"
                limit { times: 2 within: "1h" group: "g" } } })"));
  EXPECT_EQ(acts.At(0), 1);
  EXPECT_THAT(AwardsOf(acts.last), ElementsAre("r ada 1", "s ada 5"));
  EXPECT_EQ(acts.At(3599), 0);
  EXPECT_EQ(acts.At(3600), 1);
  acts.community.ExpectVerified();
}

// What was cut comes back when what it was cut for is reversed.
TEST(Limits, GiveBackWhatTheyCutForWhatIsReversed) {
  Acts acts(WithLimit("limit { units: 10 per: DAY }", "event.n"));
  EXPECT_EQ(acts.At(0, 8), 8);
  EXPECT_EQ(acts.At(1, 5), 2);
  EXPECT_EQ(acts.At(2, 5), 0);
  acts.Reverse(1);  // 5 and 5 fit
  EXPECT_EQ(acts.community.Balance("ada", "points"), 10);
  EXPECT_EQ(acts.At(3, 1), 0);
  acts.Reverse(3);  // which had come back; 5, and then 1, fit
  EXPECT_EQ(acts.community.Balance("ada", "points"), 6);
  acts.Reverse(3);
  EXPECT_EQ(acts.community.Balance("ada", "points"), 6);
  acts.community.ExpectVerified();
}

TEST(Limits, GiveBackAfterACooldownAndByChannel) {
  Acts wait(WithLimit("limit { cooldown: '1h' }"));
  EXPECT_EQ(wait.At(0), 1);
  EXPECT_EQ(wait.At(1800), 0);
  EXPECT_EQ(wait.At(5000), 1);
  wait.Reverse(1);  // the second comes back, and the third is now too soon
  EXPECT_EQ(wait.community.Balance("ada", "points"), 1);
  wait.community.ExpectVerified();

  Acts acts(WithLimit("limit { times: 1 per: DAY key: CHANNEL }"));
  EXPECT_EQ(acts.Gave({.time = kNow, .channel = "web"}), 1);
  EXPECT_EQ(acts.Gave({.time = kNow, .channel = "web"}), 0);
  EXPECT_EQ(acts.Gave({.time = kNow, .channel = "app"}), 1);
  acts.Reverse(1);
  EXPECT_EQ(acts.community.Balance("ada", "points"), 2);
  EXPECT_EQ(acts.Gave({.time = kNow, .channel = "web"}), 0);
  acts.community.ExpectVerified();
}

// Rules of one group may give in two currencies: one makes room for the other.
TEST(Limits, GiveBackInAnotherCurrencyOfTheirGroup) {
  Community community(R"(
    name: "t" version: "1" currency { id: "a" } currency { id: "b" }
    event_type { id: "x" } event_type { id: "y" }
    rule { id: "x" on: "x" award { currency: "a" units: "1" }
           limit { times: 1 per: DAY group: "g" } }
    rule { id: "y" on: "y" award { currency: "b" units: "7" }
           limit { times: 1 per: DAY group: "g" } })");
  for (const char* type : {"x", "y"}) {
    community.Send({.id = type, .type = type, .time = kNow, .actor = "ada"});
  }
  EXPECT_EQ(community.Balance("ada", "b"), 0);
  community.Send({.id = "u",
                  .type = std::string(kReverse),
                  .time = kNow,
                  .attributes = {{"event", "x"}}});
  EXPECT_EQ(community.Balance("ada", "a"), 0);
  EXPECT_EQ(community.Balance("ada", "b"), 7);
  const auto explanation = (*community.engine().Query())->Explain("u");
  EXPECT_EQ(explanation->sentences[1],
            "ada got back 7 b, which limits cut otherwise without what was "
            "taken back.");
  community.ExpectVerified();
}

std::string WithBudgets(const std::string& rule, const std::string& program) {
  return absl::StrCat(R"(
    name: "t" version: "1" currency { id: "points" } )",
                      program, R"(
    event_type { id: "act" attribute { name: "n" type: INT default: "1" } }
    rule { id: "r" on: "act" award { currency: "points" units: "event.n"
           limit { units: 50 per: DAY } } )",
                      rule, " }");
}

TEST(Budgets, HoldForAllMembersTogetherUntilTheirPeriodEnds) {
  Acts acts(WithBudgets("budget { units: 60 per: DAY }", ""));
  const auto act = [&](const char* actor, int n, int day = 5) {
    return acts.Gave(
        {.time = Day(day), .actor = actor, .attributes = {{"n", n}}});
  };
  EXPECT_EQ(act("ada", 70), 50);  // the limit, before the budget
  EXPECT_EQ(act("bob", 7), 7);
  EXPECT_TRUE(acts.last.notes.empty());
  EXPECT_EQ(act("cyd", 7), 3);
  EXPECT_THAT(AwardsOf(acts.last), ElementsAre("r cyd 3 budget"));
  ASSERT_EQ(acts.last.notes.size(), 1u);
  EXPECT_EQ(acts.last.notes[0].text,
            "its budget of 60 units is spent; what comes is cut until its "
            "period ends");
  EXPECT_EQ(act("cyd", 7), 0);
  EXPECT_EQ(act("cyd", 47, 6), 47);
  acts.Reverse(2);  // bob's seven are there to be given again
  EXPECT_EQ(act("cyd", 8), 7);
  // What budgets cut has used no limit: 3 + 7 + 0 of fifty.
  EXPECT_EQ(acts.community.Balance("cyd", "points"), 57);
  acts.community.ExpectVerified();
}

TEST(Budgets, OfTheProgramCutWithTheirOwnReason) {
  Acts acts(WithBudgets("budget { units: 40 per: DAY }",
                        "budget { units: 30 per: MONTH }"));
  EXPECT_EQ(acts.At(0, 20), 20);
  EXPECT_EQ(acts.At(1, 20), 10);
  EXPECT_THAT(AwardsOf(acts.last), ElementsAre("r ada 10 program_budget"));
  EXPECT_EQ(acts.At(86'400, 20), 0);
  acts.community.ExpectVerified();
}

// What a limit gives back is told to the budget, and so is what it no longer
// gives.
TEST(Budgets, FollowWhatReversalsGiveBack) {
  Acts acts(WithBudgets("budget { units: 100 per: DAY }", ""));
  const auto act = [&](const char* actor, int n) {
    return acts.Gave({.time = kNow, .actor = actor, .attributes = {{"n", n}}});
  };
  EXPECT_EQ(act("ada", 40), 40);
  EXPECT_EQ(act("ada", 40), 10);
  acts.Reverse(1);  // 40 comes back, instead of 10
  EXPECT_EQ(acts.community.Balance("ada", "points"), 40);
  EXPECT_EQ(act("bob", 50), 50);
  EXPECT_EQ(act("cyd", 50), 10);  // 40 and 50 are spent
  acts.Reverse(2);
  EXPECT_EQ(act("dan", 50), 40);
  acts.community.ExpectVerified();
}

// The same in a file, opened again and again, with merges in between.
TEST(RollingLimits, AreTheSameInAFile) {
  const auto folder = std::filesystem::temp_directory_path() /
                      absl::StrCat("loyalty_limits_", getpid());
  std::filesystem::create_directories(folder);
  const std::string path = folder / "file.db";
  const std::string text = WithLimit(
      "limit { times: 2 per: MONTH rolling: true } "
      "limit { units: 9 per: DAY rolling: true by: 'event.kind' }",
      "event.n");
  Acts twin(text);
  for (int i = 0; i < 40; ++i) {
    auto engine = Engine::Open(path, MustRead(text));
    ASSERT_TRUE(engine.ok()) << engine.status();
    Event event{.time = kNow + absl::Hours((i * 37) % 90 * 24),
                .attributes = {{"n", 1 + i % 7}, {"kind", i % 2 ? "a" : "b"}}};
    twin.community.now = event.time;
    const int64_t gave = twin.Gave(event);
    event.id = absl::StrCat("e", i + 1);
    event.type = "act";
    event.actor = "ada";
    const auto outcome = (*engine)->Process(event);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    EXPECT_EQ(outcome->effects, twin.last.effects) << i << " " << gave;
    if (i % 10 != 9) continue;
    const auto report = (*(*engine)->Query())->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    for (const auto& fault : report->faults) ADD_FAILURE() << fault;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loyalty
