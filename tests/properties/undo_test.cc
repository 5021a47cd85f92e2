// SPDX-License-Identifier: Apache-2.0
//
// Two laws of taking back, over random short histories of all that members and
// hosts can do. Undo anything three times, and only the first does something:
// no reading of anybody, nor of what is in stock, is another one after that.
// And to reverse an award and to cancel a redemption commute (E7b): whichever
// comes first, all ends the same.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::MustRead;

constexpr const char* kRewards[] = {"pen",   "seat", "set",
                                    "bread", "cake", "film"};

// Something of each kind that gives, takes, counts or limits.
Program ProgramWith(const std::string& shortfall) {
  return MustRead(absl::StrCat(
      R"(
    name: "undo" version: "1"
    currency { id: "points" opening: 3 spendable: true expires_after: "30d"
               shortfall: )",
      shortfall, R"( }
    currency { id: "coins" opening: 4 spendable: true pending_for: "1d"
               shortfall: )",
      shortfall, R"( }
    currency { id: "rep" opening: 1 floor: 1 daily_cap { units: 25 } }
    event_type { id: "post" attribute { name: "words" type: INT } }
    event_type { id: "vote" attribute { name: "to" type: MEMBER } }
    event_type { id: "down" attribute { name: "to" type: MEMBER } }
    event_type { id: "fee" attribute { name: "words" type: INT } }
    metric { id: "posts" on: "post" }
    metric { id: "words" on: "post" sum: "event.words" period: WEEK }
    metric { id: "longest" on: "post" max: "event.words" }
    metric { id: "voters" on: "vote" per: "event.to" distinct: "event.actor" }
    metric { id: "votes" on: "vote" per: "target" }
    rule { id: "post" on: "post"
           award { currency: "points" units: "event.words" }
           award { currency: "coins" units: "2" limit { per: DAY times: 2 } } }
    rule { id: "vote" on: "vote"
           award { to: "event.to" currency: "rep" units: "10" self: ALLOW }
           award { to: "event.to" currency: "points" units: "4" self: ALLOW
                   limit { per: WEEK units: 9 } } }
    rule { id: "down" on: "down"
           award { to: "event.to" currency: "rep" units: "-7" self: ALLOW } }
    rule { id: "fee" on: "fee"
           award { currency: "points" units: "-event.words" } }
    ladder { id: "trust" currency: "rep" level { id: "new" }
             level { id: "voter" at: 15 } level { id: "editor" at: 40 } }
    badge { id: "writer" when: "metric.posts >= 2"
            award { currency: "points" units: "3" } }
    badge { id: "fleeting" revoke: true when: "metric.posts >= 3"
            award { currency: "points" units: "2" } }
    badge { id: "steady" revoke: true count: "metric.posts / 2" }
    badge { id: "liked" on: "vote" when: "object.metric.votes >= 2"
            to: "event.to" per: "target" revoke: true }
    badge { id: "helper" manual: true }
    streak { id: "daily" on: "post"
             reach { every: 2 award { currency: "coins" units: "1" }
                     revoke: true } }
    quest { id: "keen" step { id: "posts" on: "post" goal: 3 } revoke: true
            award { currency: "coins" units: "5" } }
    reward { id: "pen" cost { currency: "points" units: 2 } stock: 9
             limit { per: WEEK times: 4 } }
    reward { id: "seat" cost { currency: "points" units: 3 } hold_for: "9d"
             stock: 7 }
    reward { id: "set" cost { currency: "points" units: 1 }
             cost { currency: "coins" units: 1 } cancel_after_fulfil: true }
    reward { id: "bread" cost { currency: "points" units: 2 }
             voucher { valid_for: "9d" } cancel_after_fulfil: true }
    reward { id: "cake" cost { currency: "points" units: 2 } hold_for: "9d"
             voucher { } stock: 9 }
    reward { id: "film" cost { currency: "points" units: 1 }
             voucher { imported: true } })"));
}

absl::Time At(int hour) {
  return absl::FromUnixSeconds(1767225600) + absl::Hours(hour);
}

// How many histories each law is tried on: what LOYALTY_HISTORIES asks for,
// less what one of them costs.
int Histories() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return std::max(1, (asked == nullptr ? 100 : std::atoi(asked)) / 4);
}

