// SPDX-License-Identifier: Apache-2.0
//
// Limits of every kind under random histories with late events, and reversals
// in any order, of all of it or a part, against a slow twin: it forgets what
// was reversed and asks every limit again for all the rest, from the start, by
// looking at each pair of awards.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::Day;
using testing::MustRead;

constexpr char kProgram[] = R"(
  name: "twin" version: "1"
  currency { id: "a" daily_cap { units: 40 } }
  currency { id: "b" floor: -5 }
  event_type { id: "act" attribute { name: "kind" type: STRING }
               attribute { name: "n" type: INT default: "1" } }
  event_type { id: "gift" attribute { name: "owner" type: MEMBER }
               attribute { name: "n" type: INT default: "1" } }
  event_type { id: "delete" }
  rule { id: "r1" on: "act"
         award { currency: "a" units: "event.n"
                 limit { units: 15 per: DAY }
                 limit { times: 3 within: "30h" by: "event.kind" } } }
  rule { id: "r2" on: "act"
         award { currency: "b" units: "4"
                 limit { cooldown: "5h" }
                 limit { units: 10 per: WEEK group: "g" } } }
  rule { id: "r3" on: "gift"
         award { to: "event.owner" currency: "a" units: "event.n" self: ALLOW
                 limit { units: 10 per: WEEK group: "g" }
                 limit { times: 2 per: DAY key: PAIR }
                 limit { units: 12 within: "50h" } } }
  rule { id: "r4" on: "act" when: "event.kind == 'x'"
         award { currency: "b" units: "-3" } }
  rule { id: "delete" on: "delete" reverse_object {} }
  multiplier { id: "m" rule: "r1" factor: "1.5" during { weekday: SATURDAY } }
)";

// The same where nothing but limits takes anything off: gains alone, and
// neither a cap nor a floor that they could meet.
std::string OfGainsAlone() {
  std::string program = kProgram;
  for (const auto& [from, to] :
       std::initializer_list<std::pair<std::string, std::string>>{
           {R"( daily_cap { units: 40 })", ""},
           {R"( floor: -5)", ""},
           {R"(units: "-3")", R"(units: "3")"}}) {
    program.replace(program.find(from), from.size(), to);
  }
  return program;
}

struct Ask {
  std::string event = {}, rule = {}, member = {}, actor = {}, object = {},
              kind = {}, currency = {};
  int64_t time = 0, units = 0;
  bool live = true;
  int64_t left = 0;     // of `units`, once parts have gone
  int64_t limited = 0;  // as the twin has it just now
};

struct TwinLimit {
  std::string group;  // rules that count together
  int64_t calendar = 0, offset = 0, rolling = 0, most = 0;
  bool times = false;
  std::function<std::string(const Ask&)> key = [](const Ask&) { return ""; };
};

constexpr int64_t kDay = 86'400;

const std::map<std::string, std::vector<TwinLimit>>& Limits() {
  static const TwinLimit group{
      .group = "r2 r3", .calendar = 7 * kDay, .offset = 3 * kDay, .most = 10};
  static const std::map<std::string, std::vector<TwinLimit>> limits = {
      {"r1",
       {{.group = "r1", .calendar = kDay, .most = 15},
        {.group = "r1",
         .rolling = 30 * 3600,
         .most = 3,
         .times = true,
         .key = [](const Ask& ask) { return ask.kind; }}}},
      {"r2",
       {{.group = "r2", .rolling = 5 * 3600, .most = 1, .times = true}, group}},
      {"r3",
       {group,
        {.group = "r3",
         .calendar = kDay,
         .most = 2,
         .times = true,
         .key = [](const Ask& ask) { return ask.actor; }},
        {.group = "r3", .rolling = 50 * 3600, .most = 12}}}};
  return limits;
}

// What is left of so many units, up or down, if `keep` of `of` are kept. A unit
// that is kept in part is kept.
int64_t Rest(int64_t units, const Event& event) {
  const int64_t keep = std::get<int64_t>(event.attributes.at("keep").get());
  const int64_t of = std::get<int64_t>(event.attributes.at("of").get());
  const int64_t rest = (std::abs(units) * keep + of - 1) / of;
  return units < 0 ? -rest : rest;
}

class SlowLimits {
 public:
  explicit SlowLimits(bool gains_alone) : gains_alone_(gains_alone) {}

