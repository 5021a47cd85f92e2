// SPDX-License-Identifier: Apache-2.0
//
// Random histories of units that come, vest, expire, are held, spent, sent,
// given back, adjusted and reversed in any order, late or twice, swept at
// random or never, cut by a limit and a daily cap or not, of members who are
// found to be one, against a slow twin in which every unit is a thing of its
// own, and which goes through everything from the start whenever it is asked.
#include "properties/lots_twin.h"

#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using lots::kCap;
using lots::kLimit;
using lots::Reading;
using lots::SlowTwin;
using testing::MustRead;

absl::Time At(int hour) {
  return absl::FromUnixSeconds(1767225600) + absl::Hours(hour);
}

std::string ProgramText(const std::string& shortfall, int grace_hours,
                        bool cuts) {
  const std::string limit =
      cuts ? absl::StrCat("limit { per: DAY units: ", kLimit, " }") : "";
  return absl::StrCat(
      R"(
    name: "lots" version: "1"
    currency { id: "points" opening: 3 spendable: true shortfall: )",
      shortfall,
      grace_hours == 0 ? std::string()
                       : absl::StrCat(" grace: \"", grace_hours, "h\""),
      cuts ? absl::StrCat(" daily_cap { units: ", kCap, " }") : std::string(),
      R"( }
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
    rule { id: "lose" on: "lose" award { currency: "points" units: "-event.n" } }
    reward { id: "now" cost { currency: "points" units: 1 } }
    reward { id: "held" cost { currency: "points" units: 1 } hold_for: "12h" })");
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
    const auto engine =
        file.empty()
            ? *Engine::InMemory(program, {.clock = [] { return At(5000); }})
            : *Engine::Open(file, program, {.clock = [] { return At(5000); }});
    const int events = 10 + Below(40);
    for (int i = 0; i < events; ++i) {
      hour_ += Below(4);
      if (Below(8) == 0) {
        const int until = hour_ + Below(30);
        absl::StrAppend(&told_, "sweep until ", until, "\n");
        ASSERT_TRUE(engine->Sweep(At(until)).ok());
      }
      const auto [event, time] = Next(i);
      const bool accepts = twin.Send(event, time);
      const auto outcome = engine->Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      Tell(event, time, *outcome);
      ASSERT_EQ(outcome->accepted(), accepts)
          << event.id << " " << event.type << " " << outcome->reason;
      if (Below(4) == 0) Compare(*engine, twin);
      if (::testing::Test::HasFatalFailure()) return;
    }
    Compare(*engine, twin);
    const auto report = (*engine->Query())->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
  }

 private:
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
    const int what = Below(21);
    if (what < 8) {
      constexpr const char* kTypes[] = {"last", "short", "long", "later"};
      event.type = kTypes[Below(4)];
      event.attributes = {{"n", n}};
      earned_.push_back(event.id);
    } else if (what == 8) {
      event.type = "lose";
      event.attributes = {{"n", n}};
      earned_.push_back(event.id);
    } else if (what < 12) {
      event.type = kRedeem;
      const bool held = Below(2) == 0;
      event.attributes = {{"reward", held ? "held" : "now"}, {"quantity", n}};
      redeemed_.push_back({event.id, *event.actor, held});
    } else if (what < 15 && !redeemed_.empty()) {
      const auto& of = redeemed_[static_cast<size_t>(
          Below(static_cast<int>(redeemed_.size())))];
      event.actor = of.who;
      if (of.held && Below(3) > 0) {
        event.type = Below(2) == 0 ? kCaptureHold : kVoidHold;
        event.attributes = {{"hold", of.id}};
        if (event.type == kCaptureHold) event.attributes.emplace("units", n);
      } else {
        event.type = kCancelRedemption;
        event.attributes = {{"redemption", of.id}, {"units", n}};
      }
    } else if (what < 18 && !earned_.empty()) {
      event.type = kReverse;
      event.actor.reset();
      event.attributes = {{"event", earned_[static_cast<size_t>(Below(
                                        static_cast<int>(earned_.size())))]}};
    } else if (what == 18) {
      event.type = kTransferUnits;
      std::string to = Who();
      while (to == *event.actor) to = Who();
      event.attributes = {{"to", to}, {"currency", "points"}, {"units", n}};
    } else if (what == 20) {
      event.type = kMerge;
      event.attributes = {{"into", Who()}};
    } else if (Below(2) == 0) {
      event.type = kAdjust;
      event.attributes = {{"currency", "points"},
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
        const auto got = queries->Balance(who, "points", At(at));
        ASSERT_TRUE(got.ok()) << got.status();
        const Reading reading{got->balance, got->pending, got->held, got->debt,
                              got->earned};
        const Reading wanted = twin.Read(who, at);
        ASSERT_EQ(reading, wanted)
            << who << " at " << at << ": " << ToString(reading) << ", not "
            << ToString(wanted);
        if (at < twin.ClockOf(who)) continue;
        const auto profile = queries->Member(who, At(at));
        ASSERT_EQ(profile->currencies[0].balance, wanted.available);
        ASSERT_EQ(profile->currencies[0].debt, wanted.debt);
        ASSERT_EQ(profile->currencies[0].earned, wanted.earned);
      }
    }
  }

  struct Redemption {
    std::string id, who;
    bool held = false;
  };
  std::string told_;
  std::mt19937 random_;
  int hour_ = 0;
  std::vector<std::pair<Event, int>> sent_;
  std::vector<std::string> earned_;
  std::vector<Redemption> redeemed_;
};

// LOYALTY_HISTORIES says how many, LOYALTY_HISTORY_SEED where they begin.
int FromEnvironment(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}
int FirstSeed() { return FromEnvironment("LOYALTY_HISTORY_SEED", 1); }
int HistoriesToRun() { return FromEnvironment("LOYALTY_HISTORIES", 300); }

TEST(Lots, AreThoseOfTheSlowTwinInMemory) {
  for (int i = 0; i < HistoriesToRun(); ++i) {
    Histories history(static_cast<uint32_t>(FirstSeed() + i));
    SCOPED_TRACE(absl::StrCat("seed ", FirstSeed() + i));
    history.Run("");
    if (HasFailure()) FAIL() << history.told();
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
    if (HasFailure()) FAIL() << history.told();
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loyalty
