// SPDX-License-Identifier: Apache-2.0
//
// Entities, and which counters limits and caps use.
#ifndef LOYALTY_LIB_CORE_COUNTERS_H_
#define LOYALTY_LIB_CORE_COUNTERS_H_

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "core/cause.h"
#include "core/message.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "model/journal.h"
#include "rules/compiled.h"

namespace loyalty::core {

model::Entity MemberEntity(std::string_view id);
model::Entity ObjectEntity(std::string_view id);

// Where `event` enters: at its actor, without one at its target's object.
model::Entity EntryOf(const Event& event);

// What `counter` is called on the day, and with the key, of the event.
model::CounterKey KeyOf(const Cause& cause, const rules::Counter& counter);

// Of a rolling one, all that its limit looks at for the event.
//
// REQUIRES: counter.rolling > 0.
model::CounterRange RangeOf(const Cause& cause, const rules::Counter& counter);

// Not 0 once a limit has cut an award of the member.
model::CounterKey CutCounter();
// And once a reversal has let some of it come back: from then on what was
// recorded as limited is not what stands.
model::CounterKey CameBackCounter();
// And once a part of one was reversed: likewise of what it gave.
model::CounterKey InPartCounter();

// Not 0 once a limit that counts in `counter` had less left than an award of
// the member asked for. Of a rolling limit, whose counters are seconds, all
// seconds share one.
model::CounterKey CutIn(const LimitUse& use);
// Both that it may be if `counter` is all that is known.
std::array<model::CounterKey, 2> CutIn(const model::CounterKey& counter);

// Of a member of a program with tiers: the latest time, in microseconds since
// 1970, that hosts were told for how the tiers stood. No reading asks it.
model::CounterKey TierClock();

// What the daily cap of `currency` counts in on the day of the event.
model::CounterKey CapCounter(const Cause& cause,
                             const rules::Currency& currency);

// The limits of an award that `event` gave, in the order in which they cut.
std::vector<LimitUse> LimitsOf(const rules::CompiledProgram& program,
                               const model::Movement& award,
                               const Event& event);

// Those, its budgets, and when they were asked.
AwardLimits AllLimitsOf(const rules::CompiledProgram& program,
                        const model::Movement& award, const Event& event);

// The budgets of an award, and what they count in, at the program.
std::vector<BudgetUse> BudgetsOf(const rules::CompiledProgram& program,
                                 const model::Movement& award, absl::Time time);

// What an award added to its limits' counters: 1 or its units for a gain.
Uses LimitUses(const rules::CompiledProgram& program,
               const model::Movement& award, const Event& event);

// Whether any limit, or budget, of the award counts it, so that there is
// something to say about its event.
bool IsCounted(const rules::CompiledProgram& program,
               const model::Movement& award);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_COUNTERS_H_
