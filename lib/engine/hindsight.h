// SPDX-License-Identifier: Apache-2.0
//
// Hindsight: the journal played in memory as if one program had decided all of
// it. What has come of that, beside what has come of it in the file, is what a
// catch-up brings.
#ifndef LOYALTY_LIB_ENGINE_HINDSIGHT_H_
#define LOYALTY_LIB_ENGINE_HINDSIGHT_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/stored_program.h"
#include "engine/workspace.h"
#include "model/journal.h"
#include "store/store.h"

namespace loyalty::engine {

// Entries keep their numbers and times. What was rejected stays so, as hosts
// went by the answer; switches and catch-ups do nothing. Commands are asked
// anew: a redemption may be refused that was not, or the other way round, which
// matters to what reads balances.
//
// COST: memory in proportion to the journal, as verifying it.
//
// Not thread-safe.
class Hindsight {
 public:
  // ERRORS: as the memory store's.
  static absl::StatusOr<Hindsight> Of(const StoredPrograms& programs,
                                      StoredPrograms::Compiled program);

  // Plays what the reader has behind what was played before. `progress` is
  // called now and then with the share done, 0 to 1.
  //
  // ERRORS: the reader's own; kResourceExhausted.
  absl::Status Play(store::Reader& reader,
                    absl::FunctionRef<void(double)> progress);

  absl::StatusOr<std::unique_ptr<store::Reader>> Read() {
    return store_->Read();
  }
  StoredPrograms& programs() { return programs_; }

  // Entries that could not be played, as the program knows no such event any
  // more, or misses something in it; and of the first ones, which and why.
  int64_t left_out() const { return left_out_; }
  const std::vector<std::string>& reasons() const { return reasons_; }

 private:
  Hindsight() = default;

  absl::Status PlayOne(store::Transaction& transaction,
                       const model::RecordedEvent& recorded);
  absl::Status Decide(store::Transaction& transaction,
                      const model::RecordedEvent& recorded);
  absl::Status Skip(store::Transaction& transaction,
                    const model::RecordedEvent& recorded);

  std::unique_ptr<store::Store> store_;
  StoredPrograms::Compiled program_;
  StoredPrograms programs_;  // which has that one alone
  Workspace workspace_;
  int64_t played_ = 0;
  int64_t left_out_ = 0;
  std::vector<std::string> reasons_;
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_HINDSIGHT_H_
