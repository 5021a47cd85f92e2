// SPDX-License-Identifier: Apache-2.0
//
// What limits leave of a member's awards if some of them are left out.
#ifndef LOYALTY_LIB_CORE_RELIMIT_H_
#define LOYALTY_LIB_CORE_RELIMIT_H_

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <vector>

#include "core/message.h"
#include "model/journal.h"

namespace loyalty::core {

struct Relimited {
  std::map<model::CounterKey, int64_t> spent;
  std::map<model::Position, int64_t> limited;  // of each award that is left
  std::set<model::CounterKey> cut_in;  // where too little was left, as CutIn
};

// Whether it makes a difference to the member's other awards: some that were
// cut may come back, or have.
bool Relimits(const model::EntityState& member, const Undo& undo);

// Whether what is undone is as it was recorded, and limits leave every other
// award what they did, though they have given some back: none of its own limits
// has ever had too little left, in any order in which they were asked.
//
// REQUIRES, for it to take its units along and no more: no one else became the
//           member; none of the awards has a budget; and their currencies have
//           had no lots, cap or floor above 0, and no losses, since the first.
bool GoesAlone(const model::EntityState& member, const Undo& undo);

// Notes a movement of a badge, which limits are asked about in between.
void NoteGrant(const model::Movement& movement, State& state);

// Asks the limits again for every award of `state`'s histories, in the order in
// which they came, without those that are reversed already or in `undone`, and
// of those of which a part was reversed, or is by `parts`, for the rest. Of
// what limits gave back before, budgets have left what the history says; of
// what they give back now, what is `said`. What a catch-up brought for entry
// `gone` uses nothing. Members who became one (`state.aliases`) have limits of
// their own until they did.
//
// REQUIRES: the histories hold all awards of one member, in all currencies: an
//           award that comes back may use what another limit has, and be in the
//           way of one in another currency.
Relimited Relimit(const State& state, const std::set<model::Position>& undone,
                  const BudgetsSaid& said = {},
                  std::span<const Part> parts = {}, int64_t gone = 0);

// What limits leave of each award as it stands. Until anything has come back
// (`came_back`) that is what was recorded, and nothing can say otherwise.
Relimited Standing(const State& state, bool came_back);

// Whether limits leave anything else of an award than what was recorded.
bool DifferFromRecord(const State& state, const Relimited& relimited);

// The history, each award with what limits leave of it now.
std::vector<model::GivenAward> WithLimits(
    std::vector<model::GivenAward> history, const Relimited& relimited);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_RELIMIT_H_
