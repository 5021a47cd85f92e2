// SPDX-License-Identifier: Apache-2.0
//
// A member's state as the program reads it: levels and what is left to the
// next, privileges, metrics.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <string>

#include "engine/file_queries.h"
#include "ledger/lots.h"
#include "rules/values.h"

namespace loyalty::engine {
namespace {

LadderStanding StandingOf(const rules::CompiledProgram& program,
                          const rules::Ladder& ladder,
                          const model::EntityState& state) {
  const std::string& currency = program.currencies[ladder.currency].id;
  const int64_t earned = state.Held(currency).earned;
  const int level = ladder.LevelOf(earned);
  LadderStanding standing{.ladder = ladder.id,
                          .currency = currency,
                          .index = level,
                          .level = ladder.levels[level].id,
                          .next_level = std::nullopt};
  const auto next = static_cast<size_t>(level) + 1;
  if (next < ladder.levels.size()) {
    standing.next_level = ladder.levels[next].id;
    standing.to_next = ladder.levels[next].at - earned;
  }
  return standing;
}

}  // namespace

void SettleTo(model::EntityState& state, absl::Time at) {
  for (auto& [currency, lots] : state.lots) {
    ledger::Came came;
    ledger::Settle(lots, std::max(lots.clock, at), came);
  }
}

CurrencyBalance BalanceOf(const rules::Currency& currency,
                          const model::EntityState& state) {
  const model::Holding held = state.Held(currency.symbol);
  CurrencyBalance balance{.currency = currency.id,
                          .balance = state.Available(currency.symbol),
                          .earned = held.earned};
  const auto found = state.lots.find(currency.symbol);
  if (found == state.lots.end()) return balance;
  const model::Lots& lots = found->second;
  balance.pending = ledger::PendingOf(lots);
  balance.held = ledger::HeldOf(lots);
  balance.debt = ledger::DebtOf(lots);
  for (const model::Lot& lot : lots.lots) {
    if (lot.vests > lots.clock || lot.expires == absl::InfiniteFuture()) {
      continue;
    }
    balance.expiring.push_back({lot.expires, lot.units});
  }
  return balance;
}

MemberProfile ProfileOf(const rules::CompiledProgram& program,
                        const model::EntityState& state, absl::Time at) {
  MemberProfile profile{.member = state.entity.id, .since = state.since};
  for (const rules::Currency& currency : program.currencies) {
    if (currency.is_badge) continue;  // told apart
    profile.currencies.push_back(BalanceOf(currency, state));
  }
  for (const rules::Ladder& ladder : program.ladders) {
    profile.ladders.push_back(StandingOf(program, ladder, state));
    for (int i = 0; i <= profile.ladders.back().index; ++i) {
      // The lowest level is everybody's, even of those who have not reached
      // where it begins; what it lets them do is not.
      const rules::Level& level = ladder.levels[i];
      if (state.Held(profile.ladders.back().currency).earned < level.at) break;
      profile.privileges.insert(profile.privileges.end(),
                                level.privileges.begin(),
                                level.privileges.end());
    }
  }
  for (const rules::Badge& badge : program.badges) {
    const int64_t held =
        state.Held(program.currencies[badge.currency].symbol).balance;
    if (held != 0) profile.badges[badge.id] = held;
  }
  for (const rules::MetricTerms& metric : program.metrics) {
    for (const auto& [by, value] : MetricAt(program, metric, state, at)) {
      const std::string name =
          metric.has_key ? absl::StrCat(metric.id, "[", by, "]") : metric.id;
      profile.metrics[name] = value;
    }
  }
  return profile;
}

std::map<std::string, int64_t> MetricAt(const rules::CompiledProgram& program,
                                        const rules::MetricTerms& metric,
                                        const model::EntityState& state,
                                        absl::Time at) {
  std::map<std::string, int64_t> values;
  const bool is_for_ever =
      !metric.is_rolling() && metric.period == base::Period::kEver;
  if (!is_for_ever && !rules::IsInRange(at)) return values;
  const model::CounterRange range =
      rules::MetricRange(metric, at, program.time_zone);
  if (!metric.has_key) {
    const int64_t value = rules::MetricValue(metric, state.counters, range);
    if (value != 0) values[""] = value;
    return values;
  }
  for (const auto& [key, value] :
       rules::MetricValues(metric, state.counters, range)) {
    values[key.id()] += value;
  }
  return values;
}

}  // namespace loyalty::engine
