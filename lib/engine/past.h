// SPDX-License-Identifier: Apache-2.0
//
// The past: what a member had of a currency at some time, by all that is known
// today of events until then.
#ifndef LOYALTY_LIB_ENGINE_PAST_H_
#define LOYALTY_LIB_ENGINE_PAST_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <vector>

#include "engine/stored_program.h"
#include "model/entity.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// What a member had of one currency at some time.
struct Then {
  model::EntityState state = {};  // its holding and lots, and nothing else
  std::vector<store::StatementEntry> lines = {};  // of events until then
  // Of all units that had come, by then; but for what others had posted as
  // expired before they became the member.
  int64_t expired = 0;
};

// `now` is the member today, with all counters; `currency` is as the newest of
// `programs` has it. What earlier ones decided has the terms of its time.
//
// COST: all lines of the member.
absl::StatusOr<Then> StandingAt(store::Reader& reader, StoredPrograms& programs,
                                const model::EntityState& now,
                                const rules::Currency& currency, absl::Time at);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_PAST_H_
