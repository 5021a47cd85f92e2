// SPDX-License-Identifier: Apache-2.0
//
// Undoing awards: the member ends where they would stand had those never been
// asked (ledger/recompute.h), in one movement for each currency.
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
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
          std::vector<model::Position> undone, const ledger::Recomputed& stands,
          const std::optional<Part>& part = std::nullopt) {
  const int64_t units = stands.balance - leg.now.Held(currency.symbol).balance;
  PostReversal(leg, currency, std::move(undone), units, units, part);
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

// It takes its units along, and nothing else changes: see GoesAlone.
void UndoAlone(Leg& leg, const rules::Currency& currency,
               const std::vector<model::Movement>& awards) {
  int64_t units = 0;
  std::vector<ledger::GivenUnits> given;
  for (const model::Movement& award : awards) {
    units += award.units;
    given.push_back({.at = award.at, .units = award.units});
  }
  const int64_t before = leg.now.Held(currency.symbol).earned;
  PostReversal(leg, currency, PlacesOf(awards), -units, -units, std::nullopt);
  CountUndone(leg, currency, given, {},
              leg.now.Held(currency.symbol).earned - before);
}

using History = std::vector<model::GivenAward>;

// A currency again, whose history is as it was limited before, and as it is
// then. False, and nothing is done, if it refuses.
absl::StatusOr<bool> ReaddCurrency(Leg& leg, const rules::Currency& currency,
                                   const std::vector<model::Position>& undone,
                                   const History& was, const History& is,
                                   const std::optional<Part>& part) {
  if (currency.has_lots) {
    return UndoInLots(leg, currency, undone, was, is, part);
  }
  const ledger::TermsInTime terms = TermsOf(leg, currency);
  const ledger::Recomputed stood = ledger::Recompute(was, {}, terms);
  const ledger::Recomputed stands =
      ledger::Recompute(is, Positions(undone.begin(), undone.end()), terms);
  for (const auto& [day, used] : stands.cap_used) {
    const auto before = stood.cap_used.find(day);
    if (before != stood.cap_used.end() && before->second == used) continue;
    leg.SetCounter({.name = currency.cap_counter, .window = day}, used);
  }
  if (undone.empty() && !part &&
      stands.balance == leg.now.Held(currency.symbol).balance) {
    return true;
  }
  const int64_t earned = leg.now.Held(currency.symbol).earned;
  Post(leg, currency, undone, stands, part);
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
  if (!undo.said.has_value() && !undo.keep.has_value()) ForgetEvent(leg, undo);
  const std::string sentence =
      absl::StrCat("units of ", currency.id, " that it gave have been spent");
  if (IsReserved(leg.event.type)) {
    leg.Reject(RejectReason::kInsufficientBalance, sentence);
  } else {
    leg.Note("reversal", sentence);
  }
}

// Calls `see` with each award that budgets count, what they count of it, and
// what they should. They count gains alone.
template <typename See>
void ForEachTold(const Leg& leg, const Undo& undo, const Positions& undone,
                 const Relimited& before, const Relimited& after,
                 const See& see) {
  for (const auto& [at, asked] : leg.state.limits) {
    const std::vector<BudgetUse>& budgets = asked.budgets;
    const auto was = before.limited.find(at);
    if (budgets.empty() || was == before.limited.end()) continue;
    if (was->second < 0) continue;
    int64_t told = was->second;
    if (undo.said.has_value()) {
      const auto said = undo.said->told.find(at);
      if (said != undo.said->told.end()) told = said->second;
    }
    see(at, budgets, told,
        undone.contains(at) ? 0 : after.limited.find(at)->second);
  }
}

// Whether limits give something back that budgets have not been asked for: then
// they are, and all waits for the answer. It may free limits for others, so
// that there may be more to ask.
bool AsksBudgets(Leg& leg, const Undo& undo, const Positions& undone,
                 const Relimited& before, const Relimited& after) {
  bool asks = false;
  AskAgain ask{.awards = {}, .member = leg.now.entity, .undo = undo};
  std::map<model::Position, const model::Movement*> movements;
  for (const auto& [currency, history] : leg.state.history) {
    for (const model::GivenAward& past : history) {
      movements[past.movement.at] = &past.movement;
    }
  }
  if (!ask.undo.said.has_value()) ask.undo.said.emplace();
  ForEachTold(leg, undo, undone, before, after,
              [&](model::Position at, const std::vector<BudgetUse>& budgets,
                  int64_t told, int64_t should) {
                if (told == should) return;
                asks |= should > told;
                ask.undo.said->told[at] = told;
                ask.awards.push_back({.at = at,
                                      .rule = movements.at(at)->rule,
                                      .more = should - told,
                                      .budgets = budgets});
              });
  if (!asks) return false;
  // First all else is undone, which may give to budgets, too.
  std::vector<Message>& messages =
      undo.said.has_value() ? leg.decision.messages : leg.decision.asked_again;
  messages.emplace_back().what = std::move(ask);
  return true;
}

void SendToBudgets(Leg& leg, Uses counted) {
  if (counted.empty()) return;
  Message& message = leg.decision.messages.emplace_back();
  message.what = Undo{.counted = std::move(counted)};
}

// What budgets count of an award is what it came to: if that is less by now,
// they are told. Of what is undone others say what was recorded of it, unless
// that has been said.
void TellBudgets(Leg& leg, const Undo& undo, const Positions& undone,
                 const Relimited& before, const Relimited& after) {
  std::map<model::Position, int64_t> recorded;
  if (!undo.said.has_value() && !undo.keep.has_value()) {
    for (const model::Movement& award : undo.awards) {
      recorded[award.at] = award.limited;
    }
  }
  Uses counted;
  ForEachTold(leg, undo, undone, before, after,
              [&](model::Position at, const std::vector<BudgetUse>& budgets,
                  int64_t told, int64_t should) {
                const auto elsewhere = recorded.find(at);
                if (elsewhere != recorded.end()) should = elsewhere->second;
                if (told == should) return;
                for (const BudgetUse& budget : budgets) {
                  counted[budget.counter] += told - should;
                }
              });
  SendToBudgets(leg, std::move(counted));
}

// Nothing is undone after all: they count what they did.
void UntellBudgets(Leg& leg, const Undo& undo, const Relimited& before) {
  if (!undo.said.has_value()) return;
  Uses counted;
  for (const auto& [at, told] : undo.said->told) {
    const auto was = before.limited.find(at);
    if (was == before.limited.end() || was->second == told) continue;
    for (const BudgetUse& budget : leg.state.limits.find(at)->second.budgets) {
      counted[budget.counter] += told - was->second;
    }
  }
  SendToBudgets(leg, std::move(counted));
}

// What budgets left of an award is asked of the history from now on.
void RecordCuts(Leg& leg, const BudgetsSaid& said) {
  for (const auto& [id, history] : leg.state.history) {
    const rules::Currency* const currency =
        leg.program.FindCurrency(model::Symbol(id));
    if (currency == nullptr) continue;
    for (const model::GivenAward& past : history) {
      const auto found = said.cut.find(past.movement.at);
      if (found == said.cut.end()) continue;
      const BudgetsSaid::Cut& cut = found->second;
      model::Movement& movement = leg.NewMovement([&] {
        return model::Movement{.kind = model::Movement::Kind::kBudgetCut,
                               .currency = currency->symbol,
                               .rule = past.movement.rule,
                               .asked = cut.less,
                               .limited = cut.most,
                               .cut = cut.reason};
      });
      if (currency->has_lots)
        movement.settled_at = LotsOf(leg, *currency).clock;
      movement.of = past.movement.at;
      leg.Move(movement);
      leg.ReportAward([&] {
        return Awarded{.member = movement.member,
                       .currency = currency->id,
                       .rule = movement.rule,
                       .asked = cut.less,
                       .cut = cut.reason};
      });
    }
  }
}

// What stood before is then as it is limited after, for all of `undone` at once
// or one of the parts. False if a currency refuses.
absl::StatusOr<bool> ReaddAll(Leg& leg, const Undo& undo,
                              const Relimited& before, const Relimited& after,
                              const Part* part) {
  std::map<std::string, std::vector<model::Position>> undone;
  const rules::Currency* of_part = nullptr;
  for (const model::Movement& award : undo.awards) {
    if (part == nullptr) {
      undone[award.currency.text()].push_back(award.at);
    } else if (award.at == part->of) {
      of_part = leg.program.FindCurrency(award.currency);
    }
  }
  for (const rules::Currency& currency : leg.program.currencies) {
    const auto found = leg.state.history.find(currency.id);
    if (found == leg.state.history.end() || found->second.empty()) continue;
    History is = WithLimits(found->second, after);
    std::optional<Part> its_part;
    if (&currency == of_part) {
      its_part = *part;
      const auto limited = after.limited.find(part->of);
      if (limited != after.limited.end()) its_part->limited = limited->second;
      is = WithPart(std::move(is), *its_part);
    }
    const absl::StatusOr<bool> done =
        ReaddCurrency(leg, currency, undone[currency.id],
                      WithLimits(found->second, before), is, its_part);
    if (!done.ok()) return done.status();
    if (!*done) {
      Refuse(leg, undo, currency);
      return false;
    }
  }
  return true;
}

// Limits have cut awards of this member, or some of which parts go may make
// room under them: each is asked again without what is undone, in all
// currencies.
absl::Status UndoWithLimits(Leg& leg, const Undo& undo,
                            std::span<const Part> parts) {
  Positions goes;
  if (parts.empty()) {
    for (const model::Movement& award : undo.awards) goes.insert(award.at);
  }
  const BudgetsSaid said = undo.said.value_or(BudgetsSaid{});
  const Relimited before =
      Standing(leg.state, leg.Counter(CameBackCounter()) != 0);
  const Relimited after =
      Relimit(leg.state, goes, said, parts, undo.brought_for);
  if (AsksBudgets(leg, undo, goes, before, after)) return absl::OkStatus();
  // Part by part, so that a movement says what came of each.
  Relimited stands = before;
  for (size_t n = 0; n < std::max<size_t>(parts.size(), 1); ++n) {
    Relimited next = n + 1 < parts.size()
                         ? Relimit(leg.state, goes, said, parts.first(n + 1),
                                   undo.brought_for)
                         : after;
    const absl::StatusOr<bool> done =
        ReaddAll(leg, undo, stands, next, parts.empty() ? nullptr : &parts[n]);
    if (!done.ok()) return done.status();
    if (!*done) {
      UntellBudgets(leg, undo, before);
      return absl::OkStatus();
    }
    stands = std::move(next);
  }
  for (const auto& [counter, spent] : before.spent) {
    const auto now = after.spent.find(counter);
    const int64_t left = now == after.spent.end() ? 0 : now->second;
    if (left != spent) leg.SetCounter(counter, left);
  }
  for (const auto& [counter, spent] : after.spent) {
    if (!before.spent.contains(counter)) leg.SetCounter(counter, spent);
  }
  // As NoteCut does, now that they were asked again.
  for (const model::CounterKey& flag : after.cut_in) leg.SetCounter(flag, 1);
  if (leg.Counter(CameBackCounter()) == 0 &&
      DifferFromRecord(leg.state, after)) {
    leg.SetCounter(CameBackCounter(), 1);
  }
  if (undo.said.has_value()) RecordCuts(leg, *undo.said);
  TellBudgets(leg, undo, goes, before, after);
  return absl::OkStatus();
}

absl::Status UndoParts(Leg& leg, const Undo& undo) {
  const std::vector<Part> parts = PartsToKeep(leg, undo);
  if (parts.empty()) return absl::OkStatus();
  leg.SetCounter(InPartCounter(), 1);
  if (leg.state.relimits) return UndoWithLimits(leg, undo, parts);
  std::map<std::string, History> stands = leg.state.history;
  for (const Part& part : parts) {
    const auto award = std::find_if(
        undo.awards.begin(), undo.awards.end(),
        [&](const model::Movement& one) { return one.at == part.of; });
    const rules::Currency& currency =
        *leg.program.FindCurrency(award->currency);
    History& was = stands[currency.id];
    if (was.empty()) return NoHistory(leg, currency);
    History is = WithPart(was, part);
    const absl::StatusOr<bool> done =
        ReaddCurrency(leg, currency, {}, was, is, part);
    if (!done.ok()) return done.status();
    if (!*done) {
      Refuse(leg, undo, currency);
      return absl::OkStatus();
    }
    was = std::move(is);
  }
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
  if (undo.keep.has_value()) return UndoParts(leg, undo);
  if (!undo.said.has_value()) ForgetEvent(leg, undo);
  if (leg.state.relimits) return UndoWithLimits(leg, undo, {});
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
    if (leg.state.goes_alone) {
      UndoAlone(leg, currency, awards->second);
      continue;
    }
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
