// SPDX-License-Identifier: Apache-2.0
//
// Random histories, with duplicates, late events and reversals of every kind in
// any order, against a slow twin that knows one rule only: add up everything
// that was asked and not taken back, from the start, every time.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::Day;
using testing::MustRead;

struct Terms {
  int opening, floor, cap;
};

std::string ProgramText(const Terms& terms) {
  return absl::StrCat(R"(
    name: "twin" version: "1"
    currency { id: "rep" opening: )",
                      terms.opening, " floor: ", terms.floor,
                      " daily_cap { units: ", terms.cap, R"( exempt: "bonus" } }
    event_type { id: "up" attribute { name: "owner" type: MEMBER } }
    event_type { id: "down" attribute { name: "owner" type: MEMBER } }
    event_type { id: "bonus" attribute { name: "owner" type: MEMBER } }
    event_type { id: "gift" attribute { name: "owner" type: MEMBER } attribute { name: "n" type: INT } }
    event_type { id: "swap" attribute { name: "owner" type: MEMBER } }
    event_type { id: "delete" }
    event_type { id: "withdraw" attribute { name: "event" type: STRING required: true } }
    metric { id: "ups" on: "up" per: "event.owner" }
    rule { id: "up" on: "up" award { to: "event.owner" currency: "rep" units: "10" self: ALLOW } }
    rule { id: "down" on: "down" award { to: "event.owner" currency: "rep" units: "-7" self: ALLOW } }
    rule { id: "bonus" on: "bonus" award { to: "event.owner" currency: "rep" units: "15" self: ALLOW
           limit { per: DAY times: 2 } } }
    rule { id: "gift" on: "gift" award { to: "event.owner" currency: "rep" units: "event.n" self: ALLOW
           limit { per: WEEK units: 20 key: PAIR } } }
    rule { id: "delete" on: "delete" reverse_object { keep: "bonus" } }
    rule { id: "swap" on: "swap" award { to: "event.owner" currency: "rep" units: "5" self: ALLOW }
           reverse_object {} }
    rule { id: "withdraw" on: "withdraw" reverse_event { event: "event.event" } })");
}

// The twin. No running sums: whatever is asked of it, it adds up anew.
class SlowTwin {
 public:
  explicit SlowTwin(const Terms& terms) : terms_(terms) {}

  void Send(const Event& event) {
    if (!seen_.insert(event.id).second) return;
    if (event.type == "delete") {
      for (Ask& ask : asks_) {
        if (ask.object == *event.target && ask.type != "bonus")
          ask.live = false;
      }
    } else if (event.type == "withdraw" || event.type == kReverse) {
      const std::string id =
          std::get<std::string>(event.attributes.at("event").get());
      for (Ask& ask : asks_) {
        if (ask.event == id) ask.live = ask.counted = false;
      }
    } else if (event.type == "swap") {
      // What it gives it does not take back: it takes what was there before.
      for (Ask& ask : asks_) {
        if (ask.object == *event.target) ask.live = false;
      }
      Award(event);
    } else {
      Award(event);
    }
  }

  int64_t Balance(const std::string& member) {
    int64_t balance = terms_.opening;
    std::map<int64_t, int64_t> used;
    for (size_t i = 0; i < asks_.size(); ++i) {
      Ask& ask = asks_[i];
      if (ask.member != member || !ask.live) continue;
      int64_t units = ask.units = Limited(i);
      if (ask.type != "bonus") {
        units =
            std::min(units, std::max<int64_t>(0, terms_.cap - used[ask.day]));
        used[ask.day] += units;
      }
      balance = std::max<int64_t>(terms_.floor, balance + units);
    }
    return balance;
  }

  int64_t Ups(const std::string& member) const {
    return std::count_if(asks_.begin(), asks_.end(), [&](const Ask& ask) {
      return ask.type == "up" && ask.member == member && ask.counted;
    });
  }

 private:
  struct Ask {
    std::string event, type, member, object, actor;
    int64_t day, asked, units = 0;
    bool live = true, counted = true;
  };

  void Award(const Event& event) {
    Ask ask{.event = event.id,
            .type = event.type,
            .member = std::get<std::string>(event.attributes.at("owner").get()),
            .object = *event.target,
            .actor = *event.actor,
            .day = absl::ToUnixSeconds(event.time) / 86400,
            .asked = 0};
    if (event.type == "up") ask.asked = 10;
    if (event.type == "swap") ask.asked = 5;
    if (event.type == "down") ask.asked = -7;
    if (event.type == "bonus") ask.asked = 15;
    if (event.type == "gift") {
      ask.asked = std::get<int64_t>(event.attributes.at("n").get());
    }
    asks_.push_back(ask);
  }

  // What its limit leaves of it, once it is known of those before.
  int64_t Limited(size_t place) const {
    const Ask& ask = asks_[place];
    if (ask.type == "bonus") return Taken(place, false) < 2 ? 15 : 0;
    if (ask.type != "gift" || ask.asked <= 0) return ask.asked;
    return std::min(ask.asked, std::max<int64_t>(0, 20 - Taken(place, true)));
  }

