// SPDX-License-Identifier: Apache-2.0
//
// Random histories of units that come, vest, expire, are held, spent, sent,
// given back, adjusted and reversed in any order, late or twice, swept at
// random or never, cut by a limit and a daily cap or not, against a slow twin
// in which every unit is a thing of its own, and which goes through everything
// from the start whenever it is asked.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::MustRead;

absl::Time At(int hour) {
  return absl::FromUnixSeconds(1767225600) + absl::Hours(hour);
}

// Of a day, if they hold: what rule "last" may give, and what may be gained.
constexpr int kLimit = 7, kCap = 9;

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

constexpr int kNever = 1 << 20;

struct Reading {
  int64_t available = 0, pending = 0, held = 0, debt = 0, earned = 0;
  friend bool operator==(const Reading&, const Reading&) = default;
};

std::string ToString(const Reading& r) {
  return absl::StrCat("available ", r.available, " pending ", r.pending,
                      " held ", r.held, " debt ", r.debt, " earned ", r.earned);
}

// The units of one member.
class UnitByUnit {
 public:
  struct Op {
    enum Kind { kEarn, kLose, kSpend, kHold, kEnd, kRefund, kUndo };
    Kind kind = kEarn;
    std::string id = {}, of = {};
    int time = 0;   // the event's
    int clock = 0;  // and when it took place: no earlier than what was before
    int units = 0;  // kUndo: those that it forgives
    int pending = 0, lasts = kNever;
    std::vector<int> expiries = {};  // of units that another member sent
    int until = 0;                   // kHold
    int grace = 0;                   // kRefund
    bool counts = true;              // as earned, or as a loss of that
    int limit = 0, cap = 0;          // of its day; 0 if they do not hold for it
  };

  // As it is at `at`, by all that is known of events until then.
  void Go(const std::vector<Op>& ops, int at) {
    std::set<std::string> undone;
    for (const Op& op : ops) {
      if (op.kind == Op::kUndo && op.time <= at) undone.insert(op.of);
    }
    // What was reversed is as if it had never been asked; but what a reversal
    // forgave, it forgave when it came.
    for (const Op& op : ops) {
      if (op.time > at) continue;
      SettleTo(std::min(op.clock, at));
      if (op.kind == Op::kUndo) {
        Forgive(op.units);
      } else if (!undone.contains(op.id)) {
        Do(op);
      }
    }
    SettleTo(at);
  }

  void Do(const Op& op) {
    switch (op.kind) {
      case Op::kEarn: {
        const int units = LeftOf(op);
        if (op.counts) earned_ += units;
        for (int i = 0; i < units; ++i) {
          const int expires =
              op.expiries.empty()
                  ? (op.lasts == kNever ? kNever : op.time + op.lasts)
                  : op.expiries[static_cast<size_t>(i)];
          units_.push_back({expires, op.time + op.pending});
          if (op.pending == 0) units_.back().vests = -kNever;
        }
        Tidy();
        return;
      }
      case Op::kLose: {
        Spending gone;
        gained_[op.time / 24] -= op.units;
        for (int i = 0; i < op.units && Pick() >= 0; ++i) {
          Fill(gone);
          --earned_;
        }
        return;
      }
      case Op::kSpend:
      case Op::kHold: {
        Spending& spending = spendings_[op.id];
        order_.push_back(op.id);
        if (op.kind == Op::kHold) spending.until = op.until;
        spending.is_hold = op.kind == Op::kHold;
        for (int i = 0; i < op.units; ++i) Fill(spending);
        if (op.counts) earned_ -= op.units;
        return;
      }
      case Op::kEnd: {
        Spending& hold = spendings_[op.of];
        if (!hold.is_hold) return;
        const int release = static_cast<int>(hold.paid.size()) - op.units;
        hold.is_hold = false;
        TakeBack(hold, release, kNever);
        Tidy();
        return;
      }
      case Op::kRefund:
        TakeBack(spendings_[op.of], op.units,
                 op.grace == 0 ? kNever : op.time + op.grace);
        Tidy();
        return;
      case Op::kUndo: return;
    }
  }

