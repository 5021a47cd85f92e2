// SPDX-License-Identifier: Apache-2.0
//
// Engine: which options it takes, and which store is under it.
#include "loyalty/engine.h"

#include <absl/strings/str_cat.h>

#include <cstddef>
#include <memory>
#include <utility>

#include "base/status_macros.h"
#include "base/views.h"
#include "engine/store_engine.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"

namespace loyalty {
namespace {

absl::Status CheckRange(std::string_view option, int64_t value, int64_t least,
                        int64_t most) {
  if (least <= value && value <= most) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("EngineOptions.", base::av(option), " is ", value,
                   ", and has to be from ", least, " to ", most));
}

absl::Status CheckOptions(const EngineOptions& options) {
  constexpr int64_t kMostEvents = 100'000'000;
  RETURN_IF_ERROR(CheckRange("cache_bytes", options.cache_bytes,
                             int64_t{64} << 10, int64_t{1} << 40));
  RETURN_IF_ERROR(CheckRange("max_tail", options.max_tail, 1, kMostEvents));
  return CheckRange("max_waiting_events", options.max_waiting_events, 1,
                    kMostEvents);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const std::string& path,
                                                     const Program& program,
                                                     EngineOptions options) {
  RETURN_IF_ERROR(CheckOptions(options));
  ASSIGN_OR_RETURN(auto store,
                   store::OpenSqliteStore(
                       path, store::Access::kWrite,
                       {.cache_bytes = static_cast<size_t>(options.cache_bytes),
                        .max_tail = options.max_tail}));
  return engine::StoreEngine::Make(std::move(store), program,
                                   std::move(options));
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const std::string& path,
                                                     const Program& program) {
  return Open(path, program, {});
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::InMemory(
    const Program& program, EngineOptions options) {
  RETURN_IF_ERROR(CheckOptions(options));
  return engine::StoreEngine::Make(store::NewMemoryStore(), program,
                                   std::move(options));
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::InMemory(
    const Program& program) {
  return InMemory(program, {});
}

absl::Status Engine::Backup(const std::string& to) {
  ASSIGN_OR_RETURN(const auto queries, Query());
  return queries->Backup(to);
}

absl::Status Engine::Rebuild(const std::string& path) {
  return store::RebuildSqliteFile(path);
}

}  // namespace loyalty
