// SPDX-License-Identifier: Apache-2.0
//
// See stored_program.h.
#include "engine/stored_program.h"

#include <absl/status/status.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <utility>

#include "base/digest.h"
#include "base/status_macros.h"
#include "rules/compile.h"
#include "wire/program_reader.h"

namespace loyalty::engine {

std::string IdentityOf(std::string_view canonical) {
  return absl::BytesToHexString(base::Sha256(canonical));
}

absl::StatusOr<StoredPrograms> StoredPrograms::Load(store::Reader& reader) {
  StoredPrograms programs;
  ASSIGN_OR_RETURN(std::vector<store::StoredProgram> stored, reader.Programs());
  for (store::StoredProgram& program : stored) {
    programs.stored_.emplace(program.number, std::move(program));
  }
  return programs;
}

absl::StatusOr<model::ProgramSpec> StoredPrograms::SpecOf(
    int64_t number) const {
  const auto stored = stored_.find(number);
  if (stored == stored_.end()) {
    return absl::DataLossError(
        absl::StrCat("the file has no program ", number));
  }
  const store::StoredProgram& program = stored->second;
  if (IdentityOf(program.canonical) != program.identity) {
    return absl::DataLossError(absl::StrCat(
        "program ", number, " of the file is not what its identity says"));
  }
  wire::ProgramText read = wire::ReadCanonical(program.canonical);
  if (!read.findings.empty()) {
    return absl::DataLossError(absl::StrCat(
        "program ", number, " of the file: ", read.findings[0].message));
  }
  return std::move(read.spec);
}

absl::StatusOr<StoredPrograms::Compiled> StoredPrograms::Get(int64_t number) {
  if (const auto found = compiled_.find(number); found != compiled_.end()) {
    return found->second;
  }
  ASSIGN_OR_RETURN(const model::ProgramSpec spec, SpecOf(number));
  const store::StoredProgram& program = stored_.at(number);
  // It was admitted once; a host that has become stricter can still read it.
  rules::Compilation compilation =
      rules::Compile(spec, {.max_cost = INT64_MAX});
  if (compilation.program == nullptr) {
    return absl::DataLossError(
        absl::StrCat("program ", number, " of the file does not compile"));
  }
  if (compilation.program->name != program.name ||
      compilation.program->version != program.version) {
    return absl::DataLossError(
        absl::StrCat("program ", number,
                     " of the file has another name or version than its "
                     "text"));
  }
  compilation.program->canonical = program.canonical;
  compilation.program->identity = program.identity;
  return compiled_.emplace(number, std::move(compilation.program))
      .first->second;
}

absl::StatusOr<StoredPrograms::Compiled> StoredPrograms::Latest() {
  if (stored_.empty()) {
    return absl::FailedPreconditionError("the file holds no program yet");
  }
  return Get(stored_.rbegin()->first);
}

}  // namespace loyalty::engine
