// SPDX-License-Identifier: Apache-2.0
//
// Points as money, through the engine's own calls: redemptions, holds,
// transfers, corrections; what the catalogue shows; where a balance comes from;
// and why nothing came.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr char kShop[] = R"(
  name: "shop" version: "1"
  currency { id: "points" spendable: true expires_after: "30d" }
  currency { id: "expert" }
  event_type { id: "earn" attribute { name: "units" type: INT required: true } }
  event_type { id: "blog" attribute { name: "words" type: INT required: true }
               attribute { name: "topic" type: STRING }
               attribute { name: "owner" type: MEMBER } }
  rule { id: "earn" describe: "what you bought" on: "earn"
         award { currency: "points" units: "event.units" }
         limit { per: DAY times: 9 } }
  rule { id: "later" on: "blog" when: "event.words >= 300 && event.topic == 'tls'"
         award { currency: "points" units: "7" pending_for: "14d" }
         limit { per: DAY times: 9 } }
  rule { id: "experts" on: "blog" when: "event.words > 10 && level.expert >= 1"
         award { currency: "points" units: "3" } limit { per: DAY times: 9 } }
  rule { id: "fame" on: "blog" when: "event.words >= 1000 || level.expert > 5"
         award { to: "event.owner" currency: "expert" units: "20" }
         limit { per: DAY times: 9 } }
  ladder { id: "expert" currency: "expert" level { id: "member" }
           level { id: "guide" at: 20 } }
  reward { id: "sticker" cost { currency: "points" units: 5 } }
  reward { id: "mug" cost { currency: "points" units: 10 } stock: 2
           limit { per: EVER times: 1 } }
  reward { id: "seat" cost { currency: "points" units: 30 } stock: 1
           hold_for: "1d" }
  reward { id: "summer" cost { currency: "points" units: 1 }
           from: "2026-06-01T00:00:00Z" }
  reward { id: "review" cost { currency: "points" units: 1 }
           when: "level.expert >= 1" }
  reward { id: "dinner" cost { currency: "points" units: 1 }
           when: "level.expert >= 1" only_for_some: true }
)";

// On both stores.
class Shop : public ::testing::TestWithParam<bool> {
 public:
  static void ExpectAddsUp(const BalanceExplanation& had) {
    int64_t sum = had.order;
    for (const BalanceExplanation::Part& part : had.parts) sum += part.units;
    EXPECT_EQ(sum, had.total());
    EXPECT_EQ(had.posted - had.expired + had.order, had.total());
  }

 protected:
  Shop() {
    EngineOptions options{.clock = [] { return Day(31); }};
    const Program program = testing::MustRead(kShop);
    engine_ = GetParam() ? *Engine::Open(folder_.File("shop.db"), program,
                                         std::move(options))
                         : *Engine::InMemory(program, std::move(options));
    Send({.id = "e1",
          .type = "earn",
          .time = Day(1),
          .actor = "ana",
          .attributes = {{"units", 50}}});
  }

  Outcome Send(const Event& event) { return Must(engine_->Process(event)); }

  static Outcome Must(absl::StatusOr<Outcome> outcome) {
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    return outcome.ok() ? *std::move(outcome) : Outcome{};
  }

  Outcome Blog(const std::string& id, const std::string& member, int words,
               Attributes more = {}) {
    more.emplace("words", words);
    return Send({.id = id,
                 .type = "blog",
                 .time = Day(2),
                 .actor = member,
                 .attributes = std::move(more)});
  }

  std::unique_ptr<Queries> Ask() { return *engine_->Query(); }

  // "" if it can be had, "hidden" if it is not shown.
  std::string WhyNot(const std::string& reward, const std::string& member,
                     absl::Time at = Day(3)) {
    const auto offers = Ask()->Rewards(member, at);
    EXPECT_TRUE(offers.ok()) << offers.status();
    for (const RewardOffer& offer : *offers) {
      if (offer.reward == reward) return offer.reason;
    }
    return "hidden";
  }

  RuleForMember Why(const std::string& event, const std::string& member,
                    const std::string& rule) {
    auto told = Ask()->ExplainRules(event, member, rule);
    EXPECT_TRUE(told.ok()) << told.status();
    return told.ok() && told->size() == 1 ? told->front() : RuleForMember{};
  }

