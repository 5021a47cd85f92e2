// SPDX-License-Identifier: Apache-2.0
//
// A member's state as the program reads it: levels and what is left to the
// next, privileges, metrics.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "engine/file_queries.h"
#include "ledger/lots.h"
#include "rules/values.h"

namespace loyalty::engine {
namespace {

TierOutlook OutlookOf(const rules::Ladder& ladder,
                      const rules::Standing& stands) {
  return {.units = stands.units,
          .to_keep = stands.to_keep,
          .review = stands.review,
          .at_review = ladder.levels[stands.at_review].id,
          .until = stands.until,
          .then = ladder.levels[stands.then].id,
          .by_hand = stands.by_hand};
}

LadderStanding StandingOf(const rules::CompiledProgram& program,
                          const rules::Ladder& ladder,
                          const rules::Standing& stands) {
  LadderStanding standing{
      .ladder = ladder.id,
      .metric = ladder.metric < 0 ? "" : program.metrics[ladder.metric].id,
      .index = stands.level,
      .level = ladder.levels[stands.level].id,
      .next_level = std::nullopt};
  if (ladder.currency >= 0) {
    standing.currency = program.currencies[ladder.currency].id;
  }
  if (ladder.tiers.has_value()) standing.tier = OutlookOf(ladder, stands);
  const auto next = static_cast<size_t>(stands.level) + 1;
  if (next < ladder.levels.size() && !ladder.levels[next].by_hand) {
    standing.next_level = ladder.levels[next].id;
    if (ladder.levels[next].badge.empty()) {
      standing.to_next = ladder.levels[next].at - stands.units;
    }
  }
  return standing;
}

rules::Standing StandsAt(const rules::CompiledProgram& program,
                         const rules::Ladder& ladder,
                         const model::EntityState& state, absl::Time at) {
  // A time that no calendar has is as long before, or after, all that came.
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time time =
      std::clamp(at, absl::FromCivil(absl::CivilDay(1, 1, 3), utc),
                 absl::FromCivil(absl::CivilDay(9999, 12, 29), utc));
  return rules::StandingAt(ladder, state, time, program.time_zone);
}

// What the lowest level lets its members do is for those who have reached where
// it begins, though it is everybody's.
bool HasReachedLowest(const rules::Ladder& ladder,
                      const rules::Standing& stands) {
  return stands.level > 0 || ladder.levels[0].at <= stands.units;
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

std::vector<std::string> PrivilegesOf(const rules::CompiledProgram& program,
                                      const model::EntityState& state,
                                      absl::Time at) {
  std::vector<std::string> privileges;
  for (const rules::Ladder& ladder : program.ladders) {
    const rules::Standing stands = StandsAt(program, ladder, state, at);
    if (!HasReachedLowest(ladder, stands)) continue;
    for (int i = 0; i <= stands.level; ++i) {
      for (const std::string& one : ladder.levels[i].privileges) {
        const bool is_new = std::find(privileges.begin(), privileges.end(),
                                      one) == privileges.end();
        if (is_new) privileges.push_back(one);
      }
    }
  }
  return privileges;
}

MemberProfile ProfileOf(const rules::CompiledProgram& program,
                        const model::EntityState& state, absl::Time at) {
  MemberProfile profile{.member = state.entity.id, .since = state.since};
  for (const rules::Currency& currency : program.currencies) {
    if (currency.is_badge) continue;  // told apart
    profile.currencies.push_back(BalanceOf(currency, state));
  }
  for (const rules::Ladder& ladder : program.ladders) {
    profile.ladders.push_back(
        StandingOf(program, ladder, StandsAt(program, ladder, state, at)));
  }
  profile.privileges = PrivilegesOf(program, state, at);
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
