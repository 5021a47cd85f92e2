// SPDX-License-Identifier: Apache-2.0
//
// Many who want what there is little of, at the same time.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::Day;
using testing::MustRead;

constexpr int kThreads = 64;

constexpr char kShop[] = R"(
  name: "shop" version: "1"
  currency { id: "points" opening: 1000 spendable: true }
  event_type { id: "visit" }
  metric { id: "visits" on: "visit" }
  reward { id: "pen" cost { currency: "points" units: 1 } }
  reward { id: "mug" cost { currency: "points" units: 10 } stock: 1 }
)";

class Shop : public ::testing::Test {
 protected:
  Shop()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                absl::StrCat("shop_", getpid())) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    engine_ = *Engine::Open(folder_ / "shop.db", MustRead(kShop),
                            {.clock = [] { return Day(20); }});
  }
  ~Shop() override {
    engine_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Every thread asks `times` times; how many were accepted. All others have to
  // be told why, by that reason and in a sentence.
  int Race(const std::string& reward, int times, RejectReason otherwise) {
    std::atomic<int> accepted = 0;
    std::atomic<int> unexplained = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < times; ++i) {
          const auto outcome = engine_->Process(
              {.id = absl::StrCat(reward, "-", t, "-", i),
               .type = std::string(kRedeem),
               .time = Day(10),
               .actor = reward == "pen" ? "ana" : absl::StrCat("member-", t),
               .attributes = {{"reward", reward}}});
          if (!outcome.ok()) {
            ++unexplained;
          } else if (outcome->accepted()) {
            ++accepted;
          } else if (outcome->rejected != otherwise ||
                     outcome->reason.empty()) {
            ++unexplained;
          }
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(unexplained, 0);
    return accepted;
  }

  void ExpectVerified() {
    const auto report = (*engine_->Query())->Verify();
    ASSERT_TRUE(report.ok()) << report.status();
    for (const std::string& fault : report->faults) ADD_FAILURE() << fault;
  }

  const std::filesystem::path folder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(Shop, GivesTheLastOneToOneOf64) {
  EXPECT_EQ(Race("mug", 1, RejectReason::kOutOfStock), 1);
  ExpectVerified();
}

TEST_F(Shop, Sells1000Of5000ThatAreAskedFor) {
  EXPECT_EQ(Race("pen", 5056 / kThreads, RejectReason::kInsufficientBalance),
            1000);
  const auto ana = (*engine_->Query())->Balance("ana", "points", Day(10));
  ASSERT_TRUE(ana.ok()) << ana.status();
  EXPECT_EQ(ana->balance, 0);
  ExpectVerified();
}

}  // namespace
}  // namespace loyalty
