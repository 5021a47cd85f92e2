// SPDX-License-Identifier: Apache-2.0
//
// Plan: what of its entity a message will read.
#ifndef LOYALTY_LIB_CORE_PLAN_H_
#define LOYALTY_LIB_CORE_PLAN_H_

#include "core/message.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

// `type` is null for reserved event types, whose only legs are Undo. For Undo
// the histories are planned apart: they depend on what the store holds.
model::ReadSet Plan(const rules::CompiledProgram& program,
                    const rules::EventType* type, const Event& event,
                    const Message& message);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_PLAN_H_
