// SPDX-License-Identifier: Apache-2.0
//
// loyalty test: plays scenarios, and says where a program does not do what they
// say. See scenario.h for how it goes.
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "command.h"
#include "loyalty/program.h"
#include "output.h"
#include "program_file.h"
#include "scenario.h"
#include "scenario_binding.h"
#include "scenario_reader.h"
#include "scenario_report.h"
#include "scenario_runs.h"
#include "scenario_words.h"

namespace loyalty::command {
namespace {

namespace fs = std::filesystem;

constexpr char kSuffix[] = ".scenario";

bool IsFolder(const std::string& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

// What the command line names.
struct AskedFiles {
  std::string program;  // "" if the scenarios name theirs
  std::vector<std::string> scenarios;
};

// All scenarios under a folder, in the order of their names.
absl::StatusOr<std::vector<std::string>> ScenariosUnder(
    const std::string& folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end;
       !error && at != end; at.increment(error)) {
    if (at->path().extension() == kSuffix) found.push_back(at->path().string());
  }
  if (error) return absl::UnavailableError(folder + ": " + error.message());
  if (found.empty()) {
    return absl::UnavailableError(folder + ": has no file *" + kSuffix);
  }
  std::sort(found.begin(), found.end());
  return found;
}

// A first file that is not called a scenario is the program.
absl::StatusOr<AskedFiles> AskedIn(const std::vector<std::string>& files) {
  AskedFiles asked;
  for (size_t i = 0; i < files.size(); ++i) {
    const std::string& file = files[i];
    if (IsFolder(file)) {
      auto found = ScenariosUnder(file);
      if (!found.ok()) return found.status();
      asked.scenarios.insert(asked.scenarios.end(), found->begin(),
                             found->end());
    } else if (file.ends_with(kSuffix)) {
      asked.scenarios.push_back(file);
    } else if (std::error_code error; !fs::exists(file, error)) {
      return absl::NotFoundError(file + ": there is no such file or folder");
    } else if (i == 0) {
      asked.program = file;
    } else {
      return absl::InvalidArgumentError(
          "\"" + file + "\" is no scenario: their names end in " + kSuffix +
          ", and the program comes first");
    }
  }
  if (asked.scenarios.empty()) {
    return absl::InvalidArgumentError(
        "there is no scenario to test: loyalty test PROGRAM SCENARIO...");
  }
  return asked;
}

class Tester {
 public:
  // `program`, if there is one, stands for those that the scenarios name.
  Tester(std::optional<Program> program, Parameters parameters,
         ScenarioReport& report)
      : program_(std::move(program)),
        parameters_(std::move(parameters)),
        report_(report) {}

  void Test(const std::string& file) {
    const absl::StatusOr<std::string> text = ProgramText(file);
    if (!text.ok()) return CouldNot(text.status());
    Scenario scenario{.file = file};
    Findings findings(scenario);
    ReadScenario(*text, scenario, findings);
    const std::optional<Program> program = ProgramOf(scenario, findings);
    std::optional<Script> script;
    if (program.has_value()) {
      script = ScriptOf(scenario, *program, findings,
                        SwitchesOf(scenario, findings));
    }
    WarnOfNothing(scenario, script, findings);
    report_.Add(findings.Sorted());
    if (!script.has_value() || findings.has_errors()) {
      return report_.AddUnplayed();
    }
    const absl::StatusOr<PlayedInRuns> played = PlayInRuns(*script);
    if (!played.ok()) return CouldNot(played.status());
    report_.Add(file, *script, *played);
  }

 private:
  void CouldNot(const absl::Status& status) {
    Failed(status, Exit::kCouldNot);
    report_.AddUnplayed();
  }

  std::optional<Program> ProgramOf(const Scenario& scenario,
                                   Findings& findings) {
    if (program_.has_value()) return program_;
    if (!scenario.program_line.has_value()) {
      findings.Error(
          scenario.blocks.empty() ? 1 : scenario.blocks[0].head.number, 1,
          "no program is named",
          "Begin with  program FILE , or name it on the command "
          "line:  loyalty test PROGRAM SCENARIO");
      return std::nullopt;
    }
    if (scenario.program_text.has_value()) {
      return Read(*scenario.program_text, scenario.file);
    }
    return Named(scenario, scenario.program_line->number,
                 scenario.program_line->words[1], findings);
  }

  // In the file beside the scenario that this word names.
  std::optional<Program> Named(const Scenario& scenario, int line,
                               const Word& name, Findings& findings) {
    if (name.written == "<<") return std::nullopt;  // it has no end
    const fs::path path = fs::path(scenario.file).parent_path() / Whole(name);
    const absl::StatusOr<std::string> text = ProgramText(path.string());
    if (text.ok()) return Read(*text, path.string());
    findings.Error(line, name.column, std::string(text.status().message()), "");
    return std::nullopt;
  }

  SwitchPrograms SwitchesOf(const Scenario& scenario, Findings& findings) {
    SwitchPrograms programs;
    for (const Block& block : scenario.blocks) {
      if (Whole(block.head.words.front()) != "switch") continue;
      const int line = block.head.number;
      std::optional<Program> program =
          block.program_text.has_value()
              ? Read(*block.program_text, scenario.file)
              : Named(scenario, line, block.head.words.back(), findings);
      if (program.has_value()) programs.emplace(line, *std::move(program));
    }
    return programs;
  }

  std::optional<Program> Read(const std::string& text,
                              const std::string& name) {
    Program::Reading reading =
        Program::Read(text, name, {.parameters = parameters_});
    if (reading.compiled != nullptr) return Program(reading.compiled);
    std::erase_if(reading.diagnostics, [](const Diagnostic& diagnostic) {
      return diagnostic.severity != Diagnostic::Severity::kError;
    });
    report_.Add(reading.diagnostics);
    return std::nullopt;
  }

  static void WarnOfNothing(const Scenario& scenario,
                            const std::optional<Script>& script,
                            Findings& findings) {
    if (!script.has_value() || findings.has_errors()) return;
    if (script->assertions > 0) return;
    findings.Warning(static_cast<int>(scenario.source.size()), 1,
                     "this scenario asserts nothing",
                     "Say under its events what should come of them, or in "
                     "the end what a balance should be.");
  }

  const std::optional<Program> program_;
  const Parameters parameters_;
  ScenarioReport& report_;
};

}  // namespace

Exit Test(const TestOptions& options) {
  absl::StatusOr<Parameters> parameters = ParametersOf(options.parameters);
  if (!parameters.ok()) return Failed(parameters.status(), Exit::kUsage);
  const absl::StatusOr<AskedFiles> asked = AskedIn(options.files);
  if (absl::IsInvalidArgument(asked.status())) {
    return Failed(asked.status(), Exit::kUsage);
  }
  if (!asked.ok()) return Failed(asked.status(), Exit::kCouldNot);
  std::optional<Program> program;
  if (!asked->program.empty()) {
    const absl::StatusOr<std::string> text = ProgramText(asked->program);
    if (!text.ok()) return Failed(text.status(), Exit::kCouldNot);
    absl::StatusOr<Program> read =
        Program::FromText(*text, asked->program, {.parameters = *parameters});
    if (!read.ok()) return ProgramFailed(read.status());
    program = *std::move(read);
  }
  ScenarioReport report(options.json);
  Tester tester(std::move(program), *std::move(parameters), report);
  for (const std::string& file : asked->scenarios) tester.Test(file);
  report.PrintSummary();
  return Finished(report.exit());
}

}  // namespace loyalty::command
