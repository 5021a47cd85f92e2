// SPDX-License-Identifier: Apache-2.0
//
// Budgets beside limits that give back, under random histories with late events
// and reversals in any order, of all of it or a part, against a slow twin: it
// keeps of each award what stands, adds all of that up whenever a budget is
// asked, and asks all limits again from the start until nothing wants more.
#include <absl/strings/str_cat.h>
#include <absl/strings/substitute.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::Day;
using testing::MustRead;

constexpr char kBudgeted[] = R"(
  name: "budgeted" version: "1"
  budget { currency: "a" units: 35 per: WEEK }
  currency { id: "a" $0 }
  currency { id: "b" }
  event_type { id: "act" attribute { name: "n" type: INT default: "1" } }
  event_type { id: "gift" attribute { name: "owner" type: MEMBER }
               attribute { name: "n" type: INT default: "1" } }
  event_type { id: "delete" }
  rule { id: "r1" on: "act"
         award { currency: "a" units: "event.n" limit { units: 15 per: DAY } } }
  rule { id: "r2" on: "act"
         award { currency: "b" units: "4"
                 limit { units: 10 per: WEEK group: "g" } } }
  rule { id: "r3" on: "gift"
         award { to: "event.owner" currency: "a" units: "event.n" self: ALLOW
                 limit { units: 10 per: WEEK group: "g" }
                 limit { times: 2 per: DAY } }
         budget { currency: "a" units: 9 per: DAY } }
  rule { id: "delete" on: "delete" reverse_object {} }
)";

constexpr int64_t kSecondsOfDay = 86'400;

struct Given {
  std::string event = {}, rule = {}, member = {}, object = {};
  int64_t time = 0, asked = 0;
  int64_t left = 0;  // of what was asked, once parts have gone
  bool live = true;
  int64_t most = 1'000'000;  // that budgets leave of it
  int64_t stands = 0;

  int64_t day() const { return time / kSecondsOfDay; }
  // 1970-01-01 was a Thursday.
  int64_t week() const { return (time / kSecondsOfDay + 3) / 7; }
  // Budgets are asked for no loss.
  bool is_budgeted() const { return rule != "r2" && asked > 0; }
};

class SlowBudgets {
 public:
  void Send(const Event& event) {
    const auto text = [&](const char* name) {
      return std::get<std::string>(event.attributes.at(name).get());
    };
    if (event.type == kReverse) {
      const std::string of = text("event");
      if (event.attributes.contains("of") &&
          std::get<int64_t>(event.attributes.at("keep").get()) > 0) {
        return UndoPart(event, of);
      }
      return Undo([&](const Given& one) { return one.event == of; });
    }
    if (event.type == "delete") {
      return Undo([&](const Given& one) { return one.object == event.target; });
    }
    const int64_t n = std::get<int64_t>(event.attributes.at("n").get());
    Given given{.event = event.id,
                .member = *event.actor,
                .object = *event.target,
                .time = absl::ToUnixSeconds(event.time)};
    if (event.type == "gift") {
      given.member = text("owner");
      return Give(given, "r3", n);
    }
    Give(given, "r1", n);
    Give(given, "r2", 4);
  }

  int64_t Balance(const std::string& member, const std::string& currency) {
    int64_t balance = 0;
    for (const Given& one : all_) {
      const bool is_of_it = (one.rule == "r2") == (currency == "b");
      if (!one.live || one.member != member || !is_of_it) continue;
      balance = std::max<int64_t>(0, balance + one.stands);
    }
    return balance;
  }

  // Whether some budget gave more than it has.
  bool IsPassed() {
    return std::any_of(all_.begin(), all_.end(),
                       [&](const Given& one) { return Room(one) < 0; });
  }
  int kept_cut() const { return kept_cut_; }
  int came_back() const { return came_back_; }

 private:
  using Wanted = std::map<Given*, int64_t>;

  void Give(Given given, const char* rule, int64_t units) {
    if (units == 0) return;
    given.rule = rule;
    given.asked = given.left = units;
    all_.push_back(given);
    Given& now = all_.back();
    now.stands = 0;
    const int64_t limited = Limited(now, [&](const Given& other) {
      return &other == &now ? 0 : other.stands;
    });
    now.stands = limited;
    if (limited <= 0 || !now.is_budgeted()) return;
    now.stands = 0;
    now.stands = std::min(limited, Room(now));
    if (now.stands < limited) now.most = now.stands;
  }

