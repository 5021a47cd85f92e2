// SPDX-License-Identifier: Apache-2.0
//
// See scenario_runs.h.
#include "scenario_runs.h"

#include <absl/status/status.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "scenario_readings.h"

namespace loyalty::command {
namespace {

constexpr size_t kBatch = 1000;

// A folder that is gone when this is.
class ScratchFolder {
 public:
  ScratchFolder() {
    std::error_code error;
    const auto parent = std::filesystem::temp_directory_path(error);
    std::string name = (parent / "loyalty-test-XXXXXX").string();
    if (!error && mkdtemp(name.data()) != nullptr) path_ = name;
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

class Runs {
 public:
  explicit Runs(const Script& script) : script_(script) {}

  PlayedInRuns Play(const std::vector<Setup>& setups) {
    result_.runs = setups.size();
    for (const Setup& setup : setups) {
      const std::string run = NameOf(setup);
      Played played = command::Play(script_, setup);
      for (Failure& failure : played.failures) Add(std::move(failure), run);
      if (!played.status.ok()) {
        result_.could_not = true;
        Add({.what = "it could not be played: " +
                     std::string(played.status.message())},
            run);
      } else {
        CompareReadings(std::move(played.readings), run);
      }
    }
    std::stable_sort(result_.failures.begin(), result_.failures.end(),
                     [](const FailureInRuns& a, const FailureInRuns& b) {
                       return a.failure.line < b.failure.line;
                     });
    return std::move(result_);
  }

 private:
  void Add(Failure failure, const std::string& run) {
    for (FailureInRuns& known : result_.failures) {
      // A run can fail twice in the same way, at another line.
      if (known.failure == failure) return known.runs.push_back(run);
    }
    result_.failures.push_back({.failure = std::move(failure), .runs = {run}});
  }

  // With those of the first run, whatever the scenario asks.
  void CompareReadings(std::vector<std::string> readings,
                       const std::string& run) {
    if (!first_.has_value()) {
      first_ = std::move(readings);
      first_run_ = run;
      return;
    }
    const Difference difference = FirstDifference(*first_, readings);
    if (difference.is_none()) return;
    Add({.line = script_.steps.empty() ? 0 : script_.steps.back().line,
         .what = "in the end, members stand otherwise than in the run \"" +
                 first_run_ + "\"",
         .expected = {difference.here},
         .came = {difference.there}},
        run);
  }

  const Script& script_;
  PlayedInRuns result_;
  std::optional<std::vector<std::string>> first_;
  std::string first_run_;
};

}  // namespace

absl::StatusOr<PlayedInRuns> PlayInRuns(const Script& script) {
  const ScratchFolder folder;
  if (folder.path().empty()) {
    return absl::UnavailableError(
        std::string("no folder for temporary files can be made: ") +
        std::strerror(errno) + ". TMPDIR names where");
  }
  return Runs(script).Play(Setups(script, folder.path()));
}

}  // namespace loyalty::command
