// SPDX-License-Identifier: Apache-2.0
//
// Units that are spent, pending, or expire (ledger/lots.h): how what happens to
// them becomes movements and effects.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/window.h"
#include "core/boards.h"
#include "core/counters.h"
#include "core/leg.h"
#include "core/relimit.h"
#include "ledger/award.h"
#include "ledger/recompute.h"
#include "ledger/replay.h"

namespace loyalty::core {
namespace {

using model::Movement;

// What a movement of that kind says in its own direction (outcome.h).
int64_t UnitsTold(const Move& move) {
  switch (move.kind) {
    case Movement::Kind::kHold:
    case Movement::Kind::kFulfilment:
    case Movement::Kind::kBadge:
    case Movement::Kind::kBadgeLost:
    case Movement::Kind::kRelease: return move.asked;
    case Movement::Kind::kRedemption:
    case Movement::Kind::kCapture:
    case Movement::Kind::kExpiry: return -move.units;
    default: return move.units;
  }
}

int64_t LimitedOf(const Move& move) {
  if (model::IsMerge(move.kind)) return move.earned;
  if (move.kind == Movement::Kind::kFulfilment) return move.code;
  return move.kind == Movement::Kind::kWriteOff ? move.forgives : move.units;
}

// Adds what the leg has moved.
void AddOfLeg(const Leg& leg, const rules::Currency& currency,
              std::vector<model::GivenAward>& history) {
  for (size_t n = leg.first_movement; n < leg.decision.movements.size(); ++n) {
    if (leg.decision.movements[n].currency != currency.symbol) continue;
    model::GivenAward& moved = history.emplace_back();
    moved.movement = leg.decision.movements[n];
    moved.movement.at = {leg.cause.seq, static_cast<int32_t>(n)};
  }
}

// All that moved the member's units of `currency`, in order, and what the leg
// has.
absl::StatusOr<std::vector<model::GivenAward>> HistoryOf(
    const Leg& leg, const rules::Currency& currency) {
  const auto found = leg.state.history.find(currency.id);
  if (found == leg.state.history.end()) {
    return absl::InternalError(absl::StrCat("no history of ", leg.now.entity.id,
                                            " in ", currency.id,
                                            " was loaded"));
  }
  std::vector<model::GivenAward> history = found->second;
  if (leg.state.relimits) {
    history = WithLimits(std::move(history), Relimit(leg.state, {}));
  }
  AddOfLeg(leg, currency, history);
  return history;
}

// Posts what makes the balance that of `lots`, once `expired` more units than
// before have expired in the end, and `written_off` more been forgiven by what
// forgave before; `forgiven` is what is now.
void TakeOver(Leg& leg, const rules::Currency& currency, model::Lots lots,
              int64_t expired, int64_t written_off, int64_t forgiven) {
  LotsOf(leg, currency) = std::move(lots);
  if (expired != 0) {
    Post(leg, currency, {.kind = Movement::Kind::kExpiry, .units = -expired});
  }
  if (written_off != 0) {
    Post(leg, currency,
         {.kind = Movement::Kind::kWriteOff, .units = written_off});
  }
  if (forgiven != 0) {
    Post(leg, currency,
         {.kind = Movement::Kind::kWriteOff,
          .units = forgiven,
          .forgives = forgiven});
  }
}

}  // namespace

absl::Time ExpiryOf(const Leg& leg, const rules::LotTerms& terms) {
  if (!terms.expires_after.has_value() &&
      terms.expires_at_end_of == base::Period::kEver) {
    return absl::InfiniteFuture();
  }
  const absl::TimeZone zone = leg.program.time_zone;
  const absl::Time after = base::After(
      leg.event.time, terms.expires_after.value_or(base::Span{}), zone);
  return terms.expires_at_end_of == base::Period::kEver
             ? after
             : base::WindowEnd(after, terms.expires_at_end_of, zone);
}

model::Lots& LotsOf(Leg& leg, const rules::Currency& currency) {
  return leg.now.lots[currency.symbol];
}

void Post(Leg& leg, const rules::Currency& currency, const Move& move) {
  Movement& movement = leg.NewMovement([&] {
    return Movement{.kind = move.kind,
                    .currency = currency.symbol,
                    .rule = move.source.empty() ? model::Symbol(leg.event.type)
                                                : move.source,
                    .asked = move.asked != 0 ? move.asked : move.units,
                    .limited = LimitedOf(move),
                    .units = move.units,
                    .cut = move.cut,
                    .settled_at = currency.has_lots
                                      ? LotsOf(leg, currency).clock
                                      : absl::InfinitePast(),
                    .vests = move.vests,
                    .expires = move.expires,
                    .of = move.of};
  });
  leg.Move(movement, move.earned);
  leg.Report(Moved{.kind = static_cast<Moved::Kind>(move.kind),
                   .member = movement.member,
                   .currency = currency.id,
                   .source = movement.rule,
                   .units = UnitsTold(move)});
}

void PostCame(Leg& leg, const rules::Currency& currency,
              const ledger::Came& came) {
  for (const ledger::Released& hold : came.released) {
    Post(
        leg, currency,
        {.kind = Movement::Kind::kRelease, .asked = hold.units, .of = hold.at});
  }
  if (came.expired != 0) {
    Post(leg, currency,
         {.kind = Movement::Kind::kExpiry, .units = -came.expired});
  }
  if (came.written_off != 0) {
    Post(leg, currency,
         {.kind = Movement::Kind::kWriteOff, .units = came.written_off});
  }
}

void SettleLots(Leg& leg) {
  if (!leg.program.has_lots || !leg.IsMember() || !leg.now.exists) return;
  for (const rules::Currency& currency : leg.program.currencies) {
    if (!currency.has_lots) continue;
    model::Lots& lots = LotsOf(leg, currency);
    ledger::Came came;
    ledger::Settle(lots, std::max(lots.clock, leg.event.time), came);
    // What a sweep posted ahead has come now, or is taken back.
    came.expired -= std::exchange(lots.swept, 0);
    lots.swept_to = absl::InfinitePast();
    PostCame(leg, currency, came);
  }
  leg.BeginHere();
}

ledger::Came GiveLot(Leg& leg, const rules::Currency& currency,
                     const rules::LotTerms& terms, Movement& movement) {
  model::Lots& lots = LotsOf(leg, currency);
  movement.settled_at = lots.clock;
  ledger::Came came;
  // Also of what was cut to nothing: it may come back.
  if (movement.asked > 0) {
    movement.expires = ExpiryOf(leg, terms);
    if (terms.pending_for.has_value()) {
      movement.vests = base::After(leg.event.time, *terms.pending_for,
                                   leg.program.time_zone);
    }
  }
  if (movement.units > 0) {
    ledger::Gain(lots,
                 {.expires = movement.expires,
                  .vests = movement.vests,
                  .units = movement.units},
                 came);
  } else if (movement.units < 0) {
    ledger::Take(lots, -movement.units);
  }
  return came;
}

absl::StatusOr<bool> UndoInLots(Leg& leg, const rules::Currency& currency,
                                const std::vector<model::Position>& awards,
                                const std::vector<model::GivenAward>& was,
                                const std::vector<model::GivenAward>& is,
                                const std::optional<Part>& part) {
  const absl::Time clock = LotsOf(leg, currency).clock;
  const ledger::TermsInTime terms = TermsOf(leg, currency);
  const auto replay = [&](std::vector<model::GivenAward> history,
                          const std::set<model::Position>& undone) {
    AddOfLeg(leg, currency, history);
    return ledger::Replay(history, undone, terms, clock);
  };
  const ledger::Replayed before = replay(was, {});
  // I2: the lots are those that the movements lead to.
  if (before.lots != LotsOf(leg, currency)) {
    return absl::InternalError(
        absl::StrCat("I2: the lots of ", leg.now.entity.id, " in ", currency.id,
                     " are not what their movements lead to"));
  }
  ledger::Replayed after = replay(is, {awards.begin(), awards.end()});
  // What came back may have expired meanwhile: earned all the same.
  if (awards.empty() && !part && after.lots == before.lots &&
      after.earned == before.earned && after.expired == before.expired) {
    return true;
  }
  const int64_t owed = ledger::DebtOf(after.lots) - ledger::DebtOf(before.lots);
  if (currency.shortfall == model::Shortfall::kReject && owed > 0) return false;
  std::map<int64_t, int64_t> days = before.cap_used;
  days.insert(after.cap_used.begin(), after.cap_used.end());
  for (const auto& [day, used] : days) {
    const auto now = after.cap_used.find(day);
    const int64_t uses = now == after.cap_used.end() ? 0 : now->second;
    const auto then = before.cap_used.find(day);
    if (then != before.cap_used.end() && then->second == uses) continue;
    leg.SetCounter({.name = currency.cap_counter, .window = day}, uses);
  }
  const int64_t written_off = after.written_off - before.written_off;
  PostReversal(leg, currency, awards,
               ledger::BalanceOf(after.lots) - ledger::BalanceOf(before.lots) +
                   (after.expired - before.expired) - written_off,
               after.earned - before.earned, part);
  if (IsRankedBySeason(leg.program, currency.id)) {
    const auto given = [&](std::vector<model::GivenAward> history,
                           const std::set<model::Position>& undone) {
      // What was lost was taken from lots, not down to a floor.
      return ledger::Recompute(
                 history, undone,
                 ledger::TermsInTime({.floor = -ledger::kMaxBalance,
                                      .daily_cap = currency.daily_cap}))
          .given;
    };
    CountUndone(leg, currency, given(was, {}),
                given(is, {awards.begin(), awards.end()}),
                after.earned - before.earned);
  }
  int64_t forgiven = 0;
  if (currency.shortfall == model::Shortfall::kClamp && owed > 0) {
    forgiven = owed;
    ledger::WriteOff(after.lots, owed);
  }
  TakeOver(leg, currency, std::move(after.lots), after.expired - before.expired,
           written_off, forgiven);
  return true;
}

absl::Status Rework(Leg& leg, const rules::Currency& currency) {
  const auto history = HistoryOf(leg, currency);
  if (!history.ok()) return history.status();
  const absl::Time clock = LotsOf(leg, currency).clock;
  const std::vector<model::GivenAward> past(history->begin(),
                                            history->end() - 1);
  const ledger::TermsInTime terms = TermsOf(leg, currency);
  const ledger::Replayed before = ledger::Replay(past, {}, terms, clock);
  ledger::Replayed after = ledger::Replay(*history, {}, terms, clock);
  TakeOver(leg, currency, std::move(after.lots), after.expired - before.expired,
           after.written_off - before.written_off, 0);
  return absl::OkStatus();
}

}  // namespace loyalty::core
