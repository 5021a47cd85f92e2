// SPDX-License-Identifier: Apache-2.0
//
// Referral: who brought a member here. What both get for it is for rules to
// say; that there is one, once and for ever, is kept with the member.
#ifndef LOYALTY_LIB_CORE_REFERRAL_H_
#define LOYALTY_LIB_CORE_REFERRAL_H_

#include <cstdint>
#include <string>

#include "loyalty/event.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

struct Leg;

// The entry that says who referred the member; 0 if none does. Not who: a name
// can be erased.
model::CounterKey ReferrerCounter();

// Whom that entry's event names; "" if the program calls nobody so.
std::string ReferrerIn(const rules::CompiledProgram& program,
                       const Event& event);

// Remembers whom the event names, unless somebody was named before.
void RememberReferrer(Leg& leg);

// Entry `seq` is reversed.
void ForgetReferrer(Leg& leg, int64_t seq);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_REFERRAL_H_
