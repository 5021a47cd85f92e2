// SPDX-License-Identifier: Apache-2.0
//
// Switching a file to a changed program: what it would come to, and whether it
// may. The switch itself is an entry like any other (process.h).
#ifndef LOYALTY_LIB_ENGINE_SWITCHING_H_
#define LOYALTY_LIB_ENGINE_SWITCHING_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <string>

#include "engine/stored_program.h"
#include "loyalty/switching.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// Why `program` is not the one that the store goes on with, in what it differs,
// and what to do. OK if it is.
//
// ERRORS: kFailedPrecondition.
absl::Status CheckIsNewest(const StoredPrograms& programs,
                           const rules::CompiledProgram& program);

// Whether what is stored allows `program` to go on with it.
//
// ERRORS: kFailedPrecondition, with all reasons; the reader's own.
// COST:   a look at all members, where a currency of theirs is concerned.
absl::Status CheckMaySwitch(store::Reader& reader, StoredPrograms& programs,
                            const rules::CompiledProgram& program);

// COST: a look at all members.
absl::StatusOr<SwitchPreview> PreviewOf(store::Reader& reader,
                                        StoredPrograms& programs,
                                        const rules::CompiledProgram& program);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_SWITCHING_H_
