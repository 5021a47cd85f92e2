// SPDX-License-Identifier: Apache-2.0
//
// Addressing: names of members who have become others mean who they are. It is
// done where an event comes in, before anything is asked of it, so that nothing
// behind this sees two names of one member; the journal keeps what the host
// said.
//
// What a name meant is a matter of when: for the entry that is made, and for a
// past one that is looked at again, who they were by then. What such an entry
// counted is found at whoever they are now.
#ifndef LOYALTY_LIB_ENGINE_ADDRESSING_H_
#define LOYALTY_LIB_ENGINE_ADDRESSING_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/message.h"
#include "loyalty/event.h"
#include "model/aliases.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::engine {

// The attributes of events of that type that name members.
const std::vector<std::string>& MemberAttributesOf(
    const rules::CompiledProgram& program, const std::string& type);

// Whether any name in the event is an alias, for entry `seq`.
bool NamesAlias(const rules::CompiledProgram& program, const Event& event,
                const model::Aliases& aliases, int64_t seq);

// The event with the names of who they mean. A list that named one twice still
// does: whoever reads it takes each once.
Event Addressed(const rules::CompiledProgram& program, Event event,
                const model::Aliases& aliases, int64_t seq);

// Who somebody is now, or was for the entry `seq`.
model::Entity Now(model::Entity entity, const model::Aliases& aliases,
                  int64_t seq = model::Aliases::kNow);
// Of a counter, who its key is.
model::CounterKey Now(model::CounterKey counter, const model::Aliases& aliases,
                      int64_t seq = model::Aliases::kNow);
// Of all counters of one who was read: a store keeps what was counted before
// under the names of then (store::Reader).
void NameKeysNow(const model::Aliases& aliases, model::EntityState& state);

// Adds to `state` who `became` its member, and likewise who the keys of the
// limits there became.
void AddAliases(const model::Aliases& aliases, std::vector<model::Alias> became,
                core::State& state);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_ADDRESSING_H_