// Made up as it goes, since a code is known once it is given.
class History {
 public:
  History(uint64_t seed, const std::string& shortfall)
      : random_(seed), program_(ProgramWith(shortfall)), engine_(Make()) {
    const int events = 10 + Below(25);
    for (int i = 0; i < events; ++i) {
      hour_ += Below(9);
      Send(Next(i));
      if (::testing::Test::HasFatalFailure()) return;
    }
  }

  Engine& engine() { return *engine_; }
  // The same again, with another engine.
  std::unique_ptr<Engine> Play() const {
    std::unique_ptr<Engine> engine = Make();
    for (const Event& event : sent_) {
      EXPECT_TRUE(engine->Process(event).ok());
    }
    return engine;
  }

  // What was sent that can be undone, whether or not it was accepted.
  const std::vector<Event>& gave() const { return gave_; }
  const std::vector<Event>& redeemed() const { return redeemed_; }
  absl::Time end() const { return At(hour_); }

  int Below(int n) {
    return static_cast<int>(random_() % static_cast<unsigned>(n));
  }
  template <typename T>
  const T& Any(const std::vector<T>& of) {
    return of[static_cast<size_t>(Below(static_cast<int>(of.size())))];
  }

 private:
  std::unique_ptr<Engine> Make() const {
    return *Engine::InMemory(program_, {.clock = [] { return At(2000); },
                                        .voucher_key = std::string(32, 'k')});
  }

  void Send(const Event& event) {
    const auto outcome = engine_->Process(event);
    ASSERT_TRUE(outcome.ok()) << event.type << ": " << outcome.status();
    sent_.push_back(event);
    codes_.insert(codes_.end(), outcome->vouchers.begin(),
                  outcome->vouchers.end());
  }

  std::string Who() {
    return std::string(1, static_cast<char>('a' + Below(4)));
  }

  Event Next(int i) {
    const int hour = Below(6) == 0 ? std::max(0, hour_ - Below(50)) : hour_;
    Event event{.id = absl::StrCat("e", i), .time = At(hour), .actor = Who()};
    const int64_t n = 1 + Below(6);
    const int what = Below(24);
    if (what < 10) {
      constexpr const char* kTypes[] = {"post", "post", "post", "post", "vote",
                                        "vote", "vote", "vote", "down", "fee"};
      event.type = kTypes[what];
      event.target = absl::StrCat("p", Below(3));
      if (event.type == "post" || event.type == "fee") {
        event.attributes = {{"words", n}};
      } else {
        event.attributes = {{"to", Who()}};
      }
      gave_.push_back(event);
    } else if (what < 14 || redeemed_.empty()) {
      event.type = kRedeem;
      event.attributes = {
          {"reward", kRewards[Below(static_cast<int>(std::size(kRewards)))]},
          {"quantity", int64_t{1} + Below(3)}};
      redeemed_.push_back(event);
    } else if (what < 17) {
      const Event& of = Any(redeemed_);
      const int how = Below(4);
      event.actor = of.actor;
      event.type = how < 2 ? kCaptureHold : how == 2 ? kVoidHold : kFulfil;
      event.attributes = {{how < 3 ? "hold" : "redemption", of.id}};
      if (how == 0) event.attributes.emplace("units", n);
    } else if (what == 17) {
      const Event& of = Any(redeemed_);
      event.actor = of.actor;
      event.type = kCancelRedemption;
      event.attributes = {{"redemption", of.id}, {"units", n}};
    } else if (what == 18 && !codes_.empty()) {
      event.type = kUseVoucher;
      event.actor.reset();
      event.attributes = {{"code", Any(codes_)}, {"by", event.id}};
    } else if (what == 19) {
      event.type = kImportVoucher;
      event.actor.reset();
      event.attributes = {{"reward", "film"}, {"code", event.id}};
    } else if (what == 20) {
      event.type = kTransferUnits;
      event.attributes = {{"to", Who()}, {"currency", "points"}, {"units", n}};
      gave_.push_back(event);
    } else if (what == 21) {
      event.type = kAdjust;
      event.attributes = {{"currency", Below(2) == 0 ? "points" : "coins"},
                          {"units", Below(3) == 0 ? -n : n},
                          {"by", "max"},
                          {"reason", "none"}};
      gave_.push_back(event);
    } else if (what == 22) {
      event.type = kGrantBadge;
      event.attributes = {{"badge", Below(2) == 0 ? "helper" : "writer"},
                          {"by", "max"}};
      gave_.push_back(event);
    } else {
      event.type = kMerge;
      event.attributes = {{"into", Who()}};
      gave_.push_back(event);
    }
    return event;
  }