  Reading Read() const {
    Reading r{.earned = earned_};
    for (const Unit& unit : units_) {
      if (unit.gone) continue;
      (unit.vests > clock_ ? r.pending : r.available) += 1;
    }
    for (const auto& [id, spending] : spendings_) {
      for (const int paid : spending.paid) {
        if (paid == kOwed) ++r.debt;
        if (spending.is_hold) ++r.held;
      }
    }
    return r;
  }

  // The expiries of the next `n` units that would be spent.
  std::vector<int> NextExpiries(int n) {
    std::vector<int> expiries;
    for (int i = 0; i < n; ++i) {
      const int unit = Pick();
      expiries.push_back(units_[static_cast<size_t>(unit)].expires);
      units_[static_cast<size_t>(unit)].gone = true;
    }
    return expiries;
  }

  bool IsOpen(const std::string& id) const {
    const auto found = spendings_.find(id);
    return found != spendings_.end() && found->second.is_hold;
  }

 private:
  static constexpr int kOwed = -1, kForgiven = -2;
  struct Unit {
    int expires = kNever, vests = -kNever;
    bool gone = false;  // spent, held or expired
  };
  struct Spending {
    std::vector<int> paid = {};  // units, in the order they were taken
    bool is_hold = false;
    int until = kNever;
  };

  // What the limit and then the cap of its day leave.
  int LeftOf(const Op& op) {
    int units = op.units;
    const auto cut_to = [&](int most, int& used) {
      units = std::min(units, std::max(0, most - used));
      used += units;
    };
    if (op.limit > 0) cut_to(op.limit, limited_[op.time / 24]);
    if (op.cap > 0) cut_to(op.cap, gained_[op.time / 24]);
    return units;
  }

  // The unit that is spent next; -1 if none is available.
  int Pick() const {
    int best = -1;
    for (size_t i = 0; i < units_.size(); ++i) {
      const Unit& unit = units_[i];
      if (unit.gone || unit.vests > clock_ || unit.expires <= clock_) continue;
      if (best < 0 ||
          unit.expires < units_[static_cast<size_t>(best)].expires) {
        best = static_cast<int>(i);
      }
    }
    return best;
  }

  void Fill(Spending& spending) {
    const int unit = Pick();
    if (unit >= 0) units_[static_cast<size_t>(unit)].gone = true;
    spending.paid.push_back(unit >= 0 ? unit : kOwed);
  }

  // What expired goes; what is available pays what is owed, the first first.
  void Tidy() {
    for (Unit& unit : units_) unit.gone |= unit.expires <= clock_;
    for (const std::string& id : order_) {
      for (int& paid : spendings_[id].paid) {
        if (paid != kOwed) continue;
        const int unit = Pick();
        if (unit < 0) return;
        units_[static_cast<size_t>(unit)].gone = true;
        paid = unit;
      }
    }
  }

  void SettleTo(int to) {
    while (true) {
      int due = kNever;
      for (const Unit& unit : units_) {
        if (unit.gone) continue;
        if (unit.expires > clock_) due = std::min(due, unit.expires);
        if (unit.vests > clock_) due = std::min(due, unit.vests);
      }
      for (const auto& [id, spending] : spendings_) {
        // One that came late may have ended before it began.
        if (spending.is_hold) {
          due = std::min(due, std::max(spending.until, clock_));
        }
      }
      if (due > to) break;
      clock_ = due;
      for (const std::string& id : order_) {
        Spending& spending = spendings_[id];
        if (!spending.is_hold || spending.until > clock_) continue;
        spending.is_hold = false;
        TakeBack(spending, static_cast<int>(spending.paid.size()), kNever);
      }
      Tidy();
    }
    clock_ = std::max(clock_, to);
  }

