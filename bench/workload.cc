// SPDX-License-Identifier: Apache-2.0
//
// What all workloads share. See workload.h; each has a file of its own.
#include "workload.h"

#include <absl/strings/str_format.h>

#include "must.h"

namespace loyalty::bench {

Program Workload::MakeProgram() const {
  return Must(Program::FromText(ProgramText(), "workload.textproto",
                                {.parameters = ProgramParameters()}));
}

std::string IdOf(Ids ids, absl::Time time, uint64_t bits, uint64_t more_bits) {
  const auto millis = ids == Ids::kOrdered
                          ? static_cast<uint64_t>(absl::ToUnixMillis(time))
                          : more_bits >> 16;
  return absl::StrFormat(
      "%08x-%04x-%d%03x-%04x-%012x", (millis >> 16) & 0xffffffff,
      millis & 0xffff, ids == Ids::kOrdered ? 7 : 4, bits >> 52,
      0x8000 | ((bits >> 38) & 0x3fff),
      ids == Ids::kOrdered ? more_bits & 0xffffffffffff
                           : (bits * 0x9e3779b97f4a7c15) >> 16);
}

absl::Time AfterAllEvents() {
  return absl::FromCivil(absl::CivilDay(2050, 1, 1), absl::UTCTimeZone());
}

}  // namespace loyalty::bench
