// SPDX-License-Identifier: Apache-2.0
//
// Merging members: two ids are found to be one person. What the one had goes
// over to the other; that the id means the other from then on is the engine's
// to see to (engine/addressing.h).
//
// Limits, caps and metrics are added up, so that a merge opens none again. What
// other entities count for a member is the store's to add up, under the one
// that is left (Transaction::Load).
#ifndef LOYALTY_LIB_CORE_MERGE_H_
#define LOYALTY_LIB_CORE_MERGE_H_

#include "core/message.h"

namespace loyalty::core {

struct Leg;

// The command, at the member who goes: they have nothing any more.
void Merge(Leg& leg);

// At the one who stays.
void AbsorbMember(Leg& leg, const Absorb& absorb);

// Whether the member of the leg has just become another.
bool HasLeft(const Leg& leg);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_MERGE_H_
