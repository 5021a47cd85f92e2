// SPDX-License-Identifier: Apache-2.0
//
// Catching up: an entity gets what its past would have come to, as an event of
// type kCatchUp says. What it says was worked out by a replay
// (engine/catch_up.h); limits and caps have cut it by the days of then.
#include <absl/strings/str_cat.h>

#include "base/amounts.h"
#include "core/leg.h"
#include "core/membership.h"
#include "ledger/award.h"

namespace loyalty::core {
namespace {

using model::Movement;

// When units of the award come and go; the same whatever event it is on.
const rules::LotTerms& LotTermsOf(const Leg& leg,
                                  const CaughtUp::Award& award) {
  const int number = leg.program.RuleNumber(award.rule.text());
  for (const rules::EventType& type : leg.program.event_types) {
    const rules::Rule* const rule =
        rules::CompiledProgram::FindRule(type, number);
    if (rule != nullptr) {
      return rule->awards[static_cast<size_t>(award.award)].lot_terms;
    }
  }
  return leg.program.currencies[award.currency].lot_terms;
}

void BringCount(Leg& leg, const CaughtUp::Count& count) {
  const rules::MetricTerms* const metric =
      TalliedIn(leg.program, count.counter.name);
  if (metric != nullptr) {
    return Retally(leg, *metric, count.counter, count.more);
  }
  int64_t& now = leg.ChangingCounter(count.counter);
  now = base::Sum(now, count.more).value_or(now);
}

std::string Events(size_t count) {
  return absl::StrCat(count, count == 1 ? " event" : " events");
}

}  // namespace

void BringAward(Leg& leg, const CaughtUp::Award& award) {
  const rules::Currency& currency = leg.program.currencies[award.currency];
  Movement& movement = leg.NewMovement([&] {
    return Movement{.kind = Movement::Kind::kCaughtUp,
                    .currency = currency.symbol,
                    .rule = award.rule,
                    .award = award.award,
                    .asked = award.units,
                    .limited = award.units};
  });
  const ledger::Given given =
      ledger::Give({.balance = leg.now.Available(currency.symbol)}, award.units,
                   {.floor = currency.floor, .daily_cap = std::nullopt});
  movement.units = given.units;
  movement.cut = given.cut;
  ledger::Came came;
  if (currency.has_lots) {
    came = GiveLot(leg, currency, LotTermsOf(leg, award), movement);
  }
  leg.Move(movement);
  leg.Report(Moved{.kind = Moved::Kind::kCaughtUp,
                   .member = movement.member,
                   .currency = currency.id,
                   .source = award.rule,
                   .units = movement.units});
  PostCame(leg, currency, came);
}

void BringUp(Leg& leg, const CaughtUp& what) {
  const bool gives = !what.awards.empty() || !what.grants.empty();
  if (gives) {
    if (!IsAdmitted(leg)) return;
    Begin(leg);
    if (!leg.now.exists) {
      return leg.Reject(RejectReason::kUnknownMember, "that is no member");
    }
  }
  // Where nobody is, nothing can be kept.
  if (leg.IsMember() && !leg.now.exists) return;
  for (const CaughtUp::Count& count : what.counts) BringCount(leg, count);
  for (const CaughtUp::Award& award : what.awards) {
    BringAward(leg, award);
    leg.Note(award.rule,
             absl::StrCat("it would have given this for ",
                          Events(award.of.size()), " that came before it"));
  }
  for (const CaughtUp::Grant& grant : what.grants) BringBadge(leg, grant);
}

}  // namespace loyalty::core