  void Send(const Event& event) {
    const auto text = [&](const char* name) {
      return std::get<std::string>(event.attributes.at(name).get());
    };
    if (event.type == "delete" || event.type == kReverse) {
      for (Ask& ask : asks_) {
        if (event.type == "delete" ? ask.object == event.target
                                   : ask.event == text("event")) {
          Reverse(event, ask);
        }
      }
      return;
    }
    const int64_t n = std::get<int64_t>(event.attributes.at("n").get());
    Ask ask{.event = event.id,
            .actor = *event.actor,
            .object = *event.target,
            .time = absl::ToUnixSeconds(event.time)};
    const auto add = [&](const char* rule, const std::string& member,
                         const char* currency, int64_t units) {
      ask.rule = rule;
      ask.member = member;
      ask.currency = currency;
      ask.units = ask.left = units;
      if (units != 0) asks_.push_back(ask);
    };
    if (event.type == "gift") return add("r3", text("owner"), "a", n);
    ask.kind = text("kind");
    // 1970-01-01 was a Thursday.
    const bool is_saturday = (ask.time / kDay) % 7 == 2;
    add("r1", ask.actor, "a", is_saturday && n > 0 ? n * 3 / 2 : n);
    add("r2", ask.actor, "b", 4);
    if (ask.kind == "x") add("r4", ask.actor, "b", gains_alone_ ? 3 : -3);
  }

  std::map<std::string, int64_t> Balances(const std::string& member) {
    std::map<std::string, int64_t> balances = {{"a", 0}, {"b", 0}};
    std::map<int64_t, int64_t> used;
    std::vector<const Ask*> before;
    for (Ask& ask : asks_) {
      if (!ask.live || ask.member != member) continue;
      ask.limited = Limited(ask, before);
      before.push_back(&ask);
      int64_t units = ask.limited;
      if (ask.currency == "a" && !gains_alone_) {
        int64_t& day = used[ask.time / kDay];
        units = std::min(units, std::max<int64_t>(0, 40 - day));
        day += units;
      }
      int64_t& balance = balances[ask.currency];
      balance =
          std::max<int64_t>(ask.currency == "b" ? -5 : 0, balance + units);
    }
    return balances;
  }

 private:
  static void Reverse(const Event& event, Ask& ask) {
    if (!event.attributes.contains("of")) {
      ask.live = false;
      return;
    }
    const int64_t rest = Rest(ask.units, event);
    if (rest == 0) ask.live = false;
    if (std::abs(rest) < std::abs(ask.left)) ask.left = rest;
  }

  static int64_t Limited(const Ask& ask,
                         const std::vector<const Ask*>& before) {
    const auto found = Limits().find(ask.rule);
    int64_t limited = ask.left;
    if (found == Limits().end() || limited <= 0) return limited;
    for (const TwinLimit& limit : found->second) {
      const int64_t room = limit.most - Most(limit, ask, before);
      if (room <= 0) return 0;
      if (!limit.times) limited = std::min(limited, room);
    }
    return limited;
  }

  // The most that any window of the limit with `ask` in it has.
  static int64_t Most(const TwinLimit& limit, const Ask& ask,
                      const std::vector<const Ask*>& before) {
    const auto sum = [&](const std::function<bool(int64_t)>& is_in) {
      int64_t all = 0;
      for (const Ask* other : before) {
        if (limit.group.find(other->rule) == std::string::npos) continue;
        if (other->limited <= 0 || limit.key(*other) != limit.key(ask))
          continue;
        if (is_in(other->time)) all += limit.times ? 1 : other->limited;
      }
      return all;
    };
    if (limit.rolling == 0) {
      const auto window = [&](int64_t time) {
        return (time + limit.offset) / limit.calendar;
      };
      return sum([&](int64_t at) { return window(at) == window(ask.time); });
    }
    int64_t most = 0;
    std::set<int64_t> ends = {ask.time};
    for (const Ask* other : before) ends.insert(other->time);
    for (const int64_t end : ends) {
      if (end < ask.time || end >= ask.time + limit.rolling) continue;
      most = std::max(most, sum([&](int64_t at) {
                        return at > end - limit.rolling && at <= end;
                      }));
    }
    return most;
  }

  const bool gains_alone_;
  std::vector<Ask> asks_;
};

