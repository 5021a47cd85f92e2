// SPDX-License-Identifier: Apache-2.0
//
// A script played in every way there is: on every store, one event at a time
// and in batches, with its sweeps and without. None may make a difference.
#ifndef LOYALTY_TOOLS_SCENARIO_RUNS_H_
#define LOYALTY_TOOLS_SCENARIO_RUNS_H_

#include <absl/status/statusor.h>

#include <string>
#include <utility>
#include <vector>

#include "scenario.h"
#include "scenario_player.h"

namespace loyalty::command {

// A failure, and the runs that it came in.
struct FailureInRuns {
  Failure failure = {};
  std::vector<std::string> runs = {};
};

struct PlayedInRuns {
  std::vector<FailureInRuns> failures = {};  // in the order of their lines
  size_t runs = 0;
  bool could_not = false;  // a run ended before its end
};

// What came of the same script in several runs, each by its name: failures that
// are the same are one, and members who do not stand as in the first run are
// one, at `last_line`.
PlayedInRuns Gathered(const std::vector<std::pair<std::string, Played>>& played,
                      int last_line);

// ERRORS: kUnavailable  there is no room for temporary files.
absl::StatusOr<PlayedInRuns> PlayInRuns(const Script& script);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_RUNS_H_
