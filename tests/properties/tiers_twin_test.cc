// SPDX-License-Identifier: Apache-2.0
//
// Tiers under random histories, late events, losses, reversals, assignments by
// hand and sweeps among them, against a slow twin: it knows all that was earned
// and not reversed, and goes through the definition day after day, for whatever
// time it is asked about.
#include <absl/strings/str_cat.h>
#include <absl/time/civil_time.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using absl::CivilDay;
using testing::MustRead;

// What of its ladder's tiers the twin knows by itself.
struct Terms {
  std::string id = {};
  enum class Time { kYear, kQuarter, kMonth, kDay, kMembership, kRolling };
  Time time = Time::kYear;
  int days = 0;
  enum class Down { kToQualified, kOne, kNever };
  Down down = Down::kToQualified;
  bool at_once = false;
  bool this_period_only = false;
  int64_t tenths = 10;  // low water
  int grace = 0;
  int settle = 0;
  int valid_days = 0;
  int valid_months = 0;
  bool asks_legs = false;     // as well as miles
  bool asks_flights = false;  // likewise
};

const std::vector<Terms>& AllTerms() {
  using Time = Terms::Time;
  using Down = Terms::Down;
  static const auto& all = *new std::vector<Terms>{
      {.id = "hard"},
      {.id = "soft", .down = Down::kOne, .tenths = 9},
      {.id = "never", .down = Down::kNever},
      {.id = "at_once", .time = Time::kMonth, .at_once = true},
      {.id = "graceful", .time = Time::kMonth, .down = Down::kOne, .grace = 20},
      {.id = "goals", .time = Time::kDay, .this_period_only = true},
      {.id = "years", .time = Time::kMembership, .down = Down::kOne},
      {.id = "rolls", .time = Time::kRolling, .days = 60},
      {.id = "settles",
       .time = Time::kRolling,
       .days = 90,
       .down = Down::kOne,
       .tenths = 9,
       .settle = 14},
      {.id = "quarters", .time = Time::kQuarter, .asks_legs = true},
      {.id = "several",
       .down = Down::kOne,
       .tenths = 9,
       .asks_legs = true,
       .asks_flights = true},
      {.id = "since",
       .time = Time::kMembership,
       .at_once = true,
       .asks_legs = true},
      {.id = "rolls_both",
       .time = Time::kRolling,
       .days = 90,
       .asks_legs = true,
       .asks_flights = true},
      {.id = "valid", .time = Time::kRolling, .days = 365, .valid_months = 12},
      {.id = "valid_one",
       .time = Time::kRolling,
       .days = 60,
       .down = Down::kOne,
       .tenths = 8,
       .valid_days = 100,
       .asks_legs = true},
      {.id = "valid_ever",
       .time = Time::kRolling,
       .days = 30,
       .down = Down::kNever,
       .valid_months = 2,
       .asks_flights = true},
  };
  return all;
}

constexpr char kProgram[] = R"(
  name: "twin" version: "1" max_ahead: "876000h"
  currency { id: "miles" floor: -1000000 opening: 7 }
  currency { id: "legs" floor: -1000000 opening: 3 }
  event_type { id: "fly" attribute { name: "miles" type: INT required: true }
                         attribute { name: "legs" type: INT required: true } }
  metric { id: "by_year" on: "fly" period: YEAR }
  metric { id: "by_day" on: "fly" period: DAY }
  rule { id: "fly" on: "fly" award { currency: "miles" units: "event.miles" }
                             award { currency: "legs" units: "event.legs" } }
)";

constexpr int64_t kLevels[] = {0, 100, 250, 500};
constexpr int64_t kLegs[] = {0, 0, 3, 6};
constexpr int64_t kFlights[] = {0, 2, 2, 3};

std::string LevelsWritten(const Terms& terms) {
  const std::string metric =
      terms.time == Terms::Time::kYear ? "by_year" : "by_day";
  std::string text = "level { id: 't0' } ";
  for (int i = 1; i < 4; ++i) {
    absl::StrAppend(&text, "level { id: 't", i, "' at: ", kLevels[i], " ");
    if (terms.asks_legs && kLegs[i] > 0) {
      absl::StrAppend(&text, "also { currency: 'legs' at: ", kLegs[i], " } ");
    }
    // What the second does not say, it asks as the first does.
    if (terms.asks_flights && i != 2) {
      absl::StrAppend(&text, "also { metric: '", metric, "' at: ", kFlights[i],
                      " } ");
    }
    text += "} ";
  }
  return text;
}

