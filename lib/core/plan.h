// SPDX-License-Identifier: Apache-2.0
//
// Plan: what of its entity a message will read.
#ifndef LOYALTY_LIB_CORE_PLAN_H_
#define LOYALTY_LIB_CORE_PLAN_H_

#include "core/cause.h"
#include "core/message.h"
#include "model/entity.h"

namespace loyalty::core {

// Sets `read` to it. For Undo the histories are planned apart: they depend on
// what the store holds.
void Plan(const Cause& cause, const Message& message, model::ReadSet& read);
model::ReadSet Plan(const Cause& cause, const Message& message);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_PLAN_H_
