// SPDX-License-Identifier: Apache-2.0
//
// Groups: where members are, as their own events say it, and what leaderboards
// make of that. Where a member is, is a fact and no award: so it follows from
// what was said last, by the events' own times, and a reversal leaves it.
//
// In each season of a leaderboard that keeps groups apart, a member is in one
// of them, the one in which they were as something first counted for them
// there, and what counts of that season stands there together. So what is
// undone is found by the member, and no event needs to say again where it had
// counted.
#ifndef LOYALTY_LIB_CORE_GROUPS_H_
#define LOYALTY_LIB_CORE_GROUPS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/cause.h"
#include "core/message.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

struct Leg;

// The group that a member is in: its number; 0: none.
model::CounterKey GroupCounter(const rules::Grouping& grouping);
// At the program: the number of the group of that name; and the entry that
// named the one of that number first.
model::CounterKey GroupNumberCounter(const rules::Grouping& grouping,
                                     std::string_view name);
model::CounterKey GroupNamedCounter(const rules::Grouping& grouping,
                                    int64_t number);

// The group that the event's attribute names; nullopt if it says nothing, ""
// where it says that the actor is in none.
std::optional<std::string> GroupIn(const rules::EventType& type, int attribute,
                                   const Event& event);

// Adds what EnterGroups looks at, but for what ListCohorts does.
void ListGroups(const Cause& cause, const Enter& enter, model::ReadSet& read);

// The program numbers a group, unless there are as many as there may be.
void GiveNumber(Leg& leg, const NumberGroup& group);

// What the event says of groups comes true, from here on and in the seasons
// that it lies in.
void EnterGroups(Leg& leg, const Enter& enter);

// At who has just taken in all that `theirs` has: they are in the group that
// either was said to be in last, and in a season where they were, or else the
// other was.
void JoinGroups(Leg& leg, const model::Counters& theirs);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_GROUPS_H_
