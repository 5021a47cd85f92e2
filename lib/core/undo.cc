// SPDX-License-Identifier: Apache-2.0
//
// Undoing awards: the member ends where they would stand had those never been
// asked (ledger/recompute.h), in one movement for each currency.
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/amounts.h"
#include "core/boards.h"
#include "core/counters.h"
#include "core/leg.h"
#include "core/membership.h"
#include "core/referral.h"
#include "core/relimit.h"
#include "core/validate.h"
#include "ledger/recompute.h"

namespace loyalty::core {
namespace {

void TakeBack(Leg& leg, const Uses& uses) {
  for (const auto& [counter, used] : uses) {
    // Losses that are taken back count as gains do.
    const bool was_loss =
        TakesOff(leg.program, counter.name) ? used > 0 : used < 0;
    const auto place = PlaceOf(leg, counter, was_loss);
    if (!place.has_value()) continue;
    const int64_t now = leg.Counter(*place);
    leg.SetCounter(*place, base::Sum(now, -used).value_or(now));
  }
}

absl::Status NoHistory(const Leg& leg, const rules::Currency& currency) {
  return absl::InternalError(absl::StrCat("no history of ", leg.now.entity.id,
                                          " in ", currency.id, " was loaded"));
}

using Positions = std::set<model::Position>;

// The difference between where the member stands and should.
void Post(Leg& leg, const rules::Currency& currency,
          std::vector<model::Position> undone,
          const ledger::Recomputed& stands) {
  const int64_t units = stands.balance - leg.now.Held(currency.symbol).balance;
  PostReversal(leg, currency, std::move(undone), units, units, std::nullopt);
}

std::vector<model::Position> PlacesOf(
    const std::vector<model::Movement>& awards) {
  std::vector<model::Position> places;
  for (const model::Movement& award : awards) places.push_back(award.at);
  return places;
}

absl::Status UndoInCurrency(Leg& leg, const rules::Currency& currency,
                            const std::vector<model::Movement>& awards) {
  const auto history = leg.state.history.find(currency.id);
  if (history == leg.state.history.end() || history->second.empty()) {
    return NoHistory(leg, currency);
  }
  std::vector<model::Position> undone = PlacesOf(awards);
  std::set<int64_t> days;
  for (const model::Movement& award : awards) {
    if (award.cap_window.has_value()) days.insert(*award.cap_window);
  }
  const ledger::Recomputed stands = ledger::Recompute(
      history->second, Positions(undone.begin(), undone.end()),
      TermsOf(leg, currency));
  // What a day used of its cap depends on that day's awards alone.
  for (const int64_t day : days) {
    const auto used = stands.cap_used.find(day);
    if (used != stands.cap_used.end()) {
      leg.SetCounter({.name = currency.cap_counter, .window = day},
                     used->second);
    }
  }
  const int64_t before = leg.now.Held(currency.symbol).earned;
  Post(leg, currency, std::move(undone), stands);
  if (IsRankedBySeason(leg.program, currency.id)) {
    const ledger::Recomputed stood =
        ledger::Recompute(history->second, {}, TermsOf(leg, currency));
    CountUndone(leg, currency, stood.given, stands.given,
                leg.now.Held(currency.symbol).earned - before);
  }
  return absl::OkStatus();
}

// The whole of a currency again, with what limits leave now of each award.
// False, and nothing is done, if it refuses.
absl::StatusOr<bool> ReaddCurrency(Leg& leg, const rules::Currency& currency,
                                   const std::vector<model::Position>& undone,
                                   const Relimited& before,
                                   const Relimited& after) {
  const auto found = leg.state.history.find(currency.id);
  if (found == leg.state.history.end() || found->second.empty()) return true;
  if (currency.has_lots) {
    return UndoInLots(leg, currency, undone, WithLimits(found->second, before),
                      WithLimits(found->second, after));
  }
  const ledger::TermsInTime terms = TermsOf(leg, currency);
  const ledger::Recomputed stood =
      ledger::Recompute(WithLimits(found->second, before), {}, terms);
  const ledger::Recomputed stands =
      ledger::Recompute(WithLimits(found->second, after),
                        Positions(undone.begin(), undone.end()), terms);
  for (const auto& [day, used] : stands.cap_used) {
    const auto was = stood.cap_used.find(day);
    if (was != stood.cap_used.end() && was->second == used) continue;
    leg.SetCounter({.name = currency.cap_counter, .window = day}, used);
  }
  if (undone.empty() && stands.balance == leg.now.Held(currency.id).balance) {
    return true;
  }
  const int64_t earned = leg.now.Held(currency.symbol).earned;
  Post(leg, currency, undone, stands);
  CountUndone(leg, currency, stood.given, stands.given,
              leg.now.Held(currency.symbol).earned - earned);
  return true;
}

// What does not depend on where the units are.
void ForgetEvent(Leg& leg, const Undo& undo) {
  if (leg.IsMember()) ForgetReferrer(leg, undo.seq);
  if (!leg.IsMember() || WasCounted(leg, undo.seq)) {
    TakeBack(leg, undo.counted);
    Uncount(leg, undo.tallied, undo.seq);
  }
  TakeBack(leg, undo.counted_before);
  Uncount(leg, undo.tallied_before, undo.seq);
}

// The currency rather keeps what was spent: the event is rejected or, where a
// rule asked, this member keeps all that it gave, in other currencies too.
void Refuse(Leg& leg, const Undo& undo, const rules::Currency& currency) {
  leg.StartAgain();
  SettleTiers(leg);
  SettleLots(leg);
  ForgetEvent(leg, undo);
  const std::string sentence =
      absl::StrCat("units of ", currency.id, " that it gave have been spent");
  if (IsReserved(leg.event.type)) {
    leg.Reject(RejectReason::kInsufficientBalance, sentence);
  } else {
    leg.Note("reversal", sentence);
  }
}

// What budgets were told of an award was what it came to then. What it came to
// since they are told with what is undone.
void TellBudgets(Leg& leg, const Positions& undone, const Relimited& before,
                 const Relimited& after) {
  Uses counted;
  for (const auto& [currency, history] : leg.state.history) {
    for (const model::GivenAward& past : history) {
      const model::Position at = past.movement.at;
      const auto budgets = leg.state.budgets.find(at);
      const auto was = before.limited.find(at);
      if (budgets == leg.state.budgets.end() || was == before.limited.end()) {
        continue;
      }
      const bool goes = undone.contains(at);
      const int64_t told =
          goes ? past.movement.limited : after.limited.find(at)->second;
      const int64_t less = was->second - told;
      if (less == 0) continue;
      for (const model::CounterKey& budget : budgets->second) {
        counted[budget] += less;
      }
    }
  }
  if (counted.empty()) return;
  Message& message = leg.decision.messages.emplace_back();
  message.what = Undo{.counted = std::move(counted)};
}

// Limits have cut awards of this member: each is asked again without those that
// are undone, in all currencies.
absl::Status UndoWithLimits(Leg& leg, const Undo& undo) {
  const std::vector<model::Position> all = PlacesOf(undo.awards);
  const Relimited before = Relimit(leg.state, {});
  const Relimited after = Relimit(leg.state, Positions(all.begin(), all.end()));
  for (const rules::Currency& currency : leg.program.currencies) {
    std::vector<model::Position> undone;
    for (const model::Movement& award : undo.awards) {
      if (award.currency == currency.symbol) undone.push_back(award.at);
    }
    const absl::StatusOr<bool> done =
        ReaddCurrency(leg, currency, undone, before, after);
    if (!done.ok()) return done.status();
    if (!*done) {
      Refuse(leg, undo, currency);
      return absl::OkStatus();
    }
  }
  for (const auto& [counter, spent] : before.spent) {
    const auto now = after.spent.find(counter);
    const int64_t left = now == after.spent.end() ? 0 : now->second;
    if (left != spent) leg.SetCounter(counter, left);
  }
  for (const auto& [counter, spent] : after.spent) {
    if (!before.spent.contains(counter)) leg.SetCounter(counter, spent);
  }
  if (leg.Counter(CameBackCounter()) == 0 &&
      DifferFromRecord(leg.state, after)) {
    leg.SetCounter(CameBackCounter(), 1);
  }
  TellBudgets(leg, Positions(all.begin(), all.end()), before, after);
  return absl::OkStatus();
}

}  // namespace

ledger::TermsInTime TermsOf(const Leg& leg, const rules::Currency& currency) {
  const auto found = leg.state.terms.find(currency.id);
  if (found != leg.state.terms.end()) return found->second;
  return ledger::TermsInTime(
      {.floor = currency.floor, .daily_cap = currency.daily_cap});
}

absl::Status UndoAwards(Leg& leg, const Undo& undo) {
  if (undo.keep.has_value()) return KeepPart(leg, undo);
  ForgetEvent(leg, undo);
  if (leg.state.relimits) return UndoWithLimits(leg, undo);
  std::map<model::Symbol, std::vector<model::Movement>> by_currency;
  for (const model::Movement& award : undo.awards) {
    if (leg.program.CurrencyIndex(award.currency.text()) < 0) {
      return absl::InternalError(absl::StrCat(
          "currency ", award.currency.text(), " is not one of the program's"));
    }
    by_currency[award.currency].push_back(award);
  }
  for (const rules::Currency& currency : leg.program.currencies) {
    const auto awards = by_currency.find(currency.symbol);
    if (awards == by_currency.end()) continue;
    if (!currency.has_lots) {
      const absl::Status status = UndoInCurrency(leg, currency, awards->second);
      if (!status.ok()) return status;
      continue;
    }
    const auto history = leg.state.history.find(currency.id);
    if (history == leg.state.history.end()) return NoHistory(leg, currency);
    const absl::StatusOr<bool> undone =
        UndoInLots(leg, currency, PlacesOf(awards->second), history->second,
                   history->second);
    if (!undone.ok()) return undone.status();
    if (!*undone) {
      Refuse(leg, undo, currency);
      return absl::OkStatus();
    }
  }
  TakeBack(leg, undo.uses);
  return absl::OkStatus();
}

}  // namespace loyalty::core
