// SPDX-License-Identifier: Apache-2.0
//
// See next_scene.h.
#include "engine/next_scene.h"

#include <algorithm>
#include <memory>
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
// Each has a member's state, of some kilobytes.
constexpr int kMostMoments = 2000;

}  // namespace

std::unique_ptr<core::Scene> MemberScene::Copy() const {
  return std::make_unique<MemberScene>(*this);
}

int64_t MemberScene::Missing() const {
  if (!missing_.has_value()) missing_ = Ask(goal_.missing);
  return *missing_;
}

int64_t MemberScene::Ask(const Measure& measure) const {
  Moment& now = *moment_;
  if (now.settled == nullptr && !now.state->lots.empty()) {
    auto settled = std::make_shared<model::EntityState>(*now.state);
    if (SettleTo(stage_.program, *settled, now.time).ok()) {
      now.settled = std::move(settled);
    }
  }
  if (now.settled == nullptr) now.settled = now.state;
  std::shared_ptr<const model::EntityState> whole;
  if (goal_.whole.has_value()) {
    // It was read before the first act.
    auto found = now.rehearsal.Find(goal_.whole->of);
    if (found.ok()) whole = *std::move(found);
  }
  return measure(
      {.member = *now.settled, .whole = whole.get(), .time = now.time});
}

absl::Status MemberScene::Play(int act) {
  missing_.reset();
  const auto known = moment_->after.find(act);
  if (known != moment_->after.end()) {
    moment_ = known->second;
    return absl::OkStatus();
  }
  auto next = std::make_shared<Moment>(Moment{.rehearsal = moment_->rehearsal,
                                              .time = moment_->time,
                                              .state = moment_->state});
  RETURN_IF_ERROR(PlayAnew(act, *next));
  if (act < stage_.acts_of_all && stage_.moments < kMostMoments) {
    ++stage_.moments;
    moment_->after.emplace(act, next);
  }
  moment_ = std::move(next);
  return absl::OkStatus();
}

absl::Status MemberScene::PlayAnew(int act, Moment& next) {
  next.last = rules::EventOf(stage_.program, stage_.acts[act], stage_.member,
                             kMadeUp, ++stage_.number, next.time);
  const absl::StatusOr<Outcome> outcome =
      ProcessOne(stage_.program, stage_.program_number, stage_.programs,
                 next.rehearsal, next.last, next.time, stage_.workspace);
  // What makes no sense to the program, or cannot be rehearsed.
  if (absl::IsInvalidArgument(outcome.status()) ||
      absl::IsUnimplemented(outcome.status())) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(outcome.status());
  next.movements = stage_.workspace.delta.movements;
  ASSIGN_OR_RETURN(next.state,
                   next.rehearsal.Find(core::MemberEntity(stage_.member)));
  return absl::OkStatus();
}

bool MemberScene::Wait() {
  const absl::Time next = NextOpening();
  if (next >= goal_.told.before.value_or(absl::InfiniteFuture()) ||
      next > stage_.at + kHorizon) {
    return false;
  }
  missing_.reset();
  std::shared_ptr<Moment> later = moment_->later;
  if (later == nullptr) {
    later = std::make_shared<Moment>(Moment{.rehearsal = moment_->rehearsal,
                                            .time = next,
                                            .state = moment_->state});
    if (stage_.moments < kMostMoments) {
      ++stage_.moments;
      moment_->later = later;
    }
  }
  moment_ = std::move(later);
  return true;
}

// When windows end, or what a rolling limit counted leaves it.
absl::Time MemberScene::NextOpening() const {
  absl::Time next = base::WindowEnd(moment_->time, base::Period::kDay,
                                    stage_.program.time_zone);
  if (stage_.has_hours) {
    const int64_t hour = base::WindowStart(moment_->time, base::Period::kHour,
                                           stage_.program.time_zone);
    next = std::min(next, absl::FromUnixSeconds(hour) + absl::Hours(1));
  }
  if (stage_.rolling.empty()) return next;
  for (const auto& [key, value] : moment_->state->counters) {
    const auto limit = stage_.rolling.find(key.name);
    if (limit == stage_.rolling.end() || value == 0) continue;
    const absl::Time leaves = absl::FromUnixSeconds(key.window + limit->second);
    if (leaves > moment_->time) next = std::min(next, leaves);
  }
  return next;
}

}  // namespace loyalty::engine