  store::TemporaryFolder folder_;
  std::unique_ptr<Engine> engine_;
};

INSTANTIATE_TEST_SUITE_P(Stores, Shop, ::testing::Bool());

TEST_P(Shop, CallsAreEventsWithOneAnswer) {
  EXPECT_TRUE(
      Must(engine_->Redeem("r1", Day(2), "ana", "sticker", 2)).accepted());
  EXPECT_TRUE(Must(engine_->Redeem("r1", Day(2), "ana", "sticker", 2)).repeat);
  EXPECT_TRUE(Must(engine_->Redeem("h1", Day(2), "ana", "seat")).accepted());
  EXPECT_EQ(Must(engine_->Capture("c1", Day(2), "ana", "h1", 31)).rejected,
            RejectReason::kOutOfRange);
  EXPECT_TRUE(Must(engine_->Capture("c2", Day(2), "ana", "h1", 20)).accepted());
  EXPECT_EQ(Must(engine_->Void("v1", Day(2), "ana", "h1")).rejected,
            RejectReason::kAlreadyCaptured);
  EXPECT_TRUE(Must(engine_->Cancel("x1", Day(3), "ana", "h1", 5)).accepted());
  EXPECT_TRUE(Must(engine_->Transfer("t1", Day(3), "ana", "bob", "points", 8))
                  .accepted());
  EXPECT_TRUE(Must(engine_->Adjust("j1", Day(3), "ana", "points", -2, "jo",
                                   "counted twice"))
                  .accepted());
  EXPECT_EQ(Ask()->Balance("ana", "points", Day(3))->balance,
            50 - 10 - 20 + 5 - 8 - 2);
  EXPECT_EQ(Ask()->Balance("bob", "points", Day(3))->balance, 8);
  EXPECT_THAT(Ask()->Explain("j1")->sentences,
              ElementsAre("ana lost 2 points by a person's correction.",
                          "It was corrected by jo: counted twice."));
  EXPECT_TRUE(Ask()->Verify()->ok());
}

