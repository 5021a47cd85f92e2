// SPDX-License-Identifier: Apache-2.0
//
// Asking something of a file for a member, and saying what became of it.
#ifndef LOYALTY_TOOLS_ASKING_H_
#define LOYALTY_TOOLS_ASKING_H_

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <memory>
#include <string>

#include "command.h"
#include "loyalty/engine.h"

namespace loyalty::command {

// The file's engine, and the time at which it is asked.
struct Asked {
  std::unique_ptr<Engine> engine;
  absl::Time at;
};

// With the program that the file has. Without `at`, what was asked before as
// `id` is asked as of then. A file that is not there is not made.
//
// ERRORS: kInvalidArgument: it was asked wrongly; else the file's.
absl::StatusOr<Asked> OpenAsked(const std::string& db, const std::string& at,
                                const std::string& id,
                                const std::string& key_file);
Exit NotAsked(const std::string& db, const absl::Status& status);

using Ask = absl::FunctionRef<absl::StatusOr<Outcome>(Engine&, absl::Time)>;
Exit AskFor(const AskOptions& options, Ask ask);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_ASKING_H_
