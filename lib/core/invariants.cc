// SPDX-License-Identifier: Apache-2.0
//
// What must hold of every decision before it is written.
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include "core/leg.h"

namespace loyalty::core {

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
    held.earned += movement.units;
    if (held.balance != movement.balance || held.earned != movement.earned) {
      return absl::InternalError(
          absl::StrCat("I2: ", movement.member, " holds ", held.balance, " ",
                       movement.currency.text(), ", not ", movement.balance));
    }
    // I3: no balance below its currency's floor.
    const rules::Currency* const currency =
        leg.program.FindCurrency(movement.currency);
    if (currency == nullptr || movement.balance < currency->floor) {
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
  // I6: a leg touches one entity.
  if (leg.now.entity != leg.state.entity.entity) {
    return absl::InternalError("I6: a leg moved to another entity");
  }
  return absl::OkStatus();
}

}  // namespace loyalty::core
