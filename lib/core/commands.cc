// SPDX-License-Identifier: Apache-2.0
//
// What a host asks for, at the member whom it is about: transfers, adjustments,
// sweeps. What members ask of rewards is in redeeming.cc.
#include <absl/strings/str_cat.h>

#include <string>
#include <utility>

#include "base/amounts.h"
#include "base/window.h"
#include "core/asked.h"
#include "core/boards.h"
#include "core/due.h"
#include "core/leg.h"
#include "core/membership.h"
#include "core/merge.h"
#include "ledger/award.h"

namespace loyalty::core {
namespace {

using model::Movement;

// nullptr, and an answer of no, if the program has no such currency.
const rules::Currency* AskedCurrency(Leg& leg) {
  const std::string& id = AskedText(leg.event, "currency");
  const int index = leg.program.CurrencyIndex(id);
  if (index >= 0) return &leg.program.currencies[index];
  leg.Reject(RejectReason::kUnknownCurrency,
             absl::StrCat("there is no currency \"", id, "\""));
  return nullptr;
}

void RejectShort(Leg& leg, const rules::Currency& currency, int64_t asked,
                 int64_t available) {
  leg.Reject(RejectReason::kInsufficientBalance,
             absl::StrCat(asked, " ", currency.id, " were asked for, and ",
                          available, " are available",
                          leg.state.entity.exists ? "" : " to somebody new"));
}

// The counter of what was sent on the event's day; nullopt, and an answer of
// no, if it would be too much.
std::optional<model::CounterKey> SentToday(Leg& leg,
                                           const rules::Currency& currency,
                                           int64_t units) {
  const model::CounterKey sent{
      .name = currency.transfer_counter,
      .window = base::WindowStart(leg.event.time, base::Period::kDay,
                                  leg.program.time_zone)};
  if (leg.Counter(sent) + units <= *currency.max_transfer_per_day) return sent;
  leg.Reject(
      RejectReason::kTransferLimit,
      absl::StrCat("at most ", *currency.max_transfer_per_day, " ", currency.id,
                   " may be sent in a day; ", leg.Counter(sent), " were"));
  return std::nullopt;
}

void Transfer(Leg& leg) {
  const rules::Currency* const currency = AskedCurrency(leg);
  if (currency == nullptr) return;
  const std::string& to = AskedText(leg.event, "to");
  const int64_t units = AskedInt(leg.event, "units", 0);
  if (!currency->spendable) {
    return leg.Reject(RejectReason::kNotSpendable,
                      absl::StrCat(currency->id, " cannot be sent"));
  }
  if (to == leg.now.entity.id) {
    return leg.Reject(RejectReason::kOwnMember,
                      "nobody can send units to themselves");
  }
  if (leg.EarnsNothing(to)) {
    return leg.Reject(RejectReason::kUnknownMember,
                      "who is to receive it is no member");
  }
  if (units < 1 || units > base::kMaxAmount) {
    return leg.Reject(RejectReason::kOutOfRange,
                      absl::StrCat("units: 1 to ", base::kMaxAmount));
  }
  model::Lots& lots = LotsOf(leg, *currency);
  const int64_t available = model::Available(lots);
  if (available < units) return RejectShort(leg, *currency, units, available);
  if (currency->max_transfer_per_day.has_value()) {
    const auto sent = SentToday(leg, *currency, units);
    if (!sent.has_value()) return;
    leg.ChangingCounter(*sent) += units;
  }
  std::vector<model::Lot> parts = ledger::Take(lots, units);
  Post(leg, *currency, {.kind = Movement::Kind::kTransfer, .units = -units});
  leg.decision.messages.push_back(
      {.entity = {model::Entity::Kind::kMember, to},
       .what = Receive{.currency = currency->id, .parts = std::move(parts)},
       .actor = nullptr,
       .object = nullptr});
}

// Without lots there is a floor, and nothing else to look at.
void AdjustHolding(Leg& leg, const rules::Currency& currency, int64_t units) {
  const int64_t balance = leg.now.Held(currency.symbol).balance;
  if (balance + units < currency.floor) {
    return RejectShort(leg, currency, -units, balance - currency.floor);
  }
  if (balance + units > ledger::kMaxBalance) {
    return leg.Reject(RejectReason::kOutOfRange,
                      "the balance would be too large");
  }
  Post(leg, currency,
       {.kind = Movement::Kind::kAdjustment, .units = units, .earned = units});
}

// Units come, as `move` says.
void GainLots(Leg& leg, const rules::Currency& currency, Move move) {
  move.expires = ExpiryOf(leg, currency.lot_terms);
  Post(leg, currency, move);
  ledger::Came came;
  ledger::Gain(LotsOf(leg, currency),
               {.expires = move.expires, .units = move.units}, came);
  PostCame(leg, currency, came);
}

void AdjustLots(Leg& leg, const rules::Currency& currency, int64_t units) {
  model::Lots& lots = LotsOf(leg, currency);
  const Move move{
      .kind = Movement::Kind::kAdjustment, .units = units, .earned = units};
  if (units < 0) {
    const int64_t available = model::Available(lots);
    if (available < -units) {
      return RejectShort(leg, currency, -units, available);
    }
    ledger::Take(lots, -units);
    return Post(leg, currency, move);
  }
  GainLots(leg, currency, move);
}

void Adjust(Leg& leg) {
  const rules::Currency* const currency = AskedCurrency(leg);
  if (currency == nullptr) return;
  const int64_t units = AskedInt(leg.event, "units", 0);
  if (units == 0 || units > base::kMaxAmount || units < -base::kMaxAmount) {
    return leg.Reject(
        RejectReason::kOutOfRange,
        absl::StrCat("units: 1 to ", base::kMaxAmount, ", or as many below 0"));
  }
  if (units > currency->max_adjustment || -units > currency->max_adjustment) {
    return leg.Reject(
        RejectReason::kAdjustmentLimit,
        absl::StrCat("one adjustment may be ", currency->max_adjustment, " ",
                     currency->id, " at most"));
  }
  if (currency->has_lots) return AdjustLots(leg, *currency, units);
  AdjustHolding(leg, *currency, units);
}

// What will have expired by then is posted, and nothing else is done: an event
// of an earlier time may come yet.
void Sweep(Leg& leg) {
  for (const rules::Currency& currency : leg.program.currencies) {
    const auto found = leg.now.lots.find(currency.symbol);
    if (found == leg.now.lots.end()) continue;
    model::Lots& lots = found->second;
    model::Lots then = lots;
    ledger::Came came;
    ledger::Settle(then, std::max(then.clock, leg.event.time), came);
    const int64_t more = came.expired - lots.swept;
    lots.swept = came.expired;
    lots.swept_to = std::max(lots.swept_to, leg.event.time);
    if (more != 0) {
      Post(leg, currency, {.kind = Movement::Kind::kExpiry, .units = -more});
    }
  }
}

}  // namespace

const std::string& AskedText(const Event& event, std::string_view attribute) {
  return std::get<std::string>(event.attributes.find(attribute)->second.get());
}

int64_t AskedInt(const Event& event, std::string_view attribute,
                 int64_t otherwise) {
  const auto found = event.attributes.find(attribute);
  return found == event.attributes.end()
             ? otherwise
             : std::get<int64_t>(found->second.get());
}

bool IsAsked(const Event& event, std::string_view attribute) {
  return event.attributes.contains(attribute);
}

void GivePrize(Leg& leg, const rules::Currency& currency, int64_t units,
               model::Symbol source) {
  if (leg.now.Held(currency.symbol).balance + units > ledger::kMaxBalance) {
    return leg.Note(source.text(), "the balance would be too large");
  }
  const Move move{.kind = Movement::Kind::kAdjustment,
                  .source = source,
                  .units = units,
                  .earned = units};
  if (currency.has_lots) return GainLots(leg, currency, move);
  Post(leg, currency, move);
}

void ReceiveUnits(Leg& leg, const Receive& receive) {
  if (!IsReachable(leg)) return;
  const rules::Currency& currency =
      leg.program.currencies[leg.program.CurrencyIndex(receive.currency)];
  for (const model::Lot& part : receive.parts) {
    Post(leg, currency,
         {.kind = Movement::Kind::kTransfer,
          .units = part.units,
          .expires = part.expires});
    ledger::Came came;
    ledger::Gain(LotsOf(leg, currency), part, came);
    PostCame(leg, currency, came);
  }
}

absl::Status RunCommand(Leg& leg, const Command& command) {
  const std::string& type = leg.event.type;
  // Who is erased may be nobody by now, and no reason must name them.
  if (!leg.now.exists && type != kSweep && type != kErase) {
    leg.Reject(RejectReason::kUnknownMember, "that is no member");
    return absl::OkStatus();
  }
  if (type == kTransferUnits) {
    Transfer(leg);
  } else if (type == kAdjust) {
    Adjust(leg);
  } else if (type == kSweep) {
    Sweep(leg);
    return TellDue(leg);
  } else if (type == kEnroll) {
    Enroll(leg);
  } else if (type == kSuspend) {
    Suspend(leg);
  } else if (type == kResume) {
    Resume(leg);
  } else if (type == kErase) {
    Erase(leg);
  } else if (type == kHide || type == kShow) {
    Hide(leg, type == kHide);
  } else if (type == kGrantBadge) {
    GrantBadge(leg, command);
  } else if (type == kRevokeBadge) {
    RevokeBadge(leg, command);
  } else if (type == kFreezeStreak) {
    FreezeStreak(leg);
  } else if (type == kJoinQuest) {
    JoinQuest(leg);
  } else if (type == kLeaveQuest) {
    LeaveQuest(leg);
  } else if (type == kMerge) {
    Merge(leg);
  } else if (type == kAssignTier) {
    AssignTier(leg);
  } else if (type == kUnassignTier) {
    UnassignTier(leg);
  } else if (type == kRedeem) {
    Redeem(leg);
  } else if (type == kCaptureHold || type == kVoidHold) {
    EndHolds(leg, command);
  } else if (type == kFulfil) {
    Fulfil(leg, command);
  } else if (type == kUseVoucher) {
    UseVoucher(leg, command);
  } else if (type == kCancelRedemption) {
    return GiveBack(leg, command);
  } else {
    return absl::InternalError(absl::StrCat("no command: ", type));
  }
  return absl::OkStatus();
}

}  // namespace loyalty::core