  // What live asks like this one, before it, have used of its limit.
  int64_t Taken(size_t place, bool units) const {
    const Ask& ask = asks_[place];
    int64_t taken = 0;
    for (size_t i = 0; i < place; ++i) {
      const Ask& other = asks_[i];
      if (!other.live || other.units <= 0 || other.type != ask.type ||
          other.member != ask.member) {
        continue;
      }
      // 1970-01-01 was a Thursday: weeks begin on day 4 and every 7th.
      const bool same = units ? other.actor == ask.actor &&
                                    (other.day + 3) / 7 == (ask.day + 3) / 7
                              : other.day == ask.day;
      if (same) taken += units ? other.units : 1;
    }
    return taken;
  }

  Terms terms_;
  std::set<std::string> seen_;
  std::vector<Ask> asks_;
};

class Random {
 public:
  explicit Random(uint32_t seed) : engine_(seed) {}
  int Below(int n) {
    return static_cast<int>(engine_() % static_cast<uint32_t>(n));
  }

 private:
  std::mt19937 engine_;
};

Event RandomEvent(Random& random, int number) {
  const std::vector<std::string> kinds = {
      "up",   "up",   "up",     "down",     "down",    "bonus",
      "gift", "gift", "delete", "withdraw", "reverse", "swap"};
  const std::string kind = kinds[random.Below(static_cast<int>(kinds.size()))];
  Event event{.id = absl::StrCat("e", number),
              .type = kind == "reverse" ? std::string(kReverse) : kind,
              .time = Day(1 + random.Below(9), random.Below(24)),
              .actor = absl::StrCat("m", random.Below(3)),
              .target = absl::StrCat("p", random.Below(3))};
  if (kind == "withdraw" || kind == "reverse") {
    event.attributes = {{"event", absl::StrCat("e", random.Below(number + 1))}};
  } else if (kind != "delete") {
    event.attributes = {{"owner", absl::StrCat("m", random.Below(3))}};
    if (kind == "gift") event.attributes.emplace("n", random.Below(30) - 5);
  }
  return event;
}

std::vector<Event> RandomHistory(Random& random, int length) {
  std::vector<Event> history;
  for (int i = 0; i < length; ++i) {
    history.push_back(RandomEvent(random, i));
    if (random.Below(8) == 0) {
      history.push_back(
          history[random.Below(static_cast<int>(history.size()))]);
    }
  }
  return history;
}

void ExpectAgree(Engine& engine, SlowTwin& twin) {
  const auto queries = engine.Query();
  for (const std::string member : {"m0", "m1", "m2"}) {
    const auto profile = (*queries)->Member(member);
    if (!profile.ok()) continue;  // not named yet
    ASSERT_EQ(profile->currencies[0].balance, twin.Balance(member)) << member;
    const auto ups = profile->metrics.find("ups");
    ASSERT_EQ(ups == profile->metrics.end() ? 0 : ups->second, twin.Ups(member))
        << member;
  }
}

void ExpectVerified(Engine& engine) {
  const auto report = (*engine.Query())->Verify();
  ASSERT_TRUE(report.ok()) << report.status();
  for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
}

Terms RandomTerms(Random& random) {
  const int floor = random.Below(3) - 1;
  return {.opening = floor + random.Below(5),
          .floor = floor,
          .cap = 1 + random.Below(45)};
}

TEST(Reversals, AgreeWithATwinThatAddsUpEverythingAnew) {
  for (uint32_t seed = 1; seed <= 80; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const Terms terms = RandomTerms(random);
    auto engine = Engine::InMemory(MustRead(ProgramText(terms)));
    SlowTwin twin(terms);
    for (const Event& event : RandomHistory(random, 60)) {
      SCOPED_TRACE(absl::StrCat(event.id, " ", event.type));
      const auto outcome = (*engine)->Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      twin.Send(event);
      ASSERT_NO_FATAL_FAILURE(ExpectAgree(**engine, twin));
    }
    ASSERT_NO_FATAL_FAILURE(ExpectVerified(**engine));
  }
}

TEST(Reversals, AreTheSameInAFileAtAnyBatchSize) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path() /
                                       absl::StrCat("loyalty_twin_", getpid());
  std::filesystem::create_directories(folder);
  for (uint32_t seed = 1001; seed <= 1008; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    Random random(seed);
    const Terms terms = RandomTerms(random);
    const Program program = MustRead(ProgramText(terms));
    const std::vector<Event> history = RandomHistory(random, 120);
    SlowTwin twin(terms);
    for (const Event& event : history) twin.Send(event);
    for (const size_t batch : {size_t{1}, size_t{7}, size_t{1000}}) {
      SCOPED_TRACE(absl::StrCat("batch ", batch));
      const std::string path = folder / absl::StrCat(seed, "_", batch, ".db");
      auto engine = Engine::Open(path, program);
      ASSERT_TRUE(engine.ok()) << engine.status();
      const std::span<const Event> all(history);
      for (size_t i = 0; i < all.size(); i += batch) {
        ASSERT_TRUE(
            (*engine)
                ->Process(all.subspan(i, std::min(batch, all.size() - i)))
                .ok());
      }
      ASSERT_NO_FATAL_FAILURE(ExpectAgree(**engine, twin));
      ASSERT_NO_FATAL_FAILURE(ExpectVerified(**engine));
    }
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace loyalty