  // The last ones taken; but what is owed first, and what was forgiven next.
  void TakeBack(Spending& spending, int n, int grace) {
    for (const int kind : {kOwed, kForgiven}) {
      for (int i = static_cast<int>(spending.paid.size()) - 1; i >= 0; --i) {
        if (n == 0 || spending.paid[static_cast<size_t>(i)] != kind) continue;
        spending.paid.erase(spending.paid.begin() + i);
        --n;
      }
    }
    for (; n > 0 && !spending.paid.empty(); --n) {
      Unit& unit = units_[static_cast<size_t>(spending.paid.back())];
      spending.paid.pop_back();
      unit.gone = false;
      if (unit.expires <= clock_ && grace != kNever && grace > clock_) {
        unit.expires = grace;
      }
    }
  }

  void Forgive(int n) {
    for (const std::string& id : order_) {
      for (int& paid : spendings_[id].paid) {
        if (n == 0) return;
        if (paid != kOwed) continue;
        paid = kForgiven;
        --n;
      }
    }
  }

  int clock_ = -kNever;
  int64_t earned_ = 0;
  std::map<int, int> limited_, gained_;  // by day
  std::vector<Unit> units_;
  std::map<std::string, Spending> spendings_;
  std::vector<std::string> order_;  // of spendings
};

class SlowTwin {
 public:
  using Op = UnitByUnit::Op;
  enum class Shortfall { kDebt, kClamp, kReject };
  SlowTwin(Shortfall shortfall, int grace, bool cuts)
      : shortfall_(shortfall), grace_(grace), cuts_(cuts) {}

  // What the engine should answer: whether it accepts. Of what it rejects,
  // nothing is left.
  bool Send(const Event& event, int time) {
    if (const auto seen = answers_.find(event.id); seen != answers_.end()) {
      return seen->second;
    }
    auto before = members_;
    auto undone = undone_;
    const bool accepts = Do(event, time);
    if (!accepts) members_ = std::move(before), undone_ = std::move(undone);
    answers_.emplace(event.id, accepts);
    return accepts;
  }

  bool Do(const Event& event, int time) {
    const auto text = [&](const char* name) {
      return std::get<std::string>(event.attributes.at(name).get());
    };
    const auto number = [&](const char* name) {
      return static_cast<int>(
          std::get<int64_t>(event.attributes.at(name).get()));
    };
    if (event.type == kReverse) return Undo(event.id, text("event"), time);
    const std::string& who = *event.actor;
    Member& member = Touch(who, time);
    Op op{.id = event.id, .time = time, .clock = member.clock, .counts = false};
    if (event.type == "visit") return true;
    if (event.type == kRedeem) {
      op.units = number("quantity");
      op.kind = text("reward") == "held" ? Op::kHold : Op::kSpend;
      op.until = time + 12;
      if (Now(who).Read().available < op.units) return false;
      redeemed_[op.id] = {who, op.units, 0, op.kind == Op::kHold};
    } else if (event.type == kCaptureHold || event.type == kVoidHold) {
      op.kind = Op::kEnd;
      op.of = text("hold");
      if (!Now(who).IsOpen(op.of)) return false;
      op.units = event.type == kVoidHold ? 0 : number("units");
      Redeemed& hold = redeemed_[op.of];
      if (op.units > hold.units) return false;
      hold.units = op.units;
      hold.is_open = false;
    } else if (event.type == kCancelRedemption) {
      op.kind = Op::kRefund;
      op.of = text("redemption");
      op.grace = grace_;
      if (!redeemed_.contains(op.of)) return false;
      Redeemed& of = redeemed_[op.of];
      const int left = of.is_open ? 0 : of.units - of.refunded;
      if (left == 0) return true;
      op.units = number("units");
      if (op.units > left) return false;
      of.refunded += op.units;
    } else if (event.type == kTransferUnits) {
      op.units = number("units");
      op.kind = Op::kSpend;
      UnitByUnit now = Now(who);
      if (now.Read().available < op.units) return false;
      const std::string to = text("to");
      const std::vector<int> expiries = now.NextExpiries(op.units);
      member.ops.push_back(op);
      Member& other = Touch(to, time);
      other.ops.push_back({.kind = Op::kEarn,
                           .id = event.id,
                           .time = time,
                           .clock = other.clock,
                           .units = op.units,
                           .expiries = expiries,
                           .counts = false});
      return true;
    } else if (event.type == kAdjust) {
      const int units = number("units");
      op.kind = units < 0 ? Op::kSpend : Op::kEarn;
      op.units = std::abs(units);
      op.counts = true;
      if (units < 0 && Now(who).Read().available < op.units) return false;
      by_event_[op.id] = who;
    } else {
      op.units = number("n");
      op.kind = event.type == "lose" ? Op::kLose : Op::kEarn;
      op.counts = true;
      if (cuts_) op.cap = kCap;
      if (cuts_ && event.type == "last") op.limit = kLimit;
      if (event.type == "short") op.lasts = 10;
      if (event.type == "long") op.lasts = 40;
      if (event.type == "later") op.lasts = 30, op.pending = 15;
      by_event_[op.id] = who;
    }
    member.ops.push_back(op);
    return true;
  }

