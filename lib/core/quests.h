// SPDX-License-Identifier: Apache-2.0
//
// Which counters quests use, at the member. Progress lies in the window of the
// quest's period: what was counted from joining on, and, beside it, by which
// entries, so that a reversal takes back what it counted and nothing else.
#ifndef LOYALTY_LIB_CORE_QUESTS_H_
#define LOYALTY_LIB_CORE_QUESTS_H_

#include <absl/time/time.h>

#include <cstdint>

#include "core/counted.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

// How much entry `seq` counted for the step that `counted` is of.
model::CounterKey CountedForStep(const Counted& counted, int64_t seq);

// The entry with which the member had joined, beside the counter of the one
// with which they have.
model::CounterKey BeforeCounter(const rules::Quest& quest,
                                const model::CounterKey& joined);

// How often the quest was done in its window at `time`.
model::CounterKey DoneCounter(const rules::CompiledProgram& program,
                              const rules::Quest& quest, absl::Time time);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_QUESTS_H_
