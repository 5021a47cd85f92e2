// SPDX-License-Identifier: Apache-2.0
//
// Reversing a part of what an event gave, as when one of three things that were
// bought is returned.
#include <absl/numeric/int128.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/leg.h"
#include "ledger/recompute.h"

namespace loyalty::core {
namespace {

// What is left of so many units. What goes is rounded down, so that parts that
// add up to the whole take the whole, and no unit more.
int64_t Kept(int64_t units, const Share& keep) {
  const absl::int128 gone =
      absl::int128(units) * (keep.whole - keep.part) / keep.whole;
  return units - static_cast<int64_t>(gone);
}

// nullopt if it has been done: sent again, or late.
std::optional<Part> PartToKeep(const Leg& leg, const model::Movement& award,
                               const Share& keep) {
  // Others have never been cut.
  const int64_t whole =
      award.kind == model::Movement::Kind::kAward ? award.asked : award.limited;
  Part part{.of = award.at, .asked = Kept(whole, keep)};
  ledger::LeftOfPart left{.asked = whole, .limited = award.limited};
  const auto found = leg.state.history.find(award.currency.text());
  if (found != leg.state.history.end()) {
    const auto parts = ledger::LeftOfParts(found->second);
    const auto before = parts.find(award.at);
    if (before != parts.end()) left = before->second;
  }
  if (std::abs(part.asked) >= std::abs(left.asked)) return std::nullopt;
  part.limited =
      award.limited < 0 ? part.asked : std::min(part.asked, left.limited);
  return part;
}

}  // namespace

void PostReversal(Leg& leg, const rules::Currency& currency,
                  std::vector<model::Position> undone, int64_t units,
                  int64_t earned, const std::optional<Part>& part) {
  model::Movement& reversal = leg.NewMovement([&] {
    return model::Movement{.kind = model::Movement::Kind::kReversal,
                           .currency = currency.symbol,
                           .asked = part ? part->asked : units,
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

std::vector<Part> PartsToKeep(const Leg& leg, const Undo& undo) {
  std::vector<Part> parts;
  for (const model::Movement& award : undo.awards) {
    if (leg.program.FindCurrency(award.currency) == nullptr) continue;
    const std::optional<Part> part = PartToKeep(leg, award, *undo.keep);
    if (part.has_value()) parts.push_back(*part);
  }
  return parts;
}

std::vector<model::GivenAward> WithPart(std::vector<model::GivenAward> history,
                                        const Part& part) {
  for (model::GivenAward& past : history) {
    if (past.movement.at == part.of) past.limited = part.limited;
  }
  return history;
}

}  // namespace loyalty::core