class Dice {
 public:
  explicit Dice(uint32_t seed) : engine_(seed) {}
  int Below(int n) {
    return static_cast<int>(engine_() % static_cast<uint32_t>(n));
  }

 private:
  std::mt19937 engine_;
};

Event RandomAct(Dice& dice, int number, bool gains_alone) {
  const std::vector<std::string> types = {
      "act", "act", "act", "gift", "gift", "delete", std::string(kReverse)};
  Event event{.id = absl::StrCat("e", number),
              .type = types[dice.Below(static_cast<int>(types.size()))],
              .time = Day(1 + dice.Below(gains_alone ? 25 : 9), dice.Below(24)),
              .actor = absl::StrCat("m", dice.Below(2)),
              .target = absl::StrCat("p", dice.Below(6))};
  if (event.type == kReverse) {
    event.attributes = {{"event", absl::StrCat("e", dice.Below(number + 1))}};
    if (dice.Below(gains_alone ? 400 : 2) == 0) {
      const int of = 1 + dice.Below(4);
      event.attributes.emplace("of", of);
      event.attributes.emplace("keep", dice.Below(of + 1));
    }
  } else if (event.type != "delete") {
    event.attributes = {
        {"n", gains_alone ? 1 + dice.Below(6) : dice.Below(14) - 2}};
    if (event.type == "act") {
      event.attributes.emplace("kind", dice.Below(2) == 0 ? "x" : "y");
    } else {
      event.attributes.emplace("owner", absl::StrCat("m", dice.Below(2)));
    }
  }
  return event;
}

void ExpectSame(Engine& engine, SlowLimits& twin) {
  const auto queries = engine.Query();
  for (const std::string member : {"m0", "m1"}) {
    const auto profile = (*queries)->Member(member);
    if (!profile.ok()) continue;  // not named yet
    const auto balances = twin.Balances(member);
    for (const CurrencyBalance& one : profile->currencies) {
      ASSERT_EQ(one.balance, balances.at(one.currency))
          << member << " " << one.currency;
    }
  }
}

void ExpectSound(Engine& engine) {
  const auto report = (*engine.Query())->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
}

int Histories() {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  return asked == nullptr ? 80 : std::atoi(asked);
}

void GiveBackWhatTheTwinGives(bool gains_alone) {
  const Program program =
      MustRead(gains_alone ? OfGainsAlone() : std::string(kProgram));
  for (int seed = 1; seed <= Histories(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Dice dice(static_cast<uint32_t>(seed));
    auto engine = Engine::InMemory(program);
    SlowLimits twin(gains_alone);
    for (int i = 0; i < 70; ++i) {
      const Event event = RandomAct(dice, i, gains_alone);
      SCOPED_TRACE(absl::StrCat(event.id, " ", event.type));
      const auto outcome = (*engine)->Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      twin.Send(event);
      ASSERT_NO_FATAL_FAILURE(ExpectSame(**engine, twin));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectSound(**engine));
  }
}

TEST(Limits, GiveBackWhatATwinThatAsksAllAgainGives) {
  GiveBackWhatTheTwinGives(false);
}

// Then most of what is reversed goes alone (core/relimit.h).
TEST(Limits, GiveBackWhatItGivesOfGainsAlone) {
  GiveBackWhatTheTwinGives(true);
}

TEST(Limits, GiveBackTheSameInAFile) {
  const auto folder = std::filesystem::temp_directory_path() /
                      absl::StrCat("loyalty_limits_twin_", getpid());
  std::filesystem::create_directories(folder);
  for (uint32_t seed = 101; seed <= 104; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Dice dice(seed);
    const Program program = MustRead(kProgram);
    const std::string path = folder / absl::StrCat(seed, ".db");
    SlowLimits twin(false);
    for (int i = 0; i < 100;) {
      auto engine = Engine::Open(path, program);
      ASSERT_TRUE(engine.ok()) << engine.status();
      for (const int end = i + 25; i < end; ++i) {
        const Event event = RandomAct(dice, i, false);
        ASSERT_TRUE((*engine)->Process(event).ok());
        twin.Send(event);
      }
      ASSERT_NO_FATAL_FAILURE(ExpectSame(**engine, twin));
      ASSERT_NO_FATAL_FAILURE(ExpectSound(**engine));
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loyalty
