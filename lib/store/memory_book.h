// SPDX-License-Identifier: Apache-2.0
//
// Book: all that the memory store keeps, as plain containers.
#ifndef LOYALTY_LIB_STORE_MEMORY_BOOK_H_
#define LOYALTY_LIB_STORE_MEMORY_BOOK_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "model/aliases.h"
#include "model/entity.h"
#include "model/journal.h"
#include "store/board_node.h"
#include "store/store.h"

namespace loyalty::store {

using PositionsByName =
    std::map<std::string, std::vector<model::Position>, std::less<>>;

// Of one entity there may be any number of counters: they are apart, and
// EntityState::counters stays empty.
struct KnownState : model::EntityState {
  std::map<model::CounterKey, int64_t> all = {};
};

// What has to be known of an event to forget who is in it.
struct AboutEvent {
  std::vector<std::string> member_attributes = {};
  std::vector<std::string> personal_attributes = {};
};

struct Book {
  std::map<int64_t, StoredProgram> programs;
  std::map<int64_t, model::RecordedEvent> events;
  std::map<std::string, int64_t, std::less<>> seq_by_id;
  std::map<model::Position, model::Movement> movements;
  PositionsByName by_member;
  PositionsByName by_subject;
  std::map<model::Position, model::Position>
      reversed_awards;                         // to what undid them
  std::map<int64_t, int64_t> reversed_events;  // to the one that reversed it
  // Who has earned what first, and the same by member; not in a transaction's
  // own book.
  std::map<model::Symbol, std::map<BoardKey, std::string>> boards;
  std::map<std::pair<model::Symbol, std::string>, BoardKey> places;
  // In a transaction's own book only what changed, and counters may be 0.
  std::map<model::Entity, KnownState> states;
  // Numbers are what erased members are called by: those a file would give.
  std::map<std::string, int64_t, std::less<>> numbers;
  int64_t last_number = 0;
  std::map<int64_t, AboutEvent> abouts;  // of events
  // All of them; null in a transaction's own book that has no more.
  std::shared_ptr<const model::Aliases> aliases;
};

// None where the book has null.
const model::Aliases& AliasesOf(const Book& book);

// Takes over what `now` says of an entity into `state`, but for counters.
void UpdateState(model::EntityState& state, const model::EntityState& now);

// Adds what was written to what was there.
void AddTo(Book& book, const Book& more);

// Nothing in the book has that member's id any more: it has `name` instead.
void EraseFrom(Book& book, const std::string& id, const std::string& name);

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_MEMORY_BOOK_H_
