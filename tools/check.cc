// SPDX-License-Identifier: Apache-2.0
//
// loyalty check: everything there is to say about a program, each finding with
// its line and column. Warnings leave the answer at yes.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "command.h"
#include "loyalty/program.h"
#include "output.h"
#include "program_file.h"

namespace loyalty::command {
namespace {

Json DiagnosticAsJson(const Diagnostic& diagnostic) {
  const bool is_error = diagnostic.severity == Diagnostic::Severity::kError;
  return {{"severity", is_error ? "error" : "warning"},
          {"file", diagnostic.file},
          {"line", diagnostic.line},
          {"column", diagnostic.column},
          {"message", diagnostic.message},
          {"advice", diagnostic.advice}};
}

void PrintReading(const CheckOptions& options, const Program::Reading& reading,
                  int64_t errors) {
  const auto all = static_cast<int64_t>(reading.diagnostics.size());
  for (const Diagnostic& diagnostic : reading.diagnostics) {
    Print(PrintableLines(diagnostic.ToString()) + "\n");
  }
  std::string verdict = Printable(options.program) + ": ";
  if (reading.compiled != nullptr) {
    const Program program(reading.compiled);
    verdict += program.name() + " " + program.version() + " is sound";
  } else {
    verdict += Counted(errors, "error", "errors");
  }
  if (all > errors) {
    verdict += ", " + Counted(all - errors, "warning", "warnings");
  }
  Print(verdict + "\n");
}

void PrintReadingAsJson(const CheckOptions& options,
                        const Program::Reading& reading) {
  Json json = {{"file", options.program},
               {"ok", reading.compiled != nullptr},
               {"diagnostics", Json::array()}};
  if (reading.compiled != nullptr) {
    const Program program(reading.compiled);
    json["name"] = program.name();
    json["version"] = program.version();
    json["identity"] = program.identity();
    json["currencies"] = program.currencies();
    json["ladders"] = program.ladders();
  }
  for (const Diagnostic& diagnostic : reading.diagnostics) {
    json["diagnostics"].push_back(DiagnosticAsJson(diagnostic));
  }
  PrintJson(json);
}

}  // namespace

Exit Check(const CheckOptions& options) {
  const absl::StatusOr<Parameters> parameters =
      ParametersOf(options.parameters);
  if (!parameters.ok()) return Failed(parameters.status(), Exit::kUsage);
  const absl::StatusOr<std::string> text = ProgramText(options.program);
  if (!text.ok()) return Failed(text.status(), Exit::kCouldNot);
  const Program::Reading reading =
      Program::Read(*text, options.program, {.parameters = *parameters});
  int64_t errors = 0;
  for (const Diagnostic& diagnostic : reading.diagnostics) {
    errors += diagnostic.severity == Diagnostic::Severity::kError ? 1 : 0;
  }
  if (options.json) {
    PrintReadingAsJson(options, reading);
  } else {
    PrintReading(options, reading, errors);
  }
  return Finished(reading.compiled != nullptr ? Exit::kDone : Exit::kNo);
}

}  // namespace loyalty::command