TEST_P(Shop, TheCatalogueSaysWhyNot) {
  EXPECT_EQ(WhyNot("sticker", "ana"), "");
  EXPECT_EQ(WhyNot("summer", "ana"),
            "\"summer\" is offered from 2026-06-01 00:00");
  EXPECT_EQ(WhyNot("review", "ana"),
            "\"review\" is not offered to this member");
  EXPECT_EQ(WhyNot("dinner", "ana"), "hidden");
  EXPECT_EQ(WhyNot("dinner", ""), "") << "the host sees all of them";
  Blog("b1", "eve", 1000, {{"owner", "ana"}});
  EXPECT_EQ(WhyNot("review", "ana"), "");
  EXPECT_EQ(WhyNot("dinner", "ana"), "");
  Must(engine_->Redeem("r1", Day(2), "ana", "mug"));
  EXPECT_EQ(WhyNot("mug", "ana"),
            "a member may have 1 of \"mug\", and this one has had 1");
  EXPECT_EQ(WhyNot("mug", "eve"), "it costs 10 points, and 0 are available");
  EXPECT_EQ(WhyNot("sticker", "ana", Day(31, 13)),
            "it costs 5 points, and 0 are available")
      << "they have expired by then";
  EXPECT_EQ(Ask()->Rewards("nobody", Day(3)).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_P(Shop, TheCatalogueCountsWhatIsLeft) {
  const auto left = [&](const std::string& reward, absl::Time at) {
    const auto offers = Ask()->Rewards("", at);
    for (const RewardOffer& offer : *offers) {
      if (offer.reward == reward) return offer.left.value_or(-1);
    }
    return int64_t{-2};
  };
  EXPECT_EQ(left("sticker", Day(3)), -1) << "any number";
  EXPECT_EQ(left("mug", Day(3)), 2);
  Must(engine_->Redeem("r1", Day(2), "ana", "mug"));
  EXPECT_EQ(left("mug", Day(3)), 1);
  Must(engine_->Redeem("h1", Day(2), "ana", "seat"));
  EXPECT_EQ(left("seat", Day(2)), 0);
  EXPECT_EQ(WhyNot("seat", "", Day(2)), "no \"seat\" is left");
  EXPECT_EQ(left("seat", Day(4)), 1) << "the hold has run out";
}

// What the catalogue says is what a redemption is answered.
TEST_P(Shop, TheCatalogueIsWhatRedemptionsAnswer) {
  Must(engine_->Redeem("r1", Day(2), "ana", "mug"));
  Must(engine_->Redeem("h1", Day(2), "ana", "seat"));
  const auto expect_the_same = [&] {
    const auto offers = Ask()->Rewards("ana", Day(2));
    ASSERT_TRUE(offers.ok());
    for (const RewardOffer& offer : *offers) {
      const auto answer =
          engine_->Preview({.id = "try",
                            .type = std::string(kRedeem),
                            .time = Day(2),
                            .actor = "ana",
                            .attributes = {{"reward", offer.reward}}});
      ASSERT_TRUE(answer.ok());
      EXPECT_EQ(answer->rejected, offer.why) << offer.reward;
      EXPECT_EQ(answer->reason, offer.reason);
    }
  };
  expect_the_same();
  Send({.id = "s1",
        .type = std::string(kSuspend),
        .time = Day(2),
        .actor = "ana",
        .attributes = {{"reason", "a joke"}}});
  expect_the_same();
}

TEST_P(Shop, ABalanceIsExplainedToTheLastUnit) {
  Blog("b1", "ana", 400, {{"topic", "tls"}});
  Must(engine_->Redeem("r1", Day(2), "ana", "sticker"));
  Must(engine_->Redeem("h1", Day(3), "ana", "seat"));
  Must(engine_->Transfer("t1", Day(3), "ana", "bob", "points", 4));
  Must(engine_->Adjust("j1", Day(3), "ana", "points", 6, "jo", "sorry"));
  auto had = Ask()->ExplainBalance("ana", "points", Day(3));
  ASSERT_TRUE(had.ok()) << had.status();
  ExpectAddsUp(*had);
  EXPECT_EQ(had->balance.balance, 17);
  EXPECT_EQ(had->balance.pending, 7);
  EXPECT_EQ(had->balance.held, 30);
  std::vector<std::string> sentences;
  for (const auto& part : had->parts) sentences.push_back(part.sentence);
  EXPECT_THAT(sentences,
              ElementsAre("+50 points by earn (what you bought).",
                          "+7 points by later.", "-5 points spent on sticker.",
                          "-4 points sent to others.",
                          "+6 points corrected by people."));
  // Nothing is posted of what expires by itself, until a sweep.
  had = Ask()->ExplainBalance("ana", "points", Day(31, 13));
  ExpectAddsUp(*had);
  EXPECT_EQ(had->expired, 41);
  EXPECT_THAT(had->parts.back().sentence, HasSubstr("not posted yet"));
  ASSERT_TRUE(engine_->Sweep(Day(31, 13)).ok());
  had = Ask()->ExplainBalance("ana", "points", Day(31, 13));
  ExpectAddsUp(*had);
  EXPECT_EQ(had->expired, 0);
}

// Who became another by then had posted it as their own.
TEST_P(Shop, WhatExpiredBeforeAMergeIsPosted) {
  Send({.id = "e2",
        .type = "earn",
        .time = Day(1),
        .actor = "bob",
        .attributes = {{"units", 6}}});
  Must(engine_->Merge("m1", Day(31, 13), "bob", "ana"));
  ASSERT_TRUE(engine_->Sweep(Day(31, 14)).ok());
  const auto had = Ask()->ExplainBalance("ana", "points", Day(31, 14));
  ASSERT_TRUE(had.ok()) << had.status();
  ExpectAddsUp(*had);
  EXPECT_EQ(had->total(), 0);
  EXPECT_EQ(had->expired, 0);
  EXPECT_EQ(had->order, 0);
}

TEST_P(Shop, ABalanceOfTheTimeBeforeIsExplainedToo) {
  Must(engine_->Redeem("r1", Day(5), "ana", "sticker"));
  Send({.id = "late",
        .type = "earn",
        .time = Day(2),
        .actor = "ana",
        .attributes = {{"units", 1}}});
  ASSERT_TRUE(engine_->Reverse("x1", Day(6), "e1").ok());
  for (const int day : {1, 2, 3, 5, 6, 30}) {
    const auto had = Ask()->ExplainBalance("ana", "points", Day(day));
    ASSERT_TRUE(had.ok()) << had.status();
    ExpectAddsUp(*had);
    EXPECT_EQ(had->total(), day == 1  ? 50
                            : day < 5 ? 51
                            : day < 6 ? 46
                                      : -4)
        << day;
  }
}

// Whatever happens, in whichever order it is recorded.
TEST(AnyBalance, IsExplainedToTheLastUnit) {
  for (unsigned seed = 0; seed < 40; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](int n) {
      return static_cast<int>(random() % static_cast<unsigned>(n));
    };
    testing::Community shop(kShop);
    shop.now = Day(31);
    for (int i = 0; i < 40; ++i) {
      const std::string id = absl::StrCat("e", i);
      const std::string other = absl::StrCat("e", below(i + 1));
      const std::string ana = below(4) == 0 ? "bob" : "ana";
      const absl::Time time = Day(1 + below(30), below(24));
      Engine& engine = shop.engine();
      switch (below(9)) {
        case 0: (void)engine.Redeem(id, time, ana, "sticker"); break;
        case 1: (void)engine.Redeem(id, time, ana, "seat"); break;
        case 2: (void)engine.Capture(id, time, ana, other); break;
        case 3: (void)engine.Cancel(id, time, ana, other); break;
        case 4: (void)engine.Reverse(id, time, other); break;
        case 5: (void)engine.Sweep(time); break;
        case 6:
          (void)engine.Transfer(id, time, ana, ana == "ana" ? "bob" : "ana",
                                "points", 1 + below(20));
          break;
        default:
          shop.Send({.id = id,
                     .type = "earn",
                     .time = time,
                     .actor = ana,
                     .attributes = {{"units", 1 + below(50)}}});
      }
    }
    const auto queries = *shop.engine().Query();
    if (!queries->Member("ana").ok()) continue;
    for (int day = 1; day <= 31; ++day) {
      const auto had = queries->ExplainBalance("ana", "points", Day(day));
      ASSERT_TRUE(had.ok()) << had.status();
      Shop::ExpectAddsUp(*had);
      if (day == 31) {
        EXPECT_EQ(had->order, 0) << "seed " << seed;
      }
    }
    shop.ExpectVerified();
  }
}

// What a limit cut comes back when what it was cut for is reversed.
TEST(Balance, IsWhatTheMemberHasWhereLimitsGaveBack) {
  testing::Community shop(R"(
    name: "f" version: "1" currency { id: "points" spendable: true }
    event_type { id: "like" }
    rule { id: "like" on: "like" award { currency: "points" units: "8"
           limit { per: DAY units: 10 } } })");
  for (const std::string id : {"e1", "e2"}) {
    shop.Send({.id = id, .type = "like", .time = Day(1), .actor = "ana"});
  }
  ASSERT_TRUE(shop.engine().Reverse("x1", Day(1), "e1").ok());
  const auto queries = *shop.engine().Query();
  EXPECT_EQ(shop.Balance("ana", "points"), 8);
  EXPECT_EQ(queries->Balance("ana", "points", Day(1))->balance, 8);
  EXPECT_EQ(queries->ExplainBalance("ana", "points", Day(1))->order, 0);
  // Nor is it anything else once that is past.
  shop.Send({.id = "e3", .type = "like", .time = Day(5), .actor = "ana"});
  const auto past = shop.engine().Query();
  EXPECT_EQ((*past)->Balance("ana", "points", Day(2))->balance, 8);
  EXPECT_EQ((*past)->ExplainBalance("ana", "points", Day(2))->order, 0);
  EXPECT_EQ((*past)->Balance("ana", "points", Day(5))->balance, 16);
}

TEST_P(Shop, WhatWasHandedOverIsNotGivenBack) {
  Must(engine_->Redeem("r1", Day(2), "ana", "mug"));
  EXPECT_TRUE(
      Must(engine_->Fulfil("f1", Day(3), "ana", "r1", "jo")).accepted());
  EXPECT_THAT(Ask()->Explain("f1")->sentences,
              ElementsAre("mug was handed over to ana."));
  EXPECT_THAT(Must(engine_->Fulfil("f2", Day(3), "ana", "r1")).notes[0].text,
              HasSubstr("handed over before"));
  const Outcome cancelled = Must(engine_->Cancel("c1", Day(3), "ana", "r1"));
  EXPECT_EQ(cancelled.rejected, RejectReason::kAlreadyFulfilled);
  EXPECT_EQ(cancelled.reason,
            "\"mug\" has been handed over, and is not given back");
  EXPECT_EQ(Ask()->Statement("ana", "points", 0, -1, 99)->back().kind,
            StatementLine::Kind::kFulfilment);
  ExpectAddsUp(*Ask()->ExplainBalance("ana", "points", Day(3)));
  EXPECT_TRUE(Ask()->Verify()->ok());
}

TEST_P(Shop, AMissingAwardIsExplained) {
  Blog("b1", "ana", 120, {{"topic", "tls"}});
  RuleForMember why = Why("b1", "ana", "later");
  EXPECT_FALSE(why.gave);
  EXPECT_EQ(why.sentence,
            "\"later\" does not hold here: event.words >= 300 is false: "
            "event.words is 120.");
  Blog("b2", "ana", 300);
  EXPECT_THAT(Why("b2", "ana", "later").sentence, HasSubstr("event.topic"));
  // What only a standing decides is said as it is written.
  EXPECT_EQ(Why("b2", "ana", "experts").sentence,
            "\"experts\" does not hold here: level.expert >= 1.");
  EXPECT_EQ(Why("b2", "ana", "fame").sentence,
            "\"fame\" does not hold here: event.words >= 1000 || level.expert "
            "> 5.");
  EXPECT_EQ(Why("b2", "ana", "earn").sentence,
            "\"what you bought\" is for earn, and this was blog.");
  EXPECT_EQ(Ask()->ExplainRules("b2", "ana", "fam").status().message(),
            "the program has no rule \"fam\". Did you mean \"fame\"?");
  EXPECT_EQ(Ask()->ExplainRules("b9", "ana", "fame").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(Ask()->ExplainRules("b2", "ana", "")->size(), 3u);
}

TEST_P(Shop, WhatOthersGotIsToldToNoMember) {
  Blog("b1", "eve", 1000, {{"owner", "ana"}});
  const RuleForMember why = Why("b1", "eve", "fame");
  EXPECT_EQ(why.sentence, "\"fame\" was for somebody else here.");
  EXPECT_THAT(why.steps.back(), HasSubstr("ana received 20 expert"));
  Blog("b2", "eve", 1000);
  EXPECT_EQ(Why("b2", "eve", "fame").sentence,
            "\"fame\" had nobody to give to here.");
}

TEST_P(Shop, WhatWasTakenBackIsSaid) {
  ASSERT_TRUE(engine_->Reverse("x1", Day(2), "e1").ok());
  const RuleForMember why = Why("e1", "ana", "earn");
  EXPECT_TRUE(why.gave);
  EXPECT_THAT(why.sentence, HasSubstr("It was taken back since."));
  EXPECT_THAT(why.steps.back(), HasSubstr("x1"));
}

TEST_P(Shop, EventsSayWhyConditionsWereFalse) {
  Blog("b1", "ana", 120);
  const auto explanation = Ask()->Explain("b1");
  ASSERT_TRUE(explanation.ok());
  EXPECT_EQ(explanation->rules[0].verdict, "its condition was false");
  ASSERT_THAT(explanation->rules[0].why, Not(IsEmpty()));
  EXPECT_EQ(explanation->rules[0].why[0],
            "event.words >= 300 is false: event.words is 120");
  EXPECT_THAT(explanation->rules[1].why, ElementsAre("level.expert >= 1"));
}

TEST_P(Shop, EventsSayWhenUnitsComeAndGo) {
  Blog("b1", "ana", 400, {{"topic", "tls"}});
  EXPECT_THAT(Ask()->Explain("b1")->sentences,
              ElementsAre("ana received 7 points by later.",
                          "7 points of ana are available from 2026-01-16 "
                          "12:00."));
  Must(engine_->Redeem("h1", Day(3), "ana", "seat"));
  EXPECT_THAT(Ask()->Explain("h1")->sentences,
              ElementsAre("30 points of ana are held for seat.",
                          "The hold ends at 2026-01-04 12:00."));
}

}  // namespace
}  // namespace loyalty