  template <typename Counts>
  int64_t Limited(const Given& now, const Counts& counts) {
    int64_t limited = std::min(now.left, now.most);
    if (limited <= 0) return limited;
    int64_t units = 0, times = 0;
    for (const Given& other : all_) {
      if (!other.live || other.member != now.member) continue;
      const int64_t used = counts(other);
      if (used <= 0) continue;
      if (now.rule == "r1") {
        if (other.rule == "r1" && other.day() == now.day()) units += used;
        continue;
      }
      if (other.rule != "r1" && other.week() == now.week()) units += used;
      if (other.rule == "r3" && other.day() == now.day()) ++times;
    }
    if (now.rule == "r3" && times >= 2) return 0;
    return std::clamp<int64_t>((now.rule == "r1" ? 15 : 10) - units, 0,
                               limited);
  }

  // Of all budgets of it.
  int64_t Room(const Given& now) {
    int64_t week = 35, day = 9;
    for (const Given& other : all_) {
      if (!other.live || !other.is_budgeted() || other.stands <= 0) continue;
      if (other.week() == now.week()) week -= other.stands;
      if (other.rule == "r3" && other.day() == now.day()) day -= other.stands;
    }
    return now.rule == "r3" ? std::min(week, day) : week;
  }

  // What limits leave of a member's.
  Wanted Asked(const std::string& member) {
    Wanted wanted;
    for (Given& one : all_) {
      if (!one.live || one.member != member) continue;
      const int64_t limited = Limited(one, [&](const Given& other) {
        const auto found = wanted.find(const_cast<Given*>(&other));
        return found == wanted.end() ? 0 : found->second;
      });
      wanted[&one] = limited;
    }
    return wanted;
  }

  static bool WantsMore(const Wanted& wanted) {
    return std::any_of(wanted.begin(), wanted.end(), [](const auto& one) {
      return one.first->is_budgeted() && one.second > one.first->stands;
    });
  }

  void UndoPart(const Event& event, const std::string& of) {
    const int64_t keep = std::get<int64_t>(event.attributes.at("keep").get());
    const int64_t whole = std::get<int64_t>(event.attributes.at("of").get());
    std::optional<std::string> member;  // an event gives to one of them here
    for (Given& one : all_) {
      if (!one.live || one.event != of) continue;
      // A unit that is kept in part is kept.
      int64_t rest = (std::abs(one.asked) * keep + whole - 1) / whole;
      if (one.asked < 0) rest = -rest;
      if (std::abs(rest) >= std::abs(one.left)) continue;
      one.left = rest;
      member = one.member;
    }
    if (!member.has_value()) return;
    const Wanted wanted = Asked(*member);
    if (WantsMore(wanted)) return AskUntilNoneWants(*member);
    for (const auto& [one, units] : wanted) one->stands = units;
  }

  template <typename Goes>
  void Undo(const Goes& goes) {
    std::vector<std::string> members;
    std::map<std::string, std::vector<Given*>> undone;
    for (Given& one : all_) {
      if (!one.live || !goes(one)) continue;
      if (!undone.contains(one.member)) members.push_back(one.member);
      undone[one.member].push_back(&one);
    }
    std::vector<std::string> wait;
    for (const std::string& member : members) {
      for (Given* one : undone[member]) one->live = false;
      const Wanted wanted = Asked(member);
      if (WantsMore(wanted)) {
        wait.push_back(member);
        // Its turn comes.
        for (Given* one : undone[member]) one->live = true;
      } else {
        for (const auto& [one, units] : wanted) one->stands = units;
      }
    }
    for (const std::string& member : wait) {
      for (Given* one : undone[member]) one->live = false;
      AskUntilNoneWants(member);
    }
  }

  void AskUntilNoneWants(const std::string& member) {
    while (true) {
      const Wanted wanted = Asked(member);
      const bool asks = WantsMore(wanted);
      for (const auto& [one, units] : wanted) {
        one->stands = one->is_budgeted() ? std::min(one->stands, units) : units;
      }
      if (!asks) return;
      for (Given& one : all_) {
        const auto found = wanted.find(&one);
        if (found == wanted.end() || one.stands >= found->second) continue;
        const int64_t more = found->second - one.stands;
        const int64_t granted = std::min(more, Room(one));
        one.stands += granted;
        if (granted > 0) ++came_back_;
        if (granted == more) continue;
        one.most = one.stands;
        ++kept_cut_;
      }
    }
  }

