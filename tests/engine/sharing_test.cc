// SPDX-License-Identifier: Apache-2.0
//
// Calls that share a commit: each is all or nothing by itself, whatever becomes
// of the others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <new>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "engine/community.h"
#include "engine/store_engine.h"
#include "store/faulty_disk.h"
#include "store/sqlite_store.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MustRead;
using Answers = absl::StatusOr<std::vector<absl::StatusOr<Outcome>>>;

constexpr char kLogins[] = R"(
  name: "logins" version: "1"
  currency { id: "points" } event_type { id: "login" }
  rule { id: "in" on: "login" award { currency: "points" units: "1" }
         limit { per: EVER units: 100000 } }
)";

std::vector<Event> Logins(const std::vector<std::string>& ids) {
  std::vector<Event> events;
  for (const std::string& id : ids) {
    events.push_back(
        {.id = id, .type = "login", .time = Day(1), .actor = "ada"});
  }
  return events;
}

// The engine asks the clock once for each event that it decides. This one stops
// the first to ask, so that others gather behind it; and says at the times in
// `bad_` what makes an engine unable to record, and throws at those in
// `throws_`.
class Shared : public ::testing::Test {
 protected:
  void Open(int64_t max_waiting_events = 1000) {
    auto store = store::OpenSqliteStore(path_, store::Access::kWrite);
    ASSERT_TRUE(store.ok()) << store.status();
    auto engine = engine::StoreEngine::Make(
        *std::move(store), MustRead(kLogins).compiled(),
        {.clock = [this] { return Time(); },
         .max_waiting_events = max_waiting_events});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }

  // Sends `first`, and while it is held each of `batches`, in this order. What
  // came of these.
  std::vector<Answers> Send(
      const std::vector<std::vector<std::string>>& batches) {
    held_ = true;
    std::vector<std::future<Answers>> calls;
    calls.push_back(Start({"first"}));
    for (const auto& batch : batches) calls.push_back(Start(batch));
    held_ = false;
    std::vector<Answers> answers;
    for (auto& call : calls) answers.push_back(call.get());
    EXPECT_TRUE(answers[0].ok()) << answers[0].status();
    answers.erase(answers.begin());
    return answers;
  }

  std::vector<std::string> Recorded() {
    std::vector<std::string> ids;
    const auto feed = (*Queries::Open(path_))->Feed(0, 100);
    for (const Outcome& outcome : *feed) ids.push_back(outcome.event_id);
    return ids;
  }

  void ExpectVerified() {
    const auto report = (*Queries::Open(path_))->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
  }

  // Runs a call in a thread. The first is being recorded when this returns, and
  // held; the others wait.
  std::future<Answers> Start(const std::vector<std::string>& ids) {
    const bool leads = asked_ == 0;
    const int64_t waiting = engine_->queue().Waiting();
    auto call = std::async(std::launch::async, [this, ids] {
      const std::vector<Event> events = Logins(ids);
      return engine_->Process(std::span<const Event>(events));
    });
    while (leads ? asked_ == 0 : engine_->queue().Waiting() == waiting) {
      std::this_thread::yield();
    }
    return call;
  }

  store::TemporaryFolder folder_;
  std::string path_ = folder_.File("logins.db");
  std::set<int> bad_;
  std::set<int> throws_;
  std::atomic<int> asked_ = 0;
  std::atomic<bool> held_ = false;
  std::unique_ptr<engine::StoreEngine> engine_;

 private:
  absl::Time Time() {
    const int time = ++asked_;
    while (time == 1 && held_) std::this_thread::yield();
    if (throws_.contains(time)) throw std::bad_alloc();
    return bad_.contains(time) ? absl::InfiniteFuture() : Day(31);
  }
};

TEST_F(Shared, CommitRecordsAllOfThem) {
  Open();
  const auto answers = Send({{"b1", "b2"}, {"c"}});
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ((*answers[0])[1]->seq, 3);
  EXPECT_EQ((*answers[1])[0]->seq, 4);
  EXPECT_THAT(Recorded(), ElementsAre("first", "b1", "b2", "c"));
}

