// SPDX-License-Identifier: Apache-2.0
//
// A scenario's file as lines and what stands under them. What the words mean is
// asked later, when there is a program: scenario_binding.h.
#ifndef LOYALTY_TOOLS_SCENARIO_READER_H_
#define LOYALTY_TOOLS_SCENARIO_READER_H_

#include <string>
#include <string_view>
#include <vector>

#include "loyalty/program.h"
#include "scenario.h"

namespace loyalty::command {

// Collects what is wrong with a scenario, with places and excerpts.
class Findings {
 public:
  explicit Findings(const Scenario& scenario) : scenario_(scenario) {}

  void Error(int line, int column, std::string message, std::string advice) {
    Add(Diagnostic::Severity::kError, line, column, std::move(message),
        std::move(advice));
  }
  void Warning(int line, int column, std::string message, std::string advice) {
    Add(Diagnostic::Severity::kWarning, line, column, std::move(message),
        std::move(advice));
  }

  bool has_errors() const { return has_errors_; }
  // In the order of their lines.
  std::vector<Diagnostic> Sorted() const;

 private:
  void Add(Diagnostic::Severity severity, int line, int column,
           std::string message, std::string advice);

  const Scenario& scenario_;
  std::vector<Diagnostic> all_;
  bool has_errors_ = false;
};

// Fills `scenario`, whose `file` is set, with what `text` says. What cannot be
// read is left out and found.
void ReadScenario(std::string_view text, Scenario& scenario,
                  Findings& findings);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_READER_H_
