// SPDX-License-Identifier: Apache-2.0
//
// Awards: what a rule gives to the member of a leg, within the award's limits
// and the currency's terms.

#include "ledger/award.h"

#include <absl/container/inlined_vector.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstdlib>

#include "base/amounts.h"
#include "core/counters.h"
#include "core/leg.h"
#include "core/limits.h"
#include "core/membership.h"

namespace loyalty::core {
namespace {

struct Asking {
  int64_t base = 0;   // what the formula says
  int64_t units = 0;  // and what multipliers make of it
};

// Whether the award's own condition holds; a note says if not.
bool IsAsked(Leg& leg, const rules::Frame& frame, const rules::Rule& rule,
             const rules::Award& award) {
  if (!award.when.has_value()) return true;
  const absl::StatusOr<bool> holds = frame.Bool(*award.when);
  if (!holds.ok()) {
    leg.Note(rule.id, absl::StrCat("an award's condition could not be "
                                   "evaluated: ",
                                   holds.status().message()));
    return false;
  }
  if (!*holds)
    leg.Note(rule.id, "it fired; the condition of its award was false");
  return *holds;
}

bool IsAmount(int64_t units) {
  return units <= base::kMaxAmount && units >= -base::kMaxAmount;
}

// nullopt if that is no amount, with a note that says why.
std::optional<int64_t> FormulaUnits(Leg& leg, const rules::Frame& frame,
                                    const rules::Rule& rule,
                                    const rules::Award& award) {
  if (award.fixed_units.has_value() && !award.factor.has_value() &&
      IsAmount(*award.fixed_units)) {
    return award.fixed_units;
  }
  const absl::StatusOr<int64_t> units = award.fixed_units.has_value()
                                            ? *award.fixed_units
                                            : frame.Int(*award.units);
  if (!units.ok()) {
    leg.Note(rule.id, absl::StrCat("its units could not be computed: ",
                                   units.status().message()));
    return std::nullopt;
  }
  std::optional<int64_t> scaled = *units;
  const bool in_range = IsAmount(*units);
  if (award.factor.has_value() && in_range) {
    scaled = award.factor->Of(*units, award.rounding);
  }
  if (in_range && scaled.has_value() && IsAmount(*scaled)) return scaled;
  leg.Note(rule.id, absl::StrCat("its award of ", *units,
                                 award.factor.has_value()
                                     ? " times " + award.factor->ToString()
                                     : "",
                                 " units is more than the ", base::kMaxAmount,
                                 " that one award may be"));
  return std::nullopt;
}

// What the award asks for, or nullopt if it asks for nothing, with a note that
// says why.
std::optional<Asking> Asked(Leg& leg, const rules::Frame& frame,
                            const rules::Rule& rule,
                            const rules::Award& award) {
  if (!IsAsked(leg, frame, rule, award)) return std::nullopt;
  const auto base = FormulaUnits(leg, frame, rule, award);
  if (!base.has_value()) return std::nullopt;
  std::optional<int64_t> units = base;
  if (!award.multipliers.empty()) {
    units = Multiplied(leg, frame, rule, award, *base);
    if (!units.has_value()) return std::nullopt;
  }
  if (*units == 0) {
    leg.Note(rule.id, "it fired, and its award came to 0 units");
    return std::nullopt;
  }
  return Asking{.base = *base, .units = *units};
}

absl::InlinedVector<LimitUse, 4> LimitsHere(const Leg& leg,
                                            const rules::Award& award) {
  absl::InlinedVector<LimitUse, 4> limits;
  for (const rules::Limit& limit : award.limits) {
    limits.push_back({&limit, KeyOf(leg.cause, limit.counter)});
  }
  return limits;
}

// What budgets did not grant has used no limit.
void UngrantLimits(Leg& leg, const rules::Award& award,
                   const AskedAward& asked) {
  if (asked.granted == asked.limited || award.limits.empty()) return;
  for (const auto& [limit, counter] : LimitsHere(leg, award)) {
    if (limit->comes_again) continue;
    const int64_t used = asked.granted > 0 ? UseOf(*limit, asked.granted) : 0;
    leg.ChangingCounter(counter) += used - UseOf(*limit, asked.limited);
  }
}

// Which limits had too little left: giving back what one of them counts may
// bring back what was cut.
void NoteCut(Leg& leg, std::span<const LimitUse> limits, int64_t asked,
             const Spent& spent) {
  leg.SetCounter(CutCounter(), 1);
  ForEachShort(limits, asked, spent,
               [&](const LimitUse& use) { leg.SetCounter(CutIn(use), 1); });
}

// What limits leave of a gain, as they stand now; they count it.
LimitedGain Limited(Leg& leg, const rules::Award& award, int64_t asked) {
  const auto limits = LimitsHere(leg, award);
  const auto in = [&](const model::CounterKey& counter) {
    return leg.Counter(counter);
  };
  const auto each = [&](const model::CounterKey& first, int64_t last,
                        Spent::See see) {
    const auto look = [&](const model::Counters& counters, auto is_current) {
      for (auto it = counters.lower_bound(first);
           it != counters.end() && it->first.name == first.name &&
           it->first.window <= last;
           ++it) {
        if (it->first.key == first.key && is_current(it->first)) {
          see(it->first.window, it->second);
        }
      }
    };
    const model::Counters& changed = leg.now.counters;
    look(changed, [](const auto&) { return true; });
    look(leg.state.entity.counters,
         [&](const auto& key) { return !changed.contains(key); });
  };
  const LimitedGain gain = LimitGain(limits, asked, {.in = in, .each = each});
  if (gain.cut != CutReason::kNone) {
    NoteCut(leg, limits, asked, {.in = in, .each = each});
  }
  if (gain.units > 0) {
    ForEachUse(limits, gain.units,
               [&](const model::CounterKey& counter, int64_t use) {
                 leg.ChangingCounter(counter) += use;
               });
  }
  return gain;
}

std::optional<int64_t> BaseOf(int64_t base, int64_t units) {
  if (base == units) return std::nullopt;
  return base;
}

// Cut before it is asked of the ledger: there is no movement to come back.
void ReportCut(Leg& leg, const rules::Rule& rule,
               const rules::Currency& currency, const Asking& asked,
               CutReason reason) {
  leg.Report(Awarded{.member = leg.now.entity.id,
                     .currency = currency.id,
                     .rule = rule.id,
                     .asked = asked.units,
                     .cut = reason,
                     .base = BaseOf(asked.base, asked.units)});
}

// What the currency's own terms leave of the movement, at a member who has so
// many units to spend.
void Give(Leg& leg, const rules::Currency& currency, bool is_capped,
          int64_t available, model::Movement& movement) {
  ledger::Terms terms{.floor = currency.floor, .daily_cap = std::nullopt};
  ledger::Standing before{.balance = available};
  const auto give = [&] {
    const ledger::Given given = ledger::Give(before, movement.limited, terms);
    movement.units = given.units;
    if (given.cut != CutReason::kNone) movement.cut = given.cut;
    return given.after;
  };
  if (!is_capped) {
    give();
    return;
  }
  const model::CounterKey cap = CapCounter(leg.cause, currency);
  terms.daily_cap = currency.daily_cap;
  before.cap_used = leg.Counter(cap);
  const ledger::Standing after = give();
  movement.cap_window = cap.window;
  movement.cap_used = after.cap_used;
  if (after.cap_used != before.cap_used) leg.SetCounter(cap, after.cap_used);
}

// What the award comes to after limits and budgets: cap, floor, and the record.
void PostAward(Leg& leg, const rules::Rule& rule, const AskedAward& asked) {
  const rules::Award& award = rule.awards[asked.award];
  const rules::Currency& currency = leg.program.currencies[award.currency];
  model::Movement& movement = leg.NewMovement([&] {
    return model::Movement{.currency = currency.symbol,
                           .rule = rule.symbol,
                           .award = asked.award,
                           .subject = leg.event.target,
                           .asked = asked.asked,
                           .limited = asked.granted,
                           .cut = asked.cut,
                           .of = leg.cause.grant};
  });
  model::Holding& held = leg.now.holdings[currency.symbol];
  Give(leg, currency, award.is_capped,
       currency.has_lots ? leg.now.Available(currency.symbol) : held.balance,
       movement);
  ledger::Came came;
  if (currency.has_lots) {
    came = GiveLot(leg, currency, award.lot_terms, movement);
  }
  leg.Move(held, movement, movement.units);
  leg.ReportAward([&] {
    return Awarded{.member = movement.member,
                   .currency = currency.id,
                   .rule = rule.id,
                   .asked = movement.asked,
                   .limited = movement.limited,
                   .units = movement.units,
                   .cut = movement.cut,
                   .base = BaseOf(asked.base, asked.asked)};
  });
  PostCame(leg, currency, came);
}

}  // namespace

void GiveGranted(Leg& leg, const Granted& granted) {
  for (const AskedAward& asked : granted.awards) {
    const rules::Rule& rule = leg.cause.type->rules[asked.rule];
    UngrantLimits(leg, rule.awards[asked.award], asked);
    PostAward(leg, rule, asked);
  }
}

void GiveAward(Leg& leg, const rules::Frame& frame, const rules::Rule& rule,
               int number) {
  const rules::Award& award = rule.awards[number];
  const rules::Currency& currency = leg.program.currencies[award.currency];
  const std::optional<Asking> asked = Asked(leg, frame, rule, award);
  if (!asked.has_value()) return;
  if (!leg.now.exists) {
    return ReportCut(leg, rule, currency, *asked,
                     leg.EarnsNothing(leg.now.entity.id)
                         ? CutReason::kNeverEarns
                         : CutReason::kNotEnrolled);
  }
  if (IsSuspended(leg)) {
    return ReportCut(leg, rule, currency, *asked, CutReason::kSuspended);
  }
  if (!award.to_actor && !award.self_allowed &&
      leg.event.actor == leg.now.entity.id) {
    return ReportCut(leg, rule, currency, *asked, CutReason::kOwnObject);
  }
  AskedAward going{.award = number,
                   .base = asked->base,
                   .asked = asked->units,
                   .limited = asked->units,
                   .granted = asked->units};
  if (asked->units > 0 && !award.limits.empty()) {
    const LimitedGain gain = Limited(leg, award, asked->units);
    going.limited = going.granted = gain.units;
    going.cut = gain.cut;
  }
  if (award.budgets.empty() || going.limited <= 0) {
    return PostAward(leg, rule, going);
  }
  going.member = leg.now.entity.id;
  going.rule = static_cast<int>(&rule - leg.cause.type->rules.data());
  AskPool(leg, std::move(going));
}

}  // namespace loyalty::core
