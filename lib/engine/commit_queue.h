// SPDX-License-Identifier: Apache-2.0
//
// CommitQueue: calls that come at the same time share one commit. Who finds
// nobody before them leads: they write for all who wait, and then the first of
// those who came meanwhile leads. So there is no thread but the callers' own,
// and one who comes alone waits for nobody.
#ifndef LOYALTY_LIB_ENGINE_COMMIT_QUEUE_H_
#define LOYALTY_LIB_ENGINE_COMMIT_QUEUE_H_

#include <absl/base/thread_annotations.h>
#include <absl/functional/any_invocable.h>
#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include "base/mutex.h"
#include "loyalty/event.h"
#include "loyalty/outcome.h"

namespace loyalty::engine {

// Thread-safe.
class CommitQueue {
 public:
  using Answers = absl::StatusOr<std::vector<absl::StatusOr<Outcome>>>;

  // What one call brought, and its answers. It is one unit, whatever it shares
  // its commit with.
  struct Batch {
    std::span<const Event> events;
    Answers answers;
  };

  // Answers every batch it is given, in the order in which they came. Called by
  // one thread at a time.
  using Write = absl::AnyInvocable<void(std::span<Batch* const>)>;

  // A batch joins others as long as they come to no more events than this: so
  // nobody waits long for those who came with them. 1,000 events are enough for
  // the disk to be a small part of the time they take.
  static constexpr int64_t kMostEventsTogether = 1000;

  // At most `max_waiting` events wait while others are written; but a batch
  // that finds nobody waiting may do so whatever its size.
  CommitQueue(int64_t max_waiting, Write write);

  // Returns once `write` has answered.
  //
  // ERRORS: kResourceExhausted  too many events wait; `write` was not given
  //                             these.
  //         as `write` answers.
  Answers Process(std::span<const Event> events);

  // Events that wait, without those that are being written.
  int64_t Waiting() const;

 private:
  struct Call {
    Batch batch;
    bool answered = false;
    base::Condition turn = {};  // to lead, or to take the answers
  };

  absl::Status Enter(Call& call);
  void AwaitTurn(Call& call);
  void TakeGroup(std::vector<Batch*>& group);
  void Finish(size_t written);

  const int64_t max_waiting_;
  Write write_;  // the leader's
  mutable base::Mutex mutex_;
  // The leader, whose group it begins with, and those who wait.
  std::deque<Call*> calls_ ABSL_GUARDED_BY(mutex_);
  int64_t waiting_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_COMMIT_QUEUE_H_
