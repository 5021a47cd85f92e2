// SPDX-License-Identifier: Apache-2.0
//
// What the slow twin of lots (lots_twin.h) knows of the units of one member.
#ifndef LOYALTY_TESTS_PROPERTIES_LOTS_TWIN_UNITS_H_
#define LOYALTY_TESTS_PROPERTIES_LOTS_TWIN_UNITS_H_

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
        // Of a time at which it was not paid yet.
        if (spendings_[op.of].is_hold) return;
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

}  // namespace loyalty::lots

#endif  // LOYALTY_TESTS_PROPERTIES_LOTS_TWIN_UNITS_H_
