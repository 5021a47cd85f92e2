// SPDX-License-Identifier: Apache-2.0
//
// What must hold of every decision before it is written.
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include "base/status_macros.h"
#include "core/leg.h"

namespace loyalty::core {

namespace {

int64_t EarnedAfter(const model::Movement& movement, int64_t before) {
  const bool follows = movement.kind == model::Movement::Kind::kReversal &&
                       movement.settled_at != absl::InfinitePast();
  return follows ? movement.earned : before + model::EarnedOf(movement);
}

// I2: a balance is the sum of its lots. I3: who owes has nothing to spend.
absl::Status CheckLots(const Leg& leg, model::Symbol currency,
                       const model::Lots& lots) {
  if (!leg.IsMember()) return absl::OkStatus();
  if (ledger::BalanceOf(lots) != leg.now.Held(currency).balance) {
    return absl::InternalError(
        absl::StrCat("I2: the lots of ", leg.now.entity.id, " hold ",
                     ledger::BalanceOf(lots), " ", currency.text(), ", not ",
                     leg.now.Held(currency).balance));
  }
  if (!lots.debts.empty() && model::Available(lots) > 0) {
    return absl::InternalError(absl::StrCat("I3: ", leg.now.entity.id, " owes ",
                                            currency.text(), " and has some"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckInvariants(const Leg& leg) {
  model::Holdings running = leg.state.entity.holdings;
  for (size_t i = leg.first_movement; i < leg.decision.movements.size(); ++i) {
    const model::Movement& movement = leg.decision.movements[i];
    // I9: every effect names its rule.
    if (movement.kind != model::Movement::Kind::kReversal &&
        movement.rule.empty()) {
      return absl::InternalError("I9: a movement names no rule");
    }
    // I2: a balance equals its postings.
    model::Holding& held = running[movement.currency];
    held.balance += movement.units;
    held.earned = EarnedAfter(movement, held.earned);
    if (held.balance != movement.balance || held.earned != movement.earned) {
      return absl::InternalError(
          absl::StrCat("I2: ", movement.member, " holds ", held.balance, " ",
                       movement.currency.text(), ", not ", movement.balance));
    }
    // I3: no balance below its currency's floor. Who goes has none.
    const rules::Currency* const currency =
        leg.program.FindCurrency(movement.currency);
    const bool goes = movement.kind == model::Movement::Kind::kMergeOut;
    if (currency == nullptr ||
        (!currency->has_lots && !goes && movement.balance < currency->floor)) {
      return absl::InternalError(absl::StrCat("I3: ", movement.member,
                                              " would hold ", movement.balance,
                                              " ", movement.currency.text()));
    }
  }
  if (leg.now.holdings != running) {
    for (const auto& [currency, held] : leg.now.holdings) {
      if (running[currency] == held) continue;
      return absl::InternalError(absl::StrCat(
          "I2: a holding of ", currency.text(), " changed without a movement"));
    }
  }
  for (const auto& [currency, lots] : leg.now.lots) {
    RETURN_IF_ERROR(CheckLots(leg, currency, lots));
  }
  // I6: a leg touches one entity.
  if (leg.now.entity != leg.state.entity.entity) {
    return absl::InternalError("I6: a leg moved to another entity");
  }
  return absl::OkStatus();
}

}  // namespace loyalty::core
