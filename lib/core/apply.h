// SPDX-License-Identifier: Apache-2.0
//
// Apply: decides what a message does to an entity. The heart of the library.
#ifndef LOYALTY_LIB_CORE_APPLY_H_
#define LOYALTY_LIB_CORE_APPLY_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "core/cause.h"
#include "core/message.h"

namespace loyalty::core {

// The first message of an event.
Message EnterMessage(const Cause& cause);

// Adds to `decision` what `message` means for its entity.
//
// Pure: the same arguments add the same, byte for byte, on every machine (I6).
// No clock, no I/O, no randomness, no floating-point units, no iteration over a
// hash map. Touches one entity. Of `decision` nothing is read; it is passed in
// so that the legs of one event fill the same lists, and the next event's legs
// the same memory.
//
// Conditions and formulas read the entity as it stood when the leg began; what
// a leg earns counts from the next one on, so that the order of rules never
// changes an amount. Limits, caps and floors cut in program order.
//
// REQUIRES: `message` is not itself in `decision`.
// ERRORS: kInternal  an invariant would not hold; the caller records nothing.
absl::Status Apply(const Cause& cause, const State& state,
                   const Message& message, Decision& decision);

// The same, of this message alone.
absl::StatusOr<Decision> Apply(const Cause& cause, const State& state,
                               const Message& message);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_APPLY_H_