  std::vector<Given> all_;
  int kept_cut_ = 0;
  int came_back_ = 0;
};

Event RandomGift(std::mt19937& dice, int number) {
  const auto below = [&](uint32_t n) { return static_cast<int>(dice() % n); };
  const std::vector<std::string> types = {
      "act", "act", "act", "gift", "gift", "delete", std::string(kReverse)};
  Event event{.id = absl::StrCat("e", number),
              .type = types[below(static_cast<uint32_t>(types.size()))],
              .time = Day(1 + below(9), below(24)),
              .actor = absl::StrCat("m", below(3)),
              .target = absl::StrCat("p", below(6))};
  if (event.type == kReverse) {
    event.attributes = {
        {"event", absl::StrCat("e", below(static_cast<uint32_t>(number + 1)))}};
    if (below(2) == 0) {
      const int of = 1 + below(4);
      event.attributes.emplace("of", of);
      event.attributes.emplace("keep", below(static_cast<uint32_t>(of + 1)));
    }
  } else if (event.type != "delete") {
    event.attributes = {{"n", below(16) - 2}};
    if (event.type == "gift") {
      event.attributes.emplace("owner", absl::StrCat("m", below(3)));
    }
  }
  return event;
}

void ExpectAgreement(Engine& engine, SlowBudgets& twin) {
  ASSERT_FALSE(twin.IsPassed());
  const auto queries = engine.Query();
  for (const std::string member : {"m0", "m1", "m2"}) {
    const auto profile = (*queries)->Member(member);
    if (!profile.ok()) continue;  // not named yet
    for (const CurrencyBalance& one : profile->currencies) {
      ASSERT_EQ(one.balance, twin.Balance(member, one.currency))
          << member << " " << one.currency;
    }
  }
}

void ExpectNoFaults(Engine& engine) {
  const auto report = (*engine.Query())->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
}

uint32_t HistoriesOfBudgets() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return asked == nullptr ? 80 : static_cast<uint32_t>(std::atoi(asked));
}

TEST(Budgets, AnswerForWhatLimitsGiveBack) {
  int kept_cut = 0, came_back = 0;
  for (const char* terms : {"", "spendable: true"}) {
    const Program program = MustRead(absl::Substitute(kBudgeted, terms));
    for (uint32_t seed = 1; seed <= HistoriesOfBudgets(); ++seed) {
      SCOPED_TRACE(absl::StrCat("seed ", seed, " ", terms));
      std::mt19937 dice(seed);
      auto engine = Engine::InMemory(program);
      SlowBudgets twin;
      for (int i = 0; i < 70; ++i) {
        const Event event = RandomGift(dice, i);
        SCOPED_TRACE(absl::StrCat(event.id, " ", event.type));
        const auto outcome = (*engine)->Process(event);
        ASSERT_TRUE(outcome.ok()) << outcome.status();
        twin.Send(event);
        ASSERT_NO_FATAL_FAILURE(ExpectAgreement(**engine, twin));
      }
      ASSERT_NO_FATAL_FAILURE(ExpectNoFaults(**engine));
      kept_cut += twin.kept_cut();
      came_back += twin.came_back();
    }
  }
  // It was about something.
  EXPECT_GT(kept_cut, 0);
  EXPECT_GT(came_back, 0);
}

TEST(Budgets, AnswerForItInAFileToo) {
  const auto folder = std::filesystem::temp_directory_path() /
                      absl::StrCat("loyalty_budgets_twin_", getpid());
  std::filesystem::create_directories(folder);
  const Program program = MustRead(absl::Substitute(kBudgeted, ""));
  for (uint32_t seed = 101; seed <= 104; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937 dice(seed);
    const std::string path = folder / absl::StrCat(seed, ".db");
    SlowBudgets twin;
    for (int i = 0; i < 100;) {
      auto engine = Engine::Open(path, program);
      ASSERT_TRUE(engine.ok()) << engine.status();
      for (const int end = i + 25; i < end; ++i) {
        const Event event = RandomGift(dice, i);
        ASSERT_TRUE((*engine)->Process(event).ok());
        twin.Send(event);
      }
      ASSERT_NO_FATAL_FAILURE(ExpectAgreement(**engine, twin));
      ASSERT_NO_FATAL_FAILURE(ExpectNoFaults(**engine));
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loyalty
