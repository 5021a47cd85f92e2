// SPDX-License-Identifier: Apache-2.0
//
// Engine: the shell around the pure core. It alone reads the clock, and it
// alone commits.
#include "loyalty/engine.h"

#include <absl/strings/str_cat.h>

#include <memory>
#include <utility>

#include "base/mutex.h"
#include "base/status_macros.h"
#include "engine/file_queries.h"
#include "engine/process.h"
#include "engine/stored_program.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"

namespace loyalty {
namespace {

// kInvalidArgument is about one event; every other error is about the
// transaction.
bool IsMalformed(const absl::Status& status) {
  return absl::IsInvalidArgument(status);
}

class StoreEngine : public Engine {
 public:
  StoreEngine(std::unique_ptr<store::Store> store, const Program& program,
              int64_t program_number, EngineOptions options)
      : store_(std::move(store)),
        program_(program.compiled()),
        program_number_(program_number),
        options_(std::move(options)) {}

  absl::StatusOr<Outcome> Process(const Event& event) override {
    ASSIGN_OR_RETURN(std::vector<absl::StatusOr<Outcome>> outcomes,
                     Process(std::span<const Event>(&event, 1)));
    return std::move(outcomes.front());
  }

  absl::StatusOr<std::vector<absl::StatusOr<Outcome>>> Process(
      std::span<const Event> events) override {
    const base::MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
    std::vector<absl::StatusOr<Outcome>> outcomes;
    outcomes.reserve(events.size());
    bool wrote = false;
    for (const Event& event : events) {
      outcomes.push_back(Answer(*transaction, event));
      const absl::StatusOr<Outcome>& outcome = outcomes.back();
      if (!outcome.ok() && !IsMalformed(outcome.status())) {
        return outcome.status();
      }
      wrote |= outcome.ok() && outcome->seq > 0 && !outcome->repeat;
    }
    if (wrote) RETURN_IF_ERROR(transaction->Commit());
    return outcomes;
  }

  absl::StatusOr<Outcome> Preview(const Event& event) override {
    const base::MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(const auto transaction, store_->Begin());
    return Answer(*transaction, event);
  }

  absl::StatusOr<Outcome> Reverse(std::string_view id, absl::Time time,
                                  std::string_view event_id) override {
    return Process(Event{.id = std::string(id),
                         .type = std::string(kReverse),
                         .time = time,
                         .attributes = {{"event", event_id}}});
  }

  absl::StatusOr<int64_t> Sweep(absl::Time until) override {
    if (until == absl::InfiniteFuture() || until == absl::InfinitePast()) {
      return absl::InvalidArgumentError("sweep until a time that is finite");
    }
    return int64_t{0};
  }

  absl::StatusOr<std::unique_ptr<Queries>> Query() override {
    // Between two transactions, so that the store has nothing put off.
    const base::MutexLock lock(mutex_);
    ASSIGN_OR_RETURN(auto reader, store_->Read());
    return engine::MakeQueries(nullptr, std::move(reader));
  }

 private:
  absl::StatusOr<Outcome> Answer(store::Transaction& transaction,
                                 const Event& event)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const absl::Time now = options_.clock ? options_.clock() : absl::Now();
    return engine::ProcessOne(*program_, program_number_, transaction, event,
                              now);
  }

  base::Mutex mutex_;  // one writer at a time
  const std::unique_ptr<store::Store> store_;
  const std::shared_ptr<const rules::CompiledProgram> program_;
  const int64_t program_number_;
  const EngineOptions options_;
};

// The number of `program` in the store, which must be the store's own.
absl::StatusOr<int64_t> Adopt(store::Store& store, const Program& program) {
  std::vector<store::StoredProgram> stored;
  {
    ASSIGN_OR_RETURN(const auto reader, store.Read());
    ASSIGN_OR_RETURN(stored, reader->Programs());
  }
  if (stored.empty()) {
    ASSIGN_OR_RETURN(
        const store::StoredProgram added,
        store.AddProgram({.name = program.name(),
                          .version = program.version(),
                          .identity = program.identity(),
                          .canonical = program.compiled()->canonical}));
    return added.number;
  }
  const store::StoredProgram& last = stored.back();
  if (last.identity == program.identity()) return last.number;
  const bool same_version =
      last.name == program.name() && last.version == program.version();
  return absl::FailedPreconditionError(absl::StrCat(
      "the file was made with program \"", last.name, "\" version \"",
      last.version, "\", not with \"", program.name(), "\" version \"",
      program.version(), "\"",
      same_version ? " of other content or parameters; a changed program needs "
                     "a new version"
                   : ""));
}

absl::StatusOr<std::unique_ptr<Engine>> MakeEngine(
    std::unique_ptr<store::Store> store, const Program& program,
    EngineOptions options) {
  ASSIGN_OR_RETURN(const int64_t number, Adopt(*store, program));
  return std::make_unique<StoreEngine>(std::move(store), program, number,
                                       std::move(options));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const std::string& path,
                                                     const Program& program,
                                                     EngineOptions options) {
  ASSIGN_OR_RETURN(auto store,
                   store::OpenSqliteStore(path, store::Access::kWrite));
  return MakeEngine(std::move(store), program, std::move(options));
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const std::string& path,
                                                     const Program& program) {
  return Open(path, program, {});
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::InMemory(
    const Program& program, EngineOptions options) {
  return MakeEngine(store::NewMemoryStore(), program, std::move(options));
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::InMemory(
    const Program& program) {
  return InMemory(program, {});
}

}  // namespace loyalty
