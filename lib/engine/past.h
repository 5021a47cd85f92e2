// SPDX-License-Identifier: Apache-2.0
//
// What a member had of a currency at some time, by all that is known now of
// events until then.
#ifndef LOYALTY_LIB_ENGINE_PAST_H_
#define LOYALTY_LIB_ENGINE_PAST_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <vector>

#include "model/entity.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

struct Standing {
  // Of this currency alone; with lots, settled to that time.
  model::EntityState state = {};
  std::vector<store::StatementEntry> lines = {};  // of events until then
  int64_t expired = 0;  // of all units that had come, by then
};

// `now` is the member as they stand.
//
// COST: all lines of the member, and, where limits have cut awards, of the
//       events that gave them.
absl::StatusOr<Standing> StandingAt(store::Reader& reader,
                                    const rules::CompiledProgram& program,
                                    const rules::Currency& currency,
                                    model::EntityState now, absl::Time at);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_PAST_H_
