// SPDX-License-Identifier: Apache-2.0
//
// Recall: an event is told what earlier ones said of the objects it is about.
//
// An object's counters "said:TYPE/ABOUT", of which there is one for each entry
// that was about it, say where to look: 1, or, once that was reversed, below 0
// the entry that did it. So it follows from the journal and an entry's number
// alone what that entry was told, whenever it is asked: nothing of it is kept.
#ifndef LOYALTY_LIB_ENGINE_RECALL_H_
#define LOYALTY_LIB_ENGINE_RECALL_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>

#include "engine/stored_program.h"
#include "model/aliases.h"
#include "model/entity.h"
#include "model/journal.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// Where earlier entries are found.
struct Memory {
  absl::FunctionRef<absl::Status(const model::ReadSet&, model::EntityState&)>
      load;
  absl::FunctionRef<absl::StatusOr<std::optional<model::RecordedEvent>>(
      int64_t seq)>
      find;
};

// Adds to `event`, entry `seq` of `program` and addressed as of then, what it
// does not say itself and earlier ones did. Members are called as of then, too.
//
// ERRORS: the store's.
absl::Status AddRecalled(const rules::CompiledProgram& program,
                         StoredPrograms& programs,
                         const model::Aliases& aliases, const Memory& memory,
                         int64_t seq, Event& event);

// An event as it was decided: addressed, and told what was recalled.
absl::StatusOr<Event> AsDecided(store::Reader& reader, StoredPrograms& programs,
                                const model::RecordedEvent& recorded);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_RECALL_H_
