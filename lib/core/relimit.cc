// SPDX-License-Identifier: Apache-2.0
//
// See relimit.h.
#include "core/relimit.h"

#include <algorithm>

#include "core/limits.h"
#include "ledger/recompute.h"

namespace loyalty::core {
namespace {

using Awards = std::map<model::Position, const model::Movement*>;

Awards InOrder(const State& state, const std::set<model::Position>& undone) {
  Awards awards;
  for (const auto& [currency, history] : state.history) {
    for (const model::GivenAward& past : history) {
      const model::Position at = past.movement.at;
      if (past.movement.kind != model::Movement::Kind::kAward) continue;
      if (past.reversed || undone.contains(at)) continue;
      awards.emplace(at, &past.movement);
    }
  }
  return awards;
}

// What is asked of limits. A budget's answer stands, as it is about other
// members too; that it was one is not told where the daily cap cut as well.
int64_t AskedOf(const State& state, const model::Movement& award) {
  const auto budgets = state.budgets.find(award.at);
  const bool has_budgets =
      budgets != state.budgets.end() && !budgets->second.empty();
  const bool by_limit =
      award.cut == CutReason::kLimit || award.cut == CutReason::kCooldown;
  return has_budgets && !by_limit ? award.limited : award.asked;
}

}  // namespace

Relimited Relimit(const State& state, const std::set<model::Position>& undone) {
  Relimited now;
  const auto in = [&](const model::CounterKey& counter) {
    const auto found = now.spent.find(counter);
    return found == now.spent.end() ? 0 : found->second;
  };
  const auto each = [&](const model::CounterKey& first, int64_t last,
                        Spent::See see) {
    for (auto it = now.spent.lower_bound(first);
         it != now.spent.end() && it->first.name == first.name &&
         it->first.window <= last;
         ++it) {
      if (it->first.key == first.key) see(it->first.window, it->second);
    }
  };
  for (const auto& [at, award] : InOrder(state, undone)) {
    const auto limits = state.limits.find(at);
    int64_t& limited = now.limited[at];
    limited = AskedOf(state, *award);
    if (limits == state.limits.end() || award->asked <= 0) continue;
    limited =
        LimitGain(limits->second, limited, {.in = in, .each = each}).units;
    if (limited > 0) {
      ForEachUse(limits->second, limited,
                 [&](const model::CounterKey& counter, int64_t use) {
                   now.spent[counter] += use;
                 });
    }
  }
  return now;
}

std::vector<model::GivenAward> WithLimits(
    std::vector<model::GivenAward> history, const Relimited& relimited) {
  // What was taken of an award in part does not come back, and frees no limit.
  const auto parts = ledger::LeftOfParts(history);
  for (model::GivenAward& past : history) {
    const auto limited = relimited.limited.find(past.movement.at);
    if (limited != relimited.limited.end()) {
      const auto part = parts.find(past.movement.at);
      past.limited = part == parts.end()
                         ? limited->second
                         : std::min(limited->second, part->second);
    }
  }
  return history;
}

}  // namespace loyalty::core
