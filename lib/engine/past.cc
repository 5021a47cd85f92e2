// SPDX-License-Identifier: Apache-2.0
//
// See past.h.
#include "engine/past.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "core/counters.h"
#include "core/relimit.h"
#include "ledger/lots.h"
#include "ledger/replay.h"

namespace loyalty::engine {
namespace {

using Entries = std::vector<store::StatementEntry>;
using History = std::vector<model::GivenAward>;

absl::StatusOr<Entries> EntriesOf(store::Reader& reader,
                                  const std::string& member,
                                  std::string_view currency) {
  ASSIGN_OR_RETURN(auto lines,
                   reader.Statement(member, currency, {0, -1},
                                    std::numeric_limits<int>::max()));
  return std::move(lines).value_or(Entries{});
}

// What was known until `at`, with what had been undone by then.
History HistoryUntil(const Entries& lines, absl::Time at) {
  std::set<model::Position> undone;
  for (const store::StatementEntry& line : lines) {
    if (line.time > at) continue;
    undone.insert(line.movement.reverses.begin(), line.movement.reverses.end());
  }
  History history;
  for (const store::StatementEntry& line : lines) {
    if (line.time > at) continue;
    model::GivenAward& past = history.emplace_back();
    past.movement = line.movement;
    past.reversed = undone.contains(line.movement.at);
    // Later events may have moved the clock on; until `at` they had not.
    past.movement.settled_at = std::min(past.movement.settled_at, at);
  }
  return history;
}

// What limits left of the awards, once what had been undone by then was.
absl::StatusOr<History> Limited(store::Reader& reader,
                                const rules::CompiledProgram& program,
                                const std::string& member, History history,
                                absl::Time at) {
  ASSIGN_OR_RETURN(const Entries all, EntriesOf(reader, member, ""));
  core::State state;
  for (model::GivenAward& past : HistoryUntil(all, at)) {
    const model::Movement& award = past.movement;
    const bool counts = award.kind == model::Movement::Kind::kAward &&
                        !past.reversed && core::IsCounted(program, award);
    if (counts) {
      ASSIGN_OR_RETURN(const auto causes, reader.Events(award.at.seq - 1, 1));
      if (causes.empty()) continue;
      const Event& cause = causes.front().event;
      state.limits[award.at] = core::LimitsOf(program, award, cause);
      state.budgets[award.at] = core::BudgetsOf(program, award, cause.time);
    }
    state.history[award.currency.text()].push_back(std::move(past));
  }
  return core::WithLimits(std::move(history), core::Relimit(state, {}));
}

// What the lines until then lead to.
absl::StatusOr<Standing> GoneBack(store::Reader& reader,
                                  const rules::CompiledProgram& program,
                                  const rules::Currency& currency,
                                  const model::EntityState& now, Entries lines,
                                  absl::Time at) {
  Standing then;
  then.state.entity = now.entity;
  then.state.exists = true;
  History history = HistoryUntil(lines, at);
  model::Holding held;
  for (const model::GivenAward& past : history) {
    held.balance += past.movement.units;
    if (model::CountsAsEarned(past.movement.kind)) {
      held.earned += past.movement.units;
    }
  }
  if (currency.has_lots) {
    if (now.Counter(core::CutCounter()) != 0) {
      ASSIGN_OR_RETURN(history, Limited(reader, program, now.entity.id,
                                        std::move(history), at));
    }
    ledger::Replayed replayed =
        ledger::Replay(history, {}, currency.daily_cap, at);
    held.earned = replayed.earned;
    then.expired = replayed.expired;
    then.state.lots[currency.symbol] = std::move(replayed.lots);
  }
  then.state.holdings[currency.symbol] = held;
  std::erase_if(lines, [&](const auto& line) { return line.time > at; });
  then.lines = std::move(lines);
  return then;
}

}  // namespace

absl::StatusOr<Standing> StandingAt(store::Reader& reader,
                                    const rules::CompiledProgram& program,
                                    const rules::Currency& currency,
                                    model::EntityState now, absl::Time at) {
  ASSIGN_OR_RETURN(Entries lines,
                   EntriesOf(reader, now.entity.id, currency.id));
  const auto found = now.lots.find(currency.symbol);
  // Nothing depends on whether a sweep has run.
  const bool is_past =
      (found != now.lots.end() && found->second.clock > at) ||
      std::any_of(lines.begin(), lines.end(), [&](const auto& line) {
        return line.time > at && line.event_type != kSweep;
      });
  if (is_past) {
    return GoneBack(reader, program, currency, now, std::move(lines), at);
  }
  Standing then;
  then.state = std::move(now);
  for (store::StatementEntry& line : lines) {
    if (line.movement.kind == model::Movement::Kind::kExpiry) {
      then.expired -= line.movement.units;
    }
    if (line.time <= at) then.lines.push_back(std::move(line));
  }
  if (currency.has_lots) {
    model::Lots& lots = then.state.lots[currency.symbol];
    ledger::Came came;
    ledger::Settle(lots, at, came);
    then.expired += came.expired - lots.swept;
  }
  return then;
}

}  // namespace loyalty::engine
