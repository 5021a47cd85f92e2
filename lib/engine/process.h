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

#include "engine/stored_program.h"
#include "engine/workspace.h"
#include "loyalty/event.h"
#include "loyalty/outcome.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// Answers `event` within `transaction`, which the caller commits or drops.
// `program` decides it, the last of `programs`. `now` is what the clock says;
// `workspace` is memory, the same for one event after another.
//
// An event that was recorded under an earlier program is answered as it was
// then, also where today's would not take it.
//
// ERRORS: kInvalidArgument  the event is malformed; the transaction is as it
//                           was, and may go on.
//         any other         the transaction must be dropped.
absl::StatusOr<Outcome> ProcessOne(const rules::CompiledProgram& program,
                                   int64_t program_number,
                                   StoredPrograms& programs,
                                   store::Transaction& transaction,
                                   const Event& event, absl::Time now,
                                   Workspace& workspace);

// The same for a switch: from it on `program` decides, whose `stored` form it
// brings; `since` is filled in. Whether the file can go on with it is not asked
// here. Is dropped by the caller if the outcome is a repeat or a rejection.
absl::StatusOr<Outcome> ProcessSwitch(const rules::CompiledProgram& program,
                                      store::StoredProgram& stored,
                                      StoredPrograms& programs,
                                      store::Transaction& transaction,
                                      const Event& event, absl::Time now,
                                      Workspace& workspace);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_PROCESS_H_
