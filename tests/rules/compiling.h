// SPDX-License-Identifier: Apache-2.0
//
// Programs for the tests of this folder: what is said about a text, and a text
// compiled. Each begins with a line that all programs need, so that the text of
// a test begins on line 2.
#ifndef LOYALTY_TESTS_RULES_COMPILING_H_
#define LOYALTY_TESTS_RULES_COMPILING_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "rules/compile.h"
#include "wire/program_reader.h"
#include "wire/saying.h"

namespace loyalty::rules {

inline Compilation CompiledText(std::string_view text) {
  const wire::ProgramText read =
      wire::ReadProgram(text, wire::Format::kTextProto);
  EXPECT_EQ(wire::Said(read.findings), "") << text;
  Compilation compilation = Compile(read.spec);
  // A program, or an error that says why not.
  bool failed = false;
  for (const model::Finding& finding : compilation.findings) {
    failed |= finding.error;
  }
  EXPECT_EQ(compilation.program == nullptr, failed);
  return compilation;
}

inline std::string Whole(std::string_view text) {
  return R"(name: "t" version: "1" currency { id: "points" })"
         "\n" +
         std::string(text);
}

// "LINE:COLUMN MESSAGE | ADVICE" for each finding; warnings begin "warning ".
inline std::string SaidOfWhole(std::string_view text) {
  std::string said;
  for (const model::Finding& finding : CompiledText(text).findings) {
    if (!said.empty()) said += "\n";
    if (!finding.error) said += "warning ";
    said += wire::Said({finding});
  }
  return said;
}

inline std::string SaidOf(std::string_view text) {
  return SaidOfWhole(Whole(text));
}

inline std::shared_ptr<const CompiledProgram> MustCompile(
    std::string_view text) {
  const Compilation compilation = CompiledText(Whole(text));
  EXPECT_NE(compilation.program, nullptr) << wire::Said(compilation.findings);
  return compilation.program;
}

}  // namespace loyalty::rules

#endif  // LOYALTY_TESTS_RULES_COMPILING_H_
