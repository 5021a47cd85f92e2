// SPDX-License-Identifier: Apache-2.0
//
// See commit_queue.h.
#include "engine/commit_queue.h"

#include <absl/cleanup/cleanup.h>
#include <absl/strings/str_cat.h>

#include <utility>

#include "base/status_macros.h"

namespace loyalty::engine {
namespace {

int64_t SizeOf(const CommitQueue::Batch& batch) {
  return static_cast<int64_t>(batch.events.size());
}

}  // namespace

CommitQueue::CommitQueue(int64_t max_waiting, Write write)
    : max_waiting_(max_waiting), write_(std::move(write)) {}

CommitQueue::Answers CommitQueue::Process(std::span<const Event> events) {
  // What stays if `write` throws, which only a lack of memory can make it do.
  Call call{.batch = {.events = events,
                      .answers = absl::UnavailableError(
                          "outcome unknown: the memory was used up")}};
  RETURN_IF_ERROR(Enter(call));
  AwaitTurn(call);
  if (call.answered) return std::move(call.batch.answers);
  std::vector<Batch*> group;
  const absl::Cleanup finish = [&] { Finish(group.size()); };
  TakeGroup(group);
  write_(group);
  return std::move(call.batch.answers);
}

absl::Status CommitQueue::Enter(Call& call) {
  const base::MutexLock lock(mutex_);
  if (waiting_ > 0 && waiting_ + SizeOf(call.batch) > max_waiting_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        waiting_, " events wait to be recorded already: send these again"));
  }
  calls_.push_back(&call);
  waiting_ += SizeOf(call.batch);
  return absl::OkStatus();
}

void CommitQueue::AwaitTurn(Call& call) {
  const base::MutexLock lock(mutex_);
  while (!call.answered && calls_.front() != &call) call.turn.Wait(mutex_);
}

int64_t CommitQueue::Waiting() const {
  const base::MutexLock lock(mutex_);
  return waiting_;
}

// The first call, and those behind it that fit beside it.
void CommitQueue::TakeGroup(std::vector<Batch*>& group) {
  const base::MutexLock lock(mutex_);
  group.reserve(calls_.size());
  int64_t events = 0;
  for (Call* const call : calls_) {
    events += SizeOf(call->batch);
    if (!group.empty() && events > kMostEventsTogether) break;
    group.push_back(&call->batch);
    waiting_ -= SizeOf(call->batch);
  }
}

// They are told under the lock: a call is gone as soon as it knows.
void CommitQueue::Finish(size_t written) {
  const base::MutexLock lock(mutex_);
  // If it was never taken, it does not wait any more either.
  if (written == 0) waiting_ -= SizeOf(calls_.front()->batch);
  calls_.pop_front();  // the leader
  for (size_t i = 1; i < written; ++i) {
    calls_.front()->answered = true;
    calls_.front()->turn.Tell();
    calls_.pop_front();
  }
  if (!calls_.empty()) calls_.front()->turn.Tell();
}

}  // namespace loyalty::engine
