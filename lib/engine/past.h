// SPDX-License-Identifier: Apache-2.0
//
// The past: what a member had of a currency at some time, by all that is known
// today of events until then.
#ifndef LOYALTY_LIB_ENGINE_PAST_H_
#define LOYALTY_LIB_ENGINE_PAST_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include "model/entity.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// `now` is the member today, with all counters. What is returned has the
// holding and lots of that currency, and nothing else.
//
// COST: all lines of the member.
absl::StatusOr<model::EntityState> StateAt(
    store::Reader& reader, const rules::CompiledProgram& program,
    const model::EntityState& now, const rules::Currency& currency,
    absl::Time at);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_PAST_H_
