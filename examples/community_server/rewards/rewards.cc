// SPDX-License-Identifier: Apache-2.0
//
// See rewards.h.
#include "rewards/rewards.h"

#include <utility>

#include "http/json.h"

namespace community {
namespace {

// What comes later than this into a season that is over wins no prize in it.
constexpr absl::Duration kSeasonsWaitFor = absl::Hours(24);

}  // namespace

Rewards::Rewards(const std::string& path, const loyalty::Program& program,
                 loyalty::EngineOptions options)
    : program_(program),
      engine_(
          OrRefuse(loyalty::Engine::Open(path, program, std::move(options)))) {}

absl::StatusOr<std::vector<absl::StatusOr<loyalty::Outcome>>> Rewards::Process(
    std::span<const loyalty::Event> events) {
  auto outcomes = engine_->Process(events);
  NoteRecorded(outcomes.status());
  return outcomes;
}

absl::StatusOr<loyalty::Outcome> Rewards::Process(const loyalty::Event& event) {
  auto outcome = engine_->Process(event);
  NoteRecorded(outcome.status());
  return outcome;
}

absl::Status Rewards::Sweep(absl::Time now) {
  auto swept = engine_->Sweep(now);
  if (swept.ok()) swept = engine_->EndSeasons(now - kSeasonsWaitFor);
  NoteRecorded(swept.status());
  return swept.status();
}

void Rewards::NoteRecorded(const absl::Status& status) {
  if (absl::IsUnavailable(status)) is_broken_ = true;
  if (!status.ok()) return;
  // Closed without the lock, as closing is slow. An idle one would keep the
  // file's log from being shortened, too.
  std::vector<std::unique_ptr<loyalty::Queries>> outdated;
  {
    const std::lock_guard lock(mutex_);
    ++version_;
    outdated.swap(idle_);
  }
  news_.notify_all();
}

Rewards::View Rewards::Look() {
  int64_t version = 0;
  {
    const std::lock_guard lock(mutex_);
    version = version_;
    if (!idle_.empty()) {
      auto queries = std::move(idle_.back());
      idle_.pop_back();
      return View(*this, version, std::move(queries));
    }
  }
  return View(*this, version, OrRefuse(engine_->Query()));
}

void Rewards::TakeBack(int64_t version,
                       std::unique_ptr<loyalty::Queries> queries) {
  const std::lock_guard lock(mutex_);
  if (version == version_) idle_.push_back(std::move(queries));
}

bool Rewards::AwaitNews(int64_t seen,
                        std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return news_.wait_until(lock, deadline, [&] {
    return version_ != seen || is_closed_;
  }) && !is_closed_;
}

void Rewards::Close() {
  {
    const std::lock_guard lock(mutex_);
    is_closed_ = true;
  }
  news_.notify_all();
}

}  // namespace community
