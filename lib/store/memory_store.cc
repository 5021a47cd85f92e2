// SPDX-License-Identifier: Apache-2.0
//
// A store as plain containers. A transaction writes into a book of its own,
// looks things up in both, and is added to the store's book when it commits;
// a reader keeps the book it began with.
#include "store/memory_store.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "model/member_name.h"
#include "store/delta_check.h"
#include "store/memory_boards.h"
#include "store/memory_book.h"

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

// What the store and its transactions and readers share, and outlives them.
struct Shared {
  std::mutex mutex;
  std::shared_ptr<Book> book = std::make_shared<Book>();  // guarded by mutex
  bool in_use = false;                                    // guarded by mutex

  // The book, to be added to: a new copy if readers look at this one.
  Book& Writable() {
    if (book.use_count() > 1) book = std::make_shared<Book>(*book);
    return *book;
  }
};

class MemoryTransaction final : public Transaction {
 public:
  // Nobody but this transaction changes the committed book while it is open.
  explicit MemoryTransaction(std::shared_ptr<Shared> shared)
      : shared_(std::move(shared)), before_(shared_->book) {}
  ~MemoryTransaction() override { End(); }

  absl::StatusOr<Head> ReadHead() override {
    RETURN_IF_ERROR(CheckOpen());
    return LastHead();
  }

  absl::StatusOr<std::optional<RecordedEvent>> FindEvent(
      std::string_view id) override {
    RETURN_IF_ERROR(CheckOpen());
    for (const Book* book : Books()) {
      const auto found = book->seq_by_id.find(id);
      if (found != book->seq_by_id.end()) return FindEvent(found->second);
    }
    return std::nullopt;
  }

  absl::StatusOr<std::optional<RecordedEvent>> FindEvent(int64_t seq) override {
    RETURN_IF_ERROR(CheckOpen());
    for (const Book* book : Books()) {
      const auto found = book->events.find(seq);
      if (found != book->events.end()) return found->second;
    }
    return std::nullopt;
  }

