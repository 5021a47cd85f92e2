// SPDX-License-Identifier: Apache-2.0
//
// The slow twin of lots: every unit is a thing of its own, and all is gone
// through from the start whenever somebody asks. See lots_twin_test.cc.
#ifndef LOYALTY_TESTS_PROPERTIES_LOTS_TWIN_H_
#define LOYALTY_TESTS_PROPERTIES_LOTS_TWIN_H_

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "loyalty/event.h"

namespace loyalty::lots {

// Of a day, if they hold: what rule "last" may give, and what may be gained.
inline constexpr int kLimit = 7, kCap = 9;

inline constexpr int kNever = 1 << 20;

struct Reading {
  int64_t available = 0, pending = 0, held = 0, debt = 0, earned = 0;
  friend bool operator==(const Reading&, const Reading&) = default;
};

inline std::string ToString(const Reading& r) {
  return absl::StrCat("available ", r.available, " pending ", r.pending,
                      " held ", r.held, " debt ", r.debt, " earned ", r.earned);
}

// The units of one member.
class UnitByUnit {
 public:
  struct Op {
    enum Kind { kEarn, kLose, kSpend, kHold, kEnd, kRefund, kUndo, kAbsorb };
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
    int seq = 0;                     // kSpend, kHold: who owes first pays first
    // kAbsorb: what another member did until then, and when that one ended.
    std::vector<Op> brought = {};
    int ended = 0;
  };

  // As it is at `at`, by all that is known of events until then.
  void Go(const std::vector<Op>& ops, int at) {
    std::set<std::string> undone;
    AddUndone(ops, at, undone);
    GoWithout(undone, ops, at);
  }

  static void AddUndone(const std::vector<Op>& ops, int at,
                        std::set<std::string>& undone) {
    for (const Op& op : ops) {
      if (op.time > at) continue;
      if (op.kind == Op::kUndo) undone.insert(op.of);
      if (op.kind == Op::kAbsorb) AddUndone(op.brought, at, undone);
    }
  }

  void GoWithout(const std::set<std::string>& undone,
                 const std::vector<Op>& ops, int at) {
    // What was reversed is as if it had never been asked; but what a reversal
    // forgave, it forgave when it came.
    for (const Op& op : ops) {
      if (op.time > at) continue;
      SettleTo(std::min(op.clock, at));
      if (op.kind == Op::kUndo) {
        Forgive(op.units);
      } else if (op.kind == Op::kAbsorb) {
        UnitByUnit other;
        other.GoWithout(undone, op.brought, std::min(op.ended, at));
        other.SettleTo(clock_);
        Absorb(std::move(other));
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
        spending.seq = op.seq;
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
      case Op::kAbsorb:
      case Op::kUndo: return;
    }
  }

  // What the other has is this one's.
  void Absorb(UnitByUnit other) {
    const int behind = static_cast<int>(units_.size());
    units_.insert(units_.end(), other.units_.begin(), other.units_.end());
    for (auto& [id, spending] : other.spendings_) {
      for (int& paid : spending.paid) {
        if (paid >= 0) paid += behind;
      }
      spendings_[id] = std::move(spending);
    }
    order_.insert(order_.end(), other.order_.begin(), other.order_.end());
    std::stable_sort(order_.begin(), order_.end(),
                     [this](const std::string& a, const std::string& b) {
                       return spendings_[a].seq < spendings_[b].seq;
                     });
    for (const auto& [day, units] : other.limited_) limited_[day] += units;
    for (const auto& [day, units] : other.gained_) gained_[day] += units;
    earned_ += other.earned_;
    Tidy();
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
    int seq = 0;
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
    const std::string who = NameOf(*event.actor);
    if (event.type == kMerge) {
      return Merge(event.id, who, NameOf(text("into")), time);
    }
    Member& member = Touch(who, time);
    Op op{.id = event.id,
          .time = time,
          .clock = member.clock,
          .counts = false,
          .seq = ++seq_};
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
      const std::string to = NameOf(text("to"));
      if (to == who) return false;
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
    units.Go(members_[NameOf(who)].ops, at);
    return units.Read();
  }
  int ClockOf(const std::string& who) { return members_[NameOf(who)].clock; }
  bool Knows(const std::string& who) { return members_.contains(NameOf(who)); }

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

  // Who that is by now.
  std::string NameOf(std::string who) const {
    for (auto found = into_.find(who); found != into_.end();
         found = into_.find(who)) {
      who = found->second;
    }
    return who;
  }

  bool Merge(const std::string& id, const std::string& who,
             const std::string& into, int time) {
    if (who == into || !Knows(who) || !Knows(into)) return false;
    Member& gone = members_[who];
    Member& member = members_[into];
    gone.clock = std::max(gone.clock, time);
    member.clock = std::max(member.clock, gone.clock);
    member.ops.push_back({.kind = Op::kAbsorb,
                          .id = id,
                          .time = time,
                          .clock = member.clock,
                          .brought = gone.ops,
                          .ended = gone.clock});
    members_.erase(who);
    into_[who] = into;
    return true;
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
    const std::string who = NameOf(found->second);
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
  int seq_ = 0;
  std::map<std::string, std::string> into_;  // who became whom
  std::map<std::string, Member> members_;
  std::map<std::string, Redeemed> redeemed_;
  std::map<std::string, std::string> by_event_;
};

}  // namespace loyalty::lots

#endif  // LOYALTY_TESTS_PROPERTIES_LOTS_TWIN_H_
