// SPDX-License-Identifier: Apache-2.0
//
// See next_scene.h.
#include "engine/next_scene.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/window.h"
#include "core/counters.h"
#include "engine/file_queries.h"
#include "engine/process.h"
#include "loyalty/next_steps.h"

namespace loyalty::engine {
namespace {

constexpr absl::Duration kHorizon = absl::Hours(24 * 366);

}  // namespace

MemberScene::MemberScene(Stage& stage, const Goal& goal, Rehearsal rehearsal,
                         absl::Time time,
                         std::shared_ptr<const model::EntityState> state)
    : stage_(stage),
      goal_(goal),
      rehearsal_(std::move(rehearsal)),
      time_(time),
      state_(std::move(state)) {}

std::unique_ptr<core::Scene> MemberScene::Copy() const {
  return std::make_unique<MemberScene>(*this);
}

int64_t MemberScene::Missing() const {
  if (state_->lots.empty()) return goal_.missing(*state_, time_);
  model::EntityState settled = *state_;
  const absl::Status status = SettleTo(stage_.program, settled, time_);
  return goal_.missing(status.ok() ? settled : *state_, time_);
}

absl::Status MemberScene::Play(int act) {
  last_ = rules::EventOf(stage_.program, stage_.acts[act], stage_.member,
                         kMadeUp, ++stage_.number, time_);
  const absl::StatusOr<Outcome> outcome =
      ProcessOne(stage_.program, stage_.program_number, stage_.programs,
                 rehearsal_, last_, time_, stage_.workspace);
  // What makes no sense to the program, or cannot be rehearsed.
  if (absl::IsInvalidArgument(outcome.status()) ||
      absl::IsUnimplemented(outcome.status())) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(outcome.status());
  ASSIGN_OR_RETURN(state_, rehearsal_.Find(core::MemberEntity(stage_.member)));
  return absl::OkStatus();
}

bool MemberScene::Wait() {
  const absl::Time next = NextOpening();
  if (next >= goal_.told.before.value_or(absl::InfiniteFuture()) ||
      next > stage_.at + kHorizon) {
    return false;
  }
  time_ = next;
  return true;
}

// When windows end, or what a rolling limit counted leaves it.
absl::Time MemberScene::NextOpening() const {
  absl::Time next =
      base::WindowEnd(time_, base::Period::kDay, stage_.program.time_zone);
  if (stage_.has_hours) {
    const int64_t hour =
        base::WindowStart(time_, base::Period::kHour, stage_.program.time_zone);
    next = std::min(next, absl::FromUnixSeconds(hour) + absl::Hours(1));
  }
  if (stage_.rolling.empty()) return next;
  for (const auto& [key, value] : state_->counters) {
    const auto limit = stage_.rolling.find(key.name);
    if (limit == stage_.rolling.end() || value == 0) continue;
    const absl::Time leaves = absl::FromUnixSeconds(key.window + limit->second);
    if (leaves > time_) next = std::min(next, leaves);
  }
  return next;
}

}  // namespace loyalty::engine