  std::mt19937_64 random_;
  const Program program_;
  const std::unique_ptr<Engine> engine_;
  int hour_ = 0;
  std::vector<Event> sent_, gave_, redeemed_;
  std::vector<std::string> codes_;
};

// All that can be read of everybody at `at`, for a person to compare.
std::string Readings(Engine& engine, absl::Time at) {
  std::string text;
  const auto queries = *engine.Query();
  for (const std::string who : {"a", "b", "c", "d"}) {
    const auto profile = queries->Member(who, at);
    if (!profile.ok()) continue;
    absl::StrAppend(&text, who, ", who is ", profile->member, "\n");
    for (const CurrencyBalance& one : profile->currencies) {
      absl::StrAppend(&text, "  ", one.currency, " ", one.balance, " earned ",
                      one.earned, " pending ", one.pending, " held ", one.held,
                      " debt ", one.debt);
      for (const ExpiringUnits& units : one.expiring) {
        absl::StrAppend(&text, ", ", units.units, " until ",
                        absl::FormatTime(units.expires));
      }
      // As it will be, since lots that look alike now may not be.
      for (const int days : {1, 10, 25, 40}) {
        const auto then = queries->Member(who, at + absl::Hours(24 * days));
        const size_t place =
            static_cast<size_t>(&one - profile->currencies.data());
        absl::StrAppend(&text, ", in ", days, " days ",
                        then->currencies[place].balance);
      }
      text += "\n";
    }
    for (const LadderStanding& one : profile->ladders) {
      absl::StrAppend(&text, "  ", one.level);
    }
    for (const auto& [metric, value] : profile->metrics) {
      absl::StrAppend(&text, ", ", metric, " ", value);
    }
    for (const auto& [badge, many] : profile->badges) {
      absl::StrAppend(&text, ", ", many, " ", badge);
    }
    for (const StreakStanding& one : profile->streaks) {
      absl::StrAppend(&text, ", ", one.streak, " ", one.length, " of ",
                      one.longest);
    }
    for (const QuestStanding& one : profile->quests) {
      absl::StrAppend(&text, ", ", one.quest, " ",
                      std::string(Name(one.state)));
      for (const StepStanding& step : one.steps) {
        absl::StrAppend(&text, " ", step.progress);
      }
    }
    text += "\n";
    const auto vouchers = *queries->Vouchers(who, at, "");
    for (const MemberVoucher& voucher : vouchers) {
      absl::StrAppend(&text, "  voucher of ", voucher.redemption, " ",
                      std::string(Name(voucher.state)), "\n");
    }
    const auto offers = *queries->Rewards(who, at);
    for (const RewardOffer& offer : offers) {
      absl::StrAppend(&text, "  ", offer.reward, " left ",
                      offer.left.value_or(-1), " ", offer.reason, "\n");
    }
  }
  EXPECT_TRUE(queries
                  ->Metrics("votes", at,
                            [&](const MetricLine& line) {
                              absl::StrAppend(&text, "votes for ", line.id, " ",
                                              line.value, "\n");
                            })
                  .ok());
  return text;
}

void ExpectVerified(Engine& engine) {
  const auto report = (*engine.Query())->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
}

Event Reversal(const Event& of, absl::Time at) {
  return {.id = "reverse " + of.id,
          .type = std::string(kReverse),
          .time = at,
          .attributes = {{"event", of.id}}};
}

Event Cancellation(const Event& of, absl::Time at) {
  return {.id = "cancel " + of.id,
          .type = std::string(kCancelRedemption),
          .time = at,
          .actor = of.actor,
          .attributes = {{"redemption", of.id}}};
}

