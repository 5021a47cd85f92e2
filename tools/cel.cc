// SPDX-License-Identifier: Apache-2.0
//
// loyalty cel: tries an expression, or runs a file of conformance tests.
#include "loyalty/cel/cel.h"

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cel_conformance.h"
#include "cel_values.h"
#include "command.h"
#include "output.h"
#include "program_file.h"

namespace loyalty::command {
namespace {

// ---- One expression ----

// What an expression may read: a name for each member of the bindings.
struct Bound {
  cel::Environment environment;
  std::vector<cel::Value> slots;
};

absl::StatusOr<Bound> Bind(const std::string& bindings) {
  Bound bound;
  for (const cel::Extension extension :
       {cel::Extension::kStrings, cel::Extension::kMath,
        cel::Extension::kEncoders, cel::Extension::kOptionals,
        cel::Extension::kTwoVariables}) {
    bound.environment.Enable(extension);
  }
  const Json json =
      bindings.empty() ? Json::object() : Json::parse(bindings, nullptr, false);
  if (!json.is_object()) {
    return absl::InvalidArgumentError("--bindings takes a JSON object");
  }
  for (const auto& [name, value] : json.items()) {
    const auto slot = static_cast<uint32_t>(bound.slots.size());
    bound.slots.push_back(FromPlainJson(value));
    const absl::Status declared = bound.environment.Declare(
        {name, DeclaredTypeOf(bound.slots.back()), slot});
    if (!declared.ok()) return declared;
  }
  return bound;
}

void ComplainOf(const std::vector<cel::Issue>& issues,
                const std::string& source) {
  for (const cel::Issue& issue : issues) {
    Complain(PrintableLines(cel::FormatIssue(issue, source, "")));
  }
}

Exit Try(const CelOptions& options) {
  const absl::StatusOr<Bound> bound = Bind(options.bindings);
  if (!bound.ok()) return Failed(bound.status(), Exit::kUsage);
  cel::CompileOptions compile_options;
  compile_options.dynamic_patterns = true;
  const cel::Compiled compiled =
      cel::Compile(options.expression, bound->environment, compile_options);
  if (!compiled.ok()) {
    ComplainOf(compiled.issues, options.expression);
    return Exit::kNo;
  }
  const absl::StatusOr<cel::Value> value =
      compiled.expression->Evaluate(bound->slots);
  if (!value.ok()) return Failed(value.status(), Exit::kNo);
  if (options.json) {
    PrintJson({{"type", compiled.expression->result_type().ToString()},
               {"value", ToPlainJson(*value)},
               {"cost_bound", compiled.expression->cost_bound()}});
  } else {
    Print(PrintableLines(ToSource(*value)) + "\n");
  }
  return Finished(Exit::kDone);
}

// ---- Conformance ----

// `profile` is a test's profile or extension, or "" for all.
bool IsOf(const std::string& profile, const ConformanceResult& result) {
  return profile.empty() || profile == result.profile ||
         profile == result.extension;
}

Exit RunFile(const CelOptions& options) {
  const absl::StatusOr<std::string> lines = ProgramText(options.conformance);
  if (!lines.ok()) return Failed(lines.status(), Exit::kCouldNot);
  const auto results = RunConformance(*lines);
  if (!results.ok()) {
    Complain(Printable(options.conformance) + ": " +
             std::string(results.status().message()));
    return Exit::kCouldNot;
  }
  int64_t passed = 0;
  Json failed = Json::array();
  for (const ConformanceResult& result : *results) {
    if (!IsOf(options.profile, result)) continue;
    if (result.failure.empty()) {
      ++passed;
      continue;
    }
    failed.push_back({{"name", result.name}, {"failure", result.failure}});
    if (options.json) continue;
    Print("FAILED " + Printable(result.name) + ": " +
          Printable(result.failure) + "\n");
  }
  // Else a profile that is misspelt would pass.
  if (!options.profile.empty() && passed == 0 && failed.empty()) {
    Complain(Printable(options.conformance) + " has no test of profile or " +
             "extension \"" + Printable(options.profile) + "\"");
    return Exit::kUsage;
  }
  if (options.json) {
    PrintJson({{"passed", passed}, {"failed", failed}});
  } else {
    Print(std::to_string(passed) + " passed, " + std::to_string(failed.size()) +
          " failed\n");
  }
  return Finished(failed.empty() ? Exit::kDone : Exit::kNo);
}

}  // namespace

Exit Cel(const CelOptions& options) {
  if (options.conformance.empty() == options.expression.empty()) {
    Complain("cel takes either an expression or --conformance FILE");
    return Exit::kUsage;
  }
  return options.conformance.empty() ? Try(options) : RunFile(options);
}

}  // namespace loyalty::command
