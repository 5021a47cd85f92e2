// SPDX-License-Identifier: Apache-2.0
//
// Rewards: a member exchanges units for one, at once or by way of a hold, and
// may get them back. Whether there are any left is the program's to say, in the
// next leg.
#include <absl/strings/str_cat.h>
#include <absl/time/time.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/window.h"
#include "core/asked.h"
#include "core/leg.h"
#include "core/offer.h"
#include "core/vouchers.h"

namespace loyalty::core {
namespace {

using model::Movement;

void SendStock(Leg& leg, TakeStock take) {
  leg.decision.messages.push_back({.entity = {},
                                   .what = std::move(take),
                                   .actor = nullptr,
                                   .object = nullptr});
}

// The hold that stands for those of all currencies: the first one.
std::optional<model::Position> FirstHold(const Command& command) {
  for (const Movement& movement : command.of) {
    if (movement.kind == Movement::Kind::kHold) return movement.at;
  }
  return std::nullopt;
}

// Why there is no open hold that `hold` made.
void RejectEnded(Leg& leg, const Movement& hold) {
  const auto history = leg.state.history.find(hold.currency.text());
  if (history != leg.state.history.end()) {
    for (const model::GivenAward& past : history->second) {
      if (past.movement.of != hold.at) continue;
      if (past.movement.kind == Movement::Kind::kCapture) {
        return leg.Reject(RejectReason::kAlreadyCaptured,
                          "the hold has been captured");
      }
      if (past.movement.kind == Movement::Kind::kRelease &&
          past.movement.rule.text() == kVoidHold) {
        return leg.Reject(RejectReason::kAlreadyVoided,
                          "the hold has been voided");
      }
    }
  }
  leg.Reject(RejectReason::kHoldExpired, "the hold had run out by then");
}

bool EndOne(Leg& leg, const Movement& movement) {
  const rules::Currency& currency =
      *leg.program.FindCurrency(movement.currency);
  model::Lots& lots = LotsOf(leg, currency);
  const model::Hold* const hold = ledger::FindHold(lots, movement.at);
  if (hold == nullptr) {
    RejectEnded(leg, movement);
    return false;
  }
  const int64_t all = ledger::UnitsOf(lots, *hold);
  const bool captures = leg.event.type == kCaptureHold;
  const int64_t captured = captures ? AskedInt(leg.event, "units", all) : 0;
  const int64_t fewest = std::min<int64_t>(all, 1);  // it may be free
  if (captures && (captured < fewest || captured > all)) {
    leg.Reject(
        RejectReason::kOutOfRange,
        absl::StrCat("units: ", fewest, " to ", all, ", which are held"));
    return false;
  }
  ledger::Came came;
  ledger::EndHold(lots, movement.at, captured, came);
  if (captures) {
    Post(leg, currency,
         {.kind = Movement::Kind::kCapture,
          .source = movement.rule,
          .units = -captured,
          .of = movement.at});
  }
  if (!captures || captured < all) {
    Post(leg, currency,
         {.kind = Movement::Kind::kRelease,
          .asked = all - captured,
          .of = movement.at});
  }
  PostCame(leg, currency, came);
  return true;
}

// What became of one movement of a redemption.
struct Standing {
  bool is_paid = false;
  bool is_refunded = false;  // of it, or of a part
  int64_t paid = 0;
  int64_t left = 0;  // what was paid and not given back

