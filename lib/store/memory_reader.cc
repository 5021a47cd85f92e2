// SPDX-License-Identifier: Apache-2.0
//
// See memory_reader.h.
#include "store/memory_reader.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "store/memory_boards.h"

namespace loyalty::store {
namespace {

using model::Entity;
using model::EntityState;
using model::Movement;
using model::Position;
using model::RecordedEvent;

EntityState WithAllCounters(const KnownState& known) {
  EntityState state = known;
  for (const auto& [key, value] : known.all) state.counters.emplace(key, value);
  return state;
}

class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(std::shared_ptr<MemoryShared> shared)
      : shared_(std::move(shared)), book_(shared_->book) {}
  ~MemoryReader() override {
    // Under the lock, so that Writable() can trust the count.
    const std::lock_guard<std::mutex> guard(shared_->mutex);
    book_.reset();
  }

  absl::StatusOr<std::vector<StoredProgram>> Programs() override {
    std::vector<StoredProgram> programs;
    for (const auto& [number, program] : book_->programs) {
      programs.push_back(program);
    }
    return programs;
  }

  absl::StatusOr<absl::Time> NewestTime() override {
    absl::Time newest = absl::InfinitePast();
    for (const auto& [seq, recorded] : book_->events) {
      if (!recorded.outcome.accepted() || recorded.event.type == kSweep) {
        continue;
      }
      newest = std::max(newest, recorded.event.time);
    }
    return newest;
  }

  absl::StatusOr<std::string> Resolve(std::string_view member) override {
    return std::string(AliasesOf(*book_).Resolve(member));
  }
  absl::StatusOr<const model::Aliases*> Aliases() override {
    return &AliasesOf(*book_);
  }

  absl::StatusOr<std::optional<EntityState>> Find(
      const Entity& entity) override {
    const auto found = book_->states.find(entity);
    if (found == book_->states.end() || !IsThere(found->second)) {
      return std::nullopt;
    }
    return WithAllCounters(found->second);
  }

  absl::StatusOr<std::optional<EntityState>> FindMember(
      std::string_view id,
      absl::FunctionRef<bool(model::Symbol)> wants) override {
    ASSIGN_OR_RETURN(auto state,
                     Find({Entity::Kind::kMember, std::string(id)}));
    if (state.has_value()) {
      state->counters.EraseIf(
          [&](const auto& counter) { return !wants(counter.first.name); });
    }
    return state;
  }

  absl::StatusOr<EntityState> Program() override {
    ASSIGN_OR_RETURN(auto state, Find(Entity{}));
    EntityState program = std::move(state).value_or(EntityState{});
    model::Counters without_key;
    for (const auto& [key, value] : program.counters) {
      if (key.key == Entity{}) without_key.emplace(key, value);
    }
    program.counters = std::move(without_key);
    return program;
  }

  absl::StatusOr<int64_t> CounterOfProgram(
      const model::CounterKey& key) override {
    ASSIGN_OR_RETURN(const auto state, Find(Entity{}));
    return state.has_value() ? state->Counter(key) : 0;
  }

  absl::StatusOr<std::vector<EntityState>> States(const Entity& after,
                                                  int limit) override {
    std::vector<EntityState> states;
    for (auto it = book_->states.upper_bound(after);
         it != book_->states.end() && std::ssize(states) < limit &&
         it->first.kind != Entity::Kind::kProgram;
         ++it) {
      if (IsThere(it->second)) states.push_back(WithAllCounters(it->second));
    }
    return states;
  }

  absl::StatusOr<std::vector<Standing>> Balances(std::string_view currency,
                                                 std::string_view after,
                                                 int limit) override {
    std::vector<Standing> standings;
    for (const auto& [entity, state] : book_->states) {
      if (!state.exists || entity.id <= after) continue;
      if (AliasesOf(*book_).Resolve(entity.id) != entity.id) continue;
      if (std::ssize(standings) >= limit) break;
      standings.push_back(StandingOf(state, currency));
    }
    return standings;
  }

  absl::StatusOr<std::vector<Ranked>> Page(BoardRef board, int64_t row,
                                           int limit) override {
    return PageIn(*book_, board, row, limit);
  }

  absl::StatusOr<int64_t> BoardSize(BoardRef board) override {
    return std::ssize(WholeBoard(*book_, board));
  }

  absl::StatusOr<std::optional<Ranked>> Rank(BoardRef board,
                                             std::string_view member) override {
    return RankIn(*book_, board, member);
  }

  absl::StatusOr<int64_t> ScoresAbove(BoardRef board, int64_t earned,
                                      int64_t tie) override {
    return ScoresAboveIn(*book_, board, earned, tie);
  }

  absl::StatusOr<std::vector<int64_t>> Seasons(std::string_view name) override {
    return SeasonsIn(*book_, name);
  }

  absl::StatusOr<std::optional<std::vector<StatementEntry>>> Statement(
      std::string_view member, std::string_view currency, Position after,
      int limit) override {
    return Lines(member, currency, limit, [&](const auto& places, auto take) {
      for (auto at = places.begin(); at != places.end(); ++at) {
        if (*at > after && !take(*at)) return;
      }
    });
  }

  absl::StatusOr<std::optional<std::vector<StatementEntry>>> StatementBefore(
      std::string_view member, std::string_view currency, Position before,
      int limit) override {
    return Lines(member, currency, limit, [&](const auto& places, auto take) {
      for (auto at = places.rbegin(); at != places.rend(); ++at) {
        if (*at < before && !take(*at)) return;
      }
    });
  }

