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
  return {
      .event_id = event.id,
      .rejected = RejectReason::kEventIdReused,
      .reason = absl::StrCat("an earlier event of this id has another ", field,
                             ": another event needs an id of its own")};
}

// recorded_at strictly increases, also when the clock steps back.
absl::Time RecordedAt(absl::Time now, const store::Transaction::Head& head) {
  const absl::Time time = rules::Canonical(now);
  return head.seq == 0
             ? time
             : std::max(time, head.recorded_at + absl::Microseconds(1));
}

// 3 Decide, and 4 write: event, outcome, postings and state. 5 is the caller's
// commit.
absl::StatusOr<Outcome> DecideAndWrite(const rules::CompiledProgram& program,
                                       StoredPrograms& programs,
                                       store::Transaction& transaction,
                                       Workspace& workspace) {
  Legs legs(program, programs, transaction, workspace);
  RETURN_IF_ERROR(legs.Run());
  RETURN_IF_ERROR(transaction.Write(workspace.delta));
  return std::move(workspace.delta.recorded.outcome);
}

absl::Status CheckClock(absl::Time now) {
  if (rules::IsInRange(now)) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the clock is outside the years 1 to 9999");
}

// The event as the program that decided `earlier` reads it, which may have had
// other attributes, and other defaults. If it makes no sense to that one, it is
// another event, and today's program says how it reads it.
absl::StatusOr<Outcome> AnswerByEarlier(
    const model::RecordedEvent& earlier, const Event& event,
    const absl::StatusOr<const Event*>& canonical, StoredPrograms& programs) {
  ASSIGN_OR_RETURN(const auto program, programs.Get(earlier.program));
  const absl::StatusOr<Event> then = core::Canonicalized(*program, event);
  if (then.ok()) return AnswerAgain(earlier, *then);
  RETURN_IF_ERROR(canonical.status());
  return AnswerAgain(earlier, **canonical);
}

}  // namespace

absl::StatusOr<Outcome> ProcessOne(const rules::CompiledProgram& program,
                                   int64_t program_number,
                                   StoredPrograms& programs,
                                   store::Transaction& transaction,
                                   const Event& event, absl::Time now,
                                   Workspace& workspace) {
  // 1 Validate: is it well formed? Says nothing yet about what it earns.
  Event room;
  const absl::StatusOr<const Event*> canonical =
      core::InCanonicalForm(program, event, room);
  const bool has_switched = programs.all().size() > 1;
  if (!canonical.ok() && !(has_switched && core::IsId(event.id))) {
    return canonical.status();
  }

  // 2 Load: an event seen before is answered as it was answered then; what
  //   its legs touch is loaded as they become known.
  ASSIGN_OR_RETURN(const std::optional<model::RecordedEvent> earlier,
                   transaction.FindEvent(event.id));
  if (earlier.has_value() && earlier->program != program_number) {
    return AnswerByEarlier(*earlier, event, canonical, programs);
  }
  RETURN_IF_ERROR(canonical.status());
  if (earlier.has_value()) return AnswerAgain(*earlier, **canonical);
  if (event.type == kSwitch) {
    return absl::InvalidArgumentError(
        absl::StrCat("type: \"", event.type,
                     "\" comes with a program: send it with Engine::Switch, or "
                     "`loyalty switch`"));
  }
  ASSIGN_OR_RETURN(const store::Transaction::Head head, transaction.ReadHead());
  RETURN_IF_ERROR(CheckClock(now));
  workspace.Begin(head.seq + 1, RecordedAt(now, head), program_number,
                  **canonical);
  return DecideAndWrite(program, programs, transaction, workspace);
}

absl::StatusOr<Outcome> ProcessSwitch(const rules::CompiledProgram& program,
                                      store::StoredProgram& stored,
                                      StoredPrograms& programs,
                                      store::Transaction& transaction,
                                      const Event& event, absl::Time now,
                                      Workspace& workspace) {
  ASSIGN_OR_RETURN(const Event canonical, core::Canonicalized(program, event));
  ASSIGN_OR_RETURN(const std::optional<model::RecordedEvent> earlier,
                   transaction.FindEvent(canonical.id));
  if (earlier.has_value()) return AnswerAgain(*earlier, canonical);
  ASSIGN_OR_RETURN(const store::Transaction::Head head, transaction.ReadHead());
  RETURN_IF_ERROR(CheckClock(now));
  stored.since = head.seq + 1;
  workspace.Begin(stored.since, RecordedAt(now, head), stored.number,
                  canonical);
  workspace.delta.program = stored;
  return DecideAndWrite(program, programs, transaction, workspace);
}

}  // namespace loyalty::engine