  // Something of it can be given back; of what was free, all or nothing.
  bool IsOpen() const { return is_paid && (left > 0 || !is_refunded); }
};

Standing StandingOf(const Leg& leg, const Movement& redemption) {
  Standing standing;
  if (redemption.kind == Movement::Kind::kRedemption) {
    standing = {
        .is_paid = true, .paid = -redemption.units, .left = -redemption.units};
  }
  const auto history = leg.state.history.find(redemption.currency.text());
  if (history == leg.state.history.end()) return standing;
  for (const model::GivenAward& past : history->second) {
    if (past.movement.of != redemption.at) continue;
    const bool captures = past.movement.kind == Movement::Kind::kCapture;
    const bool refunds = past.movement.kind == Movement::Kind::kRefund;
    if (captures) standing.paid -= past.movement.units;
    if (captures || refunds) standing.left -= past.movement.units;
    standing.is_paid |= captures;
    standing.is_refunded |= refunds;
  }
  return standing;
}

bool IsOpen(const Leg& leg, const Command& command) {
  return std::any_of(command.of.begin(), command.of.end(),
                     [&](const Movement& movement) {
                       return StandingOf(leg, movement).IsOpen();
                     });
}

// How many of the reward so many units of the redemption stand for; of one, a
// part counts as one.
int64_t PiecesOf(const Command& command, int64_t units) {
  const Movement& movement = command.of.front();
  const int64_t each = std::abs(movement.asked) / command.quantity;
  return each == 0 ? command.quantity : (units + each - 1) / each;
}

// What of a redemption was handed over: all of it, or what some codes proved.
struct HandedOver {
  bool all = false;
  std::set<int64_t> codes = {};
};

HandedOver HandedOverOf(const Leg& leg, const Command& command) {
  HandedOver handed;
  for (const Movement& movement : command.of) {
    const auto history = leg.state.history.find(movement.currency.text());
    if (history == leg.state.history.end()) continue;
    for (const model::GivenAward& past : history->second) {
      if (past.movement.kind != Movement::Kind::kFulfilment ||
          past.movement.of != movement.at) {
        continue;
      }
      const int64_t code = past.movement.limited;
      if (code == 0) handed.all = true;
      if (code != 0) handed.codes.insert(code);
    }
  }
  return handed;
}

// Whether what the code proves was given back: where that is less than all, it
// is what the last codes prove that were not used.
bool IsVoid(const Leg& leg, const Command& command, const HandedOver& handed) {
  const Standing standing = StandingOf(leg, command.of.front());
  if (!IsOpen(leg, command)) return true;
  const int64_t given = PiecesOf(command, standing.paid);
  int64_t back = given - PiecesOf(command, standing.left);
  for (int64_t code = given; code > command.code && back > 0; --code) {
    if (!handed.codes.contains(code)) --back;
  }
  return back > 0;
}

// Limits count what is taken for good; what is held is added when they are
// asked (offer.cc), and so is free again when the hold ends.
void CountForLimits(Leg& leg, const rules::Reward& reward, absl::Time when,
                    int64_t quantity) {
  for (const rules::RewardLimit& limit : reward.limits) {
    leg.ChangingCounter(CounterOf(leg.program, limit, when)) += quantity;
  }
}

// Of stock, and of codes that were imported.
std::optional<Refusal> WhyNoneIsLeft(const Leg& leg,
                                     const rules::Reward& reward,
                                     const model::Lots& held,
                                     const TakeStock& take) {
  if (reward.stock > 0) {
    const int64_t taken = leg.Counter({.name = reward.stock_counter});
    auto refusal =
        WhyOutOfStock(reward, LeftInStock(reward, taken, held), take.quantity);
    if (refusal.has_value()) return refusal;
  }
  const auto& voucher = take.terms->voucher;
  if (!voucher.has_value() || !voucher->imported) return std::nullopt;
  const int64_t left =
      LeftInPool(leg.Counter({.name = voucher->imported_counter}),
                 leg.Counter({.name = voucher->given_counter}), held);
  if (left >= take.quantity) return std::nullopt;
  return Refusal{RejectReason::kOutOfStock,
                 left <= 0
                     ? absl::StrCat("no code for \"", take.reward, "\" is left")
                     : absl::StrCat("only ", left, " codes for \"", take.reward,
                                    "\" are left")};
}

// The message to the program that so many are taken of what the command is
// about.
TakeStock TakeOf(const Command& command, int64_t quantity) {
  return {.reward = command.reward,
          .quantity = quantity,
          .terms = command.terms,
          .redemption = command.redemption,
          .hashes = command.hashes};
}

// As if they had never been asked for: limits, and what is in stock.
void GiveBackLimits(Leg& leg, const Command& command, int64_t quantity) {
  if (command.terms == nullptr || quantity == 0) return;
  CountForLimits(leg, *command.terms, command.time, -quantity);
  if (command.terms->stock > 0) SendStock(leg, TakeOf(command, -quantity));
}

// The program's own leg: what is taken for good is a counter, and what is held
// ends by itself.
void TakeFromStock(Leg& leg, const rules::Reward& reward,
                   const TakeStock& take) {
  model::Lots& held = leg.now.lots[reward.stock_counter];
  ledger::Came came;
  ledger::Settle(held, std::max(held.clock, leg.event.time), came);
  const model::CounterKey taken{.name = reward.stock_counter};
  bool was_held = false;
  if (take.hold.has_value()) {
    was_held = std::erase_if(held.holds, [&](const model::Hold& hold) {
                 return hold.at == *take.hold;
               }) > 0;
  }
  // A late capture may be of a hold that has run out here meanwhile, and others
  // have had what it was for.
  if (take.quantity > 0 && !was_held) {
    auto refusal = WhyNoneIsLeft(leg, reward, held, take);
    if (refusal.has_value()) {
      return leg.Reject(refusal->reason, std::move(refusal->sentence));
    }
  }
  if (take.until.has_value() && take.hold.has_value()) {
    held.holds.push_back({.at = *take.hold,
                          .until = *take.until,
                          .parts = {{.units = take.quantity}}});
  } else if (reward.stock > 0 && take.quantity != 0) {
    leg.ChangingCounter(taken) += take.quantity;
  }
}

// What is paid: all that is left of it, or what one code proves.
void HandOver(Leg& leg, const Command& command, int64_t code) {
  bool paid = false;
  for (const Movement& movement : command.of) {
    const Standing standing = StandingOf(leg, movement);
    if (!standing.IsOpen()) continue;
    paid = true;
    const int64_t each = std::abs(movement.asked) / command.quantity;
    Post(leg, *leg.program.FindCurrency(movement.currency),
         {.kind = Movement::Kind::kFulfilment,
          .source = movement.rule,
          .asked = code == 0 ? standing.left : std::min(each, standing.left),
          .of = movement.at,
          .code = code});
  }
  if (paid) return;
  leg.Reject(RejectReason::kNotPaid,
             absl::StrCat("nothing of \"", command.reward,
                          "\" is paid: it is held, or was given back"));
}

}  // namespace

void Redeem(Leg& leg) {
  const std::string& id = AskedText(leg.event, "reward");
  const rules::Reward* const reward = leg.program.FindReward(id);
  if (reward == nullptr) {
    return leg.Reject(RejectReason::kUnknownReward,
                      absl::StrCat("there is no reward \"", id, "\""));
  }
  const int64_t quantity = AskedInt(leg.event, "quantity", 1);
  const bool has_codes = reward->voucher.has_value();
  const int64_t most = has_codes ? kMostCodes : kMostAtOnce;
  if (quantity < 1 || quantity > most) {
    return leg.Reject(
        RejectReason::kOutOfRange,
        absl::StrCat("quantity: 1 to ", most,
                     has_codes ? ", as each has a code of its own" : ""));
  }
  if (auto refusal = WhyRefused(leg.cause, *reward, quantity, leg.before(),
                                leg.state.held)) {
    return leg.Reject(refusal->reason, std::move(refusal->sentence));
  }
  std::optional<absl::Time> until;
  if (reward->hold_for.has_value()) {
    until =
        base::After(leg.event.time, *reward->hold_for, leg.program.time_zone);
  } else {
    CountForLimits(leg, *reward, leg.event.time, quantity);
  }
  std::optional<model::Position> first_hold;
  for (const rules::Cost& cost : reward->costs) {
    const rules::Currency& currency = leg.program.currencies[cost.currency];
    model::Lots& lots = LotsOf(leg, currency);
    const int64_t units = cost.units * quantity;
    std::vector<model::Lot> parts = ledger::Take(lots, units);
    if (!until.has_value()) {
      Post(leg, currency,
           {.kind = Movement::Kind::kRedemption,
            .source = reward->symbol,
            .units = -units});
      continue;
    }
    const model::Position at = leg.NextPosition();
    if (!first_hold.has_value()) first_hold = at;
    lots.holds.push_back(
        {.at = at, .until = *until, .parts = std::move(parts)});
    Post(leg, currency,
         {.kind = Movement::Kind::kHold,
          .source = reward->symbol,
          .asked = units,
          .expires = *until});
  }
  if (reward->stock > 0 || reward->voucher.has_value()) {
    SendStock(leg, {.reward = reward->id,
                    .quantity = quantity,
                    .hold = first_hold,
                    .until = until,
                    .terms = reward,
                    .redemption = leg.event.id,
                    .hashes = IsAsked(leg.event, kVoucherHash)
                                  ? AskedText(leg.event, kVoucherHash)
                                  : std::string()});
  }
}

void EndHolds(Leg& leg, const Command& command) {
  if (IsAsked(leg.event, "units") && command.of.size() > 1) {
    return leg.Reject(RejectReason::kOutOfRange,
                      "a hold of several currencies is captured as a whole");
  }
  for (const Movement& movement : command.of) {
    if (!EndOne(leg, movement)) return;
  }
  // What is held is not among what limits have counted.
  const bool captures = leg.event.type == kCaptureHold;
  const Movement& hold = command.of.front();
  const int64_t quantity =
      captures ? PiecesOf(command, AskedInt(leg.event, "units", hold.asked))
               : 0;
  if (captures && command.terms != nullptr) {
    CountForLimits(leg, *command.terms, command.time, quantity);
  }
  if (command.terms == nullptr) return;
  if (command.terms->stock == 0 && !command.terms->voucher.has_value()) return;
  TakeStock take = TakeOf(command, quantity);
  take.hold = FirstHold(command);
  SendStock(leg, std::move(take));
}

absl::Status GiveBack(Leg& leg, const Command& command) {
  int64_t left = 0;
  for (const Movement& movement : command.of) {
    left += StandingOf(leg, movement).left;
  }
  if (!IsOpen(leg, command)) {
    leg.Note(leg.event.type,
             FirstHold(command).has_value()
                 ? "there was nothing to give back: it was not captured, or "
                   "had been given back before"
                 : "it had been given back before");
    return absl::OkStatus();
  }
  const rules::Reward* const reward = leg.program.FindReward(command.reward);
  const bool after_all = reward != nullptr && reward->cancel_after_fulfil;
  const HandedOver handed = HandedOverOf(leg, command);
  if (handed.all && !after_all) {
    leg.Reject(RejectReason::kAlreadyFulfilled,
               absl::StrCat("\"", command.reward,
                            "\" has been handed over, and is not given back"));
    return absl::OkStatus();
  }
  const int64_t asked = AskedInt(leg.event, "units", left);
  if (IsAsked(leg.event, "units") && (command.of.size() > 1 || left == 0)) {
    leg.Reject(RejectReason::kOutOfRange,
               "a redemption of several currencies, or a free one, is given "
               "back as a whole");
    return absl::OkStatus();
  }
  if (left > 0 && (asked < 1 || asked > left)) {
    leg.Reject(RejectReason::kOutOfRange,
               absl::StrCat("units: 1 to ", left, ", which are left of it"));
    return absl::OkStatus();
  }
  const auto used = static_cast<int64_t>(handed.codes.size());
  // Of several currencies, all or nothing is given back.
  const int64_t first = StandingOf(leg, command.of.front()).left;
  const int64_t before = PiecesOf(command, first);
  const int64_t after = asked == left ? 0 : PiecesOf(command, first - asked);
  const int64_t each = std::abs(command.of.front().asked) / command.quantity;
  const bool reaches_used =
      asked == left ? used > 0 : first - asked < used * each;
  if (reaches_used && !after_all) {
    leg.Reject(RejectReason::kAlreadyFulfilled,
               absl::StrCat(used, " of \"", command.reward,
                            "\" have been handed over, by their codes, and are "
                            "not given back"));
    return absl::OkStatus();
  }
  for (const Movement& movement : command.of) {
    const rules::Currency& currency =
        *leg.program.FindCurrency(movement.currency);
    const Standing standing = StandingOf(leg, movement);
    if (!standing.IsOpen()) continue;
    const int64_t units = asked < left ? asked : standing.left;
    Move move{.kind = Movement::Kind::kRefund,
              .source = movement.rule,
              .units = units,
              .of = movement.at};
    if (currency.grace.has_value()) {
      move.expires =
          base::After(leg.event.time, *currency.grace, leg.program.time_zone);
    }
    Post(leg, currency, move);
    const absl::Status status = Rework(leg, currency);
    if (!status.ok()) return status;
  }
  GiveBackLimits(leg, command, before - after);
  return absl::OkStatus();
}

void Fulfil(Leg& leg, const Command& command) {
  if (HandedOverOf(leg, command).all) {
    return leg.Note(leg.event.type, "it had been handed over before");
  }
  HandOver(leg, command, 0);
}

void UseVoucher(Leg& leg, const Command& command) {
  const HandedOver handed = HandedOverOf(leg, command);
  if (handed.all || handed.codes.contains(command.code)) {
    return leg.Reject(RejectReason::kVoucherUsed, "the code was used before");
  }
  if (IsVoid(leg, command, handed)) {
    return leg.Reject(RejectReason::kVoucherVoid,
                      "what the code proves was given back");
  }
  if (const auto until = GoodUntil(leg.program, command.terms, command.given);
      leg.event.time >= until) {
    return leg.Reject(
        RejectReason::kVoucherExpired,
        absl::StrCat("the code was good until ",
                     base::ShortTime(until, leg.program.time_zone)));
  }
  const int64_t paid = StandingOf(leg, command.of.front()).paid;
  HandOver(leg, command, PiecesOf(command, paid) == 1 ? 0 : command.code);
}

void ChangeStock(Leg& leg, const TakeStock& take) {
  const rules::Reward& reward = StockOf(leg.program, take);
  const bool has_codes = take.terms->voucher.has_value();
  if (reward.stock > 0 || has_codes) TakeFromStock(leg, reward, take);
  if (leg.decision.rejected != RejectReason::kNone) return;
  if (!has_codes || take.quantity <= 0) return;
  RememberKey(leg);
  if (!take.until.has_value()) IssueVouchers(leg, *take.terms, take);
}

}  // namespace loyalty::core
