// SPDX-License-Identifier: Apache-2.0
//
// See memory_book.h.
#include "store/memory_book.h"

#include <algorithm>
#include <string_view>
#include <variant>

namespace loyalty::store {
namespace {

using model::Entity;
using model::EntityState;
using model::Movement;
using model::Position;

void AppendPositions(PositionsByName& to, const PositionsByName& from) {
  for (const auto& [name, positions] : from) {
    std::vector<Position>& all = to[name];
    all.insert(all.end(), positions.begin(), positions.end());
  }
}

void MoveOnBoard(Book& book, const Movement& movement) {
  BoardKey& place = book.places[{movement.currency, movement.member}];
  if (movement.earned == place.earned) return;
  auto& board = book.boards[movement.currency];
  board.erase(place);
  place = {movement.earned, movement.at.seq, movement.at.n};
  if (movement.earned != 0) board.emplace(place, movement.member);
}

// Gives a book without the name of a member.
class Eraser {
 public:
  Eraser(Book& book, std::string id, std::string name)
      : book_(book), id_(std::move(id)), name_(std::move(name)) {}

  void Run() {
    for (auto& [seq, recorded] : book_.events) {
      ForgetEvent(book_.abouts[seq], recorded.event);
      for (Effect& effect : recorded.outcome.effects) {
        std::visit([this](auto& e) { Forget(e.member); }, effect);
      }
    }
    for (auto& [at, movement] : book_.movements) Forget(movement.member);
    ForgetKey(book_.by_member);
    for (auto& [currency, board] : book_.boards) {
      for (auto& [place, member] : board) Forget(member);
    }
    std::map<std::pair<model::Symbol, std::string>, BoardKey> places;
    for (const auto& [whose, place] : book_.places) {
      places.emplace(std::pair(whose.first, Forgotten(whose.second)), place);
    }
    book_.places.swap(places);
    ForgetStates();
    book_.numbers.erase(id_);
    if (book_.aliases == nullptr) return;
    auto aliases = std::make_shared<model::Aliases>(*book_.aliases);
    aliases->Rename(id_, name_);
    book_.aliases = std::move(aliases);
  }

 private:
  std::string Forgotten(const std::string& id) const {
    return id == id_ ? name_ : id;
  }
  void Forget(std::string& id) const {
    if (id == id_) id = name_;
  }
  void Forget(Entity& entity) const {
    if (entity.kind == Entity::Kind::kMember) Forget(entity.id);
  }
  template <typename Map>
  void ForgetKey(Map& map) const {
    auto node = map.extract(id_);
    if (node.empty()) return;
    node.key() = name_;
    map.insert(std::move(node));
  }
  Value Forgotten(const Value& value) const {
    if (const auto* text = std::get_if<std::string>(&value.get())) {
      return Forgotten(*text);
    }
    const auto* list = std::get_if<Value::List>(&value.get());
    if (list == nullptr) return value;
    Value::List forgotten;
    for (const Value& item : *list) forgotten.push_back(Forgotten(item));
    return forgotten;
  }
  void ForgetEvent(const AboutEvent& about, Event& event) const {
    if (event.actor == id_) {
      event.actor = name_;
      for (const std::string& name : about.personal_attributes) {
        event.attributes.erase(name);
      }
    }
    for (const std::string& name : about.member_attributes) {
      const auto found = event.attributes.find(name);
      if (found != event.attributes.end()) {
        found->second = Forgotten(found->second);
      }
    }
  }
  void ForgetStates() {
    std::map<Entity, KnownState> states;
    for (auto& [entity, state] : book_.states) {
      Entity whose = entity;
      Forget(whose);
      state.entity = whose;
      std::map<model::CounterKey, int64_t> all;
      for (const auto& [key, value] : state.all) {
        Entity part = key.key.entity();
        Forget(part);
        all.emplace(model::CounterKey{key.name, key.window, std::move(part)},
                    value);
      }
      state.all.swap(all);
      states.emplace(std::move(whose), std::move(state));
    }
    book_.states.swap(states);
  }

  Book& book_;
  const std::string id_;
  const std::string name_;
};

}  // namespace

const model::Aliases& AliasesOf(const Book& book) {
  static const auto& none = *new model::Aliases();
  return book.aliases == nullptr ? none : *book.aliases;
}

// Takes over what `now` says of an entity into `state`, but for counters.
void UpdateState(EntityState& state, const EntityState& now) {
  state.entity = now.entity;
  if (now.exists) {
    state.exists = true;
    state.since = now.since;
  }
  for (const auto& [currency, holding] : now.holdings) {
    state.holdings[currency] = holding;
  }
  for (const auto& [currency, lots] : now.lots) state.lots[currency] = lots;
}

void AddTo(Book& book, const Book& more) {
  book.programs.insert(more.programs.begin(), more.programs.end());
  book.events.insert(more.events.begin(), more.events.end());
  book.seq_by_id.insert(more.seq_by_id.begin(), more.seq_by_id.end());
  book.movements.insert(more.movements.begin(), more.movements.end());
  for (const auto& [at, movement] : more.movements) MoveOnBoard(book, movement);
  AppendPositions(book.by_member, more.by_member);
  AppendPositions(book.by_subject, more.by_subject);
  book.reversed_awards.insert(more.reversed_awards.begin(),
                              more.reversed_awards.end());
  book.reversed_events.insert(more.reversed_events.begin(),
                              more.reversed_events.end());
  book.numbers.insert(more.numbers.begin(), more.numbers.end());
  book.last_number = std::max(book.last_number, more.last_number);
  book.abouts.insert(more.abouts.begin(), more.abouts.end());
  if (more.aliases != nullptr) book.aliases = more.aliases;
  for (const auto& [entity, now] : more.states) {
    KnownState& state = book.states[entity];
    UpdateState(state, now);
    for (const auto& [key, value] : now.all) {
      if (value == 0) {
        state.all.erase(key);
      } else {
        state.all[key] = value;
      }
    }
  }
}

void EraseFrom(Book& book, const std::string& id, const std::string& name) {
  Eraser(book, id, name).Run();
}

}  // namespace loyalty::store
