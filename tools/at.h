// SPDX-License-Identifier: Apache-2.0
//
// --at: the time that a question is about, or at which something is asked.
#ifndef LOYALTY_TOOLS_AT_H_
#define LOYALTY_TOOLS_AT_H_

#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <string>

#include "loyalty/queries.h"

namespace loyalty::command {

// `text` as RFC 3339 with a zone, or a day, which begins in the program's zone;
// without one, the file's newest time, so that the answer does not change while
// nothing is recorded.
//
// ERRORS: kInvalidArgument  it is neither.
//         as Queries'.
absl::StatusOr<absl::Time> TimeAsked(Queries& queries, const std::string& text);

// The same for answers of what is known by now, which tell no past: says so on
// standard error where the time is before the file's newest.
absl::StatusOr<absl::Time> TimeAskedOfNow(Queries& queries,
                                          const std::string& text);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_AT_H_
