// SPDX-License-Identifier: Apache-2.0
//
// Rewards: the engine, and views of its file for many threads.
//
// A view is one state of the file and does not change; opening one costs some
// milliseconds, asking it some microseconds. So views are shared: those that
// nobody uses wait for the next who asks, until the engine records something.
// Whoever was answered by Process sees in the next view what it did.
#ifndef COMMUNITY_REWARDS_REWARDS_H_
#define COMMUNITY_REWARDS_REWARDS_H_

#include <absl/status/status.h>
#include <loyalty/engine.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

namespace community {

// Thread-safe.
class Rewards {
 public:
  // THROWS: Refusal if the engine cannot be opened.
  Rewards(const std::string& path, const loyalty::Program& program,
          loyalty::EngineOptions options);

  // As loyalty::Engine::Process. After kUnavailable nothing more is recorded
  // until the host is started again: `is_broken` says so.
  absl::StatusOr<std::vector<absl::StatusOr<loyalty::Outcome>>> Process(
      std::span<const loyalty::Event> events);
  absl::StatusOr<loyalty::Outcome> Process(const loyalty::Event& event);
  bool is_broken() const { return is_broken_; }

  // What falls due by the passing of time.
  absl::Status Sweep(absl::Time now);

  // A view that has seen all that was answered until now; one thread's own
  // while it lives. THROWS: Refusal if none can be opened.
  class View {
   public:
    View(Rewards& rewards, int64_t version,
         std::unique_ptr<loyalty::Queries> queries)
        : rewards_(&rewards), version_(version), queries_(std::move(queries)) {}
    ~View() { rewards_->TakeBack(version_, std::move(queries_)); }
    View(const View&) = delete;
    View& operator=(const View&) = delete;
    loyalty::Queries* operator->() const { return queries_.get(); }
    loyalty::Queries& operator*() const { return *queries_; }

   private:
    Rewards* rewards_;
    int64_t version_;
    std::unique_ptr<loyalty::Queries> queries_;
  };
  View Look();

  const loyalty::Program& program() const { return program_; }

  // Rises whenever something was recorded.
  int64_t version() const { return version_; }
  // Waits until it is another one than `seen`, `deadline` is over, or Close was
  // called; false then.
  bool AwaitNews(int64_t seen, std::chrono::steady_clock::time_point deadline);
  // Ends all waiting.
  void Close();
  bool is_closed() const { return is_closed_; }

 private:
  void NoteRecorded(const absl::Status& status);
  void TakeBack(int64_t version, std::unique_ptr<loyalty::Queries> queries);

  const loyalty::Program program_;
  std::unique_ptr<loyalty::Engine> engine_;
  std::atomic<bool> is_broken_ = false;
  std::atomic<bool> is_closed_ = false;
  std::atomic<int64_t> version_ = 0;
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<std::unique_ptr<loyalty::Queries>> idle_;  // all of version_
};

}  // namespace community

#endif  // COMMUNITY_REWARDS_REWARDS_H_
