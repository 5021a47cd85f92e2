// SPDX-License-Identifier: Apache-2.0
//
// Badges that are asked as time passes: at the end of a day, at an anniversary.
//
// Nothing happens when time passes. So before anything else reaches a member,
// and in the same entry, what has become due is asked, each badge in a leg as
// of the moment at which it was due; a reading does the same to a copy. So it
// never matters whether a sweep ran: a sweep leaves them alone, as an event of
// an earlier time may come yet. It only says what such a reading does, for
// hosts to hear of it, and notes what it said: "badge:ID/told" is how many of a
// badge were told that no entry has, and "badge:swept" until when a sweep has
// looked since anything reached the member.
//
// A day is asked once. What comes late, when the member has been reached since,
// counts in its own day and is not asked again.
#ifndef LOYALTY_LIB_CORE_DUE_H_
#define LOYALTY_LIB_CORE_DUE_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string_view>
#include <vector>

#include "core/message.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

struct Leg;

// The type of the event that a due leg has: time that has passed. No host sends
// it, and no entry is of it.
inline constexpr std::string_view kTimePassed = "loyalty.time_passed";

// Of a member of a program with such badges: until when they have been asked,
// in microseconds since 1970, which is when an event reached the member last.
model::CounterKey AskedClock();

// The same as a time: since their first event, if none has come again.
absl::Time AskedUntil(const model::EntityState& member);

// Adds all that says what is due, in order.
void ListDue(const rules::CompiledProgram& program,
             std::vector<model::CounterKey>& counters);

// Badges (numbers) that are due at some time.
struct Due {
  absl::Time time = {};
  Review::Places badges = {};
};

// What is due at the member until then, in order. Of `member`, its holdings and
// what ListDue lists are read.
std::vector<Due> DueUntil(const rules::CompiledProgram& program,
                          const model::EntityState& member, absl::Time until);

// What a leg is given that asks those badges: its event, and its message. With
// no badge, it notes that all has been asked until `time`.
Event DueEvent(const model::Entity& member, absl::Time time);
Message DueMessage(const model::Entity& member, Review::Places badges);

// The badges that a member has won by `until` and no entry says, in order.
// `member` has all counters.
//
// ERRORS: kInternal, as Apply.
absl::StatusOr<std::vector<WonInTime>> WonUntil(
    const rules::CompiledProgram& program, model::EntityState member,
    absl::Time until);

// In a due leg with no badge to ask: notes that.
void EndDue(Leg& leg);

// The member's counter of when a sweep has looked, in microseconds since 1970.
model::CounterKey SweptClock();

// In a sweep: tells what time has brought by then and no sweep has told of.
//
// REQUIRES: the member's counters are all loaded.
// ERRORS: kInternal, as Apply.
absl::Status TellDue(Leg& leg);

// Where the leg has granted it: it need not be told any more.
void ForgetTold(Leg& leg, const rules::Badge& badge);

// Where anything but a sweep has reached the member: the next one looks again
// at what others have seen.
void ForgetSweep(Leg& leg);

// When a sweep would find something to ask at the leg's member, as it stands
// now; InfiniteFuture for never.
absl::Time NextDue(const Leg& leg);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_DUE_H_
