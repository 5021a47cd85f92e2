// SPDX-License-Identifier: Apache-2.0
//
// Reversing a part of what an event gave, as when one of three things that were
// bought is returned.
#include <absl/numeric/int128.h>

#include <algorithm>
#include <utility>

#include "core/boards.h"
#include "core/leg.h"
#include "core/relimit.h"
#include "ledger/recompute.h"

namespace loyalty::core {
namespace {

using History = std::vector<model::GivenAward>;

// What is left of so many units. What goes is rounded down, so that parts that
// add up to the whole take the whole, and no unit more.
int64_t Kept(int64_t units, const Share& keep) {
  const absl::int128 gone =
      absl::int128(units) * (keep.whole - keep.part) / keep.whole;
  return units - static_cast<int64_t>(gone);
}

History WithPart(History history, const Part& part) {
  for (model::GivenAward& past : history) {
    if (past.movement.at != part.of) continue;
    past.limited =
        part.limited < 0
            ? part.limited
            : std::min(part.limited, past.limited.value_or(part.limited));
  }
  return history;
}

// With what limits leave of it now.
History LimitedHistory(const Leg& leg, const rules::Currency& currency) {
  const auto found = leg.state.history.find(currency.id);
  if (found == leg.state.history.end()) return {};
  History history = found->second;
  if (leg.state.relimits) {
    history = WithLimits(std::move(history), Relimit(leg.state, {}));
  }
  return history;
}

absl::Status KeepPartOf(Leg& leg, const rules::Currency& currency,
                        const model::Movement& award, const Share& keep) {
  const Part part{.of = award.at, .limited = Kept(award.limited, keep)};
  const History was = LimitedHistory(leg, currency);
  const auto parts = ledger::LeftOfParts(was);
  const auto left = parts.find(award.at);
  const int64_t now = left == parts.end() ? award.limited : left->second;
  // Sent again, or late: it has been done.
  if (std::abs(part.limited) >= std::abs(now)) return absl::OkStatus();
  History is = WithPart(was, part);
  if (currency.has_lots) {
    const absl::StatusOr<bool> done =
        UndoInLots(leg, currency, {}, was, is, part);
    if (!done.ok()) return done.status();
    if (!*done) {
      leg.Reject(RejectReason::kInsufficientBalance,
                 "units of " + currency.id + " that it gave have been spent");
    }
    return absl::OkStatus();
  }
  // What this leg has taken of others counts, too.
  History stood = was;
  for (size_t n = leg.first_movement; n < leg.decision.movements.size(); ++n) {
    if (leg.decision.movements[n].currency != currency.symbol) continue;
    is.push_back({.movement = leg.decision.movements[n]});
    stood.push_back(is.back());
  }
  const ledger::Recomputed stands =
      ledger::Recompute(is, {}, TermsOf(leg, currency));
  if (award.cap_window.has_value()) {
    const auto used = stands.cap_used.find(*award.cap_window);
    if (used != stands.cap_used.end()) {
      leg.SetCounter({.name = currency.cap_counter, .window = used->first},
                     used->second);
    }
  }
  const int64_t units = stands.balance - leg.now.Held(currency.symbol).balance;
  PostReversal(leg, currency, {}, units, units, part);
  if (IsRankedBySeason(leg.program, currency.id)) {
    CountUndone(leg, currency,
                ledger::Recompute(stood, {}, TermsOf(leg, currency)).given,
                stands.given, units);
  }
  return absl::OkStatus();
}

}  // namespace

void PostReversal(Leg& leg, const rules::Currency& currency,
                  std::vector<model::Position> undone, int64_t units,
                  int64_t earned, const std::optional<Part>& part) {
  model::Movement& reversal = leg.NewMovement([&] {
    return model::Movement{.kind = model::Movement::Kind::kReversal,
                           .currency = currency.symbol,
                           .asked = units,
                           .limited = part ? part->limited : units,
                           .units = units};
  });
  reversal.reverses = std::move(undone);
  if (currency.has_lots) reversal.settled_at = LotsOf(leg, currency).clock;
  if (part) reversal.of = part->of;
  leg.Report(Reversed{.member = leg.now.entity.id,
                      .currency = currency.id,
                      .units = units,
                      .awards = static_cast<int64_t>(reversal.reverses.size()) +
                                (part ? 1 : 0)});
  leg.Move(reversal, earned);
}

absl::Status KeepPart(Leg& leg, const Undo& undo) {
  for (const model::Movement& award : undo.awards) {
    const rules::Currency* const currency =
        leg.program.FindCurrency(award.currency);
    if (currency == nullptr) continue;
    const absl::Status status = KeepPartOf(leg, *currency, award, *undo.keep);
    if (!status.ok()) return status;
    if (leg.decision.rejected != RejectReason::kNone) break;
  }
  return absl::OkStatus();
}

}  // namespace loyalty::core
