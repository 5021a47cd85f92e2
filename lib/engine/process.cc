// SPDX-License-Identifier: Apache-2.0
//
// See process.h.
#include "engine/process.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/status_macros.h"
#include "core/validate.h"
#include "engine/legs.h"
#include "rules/values.h"

namespace loyalty::engine {
namespace {

// I5: one event id, one outcome, for ever.
Outcome AnswerAgain(const model::RecordedEvent& earlier, const Event& event) {
  const std::string field = core::DifferingField(earlier.event, event);
  if (field.empty()) {
    Outcome again = earlier.outcome;
    again.repeat = true;
    return again;
  }
  return {.event_id = event.id,
          .rejected = RejectReason::kEventIdReused,
          .reason =
              absl::StrCat("an earlier event of this id has another ", field)};
}

// recorded_at strictly increases, also when the clock steps back.
absl::Time RecordedAt(absl::Time now, const store::Transaction::Head& head) {
  const absl::Time time = rules::Canonical(now);
  return head.seq == 0
             ? time
             : std::max(time, head.recorded_at + absl::Microseconds(1));
}

}  // namespace

absl::StatusOr<Outcome> ProcessOne(const rules::CompiledProgram& program,
                                   int64_t program_number,
                                   store::Transaction& transaction,
                                   const Event& event, absl::Time now,
                                   Workspace& workspace) {
  // 1 Validate: is it well formed? Says nothing yet about what it earns.
  Event room;
  ASSIGN_OR_RETURN(const Event* const canonical,
                   core::InCanonicalForm(program, event, room));

  // 2 Load: an event seen before is answered as it was answered then; what
  //   its legs touch is loaded as they become known.
  ASSIGN_OR_RETURN(const std::optional<model::RecordedEvent> earlier,
                   transaction.FindEvent(canonical->id));
  if (earlier.has_value()) return AnswerAgain(*earlier, *canonical);
  ASSIGN_OR_RETURN(const store::Transaction::Head head, transaction.ReadHead());
  if (!rules::IsInRange(now)) {
    return absl::FailedPreconditionError(
        "the clock is outside the years 1 to 9999");
  }

  // 3 Decide.
  workspace.Begin(head.seq + 1, RecordedAt(now, head), program_number,
                  *canonical);
  Legs legs(program, transaction, workspace);
  RETURN_IF_ERROR(legs.Run());

  // 4 Write: event, outcome, postings and state; 5 is the caller's commit.
  RETURN_IF_ERROR(transaction.Write(workspace.delta));
  return std::move(workspace.delta.recorded.outcome);
}

}  // namespace loyalty::engine