Event Voiding(const Event& of, absl::Time at) {
  return {.id = "void " + of.id,
          .type = std::string(kVoidHold),
          .time = at,
          .actor = of.actor,
          .attributes = {{"hold", of.id}}};
}

// True if the first had something to undo.
bool ExpectOnlyTheFirstDoesSomething(Engine& engine, const Event& undo) {
  const std::string before = Readings(engine, undo.time);
  const auto first = engine.Process(undo);
  EXPECT_TRUE(first.ok()) << first.status();
  const std::string after = Readings(engine, undo.time);
  for (const char* const more : {"", " again", " a third time", ""}) {
    Event again = undo;
    again.id += more;
    const auto outcome = engine.Process(again);
    EXPECT_TRUE(outcome.ok()) << outcome.status();
    if (*more == '\0') {
      EXPECT_TRUE(outcome->repeat);
      EXPECT_TRUE(*outcome == *first);
    }
  }
  EXPECT_EQ(Readings(engine, undo.time), after) << undo.id;
  return after != before;
}

TEST(Undoing, DoesSomethingOnlyOnce) {
  std::map<std::string, int> undone;  // by type
  for (int seed = 0; seed < Histories(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    constexpr const char* kShortfalls[] = {"DEBT", "CLAMP", "REJECT"};
    History history(static_cast<uint64_t>(seed), kShortfalls[seed % 3]);
    std::vector<std::pair<std::string, Event>> undos;
    for (const Event& event : history.gave()) {
      undos.emplace_back(event.type, Reversal(event, history.end()));
    }
    for (const Event& event : history.redeemed()) {
      undos.emplace_back("void", Voiding(event, history.end()));
      undos.emplace_back("cancel", Cancellation(event, history.end()));
    }
    for (int i = 0; i < 10 && !undos.empty(); ++i) {
      const auto which =
          undos.begin() + history.Below(static_cast<int>(undos.size()));
      if (ExpectOnlyTheFirstDoesSomething(history.engine(), which->second)) {
        ++undone[which->first];
      }
      undos.erase(which);
      if (::testing::Test::HasFailure()) return;
    }
    ExpectVerified(history.engine());
    if (::testing::Test::HasFailure()) return;
  }
  if (Histories() < 20) return;
  for (const char* const type :
       {"post", "vote", "down", "fee", "void", "cancel"}) {
    EXPECT_GT(undone[type], 0) << type;
  }
  EXPECT_GT(undone[std::string(kAdjust)], 0);
}

// Under DEBT: what a reversal writes off or is refused depends on what had been
// given back by then, and is meant to.
TEST(Undoing, OfAnAwardAndOfARedemptionCommute) {
  int both = 0;  // orders that each did something
  for (int seed = 0; seed < Histories(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    History history(static_cast<uint64_t>(1000 + seed), "DEBT");
    if (history.gave().empty() || history.redeemed().empty()) continue;
    for (int i = 0; i < 4; ++i) {
      const Event reversal =
          Reversal(history.Any(history.gave()), history.end());
      const Event cancellation =
          Cancellation(history.Any(history.redeemed()), history.end());
      SCOPED_TRACE(absl::StrCat(reversal.id, ", ", cancellation.id));
      const auto one = history.Play(), other = history.Play();
      const auto accepts = [](Engine& engine, const Event& event) {
        const auto outcome = engine.Process(event);
        EXPECT_TRUE(outcome.ok()) << outcome.status();
        return outcome.ok() && outcome->accepted();
      };
      const bool reversed = accepts(*one, reversal);
      const bool cancelled = accepts(*one, cancellation);
      EXPECT_EQ(accepts(*other, cancellation), cancelled);
      EXPECT_EQ(accepts(*other, reversal), reversed);
      EXPECT_EQ(Readings(*one, history.end()), Readings(*other, history.end()));
      ExpectVerified(*one);
      if (reversed && cancelled) ++both;
      if (::testing::Test::HasFailure()) return;
    }
  }
  EXPECT_GT(both, 0);
}

}  // namespace
}  // namespace loyalty
