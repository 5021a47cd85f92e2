// SPDX-License-Identifier: Apache-2.0
//
// The text of a program's file, or what is the matter with the file.
#ifndef LOYALTY_TOOLS_PROGRAM_FILE_H_
#define LOYALTY_TOOLS_PROGRAM_FILE_H_

#include <absl/status/statusor.h>

#include <string>

namespace loyalty::command {

// ERRORS: kUnavailable, naming the file: it is missing, a folder, unreadable,
//         empty, or longer than 64 MiB.
absl::StatusOr<std::string> ProgramText(const std::string& path);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_PROGRAM_FILE_H_