// What came in some time.
struct Came {
  int64_t miles = 0;
  int64_t legs = 0;
  int64_t flights = 0;

  void Add(const Came& more) {
    miles += more.miles;
    legs += more.legs;
    flights += more.flights;
  }
};

std::string Written(const Terms& terms) {
  std::string text;
  switch (terms.time) {
    case Terms::Time::kYear: text = "period: YEAR "; break;
    case Terms::Time::kQuarter: text = "period: QUARTER "; break;
    case Terms::Time::kMonth: text = "period: MONTH "; break;
    case Terms::Time::kDay: text = "period: DAY "; break;
    case Terms::Time::kMembership: text = "anniversary: true "; break;
    case Terms::Time::kRolling:
      text = absl::StrCat("within: '", terms.days, "d' ");
      break;
  }
  if (terms.down == Terms::Down::kOne) text += "down: ONE ";
  if (terms.down == Terms::Down::kNever) text += "down: NEVER ";
  if (terms.at_once) text += "loss: AT_ONCE ";
  if (terms.this_period_only) text += "this_period_only: true ";
  if (terms.tenths != 10)
    text += absl::StrCat("low_water: '0.", terms.tenths, "' ");
  if (terms.grace > 0) text += absl::StrCat("grace: '", terms.grace, "d' ");
  if (terms.settle > 0) text += absl::StrCat("settle: '", terms.settle, "d' ");
  if (terms.valid_days > 0) {
    absl::StrAppend(&text, "valid_for: '", terms.valid_days, "d' ");
  }
  if (terms.valid_months > 0) {
    absl::StrAppend(&text, "valid_for: '", terms.valid_months, "mo' ");
  }
  return absl::StrCat("ladder { id: '", terms.id, "' currency: 'miles' ",
                      LevelsWritten(terms), "tiers { ", text, "} }\n");
}

// Whether so many tenths of what the level asks have come.
bool Suffices(const Terms& terms, int level, const Came& came, int64_t tenths) {
  return came.miles * 10 >= kLevels[level] * tenths &&
         (!terms.asks_legs || came.legs * 10 >= kLegs[level] * tenths) &&
         (!terms.asks_flights || came.flights * 10 >= kFlights[level] * tenths);
}

int LevelOf(const Terms& terms, const Came& came) {
  int level = 0;
  while (level < 3 && Suffices(terms, level + 1, came, 10)) ++level;
  return level;
}

CivilDay DayOf(absl::Time time) {
  return absl::ToCivilDay(time, absl::UTCTimeZone());
}
absl::Time TimeOf(CivilDay day) {
  return absl::FromCivil(day, absl::UTCTimeZone());
}

struct Flight {
  std::string id = {};
  CivilDay day = {};
  Came came = {};
  bool live = true;
};

struct Hand {
  int level = 0;
  bool locks = false;
  absl::Time from = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();
};

class SlowTiers {
 public:
  explicit SlowTiers(const Terms& terms) : terms_(terms) {}

  // All that is known by now.
  void Learn(const std::vector<Flight>& flights, absl::Time since) {
    flights_ = flights;
    since_ = DayOf(since);
    by_day_.clear();
    for (const Flight& flight : flights_) {
      by_day_[flight.day].Add(flight.live ? flight.came : Came());
    }
    if (terms_.at_once || terms_.time == Terms::Time::kRolling) return;
    std::map<CivilDay, Came> periods;
    for (const Flight& flight : flights_) {
      periods[StartOf(flight.day)].Add(flight.live ? flight.came : Came());
    }
    for (const auto& [start, came] : periods) {
      int& reached = reached_[start];
      reached = std::max(reached, LevelOf(terms_, came));
    }
  }
  std::optional<Hand>& hand() { return hand_; }
  const std::optional<Hand>& hand() const { return hand_; }
  const Terms& terms() const { return terms_; }

  // What counts at that time for the next level.
  Came CountsAt(absl::Time time) const {
    const CivilDay day = DayOf(time);
    return terms_.time == Terms::Time::kRolling
               ? CameIn(day - (terms_.days - 1), day)
               : CameIn(StartOf(day), EndOf(StartOf(day)) - 1);
  }

  int LevelAt(absl::Time time) const {
    const int earned = terms_.time == Terms::Time::kRolling
                           ? RolledTo(DayOf(time))
                           : HeldOn(DayOf(time));
    if (!hand_.has_value() || time < hand_->from || time >= hand_->until) {
      return earned;
    }
    return hand_->locks ? hand_->level : std::max(hand_->level, earned);
  }

