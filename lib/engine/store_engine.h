// SPDX-License-Identifier: Apache-2.0
//
// StoreEngine: the Engine there is, over any store. It alone reads the clock,
// and it alone commits.
#ifndef LOYALTY_LIB_ENGINE_STORE_ENGINE_H_
#define LOYALTY_LIB_ENGINE_STORE_ENGINE_H_

#include <absl/base/thread_annotations.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "core/goals.h"
#include "engine/commit_queue.h"
#include "engine/hindsight.h"
#include "engine/stored_program.h"
#include "engine/voucher_key.h"
#include "engine/workspace.h"
#include "loyalty/engine.h"
#include "rules/compiled.h"
#include "store/store.h"

namespace loyalty::engine {

class StoreEngine final : public Engine {
 public:
  // Adds `program` to a store that has none.
  //
  // ERRORS: kFailedPrecondition if the store goes on with another program.
  static absl::StatusOr<std::unique_ptr<StoreEngine>> Make(
      std::unique_ptr<store::Store> store,
      std::shared_ptr<const rules::CompiledProgram> program,
      EngineOptions options);

  // What lacked memory in the midst of an event, absl's tables and protobuf's
  // messages among it, can neither be used nor destroyed after that. So where
  // std::bad_alloc would come out of these, the process ends: what the file has
  // is whole. Hence noexcept.
  absl::StatusOr<Outcome> Process(const Event& event) noexcept override;
  absl::StatusOr<std::vector<absl::StatusOr<Outcome>>> Process(
      std::span<const Event> events) noexcept override;
  absl::StatusOr<Outcome> Preview(const Event& event) noexcept override;
  absl::StatusOr<Outcome> Reverse(std::string_view id, absl::Time time,
                                  std::string_view event_id) noexcept override;
  absl::StatusOr<Outcome> Switch(const Program& program, std::string_view id,
                                 absl::Time time) noexcept override;
  absl::StatusOr<CatchUpReport> CatchUp(const loyalty::CatchUp& what,
                                        std::string_view id,
                                        absl::Time time) override;
  absl::StatusOr<int64_t> Sweep(absl::Time until) override;
  absl::StatusOr<int64_t> EndSeasons(absl::Time until) override;
  absl::StatusOr<int64_t> ShareGoals(absl::Time time) override;
  absl::StatusOr<std::unique_ptr<Queries>> Query() noexcept override;

  const CommitQueue& queue() const { return queue_; }

 private:
  // A season that is over.
  struct Over {
    std::string board = {};
    std::string season = {};
    absl::Time end = {};
  };
  absl::StatusOr<std::vector<Over>> SeasonsOver(absl::Time until);
  absl::Status RefuseAhead(absl::Time until);
  absl::Time Now() const {
    return options_.clock ? options_.clock() : absl::Now();
  }
  absl::StatusOr<std::vector<Event>> SharesLeft(absl::Time time);
  absl::StatusOr<std::vector<Event>> SharesOf(store::Transaction& transaction,
                                              const core::Goal& goal,
                                              int64_t since, absl::Time time)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  using Batch = CommitQueue::Batch;

  StoreEngine(std::unique_ptr<store::Store> store,
              std::shared_ptr<const rules::CompiledProgram> program,
              StoredPrograms programs, std::optional<VoucherKey> voucher_key,
              EngineOptions options);

  void WriteAll(std::span<Batch* const> group);
  size_t WriteTogether(std::span<Batch* const> group);
  CommitQueue::Answers AnswerEach(store::Transaction& transaction,
                                  std::span<const Event> events, bool& wrote)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // What a catch-up brings, by entries, in batches (bring.cc).
  absl::StatusOr<CatchUpReport> Bring(const loyalty::CatchUp& what,
                                      const Event& begun, Hindsight& hindsight)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<Outcome> Answer(store::Transaction& transaction,
                                 const Event& event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::StatusOr<std::optional<Outcome>> AnswerOf(const Event& event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status TellVouchers(store::Transaction& transaction, const Event& event,
                            Outcome& outcome)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  base::Mutex mutex_;  // one transaction at a time
  Workspace workspace_ ABSL_GUARDED_BY(mutex_);
  const std::unique_ptr<store::Store> store_;
  // Until somebody switches.
  std::shared_ptr<const rules::CompiledProgram> program_
      ABSL_GUARDED_BY(mutex_);
  StoredPrograms programs_ ABSL_GUARDED_BY(mutex_);  // it is the last of them
  int64_t program_number_ ABSL_GUARDED_BY(mutex_);
  std::optional<VoucherKey> voucher_key_
      ABSL_GUARDED_BY(mutex_);  // if there are any
  const EngineOptions options_;
  CommitQueue queue_;
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_STORE_ENGINE_H_
