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
#include "store/memory_reader.h"

namespace loyalty::store {
namespace {

using model::Entity;
using model::EntityState;
using model::Movement;
using model::Position;
using model::RecordedEvent;

class MemoryTransaction final : public Transaction {
 public:
  // Nobody but this transaction changes the committed book while it is open.
  explicit MemoryTransaction(std::shared_ptr<MemoryShared> shared)
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
    if (wanted.all_counters) return LoadAll(state);
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
    if (!Aliases().empty()) AddEarlier(wanted, state);
    state.counters.EraseIf([](const auto& c) { return c.second == 0; });
    return absl::OkStatus();
  }

  const model::Aliases& Aliases() const override {
    return mine_.aliases == nullptr ? AliasesOf(*before_) : *mine_.aliases;
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

  absl::StatusOr<std::vector<std::pair<Entity, model::CounterKey>>>
  CountersKeyedBy(std::string_view member,
                  const std::vector<model::Symbol>& names) override {
    RETURN_IF_ERROR(CheckOpen());
    std::set<Entity> ids = {{Entity::Kind::kMember, std::string(member)}};
    for (const model::Alias& alias : Aliases().Of(member)) {
      ids.insert({Entity::Kind::kMember, alias.member});
    }
    const Entity key{Entity::Kind::kMember, std::string(member)};
    std::set<std::pair<Entity, model::CounterKey>> found;
    for (const Book* book : Books()) {
      for (const auto& [entity, state] : book->states) {
        if (entity.kind == Entity::Kind::kProgram) continue;
        for (const auto& [counter, value] : state.all) {
          if (!ids.contains(counter.key.entity()) ||
              std::find(names.begin(), names.end(), counter.name) ==
                  names.end()) {
            continue;
          }
          found.insert({entity, {counter.name, counter.window, key}});
        }
      }
    }
    return std::vector(found.begin(), found.end());
  }

  absl::StatusOr<std::vector<GivenAward>> History(std::string_view member,
                                                  Position from) override {
    RETURN_IF_ERROR(CheckOpen());
    std::vector<GivenAward> movements;
    ForEachMovement(&Book::by_member, member, from,
                    [&](const Movement& movement) {
                      movements.push_back({movement, IsUndone(movement.at)});
                    });
    return movements;
  }

  absl::StatusOr<std::vector<std::string>> Due(absl::Time until,
                                               int limit) override {
    RETURN_IF_ERROR(CheckOpen());
    std::map<std::string, absl::Time> due;
    for (const Book* book : Books()) {
      for (const auto& [entity, state] : book->states) {
        if (entity.kind != Entity::Kind::kMember) continue;
        absl::Time& first = due[entity.id] = absl::InfiniteFuture();
        const auto other = state.all.find(model::DueCounter());
        if (other != state.all.end() && other->second != 0) {
          first = absl::FromUnixMicros(other->second);
        }
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
  int64_t CounterOf(const Entity& entity, const model::CounterKey& key) const {
    for (const Book* book : {Books()[1], Books()[0]}) {
      const auto state = book->states.find(entity);
      if (state == book->states.end()) continue;
      const auto counter = state->second.all.find(key);
      if (counter != state->second.all.end()) return counter->second;
    }
    return 0;
  }
  // The same counter for each who became the member that is its key.
  std::vector<model::CounterKey> EarlierKeys(
      const model::CounterKey& key) const {
    std::vector<model::CounterKey> earlier;
    if (Aliases().empty() || key.key.kind() != Entity::Kind::kMember) {
      return earlier;
    }
    for (const model::Alias& alias : Aliases().Of(key.key.id())) {
      earlier.push_back(key);
      earlier.back().key = Entity{Entity::Kind::kMember, alias.member};
    }
    return earlier;
  }
  // Of the member who is its key, by all names. What several things ask for is
  // told of each alike, and so is not added up twice.
  int64_t SumOf(const Entity& entity, const model::CounterKey& key) const {
    int64_t sum = CounterOf(entity, key);
    for (const model::CounterKey& earlier : EarlierKeys(key)) {
      sum += CounterOf(entity, earlier);
    }
    return sum;
  }
  void AddEarlier(const model::ReadSet& wanted, EntityState& state) const {
    for (const model::CounterKey& key : wanted.counters) {
      if (EarlierKeys(key).empty()) continue;
      state.counters[key] = SumOf(wanted.entity, key);
    }
    for (const model::CounterRange& range : wanted.ranges) {
      if (range.any_key) {
        PutUnderOne(range, state);
        continue;
      }
      const model::CounterKey first{range.name, range.from, range.key};
      for (const model::CounterKey& earlier : EarlierKeys(first)) {
        AddEarlierRange(earlier, range, state);
      }
    }
  }
  void AddEarlierRange(const model::CounterKey& earlier,
                       const model::CounterRange& range,
                       EntityState& state) const {
    for (const Book* book : Books()) {
      const auto found = book->states.find(state.entity);
      if (found == book->states.end()) continue;
      const auto& all = found->second.all;
      for (auto it = all.lower_bound(earlier);
           it != all.end() && it->first.name == range.name &&
           it->first.window <= range.to;
           ++it) {
        if (it->first.key != earlier.key) continue;
        const model::CounterKey now{range.name, it->first.window, range.key};
        state.counters[now] = SumOf(state.entity, now);
      }
    }
  }
  // Of a stretch of all keys: those of names that are another's by now.
  void PutUnderOne(const model::CounterRange& range, EntityState& state) const {
    const model::Counters loaded = state.counters;
    for (const auto& [key, value] : loaded) {
      if (key.name != range.name || key.window < range.from ||
          key.window > range.to || key.key.kind() != Entity::Kind::kMember) {
        continue;
      }
      const std::string now(Aliases().Resolve(key.key.id()));
      if (now == key.key.id()) continue;
      const model::CounterKey under_one{key.name, key.window,
                                        Entity{Entity::Kind::kMember, now}};
      state.counters[key] = 0;
      state.counters[under_one] = SumOf(state.entity, under_one);
    }
  }
  absl::Status LoadAll(EntityState& state) const {
    std::map<model::CounterKey, int64_t> all;
    for (const Book* book : Books()) {
      const auto found = book->states.find(state.entity);
      if (found == book->states.end()) continue;
      UpdateState(state, found->second);
      for (const auto& [key, value] : found->second.all) all[key] = value;
    }
    for (const auto& [key, value] : all) {
      if (value == 0) continue;
      model::CounterKey under_one = key;
      if (key.key.kind() == Entity::Kind::kMember) {
        under_one.key = Entity{Entity::Kind::kMember,
                               std::string(Aliases().Resolve(key.key.id()))};
      }
      int64_t& sum = state.counters[under_one];
      sum = base::Sum(sum, value).value_or(sum);
    }
    return absl::OkStatus();
  }
  // The first of a transaction copies those that there are.
  void AddAlias(const model::Alias& alias) {
    if (my_aliases_ == nullptr) {
      my_aliases_ = std::make_shared<model::Aliases>(Aliases());
      mine_.aliases = my_aliases_;
    }
    my_aliases_->Add(alias);
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
    if (delta.program.has_value()) {
      mine_.programs.emplace(delta.program->number, *delta.program);
    }
    if (delta.alias.has_value()) AddAlias(*delta.alias);
    mine_.events.emplace(recorded.seq, recorded);
    mine_.abouts[recorded.seq] = {delta.member_attributes,
                                  delta.personal_attributes};
    int32_t n = 0;
    for (const EntityState& state : delta.states) {
      KnownState& mine = mine_.states[state.entity];
      UpdateState(mine, state);
      for (const auto& [key, value] : state.counters) {
        for (const model::CounterKey& earlier : EarlierKeys(key)) {
          if (CounterOf(state.entity, earlier) != 0) mine.all[earlier] = 0;
        }
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
    for (const std::string& member : delta.erased_members) Erase(member);
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
    my_aliases_.reset();
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
          Aliases().Resolve(award->member) != movement.member ||
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

  const std::shared_ptr<MemoryShared> shared_;
  std::shared_ptr<const Book> before_;
  std::shared_ptr<Book> without_;  // `before_`, if it is not the store's
  Book mine_;
  std::shared_ptr<model::Aliases> my_aliases_;  // those of `mine_`
  bool open_ = true;
};

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
    return NewMemoryReader(shared_);
  }

  absl::StatusOr<StoredProgram> AddProgram(StoredProgram program) override {
    const std::lock_guard<std::mutex> guard(shared_->mutex);
    if (shared_->in_use) return InUse();
    program.number = 1;
    const auto [added, is_new] =
        shared_->Writable().programs.emplace(program.number, program);
    if (is_new) return program;
    return absl::InternalError("the store has a program already");
  }

 private:
  static absl::Status InUse() {
    return absl::FailedPreconditionError("a transaction is open already");
  }

  const std::shared_ptr<MemoryShared> shared_ =
      std::make_shared<MemoryShared>();
};

}  // namespace

std::unique_ptr<Store> NewMemoryStore() {
  return std::make_unique<MemoryStore>();
}

}  // namespace loyalty::store
