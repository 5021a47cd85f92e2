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
#include "engine/addressing.h"
#include "engine/award_limits.h"
#include "ledger/replay.h"

namespace loyalty::engine {
namespace {

using History = std::vector<model::GivenAward>;

constexpr int64_t kLastEntry = std::numeric_limits<int64_t>::max();

class Past {
 public:
  Past(store::Reader& reader, StoredPrograms& programs,
       const model::EntityState& now, absl::Time at)
      : reader_(reader), programs_(programs), now_(now), at_(at) {}

  absl::StatusOr<Then> Of(const rules::Currency& currency) {
    Then then{.state = {.entity = now_.entity, .exists = true}};
    then.state.since = now_.since;
    ASSIGN_OR_RETURN(then.lines, Lines(now_.entity.id, currency));
    model::Holding& held = then.state.holdings[currency.symbol];
    for (const store::StatementEntry& line : then.lines) {
      held.balance += line.movement.units;
      held.earned += model::EarnedOf(line.movement);
    }
    if (!currency.has_lots) return then;
    ASSIGN_OR_RETURN(History history, HistoryIn(currency));
    // Else what was recorded stands. What was undone since had its part of the
    // limits then, and what has come since had none, though what is late was
    // recorded behind it.
    if (now_.Counter(core::CameBackCounter()) != 0 || undone_since_ ||
        (now_.Counter(core::CutCounter()) != 0 && had_since_)) {
      ASSIGN_OR_RETURN(history, AsLimited(std::move(history)));
    }
    ASSIGN_OR_RETURN(const ledger::TermsInTime terms,
                     programs_.TermsOf(currency.id, 1, kLastEntry));
    ledger::Replayed replayed = ledger::Replay(history, {}, terms, at_);
    held.earned = replayed.earned;
    then.expired = replayed.expired;
    for (const model::GivenAward& past : history) {
      const model::Movement& m = past.movement;
      if (m.kind == model::Movement::Kind::kExpiry &&
          m.member != now_.entity.id) {
        then.expired += m.units;
      }
    }
    then.state.lots[currency.symbol] = std::move(replayed.lots);
    return then;
  }

 private:
  using StatementLines = std::vector<store::StatementEntry>;

  // Of the member, and of those who had become them by then.
  absl::StatusOr<History> HistoryIn(const rules::Currency& currency) {
    ASSIGN_OR_RETURN(StatementLines lines, Lines(now_.entity.id, currency));
    ASSIGN_OR_RETURN(const auto brought, Brought());
    for (const model::Alias& alias : brought) {
      ASSIGN_OR_RETURN(StatementLines more, Lines(alias.member, currency));
      for (auto& line : more) lines.push_back(std::move(line));
    }
    std::sort(lines.begin(), lines.end(), [](const auto& a, const auto& b) {
      return a.movement.at < b.movement.at;
    });
    return Movements(lines);
  }

  absl::StatusOr<std::vector<model::Alias>> Brought() {
    ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader_.Aliases());
    std::vector<model::Alias> brought;
    std::set<std::string> they = {now_.entity.id};
    const std::vector<model::Alias> all = aliases->Of(now_.entity.id);
    // The last first, as who became one of them later had others with them.
    for (auto it = all.rbegin(); it != all.rend(); ++it) {
      ASSIGN_OR_RETURN(const auto events, reader_.Events(it->seq - 1, 1));
      const bool was_then = !events.empty() && events.front().event.time <= at_;
      if (!was_then || !they.contains(it->into)) continue;
      they.insert(it->member);
      brought.push_back(*it);
    }
    return brought;
  }

  absl::StatusOr<StatementLines> Lines(const std::string& member,
                                       const rules::Currency& currency) {
    constexpr int kAll = std::numeric_limits<int>::max();
    ASSIGN_OR_RETURN(auto lines,
                     reader_.Statement(member, currency.id, {0, -1}, kAll));
    StatementLines until;
    if (!lines.has_value()) return until;
    for (store::StatementEntry& line : *lines) {
      if (line.time <= at_) {
        until.push_back(std::move(line));
        continue;
      }
      had_since_ = true;
      undone_since_ |= line.movement.kind == model::Movement::Kind::kReversal;
    }
    return until;
  }

  // And which of them had been undone by then.
  History Movements(const StatementLines& lines) const {
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
    state.entity.entity = now_.entity;
    JournalReader journal(reader_, programs_, at_);
    ASSIGN_OR_RETURN(const auto newest, programs_.Latest());
    for (const rules::Currency& other : newest->currencies) {
      ASSIGN_OR_RETURN(History movements, HistoryIn(other));
      for (const model::GivenAward& past : movements) {
        core::NoteGrant(past.movement, state);
        if (past.reversed) continue;
        RETURN_IF_ERROR(journal.AddLimits(past.movement, state));
      }
      state.history[other.id] = std::move(movements);
    }
    ASSIGN_OR_RETURN(const model::Aliases* const aliases, reader_.Aliases());
    AddAliases(*aliases, aliases->Of(state.entity.entity.id), state);
    return core::WithLimits(std::move(history), core::Relimit(state, {}));
  }

  store::Reader& reader_;
  StoredPrograms& programs_;
  const model::EntityState& now_;
  const absl::Time at_;
  // Of what is after that time:
  bool had_since_ = false;     // anything
  bool undone_since_ = false;  // reversals
};

}  // namespace

absl::StatusOr<Then> StandingAt(store::Reader& reader, StoredPrograms& programs,
                                const model::EntityState& now,
                                const rules::Currency& currency,
                                absl::Time at) {
  return Past(reader, programs, now, at).Of(currency);
}

}  // namespace loyalty::engine
