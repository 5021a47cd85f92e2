// SPDX-License-Identifier: Apache-2.0
//
// Process: one event from the host to its outcome. Five steps: validate, load,
// decide, write, and, for a whole batch, commit. 1 and 3 are pure, the rest
// touch the store. Nothing else in the library writes events.
#ifndef LOYALTY_LIB_ENGINE_PROCESS_H_
#define LOYALTY_LIB_ENGINE_PROCESS_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>

#include "engine/workspace.h"
#include "loyalty/event.h"
#include "loyalty/outcome.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// Answers `event` within `transaction`, which the caller commits or drops.
// `now` is what the clock says; `workspace` is memory, the same for one event
// after another.
//
// ERRORS: kInvalidArgument  the event is malformed; the transaction is as it
//                           was, and may go on.
//         any other         the transaction must be dropped.
absl::StatusOr<Outcome> ProcessOne(const rules::CompiledProgram& program,
                                   int64_t program_number,
                                   store::Transaction& transaction,
                                   const Event& event, absl::Time now,
                                   Workspace& workspace);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_PROCESS_H_
