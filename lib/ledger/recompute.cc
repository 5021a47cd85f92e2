// SPDX-License-Identifier: Apache-2.0
//
// See recompute.h.
#include "ledger/recompute.h"

#include <algorithm>

namespace loyalty::ledger {
namespace {

// What of its day's cap was used before `award` was given: a gain filled it
// with what was posted, a loss made room with all it asked.
int64_t CapUsedBefore(const model::Movement& award) {
  return award.cap_used - (award.limited > 0 ? award.units : award.limited);
}

}  // namespace

std::map<model::Position, int64_t> LeftOfParts(
    const std::vector<model::GivenAward>& history) {
  std::map<model::Position, int64_t> left;
  for (const model::GivenAward& past : history) {
    const model::Movement& m = past.movement;
    if (m.kind == model::Movement::Kind::kReversal && m.of.has_value()) {
      left[*m.of] = m.limited;
    }
  }
  return left;
}

Recomputed Recompute(const std::vector<model::GivenAward>& history,
                     const std::set<model::Position>& undone, int64_t floor,
                     std::optional<int64_t> daily_cap) {
  const auto first = std::find_if(
      history.begin(), history.end(), [](const model::GivenAward& past) {
        return model::MayBeUndone(past.movement.kind);
      });
  Recomputed now;
  if (first == history.end()) {
    now.balance = history.back().movement.balance;
    return now;
  }
  now.balance = first->movement.balance - first->movement.units;
  const auto parts = LeftOfParts(history);
  for (const model::GivenAward& past : history) {
    const model::Movement& award = past.movement;
    if (!model::MayBeUndone(award.kind)) continue;
    Terms terms{.floor = floor, .daily_cap = std::nullopt};
    Standing before{.balance = now.balance, .cap_used = 0};
    int64_t* used = nullptr;
    if (award.cap_window.has_value() && daily_cap.has_value()) {
      used = &now.cap_used.try_emplace(*award.cap_window, CapUsedBefore(award))
                  .first->second;
      terms.daily_cap = daily_cap;
      before.cap_used = *used;
    }
    if (past.reversed || undone.contains(award.at)) continue;
    const auto part = parts.find(award.at);
    const int64_t limited = part == parts.end() ? award.limited : part->second;
    const Given given = Give(before, past.limited.value_or(limited), terms);
    now.balance = given.after.balance;
    now.given.push_back({.at = award.at, .units = given.units});
    if (used != nullptr) *used = given.after.cap_used;
  }
  return now;
}

}  // namespace loyalty::ledger
