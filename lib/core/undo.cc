// SPDX-License-Identifier: Apache-2.0
//
// Undoing awards: the member ends where they would stand had those never been
// asked (ledger/recompute.h), in one movement for each currency.
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/amounts.h"
#include "core/leg.h"
#include "core/validate.h"
#include "ledger/recompute.h"

namespace loyalty::core {
namespace {

absl::Status UndoInCurrency(Leg& leg, const rules::Currency& currency,
                            const std::vector<model::Movement>& awards) {
  const auto history = leg.state.history.find(currency.id);
  if (history == leg.state.history.end() || history->second.empty()) {
    return absl::InternalError(absl::StrCat("no history of ", leg.now.entity.id,
                                            " in ", currency.id,
                                            " was loaded"));
  }
  std::set<model::Position> undone;
  std::set<int64_t> days;
  model::Movement& reversal = leg.NewMovement([&] {
    return model::Movement{.kind = model::Movement::Kind::kReversal,
                           .currency = currency.symbol};
  });
  for (const model::Movement& award : awards) {
    undone.insert(award.at);
    reversal.reverses.push_back(award.at);
    if (award.cap_window.has_value()) days.insert(*award.cap_window);
  }
  const ledger::Recomputed stands = ledger::Recompute(
      history->second, undone, currency.floor, currency.daily_cap);
  // What a day used of its cap depends on that day's awards alone.
  for (const int64_t day : days) {
    const auto used = stands.cap_used.find(day);
    if (used != stands.cap_used.end()) {
      leg.SetCounter({.name = currency.cap_counter, .window = day},
                     used->second);
    }
  }
  reversal.units = stands.balance - leg.now.Held(currency.id).balance;
  reversal.asked = reversal.limited = reversal.units;
  leg.Report(Reversed{.member = leg.now.entity.id,
                      .currency = currency.id,
                      .units = reversal.units,
                      .awards = static_cast<int64_t>(awards.size())});
  leg.Move(reversal);
  return absl::OkStatus();
}

}  // namespace

absl::Status UndoAwards(Leg& leg, const Undo& undo) {
  for (const auto& [counter, used] : undo.uses) {
    const int64_t now = leg.Counter(counter);
    leg.SetCounter(counter, base::Sum(now, -used).value_or(now));
  }
  std::map<int, std::vector<model::Movement>> by_currency;
  for (const model::Movement& award : undo.awards) {
    const int currency = leg.program.CurrencyIndex(award.currency.text());
    if (currency < 0) {
      return absl::InternalError(absl::StrCat(
          "currency ", award.currency.text(), " is not one of the program's"));
    }
    by_currency[currency].push_back(award);
  }
  for (const auto& [index, awards] : by_currency) {
    const rules::Currency& currency = leg.program.currencies[index];
    if (!currency.has_lots) {
      const absl::Status status = UndoInCurrency(leg, currency, awards);
      if (!status.ok()) return status;
      continue;
    }
    const absl::StatusOr<bool> undone = UndoInLots(leg, currency, awards);
    if (!undone.ok()) return undone.status();
    if (*undone) continue;
    const std::string sentence =
        absl::StrCat("units of ", currency.id, " that it gave have been spent");
    if (IsReserved(leg.event.type)) {
      leg.Reject(RejectReason::kInsufficientBalance, sentence);
      return absl::OkStatus();
    }
    leg.Note("reversal", sentence);
  }
  return absl::OkStatus();
}

}  // namespace loyalty::core
