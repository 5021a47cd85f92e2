// SPDX-License-Identifier: Apache-2.0
//
// Random histories of units that come, vest, expire, are held, spent, sent,
// given back, adjusted and reversed in any order, late or twice, swept at
// random or never, cut by a limit and a daily cap or not, in two currencies and
// for rewards of either, of both, in stock, held and with codes, of members who
// are suspended or found to be one; against a slow twin in which every unit is
// a thing of its own, and which goes through everything from the start whenever
// it is asked. At the end the same is sent to another engine, and has to come
// to the same journal, byte for byte.
#include "properties/lots_twin.h"

#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using lots::kCap;
using lots::kLimit;
using lots::Reading;
using lots::Reward;
using lots::SlowTwin;
using testing::MustRead;

absl::Time At(int hour) {
  return absl::FromUnixSeconds(1767225600) + absl::Hours(hour);
}

std::string RewardsText() {
  std::string text;
  for (const Reward& reward : lots::kRewards) {
    absl::StrAppend(&text, "\n    reward { id: \"", reward.id,
                    "\" cost { currency: \"points\" units: ", reward.points,
                    " }");
    if (reward.coins > 0) {
      absl::StrAppend(
          &text, " cost { currency: \"coins\" units: ", reward.coins, " }");
    }
    if (reward.held) {
      absl::StrAppend(&text, " hold_for: \"", lots::kHoldFor, "h\"");
    }
    if (reward.stock > 0) absl::StrAppend(&text, " stock: ", reward.stock);
    if (reward.per_day > 0) {
      absl::StrAppend(&text, " limit { per: DAY times: ", reward.per_day, " }");
    }
    if (reward.voucher && reward.held) {
      absl::StrAppend(&text, " voucher { valid_for: \"", lots::kGoodFor,
                      "h\" }");
    } else if (reward.voucher) {
      absl::StrAppend(&text, " voucher { }");
    }
    absl::StrAppend(&text, " }");
  }
  return text;
}

std::string ProgramText(const std::string& shortfall, int grace_hours,
                        bool cuts) {
  const std::string limit =
      cuts ? absl::StrCat("limit { per: DAY units: ", kLimit, " }") : "";
  const std::string grace =
      grace_hours == 0 ? "" : absl::StrCat(" grace: \"", grace_hours, "h\"");
  return absl::StrCat(
      R"(
    name: "lots" version: "1"
    currency { id: "points" opening: 3 spendable: true shortfall: )",
      shortfall, grace,
      cuts ? absl::StrCat(" daily_cap { units: ", kCap, " }") : std::string(),
      R"( }
    currency { id: "coins" opening: 2 spendable: true shortfall: )",
      shortfall, grace, R"( }
    event_type { id: "coin" attribute { name: "n" type: INT } }
    event_type { id: "pair" attribute { name: "n" type: INT } }
    event_type { id: "gift" attribute { name: "n" type: INT }
                            attribute { name: "to" type: MEMBER } }
    rule { id: "coin" on: "coin" award { currency: "coins" units: "event.n" expires_after: "25h" } }
    rule { id: "pair" on: "pair" award { currency: "coins" units: "event.n" expires_after: "25h" }
                                 award { currency: "points" units: "event.n" } }
    rule { id: "gift" on: "gift" award { to: "event.to" currency: "points" units: "event.n" } }
    event_type { id: "last" attribute { name: "n" type: INT } }
    event_type { id: "short" attribute { name: "n" type: INT } }
    event_type { id: "long" attribute { name: "n" type: INT } }
    event_type { id: "later" attribute { name: "n" type: INT } }
    event_type { id: "lose" attribute { name: "n" type: INT } }
    event_type { id: "visit" }
    metric { id: "visits" on: "visit" }
    rule { id: "last" on: "last" award { currency: "points" units: "event.n" } )",
      limit, R"( }
    rule { id: "short" on: "short" award { currency: "points" units: "event.n" expires_after: "10h" } }
    rule { id: "long" on: "long" award { currency: "points" units: "event.n" expires_after: "40h" } }
    rule { id: "later" on: "later" award { currency: "points" units: "event.n" expires_after: "30h" pending_for: "15h" } }
    rule { id: "lose" on: "lose" award { currency: "points" units: "-event.n" } })",
      RewardsText());
}

class Histories {
  static constexpr int kMembers = 4;

 public:
  explicit Histories(uint32_t seed) : random_(seed) {}

