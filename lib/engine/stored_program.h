// SPDX-License-Identifier: Apache-2.0
//
// Programs as a file keeps them: canonical bytes, known by their hash.
#ifndef LOYALTY_LIB_ENGINE_STORED_PROGRAM_H_
#define LOYALTY_LIB_ENGINE_STORED_PROGRAM_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/terms.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

// SHA-256 of a program's canonical form, in lower-case hexadecimal.
std::string IdentityOf(std::string_view canonical);

// The programs of one file by their numbers, compiled when first asked for.
//
// Not thread-safe.
class StoredPrograms {
 public:
  using Compiled = std::shared_ptr<const rules::CompiledProgram>;

  // ERRORS: as the store's.
  static absl::StatusOr<StoredPrograms> Load(store::Reader& reader);

  // ERRORS: kDataLoss if there is no such program, it does not compile, or is
  //         not what the file's identity, name and version say it is.
  absl::StatusOr<Compiled> Get(int64_t number);

  // The program as it was written, read anew.
  //
  // ERRORS: as Get.
  absl::StatusOr<model::ProgramSpec> SpecOf(int64_t number) const;

  // ERRORS: kFailedPrecondition if the file has no program yet.
  absl::StatusOr<Compiled> Latest();

  // Takes over what `known`, of the same file, has compiled already.
  void TakeCompiled(const StoredPrograms& known);

  // One more, behind those that there are.
  void Add(store::StoredProgram stored, Compiled compiled);

  // In the order in which they decided.
  const std::map<int64_t, store::StoredProgram>& all() const { return stored_; }

  // The number of the one that decided entry `seq`, or will.
  int64_t NumberAt(int64_t seq) const;

  // That one, which this keeps.
  //
  // ERRORS: as Get.
  absl::StatusOr<const rules::CompiledProgram*> At(int64_t seq);

  // What the floor and cap of a currency were for the entries from `from` to
  // `to`. A program that does not have the currency changes nothing about it.
  //
  // ERRORS: as Get.
  absl::StatusOr<ledger::TermsInTime> TermsOf(std::string_view currency,
                                              int64_t from, int64_t to);

 private:
  std::map<int64_t, store::StoredProgram> stored_;
  std::map<int64_t, Compiled> compiled_;
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_STORED_PROGRAM_H_
