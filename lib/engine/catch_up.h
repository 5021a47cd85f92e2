// SPDX-License-Identifier: Apache-2.0
//
// What a catch-up brings: the difference between what has come of the journal
// and what would have, had one program decided all of it (hindsight.h). How it
// is brought, by entries, is in catching_up.cc.
#ifndef LOYALTY_LIB_ENGINE_CATCH_UP_H_
#define LOYALTY_LIB_ENGINE_CATCH_UP_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include "core/caught_up.h"
#include "engine/hindsight.h"
#include "engine/stored_program.h"
#include "loyalty/catch_up.h"
#include "model/entity.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// `what` with each name once, in order.
//
// ERRORS: kInvalidArgument, with did-you-mean: it names nothing, or something
//         that the program does not have, or that is not applied to history.
absl::StatusOr<CatchUp> Checked(const rules::CompiledProgram& program,
                                CatchUp what);

// Calls `see` with all that is brought: for each member in the order of ids,
// then each object, then the program; more than once for who is brought more
// than one entry may have. Only gains are brought, but metrics come to what
// they would be. `what` is checked, and what the hindsight has played is what
// the reader has.
//
// COST:   all members' and objects' counters and, if `what` names rules or
//         badges, the lines of the members to whom they would give something.
// ERRORS: the readers' own, and those of `see`.
absl::StatusOr<CatchUpReport> ForEachBrought(
    const CatchUp& what, store::Reader& reader, StoredPrograms& programs,
    Hindsight& hindsight,
    absl::FunctionRef<absl::Status(const model::Entity&, const core::CaughtUp&)>
        see);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_CATCH_UP_H_