  absl::StatusOr<std::vector<Movement>> MovementsOfEvent(int64_t seq) override {
    return OfEvent(book_->movements, seq);
  }

  absl::StatusOr<std::vector<int64_t>> EventsReversedBy(int64_t seq) override {
    std::vector<int64_t> reversed;
    for (const auto& [event, by] : book_->reversed_events) {
      if (by == seq) reversed.push_back(event);
    }
    return reversed;
  }

  absl::StatusOr<std::vector<int64_t>> EventsThatReversed(
      int64_t seq) override {
    std::set<int64_t> by;
    for (const auto& [award, undoing] : book_->reversed_awards) {
      if (award.seq == seq) by.insert(undoing.seq);
    }
    const auto whole = book_->reversed_events.find(seq);
    if (whole != book_->reversed_events.end()) by.insert(whole->second);
    return std::vector<int64_t>(by.begin(), by.end());
  }

  absl::StatusOr<std::optional<std::string>> ChainAt(int64_t seq) override {
    if (!book_->events.contains(seq)) return std::nullopt;
    return std::string();
  }

  absl::Status Backup(const std::string&,
                      absl::FunctionRef<void(double)>) override {
    return absl::FailedPreconditionError(
        "what is kept in memory has no file to copy");
  }

  absl::StatusOr<int64_t> LastSeq() override {
    return book_->events.empty() ? 0 : book_->events.rbegin()->first;
  }

  absl::StatusOr<std::vector<RecordedEvent>> Events(int64_t after,
                                                    int limit) override {
    std::vector<RecordedEvent> events;
    for (auto it = book_->events.upper_bound(after);
         it != book_->events.end() && std::ssize(events) < limit; ++it) {
      events.push_back(it->second);
    }
    return events;
  }

  absl::StatusOr<std::optional<RecordedEvent>> FindEvent(
      std::string_view id) override {
    const auto found = book_->seq_by_id.find(id);
    if (found == book_->seq_by_id.end()) return std::nullopt;
    return book_->events.at(found->second);
  }

  absl::StatusOr<std::vector<std::string>> Faults() override;

 private:
  static bool IsThere(const KnownState& state) {
    return state.exists || !state.all.empty() || !state.lots.empty();
  }
  static Standing StandingOf(const EntityState& state,
                             std::string_view currency) {
    const model::Holding held = state.Held(currency);
    Standing standing{state.entity.id, held.earned, held.balance};
    const auto lots = state.lots.find(model::Symbol(currency));
    if (lots != state.lots.end()) standing.lots = lots->second;
    return standing;
  }
  // Those of `currency`, or all for "", that `walk` takes of the member's
  // places in the journal, until there are `limit`.
  template <typename Walk>
  absl::StatusOr<std::optional<std::vector<StatementEntry>>> Lines(
      std::string_view member, std::string_view currency, int limit,
      Walk walk) {
    const auto state =
        book_->states.find({Entity::Kind::kMember, std::string(member)});
    if (state == book_->states.end() || !state->second.exists) {
      return std::nullopt;
    }
    std::vector<StatementEntry> entries;
    const auto found = book_->by_member.find(member);
    if (found == book_->by_member.end() || limit <= 0) return entries;
    walk(found->second, [&](Position at) {
      const Movement& movement = book_->movements.at(at);
      if (currency.empty() || movement.currency.text() == currency) {
        const RecordedEvent& recorded = book_->events.at(at.seq);
        entries.push_back({.movement = movement,
                           .event_id = recorded.event.id,
                           .event_type = recorded.event.type,
                           .time = recorded.event.time,
                           .program = recorded.program});
      }
      return std::ssize(entries) < limit;
    });
    return entries;
  }
  template <typename T>
  static std::vector<T> OfEvent(const std::map<Position, T>& all, int64_t seq) {
    std::vector<T> found;
    for (auto it = all.lower_bound({seq, 0});
         it != all.end() && it->first.seq == seq; ++it) {
      found.push_back(it->second);
    }
    return found;
  }

  const std::shared_ptr<MemoryShared> shared_;
  std::shared_ptr<const Book> book_;
};

// Adds all movements up again, as a reader of paper would.
absl::StatusOr<std::vector<std::string>> MemoryReader::Faults() {
  std::vector<std::string> faults;
  std::map<std::pair<std::string, std::string>, model::Holding> sums;
  for (const auto& [at, movement] : book_->movements) {
    model::Holding& sum = sums[{movement.member, movement.currency}];
    if (base::Sum(sum.balance, movement.units) != movement.balance) {
      faults.push_back(absl::StrCat("movement ", at.seq, "/", at.n,
                                    " leads to ", movement.balance,
                                    ", but the postings do not add up to it"));
    }
    sum = {movement.balance, movement.earned};
  }
  for (const auto& [entity, state] : book_->states) {
    for (const auto& [currency, holding] : state.holdings) {
      if (sums[{entity.id, currency}] == holding) continue;
      faults.push_back(absl::StrCat(
          "the holding of member \"", entity.id, "\" in ", currency.text(),
          " is ", holding.balance, ", which is not what their movements say"));
    }
    for (const auto& [currency, holding] : state.holdings) {
      sums.erase({entity.id, currency});
    }
  }
  for (const auto& [whose, sum] : sums) {
    faults.push_back(absl::StrCat("member \"", whose.first,
                                  "\" has movements of ", whose.second,
                                  " but no holding of it"));
  }
  return faults;
}

}  // namespace

std::unique_ptr<Reader> NewMemoryReader(std::shared_ptr<MemoryShared> shared) {
  return std::make_unique<MemoryReader>(std::move(shared));
}

}  // namespace loyalty::store
