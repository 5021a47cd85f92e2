// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as a program: in text protobuf, or, where the first byte is '{' as
// in every JSON program, in JSON as well. What compiles is the same program
// when its canonical form is read.
#include <algorithm>
#include <string>

#include "engine/stored_program.h"
#include "loyalty/program.h"
#include "require.h"
#include "rules/compile.h"
#include "wire/program_reader.h"

namespace loyalty {
namespace {

using fuzz::Require;

void ExpectPlaces(const Program::Reading& reading, std::string_view text) {
  const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
  bool failed = false;
  for (const Diagnostic& d : reading.diagnostics) {
    failed |= d.severity == Diagnostic::Severity::kError;
    Require(d.line >= 0 && d.line <= lines, "a place is in the text");
    Require((d.line == 0) == (d.column == 0), "a place has line and column");
    Require(!d.message.empty(), "a diagnostic says something");
    Require(!d.ToString().empty(), "a diagnostic can be shown");
  }
  Require(failed == (reading.compiled == nullptr),
          "there is a program, or an error that says why not");
}

void ExpectSameWhenReadAgain(const rules::CompiledProgram& program) {
  const wire::ProgramText again = wire::ReadCanonical(program.canonical);
  Require(!HasErrors(again.findings), "the canonical form can be read");
  Require(again.canonical == program.canonical, "the canonical form is one");
  Require(engine::IdentityOf(again.canonical) == program.identity,
          "the identity is the canonical form's");
  const rules::Compilation compilation = rules::Compile(again.spec);
  Require(compilation.program != nullptr, "the canonical form compiles");
  Require(
      compilation.program->rule_ids == program.rule_ids &&
          compilation.program->event_types.size() == program.event_types.size(),
      "the canonical form is the same program");
}

void ReadAs(std::string_view text, const std::string& name) {
  const Program::Reading reading = Program::Read(text, name, {});
  ExpectPlaces(reading, text);
  if (reading.compiled != nullptr) ExpectSameWhenReadAgain(*reading.compiled);
}

}  // namespace
}  // namespace loyalty

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text = loyalty::fuzz::Text(data, size);
  loyalty::ReadAs(text, "fuzz.textproto");
  if (text.starts_with("{")) loyalty::ReadAs(text, "fuzz.json");
  return 0;
}
