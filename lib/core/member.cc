// SPDX-License-Identifier: Apache-2.0
//
// How a member comes to be: by the first event that names them.
#include "core/leg.h"

namespace loyalty::core {

void BeginMember(Leg& leg) {
  if (!leg.IsMember() || leg.now.exists) return;
  if (leg.EarnsNothing(leg.now.entity.id)) return;
  static const model::Symbol opening("opening");
  leg.now.exists = true;
  leg.now.since = leg.event.time;
  for (const rules::Currency& currency : leg.program.currencies) {
    if (currency.opening == 0) continue;
    model::Movement& movement = leg.NewMovement();
    movement.kind = model::Movement::Kind::kOpening;
    movement.currency = currency.symbol;
    movement.rule = opening;
    movement.asked = movement.limited = movement.units = currency.opening;
    leg.Move(movement);
    leg.Report(Opened{.member = leg.now.entity.id,
                      .currency = currency.id,
                      .units = currency.opening});
  }
  // Rules of this leg already see the opening units: they are what the member
  // comes with, not what the leg earns.
  leg.opened = leg.now;
  leg.opened->counters = leg.state.entity.counters;
}

}  // namespace loyalty::core
