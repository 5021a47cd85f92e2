// SPDX-License-Identifier: Apache-2.0
//
// Leaderboards of those who hold a badge. What counts for a member who does not
// counts all the same, in a counter that no store ranks, and changes sides with
// the badge: so who is on a leaderboard is one rename of what they have, and
// pages, prizes, undoing and merges know nothing of badges.
//
// A season is decided by who held the badge as it ended. So a change moves the
// seasons that end after it; and for what comes late to one that had ended, a
// member keeps when they came to hold the badge, or no longer did.
#ifndef LOYALTY_LIB_CORE_HOLDERS_H_
#define LOYALTY_LIB_CORE_HOLDERS_H_

#include <cstdint>

#include "core/message.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

struct Leg;

// Adds what SideOf looks at where `score`, a counter of that leaderboard, does;
// and what the member has on the other side.
void ListSide(const rules::CompiledProgram& program,
              const rules::Leaderboard& board, const model::CounterKey& score,
              model::ReadSet& read);

// The counter in which the member has what they are compared by in that season.
model::Symbol SideOf(Leg& leg, const rules::Leaderboard& board, int64_t season);

// The leg's member has come to hold the badge, or no longer does, if `before`,
// how many they held, says so: a leg of its own moves them.
void TellHolding(Leg& leg, const rules::Badge& badge, int64_t before);

// That leg: first when it was, and then, once it is known what there is to be
// moved, the scores.
void ListHolding(const rules::CompiledProgram& program,
                 const HoldingChanged& change, model::ReadSet& read);
void ChangeHolding(Leg& leg, const HoldingChanged& change);

// At who has just taken in all counters that `other` has, `theirs`, but no
// units yet: when either held the badge, they did.
void JoinHoldings(Leg& leg, const model::EntityState& other,
                  const model::Counters& theirs);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_HOLDERS_H_
