// SPDX-License-Identifier: Apache-2.0
//
// What came of scenarios, for people and as JSON, on standard output.
#ifndef LOYALTY_TOOLS_SCENARIO_REPORT_H_
#define LOYALTY_TOOLS_SCENARIO_REPORT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "command.h"
#include "loyalty/program.h"
#include "scenario_runs.h"

namespace loyalty::command {

class ScenarioReport {
 public:
  explicit ScenarioReport(bool json) : json_(json) {}

  // What there is to say of a text. Of a program, its errors only: `check` says
  // the rest.
  void Add(const std::vector<Diagnostic>& diagnostics);

  // A scenario that was played.
  void Add(const std::string& file, const Script& script,
           const PlayedInRuns& played);

  // One that was not.
  void AddUnplayed() { ++unplayed_; }

  void PrintSummary() const;
  Exit exit() const;

 private:
  void Print(const std::string& file, const FailureInRuns& failure,
             size_t all_runs) const;
  void PrintAsJson(const std::string& file, const FailureInRuns& failure) const;

  bool json_;
  int64_t scenarios_ = 0;
  int64_t events_ = 0;
  int64_t assertions_ = 0;
  int64_t failed_ = 0;
  int64_t unplayed_ = 0;
};

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_REPORT_H_
