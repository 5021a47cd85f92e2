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

absl::StatusOr<absl::Time> TimeAskedOfNow(Queries& queries,
                                          const std::string& text) {
  const absl::StatusOr<absl::Time> time = TimeAsked(queries, text);
  if (!time.ok() || text.empty()) return time;
  const absl::StatusOr<absl::Time> newest = queries.NewestTime();
  if (!newest.ok()) return newest.status();
  if (*time < *newest) {
    Complain("--at " + Printable(text) + " is before the newest event, of " +
             Rfc3339(*newest) +
             ": what later events gave and counted may be in the answer; "
             "\"statement\", \"balances\" and \"explain\" tell the past");
  }
  return time;
}

}  // namespace loyalty::command
