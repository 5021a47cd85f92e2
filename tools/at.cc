// SPDX-License-Identifier: Apache-2.0
//
// See at.h.
#include "at.h"

#include <absl/status/status.h>
#include <absl/time/civil_time.h>

#include "output.h"

namespace loyalty::command {

absl::StatusOr<absl::Time> TimeAsked(Queries& queries,
                                     const std::string& text) {
  if (text.empty()) return queries.NewestTime();
  absl::Time time;
  std::string error;
  // Not "infinite-future", which it would take, too.
  const bool begins_with_digit = text[0] >= '0' && text[0] <= '9';
  if (begins_with_digit &&
      absl::ParseTime(absl::RFC3339_full, text, &time, &error)) {
    return time;
  }
  absl::CivilDay day;
  if (!begins_with_digit || !absl::ParseCivilTime(text, &day)) {
    return absl::InvalidArgumentError(
        "--at " + Printable(text) +
        ": write it as 2026-03-01T12:00:00Z, or as 2026-03-01");
  }
  const absl::StatusOr<Program> program = queries.CurrentProgram();
  if (!program.ok()) return program.status();
  return absl::FromCivil(day, program->time_zone());
}

}  // namespace loyalty::command