  absl::Status Load(const model::ReadSet& wanted, EntityState& state) override {
    RETURN_IF_ERROR(CheckOpen());
    state.Restart(wanted.entity);
    for (const Book* book : Books()) {
      const auto found = book->states.find(wanted.entity);
      if (found == book->states.end()) continue;
      const KnownState& stored = found->second;
      UpdateState(state, stored);
      for (const model::CounterKey& key : wanted.counters) {
        const auto counter = stored.all.find(key);
        if (counter != stored.all.end()) state.counters[key] = counter->second;
      }
      for (const model::CounterRange& range : wanted.ranges) {
        for (auto it = stored.all.lower_bound(
                 {range.name, range.from, model::CounterKeyPart::Lowest()});
             it != stored.all.end() && it->first.name == range.name &&
             it->first.window <= range.to;
             ++it) {
          const bool is_wanted = range.any_key ? !it->first.key.empty()
                                               : it->first.key == range.key;
          if (is_wanted) state.counters[it->first] = it->second;
        }
      }
    }
    state.counters.EraseIf([](const auto& c) { return c.second == 0; });
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<GivenAward>> MovementsOfEvent(
      int64_t seq) override {
    RETURN_IF_ERROR(CheckOpen());
    std::vector<GivenAward> movements;
    for (const Book* book : Books()) {
      for (auto it = book->movements.lower_bound({seq, 0});
           it != book->movements.end() && it->first.seq == seq; ++it) {
        movements.push_back({it->second, IsUndone(it->first)});
      }
    }
    return movements;
  }

  absl::StatusOr<std::vector<GivenAward>> AwardsOfObject(
      std::string_view object, Position after, int limit) override {
    RETURN_IF_ERROR(CheckOpen());
    std::vector<GivenAward> awards;
    ForEachMovement(&Book::by_subject, object, after,
                    [&](const Movement& movement) {
                      if (movement.at > after &&
                          static_cast<int64_t>(awards.size()) < limit) {
                        AddIfAward(movement, awards);
                      }
                    });
    return awards;
  }

  absl::StatusOr<std::optional<Position>> FirstReversedSince(
      std::string_view member, std::string_view currency,
      Position since) override {
    RETURN_IF_ERROR(CheckOpen());
    std::optional<Position> first;
    ForEachMovement(&Book::by_member, member, {since.seq, since.n + 1},
                    [&](const Movement& movement) {
                      if (movement.currency.text() != currency) return;
                      if (movement.kind == Movement::Kind::kReversal &&
                          movement.of.has_value()) {
                        first = std::min(first.value_or(*movement.of),
                                         *movement.of);
                      }
                      for (const Position& undone : movement.reverses) {
                        if (!first.has_value() || undone < *first)
                          first = undone;
                      }
                    });
    return first;
  }

  absl::StatusOr<std::vector<GivenAward>> History(std::string_view member,
                                                  std::string_view currency,
                                                  Position from) override {
    RETURN_IF_ERROR(CheckOpen());
    std::vector<GivenAward> movements;
    ForEachMovement(&Book::by_member, member, from,
                    [&](const Movement& movement) {
                      if (movement.currency.text() == currency) {
                        movements.push_back({movement, IsUndone(movement.at)});
                      }
                    });
    return movements;
  }

  absl::StatusOr<std::vector<std::string>> Due(absl::Time until,
                                               int limit) override {
    RETURN_IF_ERROR(CheckOpen());
    std::map<std::string, absl::Time> due;
    for (const Book* book : Books()) {
      for (const auto& [entity, state] : book->states) {
        if (state.lots.empty() || entity.kind != Entity::Kind::kMember) {
          continue;
        }
        absl::Time& first = due[entity.id] = absl::InfiniteFuture();
        for (const auto& [currency, lots] : state.lots) {
          first = std::min(first, model::NextDue(lots));
        }
      }
    }
    std::set<std::pair<absl::Time, std::string>> ordered;
    for (const auto& [id, first] : due) {
      if (first <= until) ordered.emplace(first, id);
    }
    std::vector<std::string> ids;
    for (const auto& [first, id] : ordered) {
      if (std::ssize(ids) < limit) ids.push_back(id);
    }
    return ids;
  }

  absl::StatusOr<std::vector<Ranked>> Standings(
      BoardRef board,
      absl::FunctionRef<bool(const Ranked& row, int64_t rows)> wants) override {
    RETURN_IF_ERROR(CheckOpen());
    return WantedOf(WholeBoard(*before_, mine_, board), wants);
  }

  absl::StatusOr<bool> IsReversed(int64_t seq) override {
    RETURN_IF_ERROR(CheckOpen());
    return IsEventReversed(seq);
  }

  absl::Status Write(const Delta& delta) override {
    RETURN_IF_ERROR(CheckOpen());
    absl::Status written = Append(delta);
    if (!written.ok()) End();
    return written;
  }

  absl::Status Commit() override {
    RETURN_IF_ERROR(CheckOpen());
    before_.reset();
    {
      const std::lock_guard<std::mutex> guard(shared_->mutex);
      if (without_ != nullptr) shared_->book = std::move(without_);
      AddTo(shared_->Writable(), mine_);
    }
    End();
    return absl::OkStatus();
  }

 private:
  // Older entries first.
  std::array<const Book*, 2> Books() const { return {before_.get(), &mine_}; }

  absl::Status CheckOpen() const {
    if (open_) return absl::OkStatus();
    return absl::FailedPreconditionError("this transaction has ended");
  }

  void End() {
    if (!open_) return;
    open_ = false;
    const std::lock_guard<std::mutex> guard(shared_->mutex);
    before_.reset();
    shared_->in_use = false;
  }

  Head LastHead() const {
    for (const Book* book : {Books()[1], Books()[0]}) {
      if (book->events.empty()) continue;
      const RecordedEvent& last = book->events.rbegin()->second;
      return {last.seq, last.recorded_at};
    }
    return {};
  }

  bool IsUndone(Position at) const {
    return before_->reversed_awards.contains(at) ||
           mine_.reversed_awards.contains(at);
  }
  bool IsEventReversed(int64_t seq) const {
    return before_->reversed_events.contains(seq) ||
           mine_.reversed_events.contains(seq);
  }
  bool IsMember(const std::string& id) const {
    for (const Book* book : Books()) {
      const auto found = book->states.find({Entity::Kind::kMember, id});
      if (found != book->states.end() && found->second.exists) return true;
    }
    return false;
  }
  const Movement* MovementAt(Position at) const {
    for (const Book* book : Books()) {
      const auto found = book->movements.find(at);
      if (found != book->movements.end()) return &found->second;
    }
    return nullptr;
  }

  void AddIfAward(const Movement& movement, std::vector<GivenAward>& to) const {
    if (movement.kind != Movement::Kind::kAward) return;
    to.push_back({movement, IsUndone(movement.at)});
  }

  // Oldest first: what this transaction wrote comes after all else.
  template <typename F>
  void ForEachMovement(PositionsByName Book::*index, std::string_view name,
                       Position from, F&& visit) const {
    for (const Book* book : Books()) {
      const auto found = (book->*index).find(name);
      if (found == (book->*index).end()) continue;
      const auto& positions = found->second;  // ascending
      auto at = std::lower_bound(positions.begin(), positions.end(), from);
      for (; at != positions.end(); ++at) visit(book->movements.at(*at));
    }
  }

  absl::Status Append(const Delta& delta) {
    const RecordedEvent& recorded = delta.recorded;
    RETURN_IF_ERROR(CheckDelta(delta, LastHead()));
    if (before_->seq_by_id.contains(recorded.event.id) ||
        !mine_.seq_by_id.emplace(recorded.event.id, recorded.seq).second) {
      return absl::InternalError(
          absl::StrCat("event id used before: ", recorded.event.id));
    }
    GiveNumbers(delta);
    mine_.events.emplace(recorded.seq, recorded);
    mine_.abouts[recorded.seq] = {delta.member_attributes,
                                  delta.personal_attributes};
    int32_t n = 0;
    for (const EntityState& state : delta.states) {
      KnownState& mine = mine_.states[state.entity];
      UpdateState(mine, state);
      for (const auto& [key, value] : state.counters) {
        const bool changed =
            CounterIn(*before_, mine_, state.entity, key) != value;
        mine.all[key] = value;
        if (!key.key.empty()) continue;
        if (changed) {
          RankCounter(*before_, mine_, state.entity, key, {recorded.seq, n});
        }
        ++n;
      }
    }
    for (const Movement& movement : delta.movements) {
      RETURN_IF_ERROR(AppendMovement(movement));
    }
    for (const int64_t seq : delta.reversed_events) {
      if (IsEventReversed(seq)) {
        return absl::InternalError(absl::StrCat("reversed twice: ", seq));
      }
      mine_.reversed_events.emplace(seq, delta.recorded.seq);
    }
    if (delta.erased_member.has_value()) Erase(*delta.erased_member);
    return absl::OkStatus();
  }

  int64_t NumberOf(const std::string& member) {
    for (const Book* book : Books()) {
      const auto found = book->numbers.find(member);
      if (found != book->numbers.end()) return found->second;
    }
    mine_.last_number = std::max(before_->last_number, mine_.last_number) + 1;
    mine_.numbers.emplace(member, mine_.last_number);
    return mine_.last_number;
  }
  void NumberAll(const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value.get())) {
      NumberOf(*text);
    } else if (const auto* list = std::get_if<Value::List>(&value.get())) {
      for (const Value& item : *list) NumberAll(item);
    }
  }
  // In the order in which a file meets names.
  void GiveNumbers(const Delta& delta) {
    for (const EntityState& state : delta.states) {
      if (!state.exists && state.counters.empty() && state.lots.empty()) {
        continue;
      }
      if (state.entity.kind == Entity::Kind::kMember) NumberOf(state.entity.id);
      for (const auto& [key, value] : state.counters) {
        if (key.key.kind() == Entity::Kind::kMember) NumberOf(key.key.id());
      }
    }
    const Event& event = delta.recorded.event;
    if (event.actor.has_value()) NumberOf(*event.actor);
    for (const auto& [name, value] : event.attributes) {
      const auto& names = delta.member_attributes;
      if (std::find(names.begin(), names.end(), name) != names.end()) {
        NumberAll(value);
      }
    }
    for (const Effect& effect : delta.recorded.outcome.effects) {
      std::visit(
          [this](const auto& e) {
            if (!e.member.empty()) NumberOf(e.member);
          },
          effect);
    }
  }

  // From here on all that was there before is another book's, which has the
  // name nowhere.
  void Erase(const std::string& id) {
    // A replay has known no other name.
    if (model::IsErasedName(id)) return;
    const std::string name = model::ErasedName(NumberOf(id));
    auto without = std::make_shared<Book>(*before_);
    AddTo(*without, mine_);
    EraseFrom(*without, id, name);
    mine_ = {};
    before_ = without_ = std::move(without);
  }

  absl::Status AppendMovement(const Movement& movement) {
    if (!IsMember(movement.member)) {
      return absl::InternalError(
          absl::StrCat("no member \"", movement.member, "\""));
    }
    for (const Position undone : movement.reverses) {
      const Movement* const award = MovementAt(undone);
      if (award == nullptr || !model::MayBeUndone(award->kind) ||
          award->member != movement.member ||
          award->currency != movement.currency || IsUndone(undone)) {
        return absl::InternalError(
            absl::StrCat("no award to undo at ", undone.seq, "/", undone.n));
      }
      mine_.reversed_awards.emplace(undone, movement.at);
    }
    mine_.movements.emplace(movement.at, movement);
    mine_.by_member[movement.member].push_back(movement.at);
    if (movement.subject.has_value()) {
      mine_.by_subject[*movement.subject].push_back(movement.at);
    }
    return absl::OkStatus();
  }

  const std::shared_ptr<Shared> shared_;
  std::shared_ptr<const Book> before_;
  std::shared_ptr<Book> without_;  // `before_`, if it is not the store's
  Book mine_;
  bool open_ = true;
};

