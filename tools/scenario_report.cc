// SPDX-License-Identifier: Apache-2.0
//
// See scenario_report.h.
#include "scenario_report.h"

#include <nlohmann/json.hpp>

#include "output.h"

namespace loyalty::command {
namespace {

// "  expected  " before the first of `lines`, blanks before the others.
void PrintUnder(const std::string& head,
                const std::vector<std::string>& lines) {
  constexpr size_t kWidth = 12;
  std::string before = "  " + head;
  for (const std::string& line : lines) {
    before.resize(kWidth, ' ');
    command::Print(before + PrintableLine(line) + "\n");
    before.clear();
  }
}

Json FindingAsJson(const Diagnostic& diagnostic) {
  const bool is_error = diagnostic.severity == Diagnostic::Severity::kError;
  return {{"kind", is_error ? "error" : "warning"},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"message", diagnostic.message},
          {"advice", diagnostic.advice}};
}

}  // namespace

void ScenarioReport::Add(const std::vector<Diagnostic>& diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) {
    if (json_) {
      PrintJson(FindingAsJson(diagnostic));
    } else {
      command::Print(PrintableLines(diagnostic.ToString()) + "\n");
    }
  }
}

void ScenarioReport::Add(const std::string& file, const Script& script,
                         const PlayedInRuns& played) {
  ++scenarios_;
  events_ += script.events;
  assertions_ += script.assertions;
  failed_ += static_cast<int64_t>(played.failures.size());
  unplayed_ += played.could_not ? 1 : 0;
  for (const FailureInRuns& failure : played.failures) {
    if (json_) {
      PrintAsJson(file, failure);
    } else {
      Print(file, failure, played.runs);
    }
  }
  if (json_) {
    PrintJson({{"kind", "scenario"},
               {"file", file},
               {"events", script.events},
               {"assertions", script.assertions},
               {"runs", played.runs},
               {"failed", played.failures.size()}});
  }
}

void ScenarioReport::Print(const std::string& file,
                           const FailureInRuns& failure,
                           size_t all_runs) const {
  const Failure& what = failure.failure;
  std::string place = PrintableLine(file);
  if (what.line > 0) place += ":" + std::to_string(what.line) + ":1";
  command::Print(place + ": failed: " + PrintableLine(what.what) + "\n");
  PrintUnder("expected", what.expected);
  PrintUnder("came", what.came);
  PrintUnder("why", what.why);
  if (failure.runs.size() < all_runs) PrintUnder("only in", failure.runs);
}

void ScenarioReport::PrintAsJson(const std::string& file,
                                 const FailureInRuns& failure) const {
  PrintJson({{"kind", "failure"},
             {"file", file},
             {"line", failure.failure.line},
             {"column", 1},
             {"message", failure.failure.what},
             {"expected", failure.failure.expected},
             {"came", failure.failure.came},
             {"why", failure.failure.why},
             {"runs", failure.runs}});
}

void ScenarioReport::PrintSummary() const {
  if (json_) {
    PrintJson({{"kind", "summary"},
               {"scenarios", scenarios_},
               {"events", events_},
               {"assertions", assertions_},
               {"failed", failed_},
               {"not_played", unplayed_}});
    return;
  }
  std::string line = Counted(scenarios_, "scenario", "scenarios") + ", " +
                     Counted(events_, "event", "events") + ", " +
                     Counted(assertions_, "assertion", "assertions") + ", " +
                     Grouped(failed_) + " failed";
  if (unplayed_ > 0) {
    line += "; " + Counted(unplayed_, "scenario", "scenarios") +
            " could not be played";
  }
  command::Print(line + "\n");
}

Exit ScenarioReport::exit() const {
  if (unplayed_ > 0) return Exit::kCouldNot;
  return failed_ > 0 ? Exit::kNo : Exit::kDone;
}

}  // namespace loyalty::command
