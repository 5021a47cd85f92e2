// SPDX-License-Identifier: Apache-2.0
//
// How a member comes to be: by the first event that names them, or, where the
// program requires it, by being enrolled.
#include "core/leg.h"
#include "core/membership.h"

namespace loyalty::core {

void BeginMember(Leg& leg) {
  if (!leg.IsMember() || leg.now.exists) return;
  if (leg.EarnsNothing(leg.now.entity.id)) return;
  if (leg.program.enrolment_required) {
    if (leg.event.type != kEnroll) return;
    leg.SetCounter(EnrolledCounter(), leg.cause.seq);
  }
  static const model::Symbol opening("opening");
  leg.now.exists = true;
  leg.now.since = leg.event.time;
  for (const rules::Currency& currency : leg.program.currencies) {
    if (currency.opening == 0) continue;
    model::Movement& movement = leg.NewMovement([&] {
      return model::Movement{.kind = model::Movement::Kind::kOpening,
                             .currency = currency.symbol,
                             .rule = opening,
                             .asked = currency.opening,
                             .limited = currency.opening,
                             .units = currency.opening};
    });
    // Units that a member comes with stay.
    if (currency.has_lots) {
      model::Lots& lots = leg.now.lots[currency.symbol];
      lots.clock = movement.settled_at = leg.event.time;
      ledger::Came none;
      ledger::Gain(lots, {.units = currency.opening}, none);
    }
    leg.Move(movement);
    leg.Report(Opened{.member = leg.now.entity.id,
                      .currency = currency.id,
                      .units = currency.opening});
  }
  // Rules of this leg already see the opening units: they are what the member
  // comes with, not what the leg earns.
  leg.BeginHere();
}

}  // namespace loyalty::core
