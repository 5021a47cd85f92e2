// SPDX-License-Identifier: Apache-2.0
//
// Runs tests of CEL's conformance suite, one JSON object each. `loyalty cel
// --conformance` and the tests of lib/cel use it.
#ifndef LOYALTY_TOOLS_CEL_CONFORMANCE_H_
#define LOYALTY_TOOLS_CEL_CONFORMANCE_H_

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

namespace loyalty::command {

struct ConformanceResult {
  std::string name;       // file/section/name
  std::string profile;    // core, ext or wkt
  std::string extension;  // of profile ext
  std::string failure;    // why it failed; empty if it passed
};

// Runs every test in `lines`, one a line. A test that the library cannot be
// asked (a value or type it does not have) fails.
//
// ERRORS: kInvalidArgument  a line, named by its number, is not a test.
absl::StatusOr<std::vector<ConformanceResult>> RunConformance(
    std::string_view lines);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_CEL_CONFORMANCE_H_
