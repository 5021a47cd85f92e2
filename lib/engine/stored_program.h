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

 private:
  std::map<int64_t, store::StoredProgram> stored_;
  std::map<int64_t, Compiled> compiled_;
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_STORED_PROGRAM_H_