 private:
  CivilDay StartOf(CivilDay day) const {
    switch (terms_.time) {
      case Terms::Time::kYear: return CivilDay(day.year(), 1, 1);
      case Terms::Time::kQuarter: {
        const int months[] = {1, 1, 1, 4, 4, 4, 7, 7, 7, 10, 10, 10};
        return CivilDay(day.year(), months[day.month() - 1], 1);
      }
      case Terms::Time::kMonth: return CivilDay(day.year(), day.month(), 1);
      case Terms::Time::kDay:
      case Terms::Time::kRolling: return day;
      case Terms::Time::kMembership: break;
    }
    const CivilDay of_year(day.year(), since_.month(), since_.day());
    return of_year <= day
               ? of_year
               : CivilDay(day.year() - 1, since_.month(), since_.day());
  }

  CivilDay EndOf(CivilDay start) const {
    switch (terms_.time) {
      case Terms::Time::kYear: return CivilDay(start.year() + 1, 1, 1);
      case Terms::Time::kQuarter:
        return CivilDay(start.year(), start.month() + 3, 1);
      case Terms::Time::kMonth:
        return CivilDay(start.year(), start.month() + 1, 1);
      case Terms::Time::kDay:
      case Terms::Time::kRolling: return start + 1;
      case Terms::Time::kMembership: break;
    }
    return CivilDay(start.year() + 1, since_.month(), since_.day());
  }

  CivilDay FirstDay() const { return by_day_.begin()->first; }

  Came CameIn(CivilDay from, CivilDay to) const {
    Came came;
    for (auto it = by_day_.lower_bound(from);
         it != by_day_.end() && it->first <= to; ++it) {
      came.Add(it->second);
    }
    return came;
  }

  int Reviewed(int level, int qualified, const Came& came) const {
    if (terms_.this_period_only) return 0;
    if (qualified >= level) return level;
    if (Suffices(terms_, level, came, terms_.tenths)) return level;
    if (terms_.down == Terms::Down::kNever) return level;
    return terms_.down == Terms::Down::kOne ? std::max(qualified, level - 1)
                                            : qualified;
  }

  // Period after period, from the first one that something is known of.
  int HeldOn(CivilDay wanted) const {
    int level = 0;
    int before = 0;
    if (flights_.empty()) return 0;
    CivilDay start = StartOf(std::min(FirstDay(), wanted));
    while (true) {
      const CivilDay end = EndOf(start);
      const Came came = CameIn(start, end - 1);
      const auto reached = reached_.find(start);
      const int qualified =
          std::max(LevelOf(terms_, came),
                   reached == reached_.end() ? 0 : reached->second);
      const int held = std::max(level, qualified);
      if (wanted < end) {
        return wanted - start < terms_.grace ? std::max(held, before) : held;
      }
      before = held;
      level = Reviewed(held, qualified, came);
      start = end;
    }
  }

  // The last day on which what was reached then is valid.
  CivilDay LastDay(CivilDay reached) const {
    return terms_.valid_days > 0
               ? reached + terms_.valid_days
               : CivilDay(reached.year(), reached.month() + terms_.valid_months,
                          reached.day());
  }

  // Day after day.
  int RolledTo(CivilDay wanted) const {
    if (flights_.empty()) return 0;
    int level = 0;
    CivilDay reached_on = FirstDay();
    for (CivilDay day = FirstDay(); day <= wanted; ++day) {
      const Came came = CameIn(day - (terms_.days - 1), day);
      const int qualified = LevelOf(terms_, came);
      if (qualified > level) {
        level = qualified;
        reached_on = day;
      } else if (terms_.valid_days + terms_.valid_months > 0) {
        if (level == 0 || day <= LastDay(reached_on)) continue;
        const Came since = CameIn(reached_on + 1, day - 1);
        level =
            Reviewed(level, std::max(qualified, LevelOf(terms_, since)), since);
        reached_on = day - 1;
      } else if (day - reached_on >= terms_.settle) {
        level = Reviewed(level, qualified, came);
      }
    }
    return level;
  }

  const Terms& terms_;
  std::vector<Flight> flights_;
  std::map<CivilDay, Came> by_day_;
  CivilDay since_;
  std::map<CivilDay, int> reached_;
  std::optional<Hand> hand_;
};

