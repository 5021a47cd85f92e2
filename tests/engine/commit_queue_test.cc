// SPDX-License-Identifier: Apache-2.0
//
// Who writes for whom, in which order, and who is turned away. The writer here
// stops where a test tells it to, so that the queue is as the test says.
#include "engine/commit_queue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <new>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace loyalty::engine {
namespace {

using Answers = CommitQueue::Answers;
using ::testing::ElementsAre;

std::vector<Event> Events(const std::string& id, int count = 1) {
  return std::vector<Event>(static_cast<size_t>(count), Event{.id = id});
}

// A queue whose calls run in threads, and whose writer notes what it is given
// and waits for the test to let it go on.
class Queue : public ::testing::Test {
 protected:
  ~Queue() override {
    for (std::thread& thread : threads_) thread.join();
  }

  void Open(int64_t max_waiting = 1'000'000) {
    queue_ = std::make_unique<CommitQueue>(
        max_waiting, [this](auto group) { Write(group); });
  }

  // A call that is being written or, if another is, waits when this returns.
  std::shared_future<Answers> Call(const std::string& id, int count = 1) {
    const bool leads = groups_begun_ == groups_done_;
    const int64_t waiting = queue_->Waiting();
    std::promise<Answers> promise;
    std::shared_future<Answers> answers = promise.get_future().share();
    threads_.emplace_back(
        [this, id, count, promise = std::move(promise)]() mutable {
          const std::vector<Event> events = Events(id, count);
          try {
            promise.set_value(queue_->Process(events));
          } catch (...) {
            promise.set_exception(std::current_exception());
          }
        });
    while (leads ? groups_begun_ == groups_done_
                 : queue_->Waiting() == waiting) {
      std::this_thread::yield();
    }
    return answers;
  }

  // Lets the writer finish one group, and waits until it has.
  void LetOneGroupGo() {
    const int before = groups_done_;
    may_go_ = before + 1;
    while (groups_done_ == before) std::this_thread::yield();
  }

  // Lets all go that are there and that will come.
  void LetAllGo() { may_go_ = 1'000'000; }

  // The groups written, as the ids of their batches.
  std::vector<std::vector<std::string>> groups_;
  bool throw_ = false;
  std::unique_ptr<CommitQueue> queue_;

 private:
  void Write(std::span<CommitQueue::Batch* const> group) {
    EXPECT_EQ(++writers_, 1) << "one at a time";
    std::vector<std::string> ids;
    for (const CommitQueue::Batch* batch : group) {
      ids.push_back(batch->events.empty() ? "" : batch->events[0].id);
    }
    groups_.push_back(ids);
    ++groups_begun_;
    while (may_go_ <= groups_done_) std::this_thread::yield();
    --writers_;
    if (std::exchange(throw_, false)) {
      ++groups_done_;
      throw std::bad_alloc();
    }
    for (CommitQueue::Batch* batch : group) {
      std::vector<absl::StatusOr<Outcome>> outcomes;
      for (const Event& event : batch->events) {
        outcomes.emplace_back(Outcome{.event_id = event.id});
      }
      batch->answers = std::move(outcomes);
    }
    ++groups_done_;
  }