  const std::string& told() const { return told_; }

  void Run(const std::string& file) {
    const int shortfall = Below(4);
    const int grace = Below(2) == 0 ? 0 : 5;
    const bool cuts = Below(2) == 0;
    using enum SlowTwin::Shortfall;
    SlowTwin twin(shortfall == 0   ? kClamp
                  : shortfall == 1 ? kReject
                                   : kDebt,
                  grace, cuts);
    const Program program = MustRead(ProgramText(shortfall == 0   ? "CLAMP"
                                                 : shortfall == 1 ? "REJECT"
                                                                  : "DEBT",
                                                 grace, cuts));
    const auto engine = Make(program, file);
    const int events = 10 + Below(40);
    for (int i = 0; i < events; ++i) {
      hour_ += Below(4);
      if (Below(8) == 0) {
        const int until = hour_ + Below(30);
        absl::StrAppend(&told_, "sweep until ", until, "\n");
        ASSERT_TRUE(engine->Sweep(At(until)).ok());
        done_.push_back({.sweep = until});
      }
      const auto [event, time] = Next(i);
      const bool accepts = Send(twin, event, time);
      const auto outcome = engine->Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      Tell(event, time, *outcome);
      done_.push_back({.event = event, .outcome = *outcome});
      ASSERT_EQ(outcome->accepted(), accepts)
          << event.id << " " << event.type << " " << outcome->reason;
      Keep(event, *outcome);
      if (Below(4) == 0) Compare(*engine, twin);
      if (::testing::Test::HasFatalFailure()) return;
    }
    Compare(*engine, twin);
    if (::testing::Test::HasFatalFailure()) return;
    const auto queries = *engine->Query();
    const auto report = queries->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
    // Again, to the same answers and entries. The bytes differ: each file has
    // random keys of its own for names.
    const auto again = Make(program, file.empty() ? "" : file + ".again");
    for (const Done& done : done_) {
      if (done.sweep.has_value()) {
        ASSERT_TRUE(again->Sweep(At(*done.sweep)).ok());
        continue;
      }
      const auto outcome = again->Process(done.event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      ASSERT_EQ(*outcome, done.outcome) << done.event.id;
      ASSERT_EQ(outcome->vouchers, done.outcome.vouchers) << done.event.id;
    }
    constexpr int kAll = 1000;
    const auto feed = queries->Feed(0, kAll),
               same = (*again->Query())->Feed(0, kAll);
    ASSERT_TRUE(feed.ok() && same.ok()) << feed.status() << same.status();
    EXPECT_EQ(*feed, *same);
    EXPECT_EQ((*again->Query())->Verify()->faults, std::vector<std::string>());
  }

 private:
  static std::unique_ptr<Engine> Make(const Program& program,
                                      const std::string& file) {
    EngineOptions options{.clock = [] { return At(5000); },
                          .voucher_key = std::string(32, 'k')};
    return file.empty() ? *Engine::InMemory(program, std::move(options))
                        : *Engine::Open(file, program, std::move(options));
  }

  // Uses of codes are the same however often they are sent.
  bool Send(SlowTwin& twin, const Event& event, int time) {
    const auto code = uses_.find(event.id);
    if (code == uses_.end()) return twin.Send(event, time);
    if (!code->second.accepted.has_value()) {
      code->second.accepted =
          twin.Use(code->second.redemption, code->second.number, time);
    }
    return *code->second.accepted;
  }

  void Keep(const Event& event, const Outcome& outcome) {
    if (outcome.repeat) return;
    const std::string of =
        event.type == kCaptureHold
            ? std::get<std::string>(event.attributes.at("hold").get())
            : event.id;
    for (size_t i = 0; i < outcome.vouchers.size(); ++i) {
      codes_.push_back(
          {.redemption = of, .number = i + 1, .text = outcome.vouchers[i]});
    }
  }

  // The history, for whoever looks for what went wrong.
  void Tell(const Event& event, int time, const Outcome& outcome) {
    absl::StrAppend(&told_, event.id, " ", event.type, " ",
                    event.actor.value_or("-"), " at ", time);
    for (const auto& [name, value] : event.attributes) {
      absl::StrAppend(&told_, " ", name, "=");
      if (const auto* text = std::get_if<std::string>(&value.get())) {
        told_ += *text;
      } else if (const auto* number = std::get_if<int64_t>(&value.get())) {
        absl::StrAppend(&told_, *number);
      }
    }
    absl::StrAppend(&told_, outcome.accepted() ? "" : " rejected",
                    outcome.repeat ? " repeated\n" : "\n");
  }

  int Below(int n) {
    return static_cast<int>(random_() % static_cast<unsigned>(n));
  }
  std::string Who() {
    return std::string(1, static_cast<char>('a' + Below(kMembers)));
  }

  std::pair<Event, int> Next(int i) {
    if (!sent_.empty() && Below(10) == 0) {
      return sent_[static_cast<size_t>(Below(static_cast<int>(sent_.size())))];
    }
    const int time = std::max(0, hour_ - (Below(5) == 0 ? Below(30) : 0));
    Event event{.id = absl::StrCat("e", i), .time = At(time), .actor = Who()};
    const int64_t n = 1 + Below(6);
    const int what = Below(26);
    const auto any = [this](const auto& of) -> const auto& {
      return of[static_cast<size_t>(Below(static_cast<int>(of.size())))];
    };
    const std::string currency = Below(3) == 0 ? "coins" : "points";
    if (what < 9) {
      constexpr const char* kTypes[] = {"last", "short", "long", "later",
                                        "coin", "pair",  "gift"};
      event.type = kTypes[Below(7)];
      event.attributes = {{"n", n}};
      if (event.type == "gift") event.attributes.emplace("to", Who());
      earned_.push_back(event.id);
    } else if (what == 9) {
      event.type = "lose";
      event.attributes = {{"n", n}};
      earned_.push_back(event.id);
    } else if (what < 14) {
      event.type = kRedeem;
      const Reward& reward =
          lots::kRewards[Below(static_cast<int>(std::size(lots::kRewards)))];
      const int64_t quantity = reward.points > 1 ? 1 + Below(3) : n;
      event.attributes = {{"reward", reward.id}, {"quantity", quantity}};
      redeemed_.push_back({event.id, *event.actor, reward.held,
                           reward.coins > 0 && Below(4) > 0});
    } else if (what < 17 && !redeemed_.empty()) {
      const Redemption& of = any(redeemed_);
      event.actor = of.who;
      const bool ends = of.held && Below(3) > 0;
      const bool captures = ends && Below(3) > 0;
      event.type = captures ? kCaptureHold
                   : ends   ? kVoidHold
                            : kCancelRedemption;
      event.attributes = {{ends ? "hold" : "redemption", of.id}};
      if (event.type != kVoidHold && !of.whole && Below(3) > 0) {
        event.attributes.emplace("units", n);
      }
    } else if (what < 20 && !earned_.empty()) {
      event.type = kReverse;
      event.actor.reset();
      event.attributes = {{"event", any(earned_)}};
    } else if (what == 20) {
      event.type = kTransferUnits;
      std::string to = Who();
      while (to == *event.actor) to = Who();
      event.attributes = {{"to", to}, {"currency", currency}, {"units", n}};
    } else if (what == 21) {
      event.type = kMerge;
      event.attributes = {{"into", Who()}};
    } else if (what == 22) {
      event.type = Below(4) == 0 ? kSuspend : kResume;
    } else if (what < 25 && !codes_.empty()) {
      const GivenCode& code = any(codes_);
      event.type = kUseVoucher;
      event.actor.reset();
      event.attributes = {{"code", code.text}, {"by", event.id}};
      uses_[event.id] = {.redemption = code.redemption, .number = code.number};
    } else if (Below(2) == 0) {
      event.type = kAdjust;
      event.attributes = {{"currency", currency},
                          {"units", Below(2) == 0 ? n : -n},
                          {"by", "max"},
                          {"reason", "none"}};
      earned_.push_back(event.id);
    } else {
      event.type = "visit";
    }
    sent_.push_back({event, time});
    return sent_.back();
  }

  void Compare(Engine& engine, SlowTwin& twin) {
    const auto queries = *engine.Query();
    for (const std::string who : {"a", "b", "c", "d"}) {
      if (!twin.Knows(who)) continue;
      std::vector<int> times = {twin.ClockOf(who),
                                twin.ClockOf(who) + Below(60)};
      times.push_back(Below(hour_ + 60));
      for (const int at : times) {
        for (const char* currency : {"points", "coins"}) {
          const auto got = queries->Balance(who, currency, At(at));
          ASSERT_TRUE(got.ok()) << got.status();
          const Reading reading{got->balance, got->pending, got->held,
                                got->debt, got->earned};
          const Reading wanted = twin.Read(who, currency, at);
          ASSERT_EQ(reading, wanted)
              << who << ", " << currency << " at " << at << ": "
              << ToString(reading) << ", not " << ToString(wanted);
          if (at < twin.ClockOf(who)) continue;
          const auto profile = queries->Member(who, At(at));
          const size_t place = currency == std::string("points") ? 0 : 1;
          ASSERT_EQ(profile->currencies[place].balance, wanted.available);
          ASSERT_EQ(profile->currencies[place].debt, wanted.debt);
          ASSERT_EQ(profile->currencies[place].earned, wanted.earned);
        }
        CompareCodes(*queries, twin, who, at);
        if (::testing::Test::HasFatalFailure()) return;
      }
      CompareStock(*queries, twin, who, times.back());
    }
  }

  void CompareCodes(Queries& queries, SlowTwin& twin, const std::string& who,
                    int at) {
    const auto vouchers = queries.Vouchers(who, At(at), "");
    ASSERT_TRUE(vouchers.ok()) << vouchers.status();
    std::map<std::string, int> states;
    for (const MemberVoucher& voucher : *vouchers) {
      ++states[std::string(Name(voucher.state))];
    }
    ASSERT_EQ(states, twin.CodesOf(who, at)) << who << " at " << at;
  }

  void CompareStock(Queries& queries, SlowTwin& twin, const std::string& who,
                    int at) {
    const auto offers = queries.Rewards(who, At(at));
    ASSERT_TRUE(offers.ok()) << offers.status();
    for (const RewardOffer& offer : *offers) {
      const Reward& reward = lots::RewardOf(offer.reward);
      ASSERT_EQ(offer.left.has_value(), reward.stock > 0);
      if (reward.stock == 0) continue;
      ASSERT_EQ(*offer.left, std::max(0, twin.LeftOf(reward, at)))
          << offer.reward << " at " << at;
    }
  }

  struct Redemption {
    std::string id, who;
    bool held = false;
    bool whole = false;  // never in part
  };
  struct GivenCode {
    std::string redemption = {};
    size_t number = 1;
    std::string text = {};
  };
  struct Use {
    std::string redemption = {};
    size_t number = 1;
    std::optional<bool> accepted = {};
  };
  struct Done {
    Event event = {};
    Outcome outcome = {};
    std::optional<int> sweep = {};
  };
  std::string told_;
  std::mt19937 random_;
  int hour_ = 0;
  std::vector<std::pair<Event, int>> sent_;
  std::vector<std::string> earned_;
  std::vector<Redemption> redeemed_;
  std::vector<GivenCode> codes_;
  std::map<std::string, Use> uses_;  // by the event that brings the code
  std::vector<Done> done_;
};

// LOYALTY_HISTORIES says how many, LOYALTY_HISTORY_SEED where they begin.
// Without, those in memory go on for 20 seconds.
int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}
int FirstSeed() { return FromEnvironment("LOYALTY_HISTORY_SEED", 1); }
int HistoriesToRun() { return FromEnvironment("LOYALTY_HISTORIES", 300); }

TEST(Lots, AreThoseOfTheSlowTwinInMemory) {
  const bool is_counted = std::getenv("LOYALTY_HISTORIES") != nullptr;
  const absl::Time end = absl::Now() + absl::Seconds(20);
  for (int i = 0; is_counted ? i < HistoriesToRun() : absl::Now() < end; ++i) {
    Histories history(static_cast<uint32_t>(FirstSeed() + i));
    SCOPED_TRACE(absl::StrCat("seed ", FirstSeed() + i));
    history.Run("");
    if (::testing::Test::HasFailure()) FAIL() << history.told();
  }
}

TEST(Lots, AreThoseOfTheSlowTwinInAFile) {
  const std::filesystem::path folder =
      std::filesystem::path(::testing::TempDir()) /
      absl::StrCat("lots_twin_", getpid());
  std::filesystem::create_directories(folder);
  for (int i = 0; i < HistoriesToRun(); i += 10) {
    Histories history(static_cast<uint32_t>(FirstSeed() + i));
    SCOPED_TRACE(absl::StrCat("seed ", FirstSeed() + i));
    history.Run(folder / absl::StrCat(i, ".db"));
    if (::testing::Test::HasFailure()) FAIL() << history.told();
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loyalty
