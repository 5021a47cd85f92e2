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
#include "properties/lots_twin_units.h"

namespace loyalty::lots {

// What a reward costs of each currency, and how it is given.
struct Reward {
  const char* id = "";
  int points = 0, coins = 0;
  bool held = false;
  int stock = 0;    // 0 for any number
  int per_day = 0;  // likewise, for a member
  bool voucher = false;
};

inline constexpr int kHoldFor = 12, kGoodFor = 20;
inline constexpr Reward kRewards[] = {
    {.id = "now", .points = 1},
    {.id = "held", .points = 1, .held = true},
    {.id = "rare", .points = 1, .stock = 14},
    {.id = "seat", .points = 2, .held = true, .stock = 9},
    {.id = "both", .points = 1, .coins = 1, .per_day = 4},
    {.id = "trip",
     .points = 1,
     .coins = 2,
     .held = true,
     .stock = 8,
     .per_day = 4},
    {.id = "bread", .points = 2, .voucher = true},
    {.id = "cake", .points = 2, .held = true, .per_day = 6, .voucher = true},
};

inline const Reward& RewardOf(const std::string& id) {
  for (const Reward& reward : kRewards) {
    if (reward.id == id) return reward;
  }
  std::abort();
}

// All members, the rewards there are, and who is who.
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
    World before = world_;
    const bool accepts = Do(event, time);
    if (!accepts) world_ = std::move(before);
    answers_.emplace(event.id, accepts);
    return accepts;
  }

  // Somebody brings the code that redemption `of` was given as its `number`-th.
  bool Use(const std::string& of, size_t number, int time) {
    Redeemed& redeemed = world_.redeemed.at(of);
    Code& code = redeemed.codes.at(number - 1);
    if (code != Code::kGood || time >= redeemed.good_until) return false;
    Touch(NameOf(redeemed.who), time);
    code = Code::kUsed;
    return true;
  }

  Reading Read(const std::string& who, const std::string& currency, int at) {
    UnitByUnit units;
    units.Go(world_.members[NameOf(who)].ops[currency], at);
    return units.Read();
  }
  int ClockOf(const std::string& who) {
    return world_.members[NameOf(who)].clock;
  }
  bool Knows(const std::string& who) const {
    return world_.members.contains(NameOf(who));
  }
  // Codes that are good, used and void, of all that were given.
  std::map<std::string, int> CodesOf(const std::string& who, int at) const {
    std::map<std::string, int> codes;
    for (const auto& [id, redeemed] : world_.redeemed) {
      if (NameOf(redeemed.who) != NameOf(who)) continue;
      for (const Code code : redeemed.codes) {
        ++codes[code == Code::kUsed         ? "used"
                : code == Code::kVoid       ? "void"
                : at >= redeemed.good_until ? "expired"
                                            : "issued"];
      }
    }
    return codes;
  }
  int LeftOf(const Reward& reward, int at) const {
    return Left(reward, std::max(at, PoolClockOf(reward)));
  }

 private:
  enum class Code { kGood, kUsed, kVoid };
  struct Member {
    std::map<std::string, std::vector<Op>> ops;  // by currency
    int clock = -kNever;
    bool suspended = false;
  };
  struct Redeemed {
    std::string who;
    const Reward* reward = nullptr;
    int time = 0, until = 0;  // of a hold
    int quantity = 0;
    int units = 0;  // paid: of points
    int refunded = 0;
    int taken = 0;         // for good, and not given back
    bool is_open = false;  // a hold that nobody has ended
    std::vector<Code> codes;
    int good_until = kNever;

    int Pieces(int points) const {
      return (points + reward->points - 1) / reward->points;
    }
  };
  struct Earned {
    std::string who, currency;
  };
  struct World {
    std::map<std::string, Member> members;
    std::map<std::string, std::string> into;  // who became whom
    std::map<std::string, Redeemed> redeemed;
    std::map<std::string, int> pool_clocks;  // by reward
    std::map<std::string, std::vector<Earned>> by_event;
    std::set<std::string> undone;
    int seq = 0;
  };

  bool Do(const Event& event, int time) {
    const auto has = [&](const char* name) {
      return event.attributes.contains(name);
    };
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
    if (event.type == kSuspend || event.type == kResume) {
      if (!Knows(who)) return false;
      // Who stands how goes by the journal, and not by time.
      world_.members[who].suspended = event.type == kSuspend;
      return true;
    }
    Member& member = Touch(who, time);
    const auto op = [&](Op::Kind kind, int units) {
      return Op{.kind = kind,
                .id = event.id,
                .time = time,
                .clock = member.clock,
                .units = units,
                .counts = false,
                .seq = world_.seq + 1};
    };
    ++world_.seq;
    if (event.type == "visit") return true;
    if (event.type == kRedeem) {
      return Redeem(op(Op::kSpend, 0), who, RewardOf(text("reward")),
                    number("quantity"));
    }
    if (event.type == kCaptureHold || event.type == kVoidHold) {
      const bool captures = event.type == kCaptureHold;
      return End(op(Op::kEnd, 0), who, text("hold"), captures,
                 has("units") ? number("units") : -1);
    }
    if (event.type == kCancelRedemption) {
      return Cancel(op(Op::kRefund, 0), who, text("redemption"),
                    has("units") ? number("units") : -1);
    }
    if (event.type == kTransferUnits) {
      return Transfer(op(Op::kSpend, number("units")), who, NameOf(text("to")),
                      text("currency"));
    }
    if (event.type == kAdjust) {
      const std::string currency = text("currency");
      const int units = number("units");
      Op adjusts = op(units < 0 ? Op::kSpend : Op::kEarn, std::abs(units));
      adjusts.counts = true;
      if (units < 0 && Now(who, currency).Read().available < -units) {
        return false;
      }
      world_.by_event[event.id] = {{who, currency}};
      member.ops[currency].push_back(adjusts);
      return true;
    }
    std::vector<Earned>& earned = world_.by_event[event.id];
    const auto earn = [&](const std::string& to, const char* currency,
                          Op earns) {
      Member& receiver = Touch(to, time);
      if (receiver.suspended) return;
      earns.clock = receiver.clock;
      earned.push_back({to, currency});
      receiver.ops[currency].push_back(earns);
    };
    Op earns = op(event.type == "lose" ? Op::kLose : Op::kEarn, number("n"));
    earns.counts = true;
    if (event.type == "coin" || event.type == "pair") {
      Op coins = earns;
      coins.lasts = 25;
      earn(who, "coins", coins);
    }
    if (event.type == "coin") return true;
    if (cuts_) earns.cap = kCap;
    if (cuts_ && event.type == "last") earns.limit = kLimit;
    if (event.type == "short") earns.lasts = 10;
    if (event.type == "long") earns.lasts = 40;
    if (event.type == "later") earns.lasts = 30, earns.pending = 15;
    if (event.type == "gift") {
      const std::string to = NameOf(text("to"));
      Touch(to, time);
      // Nobody gives to themselves.
      if (to != who) earn(to, "points", earns);
      return true;
    }
    earn(who, "points", earns);
    return true;
  }

  bool Redeem(Op op, const std::string& who, const Reward& reward,
              int quantity) {
    Member& member = world_.members[who];
    if (member.suspended) return false;
    if (reward.per_day > 0 &&
        HadOf(who, reward, op.time / 24) + quantity > reward.per_day) {
      return false;
    }
    op.kind = reward.held ? Op::kHold : Op::kSpend;
    op.until = op.time + kHoldFor;
    for (const auto& [currency, cost] : CostsOf(reward)) {
      op.units = cost * quantity;
      if (Now(who, currency).Read().available < op.units) return false;
      member.ops[currency].push_back(op);
    }
    if (reward.stock > 0) {
      if (Left(reward, TouchPool(reward, op.time)) < quantity) return false;
    }
    Redeemed& redeemed = world_.redeemed[op.id];
    redeemed.who = who;
    redeemed.reward = &reward;
    redeemed.time = op.time;
    redeemed.quantity = quantity;
    redeemed.is_open = reward.held;
    redeemed.until = op.until;
    if (!reward.held) Pay(redeemed, quantity * reward.points, op.time);
    return true;
  }

  static void Pay(Redeemed& redeemed, int points, int time) {
    redeemed.units = points;
    redeemed.taken = redeemed.Pieces(points);
    if (!redeemed.reward->voucher) return;
    redeemed.codes.assign(static_cast<size_t>(redeemed.taken), Code::kGood);
    if (redeemed.reward->held) redeemed.good_until = time + kGoodFor;
  }

  bool End(Op op, const std::string& who, const std::string& hold,
           bool captures, int units) {
    Member& member = world_.members[who];
    if (captures && member.suspended) return false;
    const auto found = world_.redeemed.find(hold);
    if (found == world_.redeemed.end() || NameOf(found->second.who) != who) {
      return false;
    }
    Redeemed& redeemed = found->second;
    const Reward& reward = *redeemed.reward;
    op.of = hold;
    if (!reward.held || !Now(who, "points").IsOpen(hold)) return false;
    const int all = redeemed.quantity * reward.points;
    if (captures && units >= 0) {
      if (reward.coins > 0 || units < 1 || units > all) return false;
    }
    const int points = !captures ? 0 : units < 0 ? all : units;
    for (const auto& [currency, cost] : CostsOf(reward)) {
      op.units = !captures              ? 0
                 : currency == "points" ? points
                                        : cost * redeemed.quantity;
      member.ops[currency].push_back(op);
    }
    bool was_there = true;
    if (reward.stock > 0) {
      was_there = redeemed.until > TouchPool(reward, op.time);
    }
    redeemed.is_open = false;
    if (!captures) return true;
    Pay(redeemed, points, op.time);
    if (was_there) return true;
    // Others may have had what the hold was for.
    return Left(reward, PoolClockOf(reward)) >= 0;
  }

  bool Cancel(Op op, const std::string& who, const std::string& of, int units) {
    const auto found = world_.redeemed.find(of);
    if (found == world_.redeemed.end() || NameOf(found->second.who) != who) {
      return false;
    }
    Redeemed& redeemed = found->second;
    const Reward& reward = *redeemed.reward;
    const int left = redeemed.units - redeemed.refunded;
    if (left == 0) return true;
    if (units >= 0) {
      if (reward.coins > 0 || units < 1 || units > left) return false;
    }
    const int back = units < 0 ? left : units;
    // What was handed over is not given back.
    const auto used =
        std::count(redeemed.codes.begin(), redeemed.codes.end(), Code::kUsed);
    if (used > 0 && left - back < used * reward.points) return false;
    int pieces = redeemed.Pieces(left) - redeemed.Pieces(left - back);
    if (pieces > 0 && reward.stock > 0) TouchPool(reward, op.time);
    redeemed.taken -= pieces;
    redeemed.refunded += back;
    for (size_t i = redeemed.codes.size(); i > 0 && pieces > 0; --i) {
      if (redeemed.codes[i - 1] != Code::kGood) continue;
      redeemed.codes[i - 1] = Code::kVoid;
      --pieces;
    }
    op.of = of;
    op.grace = grace_;
    for (const auto& [currency, cost] : CostsOf(reward)) {
      op.units = currency == "points" ? back : cost * redeemed.quantity;
      world_.members[who].ops[currency].push_back(op);
    }
    return true;
  }

  bool Transfer(const Op& op, const std::string& who, const std::string& to,
                const std::string& currency) {
    if (world_.members[who].suspended || to == who) return false;
    UnitByUnit now = Now(who, currency);
    if (now.Read().available < op.units) return false;
    const std::vector<int> expiries = now.NextExpiries(op.units);
    world_.members[who].ops[currency].push_back(op);
    Member& other = Touch(to, op.time);
    if (other.suspended) return false;
    other.ops[currency].push_back({.kind = Op::kEarn,
                                   .id = op.id,
                                   .time = op.time,
                                   .clock = other.clock,
                                   .units = op.units,
                                   .expiries = expiries,
                                   .counts = false});
    return true;
  }

  static std::map<std::string, int> CostsOf(const Reward& reward) {
    std::map<std::string, int> costs = {{"points", reward.points}};
    if (reward.coins > 0) costs.emplace("coins", reward.coins);
    return costs;
  }

  // What the member has had of the reward on that day, or holds of it.
  int HadOf(const std::string& who, const Reward& reward, int day) {
    int had = 0;
    const UnitByUnit now = Now(who, "points");
    for (const auto& [id, redeemed] : world_.redeemed) {
      if (NameOf(redeemed.who) != who || redeemed.reward != &reward ||
          redeemed.time / 24 != day) {
        continue;
      }
      had += redeemed.is_open && now.IsOpen(id) ? redeemed.quantity
                                                : redeemed.taken;
    }
    return had;
  }

  int PoolClockOf(const Reward& reward) const {
    const auto found = world_.pool_clocks.find(reward.id);
    return found == world_.pool_clocks.end() ? -kNever : found->second;
  }
  int TouchPool(const Reward& reward, int time) {
    return world_.pool_clocks[reward.id] = std::max(time, PoolClockOf(reward));
  }
  // Of the stock: holds go back by themselves.
  int Left(const Reward& reward, int at) const {
    int left = reward.stock;
    for (const auto& [id, redeemed] : world_.redeemed) {
      if (redeemed.reward != &reward) continue;
      left -= redeemed.taken;
      if (redeemed.is_open && redeemed.until > at) left -= redeemed.quantity;
    }
    return left;
  }

  Member& Touch(const std::string& who, int time) {
    const bool is_new = !world_.members.contains(who);
    Member& member = world_.members[who];
    member.clock = std::max(member.clock, time);
    if (!is_new) return member;
    for (const auto& [currency, units] :
         {std::pair("points", 3), {"coins", 2}}) {
      member.ops[currency].push_back({.kind = Op::kEarn,
                                      .id = "opening",
                                      .time = time,
                                      .clock = time,
                                      .units = units});
    }
    return member;
  }

  // Who that is by now.
  std::string NameOf(std::string who) const {
    for (auto found = world_.into.find(who); found != world_.into.end();
         found = world_.into.find(who)) {
      who = found->second;
    }
    return who;
  }

  bool Merge(const std::string& id, const std::string& who,
             const std::string& into, int time) {
    if (who == into || !Knows(who) || !Knows(into)) return false;
    Member& gone = world_.members[who];
    Member& member = world_.members[into];
    gone.clock = std::max(gone.clock, time);
    member.clock = std::max(member.clock, gone.clock);
    member.suspended |= gone.suspended;
    for (const auto& [currency, ops] : gone.ops) {
      member.ops[currency].push_back({.kind = Op::kAbsorb,
                                      .id = id,
                                      .time = time,
                                      .clock = member.clock,
                                      .brought = ops,
                                      .ended = gone.clock});
    }
    world_.members.erase(who);
    world_.into[who] = into;
    return true;
  }

  // With everything that came until now, whatever its time.
  UnitByUnit Now(const std::string& who, const std::string& currency) {
    UnitByUnit units;
    Member& member = world_.members[who];
    units.Go(member.ops[currency], member.clock);
    return units;
  }

  bool Undo(const std::string& id, const std::string& of, int time) {
    const auto found = world_.by_event.find(of);
    if (found == world_.by_event.end()) return false;
    if (!world_.undone.insert(of).second) return true;
    for (const Earned& earned : found->second) {
      const std::string who = NameOf(earned.who);
      Member& member = world_.members[who];
      member.clock = std::max(member.clock, time);
      std::vector<Op>& ops = member.ops[earned.currency];
      const int64_t before = Now(who, earned.currency).Read().debt;
      ops.push_back({.kind = Op::kUndo,
                     .id = id,
                     .of = of,
                     .time = time,
                     .clock = member.clock});
      const int64_t owed =
          std::max<int64_t>(0, Now(who, earned.currency).Read().debt - before);
      if (shortfall_ == Shortfall::kReject && owed != 0) return false;
      if (shortfall_ == Shortfall::kClamp) {
        ops.back().units = static_cast<int>(owed);
      }
    }
    return true;
  }

  const Shortfall shortfall_;
  const int grace_;
  const bool cuts_;
  std::map<std::string, bool> answers_;
  World world_;
};

}  // namespace loyalty::lots

#endif  // LOYALTY_TESTS_PROPERTIES_LOTS_TWIN_H_
