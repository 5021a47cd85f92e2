// SPDX-License-Identifier: Apache-2.0
//
// Membership: who takes part, and who does not for now.
#ifndef LOYALTY_LIB_CORE_MEMBERSHIP_H_
#define LOYALTY_LIB_CORE_MEMBERSHIP_H_

#include <cstdint>

#include "model/entity.h"

namespace loyalty::core {

struct Leg;

// 1 while a member is suspended.
model::CounterKey SuspendedCounter();
// 1 once a member has been erased. Names tell it as well, but of a replay not
// since when.
model::CounterKey ErasedCounter();
// The entry that enrolled a member, where the program required it.
model::CounterKey EnrolledCounter();

bool IsSuspended(Leg& leg);
inline constexpr char kIsSuspended[] = "the member is suspended";

// Whether the member whose event this is, or who gives the command, may. If
// not, the answer is no.
bool IsAdmitted(Leg& leg);
// Whether the member may be sent units, likewise.
bool IsReachable(Leg& leg);

// Whether entry `seq` counted at the member, if it counts at anybody: before
// they were enrolled, nothing did.
bool WasCounted(const Leg& leg, int64_t seq);

// The commands.
void Enroll(Leg& leg);
void Suspend(Leg& leg);
void Resume(Leg& leg);
void Erase(Leg& leg);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_MEMBERSHIP_H_