class TierHistory {
 public:
  explicit TierHistory(uint32_t seed) : random_(seed) {
    for (const Terms& terms : AllTerms()) twins_.emplace_back(terms);
    sweeps_ = Below(2) == 0;
  }

  void Run() {
    std::string text = kProgram;
    for (const Terms& terms : AllTerms()) text += Written(terms);
    auto engine = Engine::InMemory(MustRead(text));
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = std::move(*engine);
    for (int i = 0; i < 30; ++i) {
      Send(Next(i));
      if (sweeps_ && Below(4) == 0) Sweep();
      Compare();
      if (::testing::Test::HasFailure()) return;
    }
    const auto queries = engine_->Query();
    ASSERT_TRUE(queries.ok());
    const auto report = (*queries)->Verify();
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->ok()) << report->faults.front();
  }

 private:
  int Below(int n) {
    return std::uniform_int_distribution<int>(0, n - 1)(random_);
  }

  // In three years, late as often as not, at any time of the day.
  absl::Time AnyTime() {
    return TimeOf(CivilDay(2024, 1, 1) + Below(3 * 365)) +
           absl::Minutes(Below(24 * 60));
  }

  Event Next(int i) {
    const absl::Time time = AnyTime();
    const std::string id = absl::StrCat("e", i);
    if (i > 0 && Below(8) == 0) return ByHand(id, time);
    if (!flights_.empty() && Below(5) == 0) {
      Flight& flight = flights_[static_cast<size_t>(
          Below(static_cast<int>(flights_.size())))];
      flight.live = false;
      return {.id = id,
              .type = std::string(kReverse),
              .time = time,
              .attributes = {{"event", flight.id}}};
    }
    const int64_t miles = Below(6) == 0 ? -Below(120) - 1 : Below(300) + 1;
    const int64_t legs = Below(6) == 0 ? -1 : Below(4);
    flights_.push_back({.id = id,
                        .day = DayOf(time),
                        .came = {.miles = miles, .legs = legs, .flights = 1}});
    return {.id = id,
            .type = "fly",
            .time = time,
            .actor = "ana",
            .attributes = {{"miles", miles}, {"legs", legs}}};
  }

  Event ByHand(const std::string& id, absl::Time time) {
    const auto ladder =
        static_cast<size_t>(Below(static_cast<int>(AllTerms().size())));
    std::optional<Hand>& hand = twins_[ladder].hand();
    const std::string& name = AllTerms()[ladder].id;
    if (hand.has_value() && hand->until > time && Below(2) == 0) {
      hand.reset();
      return {.id = id,
              .type = std::string(kUnassignTier),
              .time = time,
              .actor = "ana",
              .attributes = {{"ladder", name}, {"by", "kim"}}};
    }
    hand = Hand{.level = Below(4), .locks = Below(2) == 0, .from = time};
    Attributes attributes = {{"ladder", name},
                             {"tier", absl::StrCat("t", hand->level)},
                             {"as", hand->locks ? "lock" : "floor"},
                             {"by", "kim"}};
    if (Below(2) == 0) {
      hand->until = time + absl::Hours(Below(5000) + 1);
      attributes.emplace("until", hand->until);
    }
    return {.id = id,
            .type = std::string(kAssignTier),
            .time = time,
            .actor = "ana",
            .attributes = std::move(attributes)};
  }

  void Send(const Event& event) {
    if (!since_.has_value()) since_ = event.time;
    const auto outcome = engine_->Process(event);
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_TRUE(outcome->accepted()) << outcome->reason;
    // What was reversed before reaches nobody the second time.
    const bool reaches = event.type != kReverse || !outcome->effects.empty();
    if (reaches) newest_ = std::max(newest_, event.time);
    for (SlowTiers& twin : twins_) twin.Learn(flights_, *since_);
    Hear(*outcome);
  }

  // What a host hears adds up to how things stand at the latest time there was.
  void Hear(const Outcome& outcome) {
    for (const Effect& effect : outcome.effects) {
      const auto* const changed = std::get_if<LevelChanged>(&effect);
      if (changed == nullptr) continue;
      std::string& heard = heard_[changed->ladder];
      if (heard.empty()) heard = "t0";
      EXPECT_EQ(changed->from, heard) << changed->ladder;
      heard = changed->to;
    }
  }

  void Sweep() {
    const absl::Time until = AnyTime();
    const auto queries = engine_->Query();
    const auto head = (*queries)->Head();
    ASSERT_TRUE(engine_->Sweep(until).ok());
    const auto since = (*engine_->Query())->Feed(head->seq, 1000);
    ASSERT_TRUE(since.ok());
    if (!since->empty()) newest_ = std::max(newest_, until);
    for (const Outcome& outcome : *since) Hear(outcome);
  }

  void Compare() {
    const auto queries = engine_->Query();
    ASSERT_TRUE(queries.ok());
    CompareAt(**queries, newest_, true);
    for (int i = 0; i < 3; ++i) {
      CompareAt(**queries, AnyTime() + absl::Hours(24 * Below(900)), false);
    }
  }

  void CompareAt(Queries& queries, absl::Time time, bool is_heard) {
    const auto profile = queries.Member("ana", time);
    ASSERT_TRUE(profile.ok()) << profile.status();
    for (size_t i = 0; i < twins_.size(); ++i) {
      const LadderStanding& stands = profile->ladders[i];
      const int level = twins_[i].LevelAt(time);
      SCOPED_TRACE(absl::StrCat(stands.ladder, " at ", absl::FormatTime(time)));
      ASSERT_EQ(stands.index, level);
      if (is_heard) {
        const auto heard = heard_.find(stands.ladder);
        EXPECT_EQ(heard == heard_.end() ? "t0" : heard->second, stands.level);
      }
      CompareOutlook(*stands.tier, twins_[i], time);
      CompareCounts(*stands.tier, twins_[i], time);
      if (::testing::Test::HasFailure()) return;
    }
  }

  // What is told of each thing that levels ask, and of the review.
  void CompareCounts(const TierOutlook& tier, const SlowTiers& twin,
                     absl::Time time) {
    const Came counts = twin.CountsAt(time);
    std::vector<int64_t> expected;
    if (twin.terms().asks_flights) expected.push_back(counts.flights);
    if (twin.terms().asks_legs) expected.push_back(counts.legs);
    std::vector<int64_t> told;
    bool needs = tier.to_keep > 0;
    for (const TierOutlook::Also& also : tier.also) {
      told.push_back(also.units);
      needs |= also.to_keep > 0;
    }
    EXPECT_EQ(tier.units, counts.miles);
    EXPECT_THAT(told, ::testing::UnorderedElementsAreArray(expected));
    if (tier.review == absl::InfiniteFuture()) return;
    const int at_review = twin.LevelAt(tier.review);
    EXPECT_EQ(tier.at_review, absl::StrCat("t", at_review));
    // Who has all that it takes loses nothing; who is told to earn more does.
    if (tier.by_hand || twin.hand().has_value()) return;
    const bool loses = at_review < twin.LevelAt(time);
    if (!needs && !twin.terms().this_period_only) {
      EXPECT_FALSE(loses);
    }
    if (needs && twin.terms().valid_days + twin.terms().valid_months > 0) {
      EXPECT_TRUE(loses);
    }
  }

  // Until then nothing changes, and then it does.
  void CompareOutlook(const TierOutlook& tier, const SlowTiers& twin,
                      absl::Time time) {
    const int level = twin.LevelAt(time);
    const bool ends = tier.until != absl::InfiniteFuture();
    if (ends) {
      ASSERT_GT(tier.until, time);
      EXPECT_NE(twin.LevelAt(tier.until), level);
      EXPECT_EQ(absl::StrCat("t", twin.LevelAt(tier.until)), tier.then);
      EXPECT_EQ(twin.LevelAt(tier.until - absl::Microseconds(1)), level);
    }
    const absl::Time last = std::min(tier.until, time + absl::Hours(24 * 1000));
    for (int i = 0; i < 3; ++i) {
      const absl::Time between = time + (last - time) * Below(1000) / 1000;
      EXPECT_EQ(twin.LevelAt(between), level) << absl::FormatTime(between);
    }
  }

  std::mt19937 random_;
  bool sweeps_ = false;
  std::unique_ptr<Engine> engine_;
  std::vector<Flight> flights_;
  std::optional<absl::Time> since_;
  std::vector<SlowTiers> twins_;
  absl::Time newest_ = absl::InfinitePast();
  std::map<std::string, std::string> heard_;
};

TEST(Tiers, AreThoseOfTheSlowTwinAtAnyTime) {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  // The twin is slow indeed: sixteen ladders, day after day.
  const int histories = asked == nullptr ? 3 : std::atoi(asked) / 10 + 1;
  for (int seed = 0; seed < histories; ++seed) {
    SCOPED_TRACE(seed);
    TierHistory(static_cast<uint32_t>(seed)).Run();
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace loyalty
