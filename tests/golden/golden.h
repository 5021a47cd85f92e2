// SPDX-License-Identifier: Apache-2.0
//
// Golden files: what is in them, and what is asked of them. One is made when
// its format is new, and kept: whatever the library becomes, it must answer the
// same, take another event, and come back the same when it is rebuilt.
#ifndef LOYALTY_TESTS_GOLDEN_GOLDEN_H_
#define LOYALTY_TESTS_GOLDEN_GOLDEN_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <memory>
#include <string>

#include "loyalty/engine.h"

namespace loyalty::golden {

// Makes a file of the present format, with something of everything in it.
absl::Status MakeFile(const std::string& path);

// Opens a golden file of any format with its own program, and a clock by which
// each run records the same.
absl::StatusOr<std::unique_ptr<Engine>> OpenFile(const std::string& path);

// The same for every golden file: so it must fit the programs of all of them,
// and names nobody new, whose key would be random.
Event OneMore();

// All that can be asked of the file, as text for people to compare. Only by the
// public interface, which knows no format.
absl::StatusOr<std::string> Answers(Queries& queries);

}  // namespace loyalty::golden

#endif  // LOYALTY_TESTS_GOLDEN_GOLDEN_H_