class MemoryReader final : public Reader {
 public:
  explicit MemoryReader(std::shared_ptr<Shared> shared)
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

  absl::StatusOr<std::optional<EntityState>> Find(
      const Entity& entity) override {
    const auto found = book_->states.find(entity);
    if (found == book_->states.end() || !IsThere(found->second)) {
      return std::nullopt;
    }
    return WithAllCounters(found->second);
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
    const auto state =
        book_->states.find({Entity::Kind::kMember, std::string(member)});
    if (state == book_->states.end() || !state->second.exists) {
      return std::nullopt;
    }
    std::vector<StatementEntry> entries;
    const auto found = book_->by_member.find(member);
    if (found == book_->by_member.end()) return entries;
    for (const Position at : found->second) {
      if (std::ssize(entries) >= limit) break;
      const Movement& movement = book_->movements.at(at);
      if (at <= after) continue;
      if (!currency.empty() && movement.currency.text() != currency) continue;
      const RecordedEvent& recorded = book_->events.at(at.seq);
      entries.push_back({.movement = movement,
                         .event_id = recorded.event.id,
                         .event_type = recorded.event.type,
                         .time = recorded.event.time,
                         .program = recorded.program});
    }
    return entries;
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
  template <typename T>
  static std::vector<T> OfEvent(const std::map<Position, T>& all, int64_t seq) {
    std::vector<T> found;
    for (auto it = all.lower_bound({seq, 0});
         it != all.end() && it->first.seq == seq; ++it) {
      found.push_back(it->second);
    }
    return found;
  }

  const std::shared_ptr<Shared> shared_;
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

class MemoryStore final : public Store {
 public:
  absl::StatusOr<std::unique_ptr<Transaction>> Begin() override {
    const std::lock_guard<std::mutex> guard(shared_->mutex);
    if (shared_->in_use) return InUse();
    auto transaction = std::make_unique<MemoryTransaction>(shared_);
    shared_->in_use = true;
    return transaction;
  }

  absl::StatusOr<std::unique_ptr<Reader>> Read() override {
    const std::lock_guard<std::mutex> guard(shared_->mutex);
    return std::make_unique<MemoryReader>(shared_);
  }

  absl::StatusOr<StoredProgram> AddProgram(StoredProgram program) override {
    const std::lock_guard<std::mutex> guard(shared_->mutex);
    if (shared_->in_use) return InUse();
    auto& programs = shared_->Writable().programs;
    program.number = programs.empty() ? 1 : programs.rbegin()->first + 1;
    return programs.emplace(program.number, program).first->second;
  }

 private:
  static absl::Status InUse() {
    return absl::FailedPreconditionError("a transaction is open already");
  }

  const std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

}  // namespace

std::unique_ptr<Store> NewMemoryStore() {
  return std::make_unique<MemoryStore>();
}

}  // namespace loyalty::store