  Reading Read(const std::string& who, int at) {
    UnitByUnit units;
    units.Go(members_[who].ops, at);
    return units.Read();
  }
  int ClockOf(const std::string& who) { return members_[who].clock; }
  bool Knows(const std::string& who) { return members_.contains(who); }

 private:
  struct Member {
    std::vector<Op> ops;
    int clock = -kNever;
  };
  struct Redeemed {
    std::string who;
    int units = 0, refunded = 0;
    bool is_open = false;
  };

  Member& Touch(const std::string& who, int time) {
    const bool is_new = !members_.contains(who);
    Member& member = members_[who];
    member.clock = std::max(member.clock, time);
    if (is_new) {
      member.ops.push_back({.kind = Op::kEarn,
                            .id = "opening",
                            .time = time,
                            .clock = time,
                            .units = 3});
    }
    return member;
  }

  // With everything that came until now, whatever its time.
  UnitByUnit Now(const std::string& who) {
    UnitByUnit units;
    units.Go(members_[who].ops, members_[who].clock);
    return units;
  }

  bool Undo(const std::string& id, const std::string& of, int time) {
    const auto found = by_event_.find(of);
    if (found == by_event_.end()) return false;
    if (!undone_.insert(of).second) return true;
    const std::string who = found->second;
    Member& member = members_[who];
    member.clock = std::max(member.clock, time);
    const int64_t before = Now(who).Read().debt;
    member.ops.push_back({.kind = Op::kUndo,
                          .id = id,
                          .of = of,
                          .time = time,
                          .clock = member.clock});
    const int64_t owed = std::max<int64_t>(0, Now(who).Read().debt - before);
    if (shortfall_ == Shortfall::kReject) return owed == 0;
    if (shortfall_ == Shortfall::kClamp) {
      member.ops.back().units = static_cast<int>(owed);
    }
    return true;
  }

  const Shortfall shortfall_;
  const int grace_;
  const bool cuts_;
  std::map<std::string, bool> answers_;
  std::set<std::string> undone_;
  std::map<std::string, Member> members_;
  std::map<std::string, Redeemed> redeemed_;
  std::map<std::string, std::string> by_event_;
};

class Histories {
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
    return std::string(1, static_cast<char>('a' + Below(3)));
  }

  std::pair<Event, int> Next(int i) {
    if (!sent_.empty() && Below(10) == 0) {
      return sent_[static_cast<size_t>(Below(static_cast<int>(sent_.size())))];
    }
    const int time = std::max(0, hour_ - (Below(5) == 0 ? Below(30) : 0));
    Event event{.id = absl::StrCat("e", i), .time = At(time), .actor = Who()};
    const int64_t n = 1 + Below(6);
    const int what = Below(20);
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
    for (const std::string who : {"a", "b", "c"}) {
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
