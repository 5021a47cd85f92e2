// SPDX-License-Identifier: Apache-2.0
//
// See past.h.
#include "engine/past.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "core/counters.h"
#include "core/relimit.h"
#include "ledger/replay.h"

namespace loyalty::engine {
namespace {

using History = std::vector<model::GivenAward>;

class Past {
 public:
  Past(store::Reader& reader, const rules::CompiledProgram& program,
       const model::EntityState& now, absl::Time at)
      : reader_(reader), program_(program), now_(now), at_(at) {}

  absl::StatusOr<Then> Of(const rules::Currency& currency) {
    Then then{.state = {.entity = now_.entity, .exists = true}};
    then.state.since = now_.since;
    ASSIGN_OR_RETURN(then.lines, Lines(currency));
    History history = Movements(then.lines);
    model::Holding& held = then.state.holdings[currency.symbol];
    for (const model::GivenAward& past : history) {
      held.balance += past.movement.units;
      if (model::CountsAsEarned(past.movement.kind)) {
        held.earned += past.movement.units;
      }
    }
    if (!currency.has_lots) return then;
    if (now_.Counter(core::CutCounter()) != 0) {
      ASSIGN_OR_RETURN(history, AsLimited(std::move(history)));
    }
    ledger::Replayed replayed =
        ledger::Replay(history, {}, currency.daily_cap, at_);
    held.earned = replayed.earned;
    then.expired = replayed.expired;
    then.state.lots[currency.symbol] = std::move(replayed.lots);
    return then;
  }

 private:
  absl::StatusOr<std::vector<store::StatementEntry>> Lines(
      const rules::Currency& currency) {
    constexpr int kAll = std::numeric_limits<int>::max();
    ASSIGN_OR_RETURN(auto lines, reader_.Statement(now_.entity.id, currency.id,
                                                   {0, -1}, kAll));
    std::vector<store::StatementEntry> until;
    if (!lines.has_value()) return until;
    for (store::StatementEntry& line : *lines) {
      if (line.time <= at_) until.push_back(std::move(line));
    }
    return until;
  }

  // And which of them had been undone by then.
  History Movements(const std::vector<store::StatementEntry>& lines) const {
    History history;
    std::set<model::Position> undone;
    for (const store::StatementEntry& line : lines) {
      model::GivenAward& past = history.emplace_back();
      past.movement = line.movement;
      // Later events may have moved the clock on; until then they had not.
      past.movement.settled_at = std::min(past.movement.settled_at, at_);
      undone.insert(line.movement.reverses.begin(),
                    line.movement.reverses.end());
    }
    for (model::GivenAward& past : history) {
      past.reversed = undone.contains(past.movement.at);
    }
    return history;
  }

  // Each award with what limits left of it then, which those in other
  // currencies have a part in.
  absl::StatusOr<History> AsLimited(History history) {
    core::State state;
    for (const rules::Currency& other : program_.currencies) {
      ASSIGN_OR_RETURN(const auto lines, Lines(other));
      History movements = Movements(lines);
      for (const model::GivenAward& past : movements) {
        if (past.reversed) continue;
        RETURN_IF_ERROR(AddLimits(past.movement, state));
      }
      state.history[other.id] = std::move(movements);
    }
    return core::WithLimits(std::move(history), core::Relimit(state, {}));
  }

  absl::Status AddLimits(const model::Movement& award, core::State& state) {
    if (award.kind != model::Movement::Kind::kAward ||
        !core::IsCounted(program_, award)) {
      return absl::OkStatus();
    }
    ASSIGN_OR_RETURN(const auto events, reader_.Events(award.at.seq - 1, 1));
    if (events.empty()) return absl::OkStatus();
    const Event& cause = events.front().event;
    state.limits[award.at] = core::LimitsOf(program_, award, cause);
    state.budgets[award.at] = core::BudgetsOf(program_, award, cause.time);
    return absl::OkStatus();
  }

  store::Reader& reader_;
  const rules::CompiledProgram& program_;
  const model::EntityState& now_;
  const absl::Time at_;
};

}  // namespace

absl::StatusOr<Then> StandingAt(store::Reader& reader,
                                const rules::CompiledProgram& program,
                                const model::EntityState& now,
                                const rules::Currency& currency,
                                absl::Time at) {
  return Past(reader, program, now, at).Of(currency);
}

}  // namespace loyalty::engine