  std::vector<std::thread> threads_;
  std::atomic<int> writers_ = 0;
  std::atomic<int> groups_begun_ = 0;
  std::atomic<int> groups_done_ = 0;
  std::atomic<int> may_go_ = 0;
};

TEST_F(Queue, WritesOneWhoIsAloneAtOnce) {
  Open();
  const auto answers = Call("a");
  EXPECT_EQ(queue_->Waiting(), 0);
  LetAllGo();
  EXPECT_EQ(answers.get().value()[0]->event_id, "a");
  EXPECT_THAT(groups_, ElementsAre(ElementsAre("a")));
}

TEST_F(Queue, WritesAllWhoCameMeanwhileTogetherAndInTheirOrder) {
  Open();
  const auto a = Call("a");
  const auto b = Call("b", 2);
  const auto c = Call("c");
  const auto d = Call("d");
  EXPECT_EQ(queue_->Waiting(), 4);
  LetAllGo();
  EXPECT_EQ(b.get().value().size(), 2u);
  EXPECT_EQ(c.get().value()[0]->event_id, "c");
  EXPECT_EQ(d.get().value()[0]->event_id, "d");
  EXPECT_THAT(groups_,
              ElementsAre(ElementsAre("a"), ElementsAre("b", "c", "d")));
  EXPECT_EQ(queue_->Waiting(), 0);
}

TEST_F(Queue, AnswersNobodyBeforeTheirGroupIsWritten) {
  Open();
  const auto a = Call("a");
  const auto b = Call("b");
  const auto c = Call("c");
  LetOneGroupGo();
  a.wait();
  while (queue_->Waiting() > 0) std::this_thread::yield();
  const auto is_ready = [](const std::shared_future<Answers>& answers) {
    return answers.wait_for(std::chrono::seconds(0)) ==
           std::future_status::ready;
  };
  EXPECT_FALSE(is_ready(b));
  EXPECT_FALSE(is_ready(c));
  LetAllGo();
  EXPECT_TRUE(b.get().ok());
  EXPECT_TRUE(c.get().ok());
}

TEST_F(Queue, KeepsAGroupToItsMostEvents) {
  Open();
  const auto a = Call("a");
  const auto b = Call("b", CommitQueue::kMostEventsTogether - 1);
  const auto c = Call("c");
  const auto d = Call("d");
  LetAllGo();
  d.wait();
  EXPECT_THAT(groups_, ElementsAre(ElementsAre("a"), ElementsAre("b", "c"),
                                   ElementsAre("d")));
}

TEST_F(Queue, WritesABatchThatIsLargerThanAGroupAlone) {
  Open();
  const auto a = Call("a");
  const auto b = Call("b");
  const auto large = Call("large", CommitQueue::kMostEventsTogether + 1);
  const auto d = Call("d");
  LetAllGo();
  d.wait();
  EXPECT_EQ(large.get()->size(), CommitQueue::kMostEventsTogether + 1u);
  // Nobody overtakes it.
  EXPECT_THAT(groups_, ElementsAre(ElementsAre("a"), ElementsAre("b"),
                                   ElementsAre("large"), ElementsAre("d")));
}

TEST_F(Queue, TurnsAwayWhoWouldWaitBehindTooMany) {
  Open(/*max_waiting=*/10);
  const auto a = Call("a", 50);  // nobody waits
  const auto b = Call("b", 9);
  const auto c = Call("c", 1);
  for (const int count : {1, 2}) {
    const Answers refused = queue_->Process(Events("d", count));
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kResourceExhausted);
    EXPECT_THAT(std::string(refused.status().message()),
                ::testing::HasSubstr("10 events wait"));
  }
  LetAllGo();
  c.wait();
  EXPECT_TRUE(queue_->Process(Events("d")).ok());
  EXPECT_THAT(groups_, ElementsAre(ElementsAre("a"), ElementsAre("b", "c"),
                                   ElementsAre("d")));
}

TEST_F(Queue, TakesABatchOfAnySizeWhereNobodyWaits) {
  Open(/*max_waiting=*/10);
  const auto a = Call("a");
  const auto b = Call("b", 50);
  EXPECT_EQ(queue_->Waiting(), 50);
  LetAllGo();
  EXPECT_EQ(b.get()->size(), 50u);
}

TEST_F(Queue, AnswersABatchOfNoEvents) {
  Open();
  LetAllGo();
  EXPECT_TRUE(queue_->Process({}).value().empty());
}

TEST_F(Queue, GoesOnWhenItsLeaderRunsOutOfMemory) {
  Open();
  const auto a = Call("a");
  const auto b = Call("b");
  const auto c = Call("c");
  LetOneGroupGo();
  a.wait();
  while (queue_->Waiting() > 0) std::this_thread::yield();
  const auto d = Call("d");
  throw_ = true;
  LetAllGo();
  EXPECT_THROW(b.get(), std::bad_alloc);
  EXPECT_EQ(c.get().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(d.get().ok());
}

TEST_F(Queue, AnswersEveryCallOfManyThreadsOnce) {
  Open();
  LetAllGo();
  std::vector<std::thread> threads;
  for (int t = 0; t < 16; ++t) {
    threads.emplace_back([this, t] {
      for (int i = 0; i < 200; ++i) {
        const std::string id = std::to_string(t) + "/" + std::to_string(i);
        const Answers answers = queue_->Process(Events(id));
        ASSERT_TRUE(answers.ok());
        ASSERT_EQ((*answers)[0]->event_id, id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  size_t batches = 0;
  for (const auto& group : groups_) batches += group.size();
  EXPECT_EQ(batches, 16u * 200u);
  EXPECT_EQ(queue_->Waiting(), 0);
}

}  // namespace
}  // namespace loyalty::engine
