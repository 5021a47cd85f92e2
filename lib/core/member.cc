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
    leg.Move(leg.NewMovement([&] {
      return model::Movement{.kind = model::Movement::Kind::kOpening,
                             .currency = currency.symbol,
                             .rule = opening,
                             .asked = currency.opening,
                             .limited = currency.opening,
                             .units = currency.opening};
    }));
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
