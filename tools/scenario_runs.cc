// SPDX-License-Identifier: Apache-2.0
//
// See scenario_runs.h.
#include "scenario_runs.h"

#include <absl/status/status.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "scenario_readings.h"

namespace loyalty::command {
namespace {

constexpr size_t kBatch = 1000;

// Where it is asked for; else in memory, where there is room for files: what a
// scenario tests is not how fast a disk syncs.
std::vector<std::string> PlacesForFiles() {
  if (const char* const asked = std::getenv("TMPDIR");
      asked != nullptr && *asked != '\0') {
    return {asked};
  }
  return {"/dev/shm", "/tmp"};
}

// A folder that is gone when this is.
class ScratchFolder {
 public:
  ScratchFolder() {
    for (const std::string& place : PlacesForFiles()) {
      std::string name = place + "/loyalty-test-XXXXXX";
      if (mkdtemp(name.data()) == nullptr) continue;
      path_ = name;
      return;
    }
  }
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<Setup> Setups(const Script& script, const std::string& folder) {
  std::vector<Setup> setups;
  for (const bool sweeps : {true, false}) {
    // Without a sweep in it, there is nothing to leave out.
    if (!sweeps && !script.sweeps) continue;
    for (const bool on_disk : {false, true}) {
      for (const size_t batch : {size_t{1}, kBatch}) {
        const std::string db =
            folder + "/" + std::to_string(setups.size()) + ".db";
        setups.push_back({.db = on_disk ? db : std::string(),
                          .batch = batch,
                          .sweeps = sweeps});
      }
    }
  }
  return setups;
}

void Add(PlayedInRuns& all, Failure failure, const std::string& run) {
  for (FailureInRuns& known : all.failures) {
    if (known.failure == failure) return known.runs.push_back(run);
  }
  all.failures.push_back({.failure = std::move(failure), .runs = {run}});
}

}  // namespace

PlayedInRuns Gathered(const std::vector<std::pair<std::string, Played>>& played,
                      int last_line) {
  PlayedInRuns all{.runs = played.size()};
  // The run that the others are compared with, whatever the scenario asks.
  const std::pair<std::string, Played>* first = nullptr;
  for (const auto& one : played) {
    const auto& [run, what] = one;
    for (const Failure& failure : what.failures) Add(all, failure, run);
    if (!what.status.ok()) {
      all.could_not = true;
      Add(all,
          {.what =
               "it could not be played: " + std::string(what.status.message())},
          run);
      continue;
    }
    if (first == nullptr) first = &one;
    const Difference difference =
        FirstDifference(first->second.readings, what.readings);
    if (difference.is_none()) continue;
    Add(all,
        {.line = last_line,
         .what = "in the end, members stand otherwise than in the run \"" +
                 first->first + "\"",
         .expected = {difference.here},
         .came = {difference.there}},
        run);
  }
  std::stable_sort(all.failures.begin(), all.failures.end(),
                   [](const FailureInRuns& a, const FailureInRuns& b) {
                     return a.failure.line < b.failure.line;
                   });
  return all;
}

absl::StatusOr<PlayedInRuns> PlayInRuns(const Script& script) {
  const ScratchFolder folder;
  if (folder.path().empty()) {
    return absl::UnavailableError(
        std::string("no folder for temporary files can be made: ") +
        std::strerror(errno) + ". TMPDIR names where");
  }
  std::vector<std::pair<std::string, Played>> played;
  for (const Setup& setup : Setups(script, folder.path())) {
    played.emplace_back(NameOf(setup), Play(script, setup));
  }
  return Gathered(played, script.steps.empty() ? 0 : script.steps.back().line);
}

}  // namespace loyalty::command
