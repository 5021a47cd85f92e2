// SPDX-License-Identifier: Apache-2.0
//
// See stored_program.h.
#include "engine/stored_program.h"

#include <absl/status/status.h>
#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <optional>
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

void StoredPrograms::TakeCompiled(const StoredPrograms& known) {
  for (const auto& [number, compiled] : known.compiled_) {
    const auto stored = stored_.find(number);
    if (stored != stored_.end() &&
        stored->second.identity == compiled->identity) {
      compiled_.emplace(number, compiled);
    }
  }
}

void StoredPrograms::Add(store::StoredProgram stored, Compiled compiled) {
  compiled_.emplace(stored.number, std::move(compiled));
  stored_.emplace(stored.number, std::move(stored));
}

int64_t StoredPrograms::NumberAt(int64_t seq) const {
  for (auto it = stored_.rbegin(); it != stored_.rend(); ++it) {
    if (it->second.since <= seq) return it->first;
  }
  return stored_.empty() ? 0 : stored_.begin()->first;
}

absl::StatusOr<const rules::CompiledProgram*> StoredPrograms::At(int64_t seq) {
  ASSIGN_OR_RETURN(const Compiled program, Get(NumberAt(seq)));
  return program.get();
}

absl::StatusOr<ledger::TermsInTime> StoredPrograms::TermsOf(
    std::string_view currency, int64_t from, int64_t to) {
  std::optional<ledger::TermsInTime> terms;
  const int64_t last = NumberAt(to);
  for (int64_t number = NumberAt(from); number <= last; ++number) {
    ASSIGN_OR_RETURN(const Compiled program, Get(number));
    const int index = program->CurrencyIndex(currency);
    if (index < 0) continue;
    const rules::Currency& now = program->currencies[index];
    const ledger::Terms then{.floor = now.floor, .daily_cap = now.daily_cap};
    if (!terms.has_value()) {
      terms.emplace(then);
    } else if (terms->Last() != then) {
      terms->ChangeAt(stored_.at(number).since, then);
    }
  }
  return terms.has_value() ? *std::move(terms)
                           : ledger::TermsInTime(ledger::Terms{});
}

absl::StatusOr<StoredPrograms::Compiled> StoredPrograms::Latest() {
  if (stored_.empty()) {
    return absl::FailedPreconditionError("the file holds no program yet");
  }
  return Get(stored_.rbegin()->first);
}

}  // namespace loyalty::engine
