// SPDX-License-Identifier: Apache-2.0
//
// Rehearsal: events are decided on what a reader sees as if they happened, and
// nothing is written. What they come to is kept in memory, so that the next one
// finds it; a copy goes its own way.
#ifndef LOYALTY_LIB_ENGINE_REHEARSAL_H_
#define LOYALTY_LIB_ENGINE_REHEARSAL_H_

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/aliases.h"
#include "model/entity.h"
#include "model/journal.h"
#include "store/store.h"

namespace loyalty::engine {

// A store's transaction in all that deciding what happens now asks of one.
// What would need the past, a reversal or what a lost badge awarded, is not
// rehearsed: kUnimplemented.
//
// COST: each entity is read once, with all its counters. A copy shares what it
// has in common.
class Rehearsal final : public store::Transaction {
 public:
  // Entities whose ids begin with `made_up` are nobody's: they are not read,
  // and forgotten after each event, as the next one has others. `reader` must
  // outlive this, and all copies.
  static absl::StatusOr<Rehearsal> Make(store::Reader& reader,
                                        std::string_view made_up);

  // With all counters; null: nothing is there.
  absl::StatusOr<std::shared_ptr<const model::EntityState>> Find(
      const model::Entity& entity);

  absl::StatusOr<Head> ReadHead() override { return head_; }
  absl::StatusOr<std::optional<model::RecordedEvent>> FindEvent(
      std::string_view id) override;
  absl::StatusOr<std::optional<model::RecordedEvent>> FindEvent(
      int64_t seq) override;
  const model::Aliases& Aliases() const override { return *aliases_; }
  absl::Status Load(const model::ReadSet& wanted,
                    model::EntityState& state) override;
  absl::Status Write(const store::Delta& delta) override;

  absl::StatusOr<std::vector<store::GivenAward>> MovementsOfEvent(
      int64_t seq) override;
  absl::StatusOr<std::vector<store::GivenAward>> AwardsOfObject(
      std::string_view object, model::Position after, int limit) override;
  absl::StatusOr<std::optional<model::Position>> FirstReversedSince(
      std::string_view member, std::string_view currency,
      model::Position since) override;
  absl::StatusOr<std::vector<std::pair<model::Entity, model::CounterKey>>>
  CountersKeyedBy(std::string_view member,
                  const std::vector<model::Symbol>& names) override;
  absl::StatusOr<std::vector<store::GivenAward>> History(
      std::string_view member, model::Position from) override;
  absl::StatusOr<std::vector<std::string>> Due(absl::Time until,
                                               int limit) override;
  absl::StatusOr<std::vector<store::Ranked>> Standings(
      store::BoardRef board,
      absl::FunctionRef<bool(const store::Ranked& row, int64_t rows)> wants)
      override;
  absl::StatusOr<bool> IsReversed(int64_t seq) override;
  absl::Status Commit() override;

 private:
  Rehearsal(store::Reader& reader, std::string_view made_up)
      : reader_(&reader), made_up_(made_up) {}

  absl::StatusOr<std::optional<model::EntityState>> Read(
      const model::Entity& entity);
  absl::Status AddKeyed(const model::ReadSet& wanted,
                        model::EntityState& state);

  store::Reader* reader_;
  std::string_view made_up_;
  const model::Aliases* aliases_ = nullptr;
  Head head_ = {};
  std::map<model::Entity, std::shared_ptr<const model::EntityState>> states_;
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_REHEARSAL_H_
