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
#include "engine/voucher_key.h"
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

// Before there is a file.
absl::Status CheckOptions(const Program& program,
                          const EngineOptions& options) {
  constexpr int64_t kMostEvents = 100'000'000;
  RETURN_IF_ERROR(CheckRange("cache_bytes", options.cache_bytes,
                             int64_t{64} << 10, int64_t{1} << 40));
  RETURN_IF_ERROR(CheckRange("max_tail", options.max_tail, 1, kMostEvents));
  RETURN_IF_ERROR(
      engine::KeyFor(*program.compiled(), options.voucher_key).status());
  return CheckRange("max_waiting_events", options.max_waiting_events, 1,
                    kMostEvents);
}

// What a host asks for `member`; `units` where it says how many.
Event Asking(std::string_view type, std::string_view id, absl::Time time,
             std::string_view member, Attributes attributes,
             std::optional<int64_t> units = {}) {
  if (units.has_value()) attributes.emplace("units", *units);
  return {.id = std::string(id),
          .type = std::string(type),
          .time = time,
          .actor = std::string(member),
          .attributes = std::move(attributes)};
}

Event OfBadge(std::string_view type, std::string_view id, absl::Time time,
              std::string_view member, std::string_view badge,
              std::string_view by, std::string_view reason,
              std::string_view object) {
  Attributes attributes = {{"badge", badge}, {"by", by}};
  if (!reason.empty()) attributes.emplace("reason", reason);
  Event event = Asking(type, id, time, member, std::move(attributes));
  if (!object.empty()) event.target = std::string(object);
  return event;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const std::string& path,
                                                     const Program& program,
                                                     EngineOptions options) {
  RETURN_IF_ERROR(CheckOptions(program, options));
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
  RETURN_IF_ERROR(CheckOptions(program, options));
  return engine::StoreEngine::Make(store::NewMemoryStore(), program,
                                   std::move(options));
}

absl::StatusOr<std::unique_ptr<Engine>> Engine::InMemory(
    const Program& program) {
  return InMemory(program, {});
}

absl::StatusOr<Outcome> Engine::Redeem(std::string_view id, absl::Time time,
                                       std::string_view member,
                                       std::string_view reward,
                                       int64_t quantity) {
  Attributes attributes = {{"reward", reward}};
  if (quantity != 1) attributes.emplace("quantity", quantity);
  return Process(Asking(kRedeem, id, time, member, std::move(attributes)));
}

absl::StatusOr<Outcome> Engine::Capture(std::string_view id, absl::Time time,
                                        std::string_view member,
                                        std::string_view hold,
                                        std::optional<int64_t> units) {
  return Process(
      Asking(kCaptureHold, id, time, member, {{"hold", hold}}, units));
}

absl::StatusOr<Outcome> Engine::Void(std::string_view id, absl::Time time,
                                     std::string_view member,
                                     std::string_view hold) {
  return Process(Asking(kVoidHold, id, time, member, {{"hold", hold}}));
}

absl::StatusOr<Outcome> Engine::Cancel(std::string_view id, absl::Time time,
                                       std::string_view member,
                                       std::string_view redemption,
                                       std::optional<int64_t> units) {
  return Process(Asking(kCancelRedemption, id, time, member,
                        {{"redemption", redemption}}, units));
}

absl::StatusOr<Outcome> Engine::Fulfil(std::string_view id, absl::Time time,
                                       std::string_view member,
                                       std::string_view redemption,
                                       std::string_view by) {
  Attributes attributes = {{"redemption", redemption}};
  if (!by.empty()) attributes.emplace("by", by);
  return Process(Asking(kFulfil, id, time, member, std::move(attributes)));
}

absl::StatusOr<Outcome> Engine::UseVoucher(std::string_view id, absl::Time time,
                                           std::string_view code,
                                           std::string_view by,
                                           std::string_view channel) {
  Event event{.id = std::string(id),
              .type = std::string(kUseVoucher),
              .time = time,
              .attributes = {{"code", code}, {"by", by}}};
  if (!channel.empty()) event.channel = std::string(channel);
  return Process(event);
}

absl::StatusOr<Outcome> Engine::ImportVoucher(std::string_view id,
                                              absl::Time time,
                                              std::string_view reward,
                                              std::string_view code) {
  return Process(Event{.id = std::string(id),
                       .type = std::string(kImportVoucher),
                       .time = time,
                       .attributes = {{"reward", reward}, {"code", code}}});
}

absl::StatusOr<Outcome> Engine::Transfer(std::string_view id, absl::Time time,
                                         std::string_view from,
                                         std::string_view to,
                                         std::string_view currency,
                                         int64_t units) {
  return Process(Asking(kTransferUnits, id, time, from,
                        {{"to", to}, {"currency", currency}}, units));
}

absl::StatusOr<Outcome> Engine::Merge(std::string_view id, absl::Time time,
                                      std::string_view member,
                                      std::string_view into) {
  return Process(Asking(kMerge, id, time, member, {{"into", into}}));
}

absl::StatusOr<Outcome> Engine::Adjust(std::string_view id, absl::Time time,
                                       std::string_view member,
                                       std::string_view currency, int64_t units,
                                       std::string_view by,
                                       std::string_view reason) {
  return Process(
      Asking(kAdjust, id, time, member,
             {{"currency", currency}, {"by", by}, {"reason", reason}}, units));
}

absl::StatusOr<Outcome> Engine::GrantBadge(std::string_view id, absl::Time time,
                                           std::string_view member,
                                           std::string_view badge,
                                           std::string_view by,
                                           std::string_view reason,
                                           std::string_view object) {
  return Process(
      OfBadge(kGrantBadge, id, time, member, badge, by, reason, object));
}

absl::StatusOr<Outcome> Engine::RevokeBadge(
    std::string_view id, absl::Time time, std::string_view member,
    std::string_view badge, std::string_view by, std::string_view reason,
    std::string_view object) {
  return Process(
      OfBadge(kRevokeBadge, id, time, member, badge, by, reason, object));
}

absl::StatusOr<Outcome> Engine::AssignTier(
    std::string_view id, absl::Time time, std::string_view member,
    std::string_view ladder, std::string_view tier, std::string_view by,
    std::string_view reason, std::string_view as, absl::Time until) {
  Attributes attributes = {
      {"ladder", ladder}, {"tier", tier}, {"by", by}, {"as", as}};
  if (!reason.empty()) attributes.emplace("reason", reason);
  if (until != absl::InfiniteFuture()) attributes.emplace("until", until);
  return Process(Asking(kAssignTier, id, time, member, std::move(attributes)));
}

absl::StatusOr<Outcome> Engine::UnassignTier(
    std::string_view id, absl::Time time, std::string_view member,
    std::string_view ladder, std::string_view by, std::string_view reason) {
  Attributes attributes = {{"ladder", ladder}, {"by", by}};
  if (!reason.empty()) attributes.emplace("reason", reason);
  return Process(
      Asking(kUnassignTier, id, time, member, std::move(attributes)));
}

absl::StatusOr<Outcome> Engine::Erase(std::string_view id, absl::Time time,
                                      std::string_view member) {
  return Process(Asking(kErase, id, time, member, {}));
}

absl::Status Engine::Backup(const std::string& to) {
  ASSIGN_OR_RETURN(const auto queries, Query());
  return queries->Backup(to);
}

absl::Status Engine::Rebuild(const std::string& path) {
  return store::RebuildSqliteFile(path);
}

}  // namespace loyalty
