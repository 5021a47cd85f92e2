// SPDX-License-Identifier: Apache-2.0
//
// Reads and runs the tests of CEL's conformance suite, one JSON object a line.
// The form of the file is described in the README.md beside it.
#ifndef LOYALTY_TESTS_CEL_CONFORMANCE_H_
#define LOYALTY_TESTS_CEL_CONFORMANCE_H_

#include <absl/status/statusor.h>

#include <string>
#include <string_view>
#include <vector>

namespace loyalty::cel {

struct ConformanceResult {
  std::string name;       // file/section/name
  std::string profile;    // core, ext or wkt
  std::string extension;  // of profile ext
  std::string failure;    // why it failed; empty if it passed
};

// Runs every test in the file at `path`. A test that this library cannot be
// asked (a value or type it does not have) fails.
//
// ERRORS: kNotFound         there is no such file.
//         kInvalidArgument  a line is not a test.
absl::StatusOr<std::vector<ConformanceResult>> RunConformance(
    const std::string& path);

}  // namespace loyalty::cel

#endif  // LOYALTY_TESTS_CEL_CONFORMANCE_H_