TEST_F(Shared, BatchThatFailsIsNotRecordedAndLosesNoOther) {
  Open();
  // first, b, c1, c2; then b again, c1 and c2 alone, d.
  bad_ = {4, 7};
  const auto answers = Send({{"b"}, {"c1", "c2"}, {"d"}});
  EXPECT_EQ((*answers[0])[0]->event_id, "b");
  EXPECT_EQ(answers[1].status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ((*answers[2])[0]->event_id, "d");
  EXPECT_EQ(asked_, 8);
  EXPECT_THAT(Recorded(), ElementsAre("first", "b", "d"));
  EXPECT_EQ((*engine_->Query())->Member("ada")->currencies[0].balance, 3);
  // The ids of what failed are free.
  EXPECT_FALSE(engine_->Process(Logins({"c1"})[0])->repeat);
  ExpectVerified();
}

TEST_F(Shared, BatchThatFailsOnlyInCompanyIsRecordedAlone) {
  Open();
  bad_ = {3};
  const auto answers = Send({{"b"}, {"c"}, {"d"}});
  for (const Answers& answer : answers) EXPECT_TRUE(answer.ok());
  EXPECT_THAT(Recorded(), ElementsAre("first", "b", "c", "d"));
  ExpectVerified();
}

TEST_F(Shared, MalformedEventHindersNobody) {
  Open();
  const auto answers = Send({{"b"}, {"", "c"}, {"d"}});
  EXPECT_EQ((*answers[1])[0].status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE((*answers[1])[1].ok());
  EXPECT_THAT(Recorded(), ElementsAre("first", "b", "c", "d"));
}

TEST_F(Shared, IdIsRecordedOnceForBoth) {
  Open();
  const auto answers = Send({{"b"}, {"b"}});
  EXPECT_FALSE((*answers[0])[0]->repeat);
  EXPECT_TRUE((*answers[1])[0]->repeat);
  EXPECT_EQ((*answers[0])[0]->seq, (*answers[1])[0]->seq);
  EXPECT_THAT(Recorded(), ElementsAre("first", "b"));
}

// What a lack of memory leaves behind is not gone on with: see store_engine.h.
TEST_F(Shared, TransactionThatIsThrownOutOfEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  Open();
  throws_ = {2};
  const auto process = [this] {
    const std::vector<Event> events = Logins({"first", "second"});
    return engine_->Process(std::span<const Event>(events)).ok();
  };
  EXPECT_DEATH(process(), "bad_alloc");
}

TEST_F(Shared, CommitThatFailsIsUnknownToAll) {
  store::FaultyDisk disk;
  Open();
  held_ = true;
  std::vector<std::future<Answers>> calls;
  for (const std::string id : {"a", "b", "c"}) calls.push_back(Start({id}));
  disk.FailSyncs(store::FaultyDisk::kLog, SQLITE_IOERR_FSYNC);
  held_ = false;
  // None was told that it is recorded before the sync was done.
  for (auto& call : calls) {
    EXPECT_EQ(call.get().status().code(), absl::StatusCode::kUnavailable);
  }
  disk.Mend();
  EXPECT_THAT(
      std::string(engine_->Process(Logins({"d"})[0]).status().message()),
      HasSubstr("outcome unknown"));
  // Sent again to the file opened again, each is there once.
  engine_.reset();
  Open();
  for (const std::string id : {"a", "b", "c"}) {
    EXPECT_TRUE(engine_->Process(Logins({id})[0]).ok());
  }
  EXPECT_EQ((*engine_->Query())->Member("ada")->currencies[0].balance, 3);
  engine_.reset();  // before the disk
}

TEST_F(Shared, EngineIsAskedMeanwhile) {
  Open();
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 25; ++i) {
        const Event event = Logins({absl::StrCat("e", t, "_", i)})[0];
        if (i % 8 == t) {
          EXPECT_TRUE(engine_->Preview(event).ok());
          EXPECT_TRUE(engine_->Query().ok());
        }
        const auto outcome = engine_->Process(event);
        ASSERT_TRUE(outcome.ok()) << outcome.status();
        EXPECT_FALSE(outcome->repeat);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ((*engine_->Query())->Member("ada")->currencies[0].balance, 200);
  ExpectVerified();
}

TEST_F(Shared, QueueTurnsAwayWhatIsTooMuch) {
  Open(/*max_waiting_events=*/2);
  held_ = true;
  auto first = Start({"first"});
  auto b = Start({"b1", "b2"});
  EXPECT_EQ(engine_->Process(Logins({"c"})[0]).status().code(),
            absl::StatusCode::kResourceExhausted);
  held_ = false;
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(b.get().ok());
  EXPECT_FALSE(engine_->Process(Logins({"c"})[0])->repeat);
}

}  // namespace
}  // namespace loyalty
