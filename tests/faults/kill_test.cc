// SPDX-License-Identifier: Apache-2.0
//
// A process that writes is killed at any instruction, again and again, also
// while it opens the file, merges and closes it: whoever comes next finds all
// that was acknowledged, once, and nothing by halves.
#include <absl/time/clock.h>
#include <absl/time/time.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "faults/batches.h"
#include "faults/child.h"
#include "faults/report.h"
#include "faults/witness.h"
#include "faults/workload.h"
#include "store/temporary_folder.h"

namespace loyalty::faults {
namespace {

constexpr char kHarness[] = "kill -9";
constexpr int kKillsInALife = 12;

enum Moment : int { kOpening, kProcessing, kMerging, kClosing, kMoments };
constexpr const char* kMomentNames[] = {"while opening", "while processing",
                                        "while merging", "while closing"};

// What a child tells, up to the instruction it dies at.
struct Told {
  std::atomic<int> acknowledged = 0;  // batches
  std::atomic<int> moment = kOpening;
};

// Opens, sends a few batches, closes, and again; never ends by itself.
int WriteUntilKilled(const std::string& path, const std::vector<Batch>& batches,
                     uint64_t seed, bool too_early, Told& told) {
  std::mt19937_64 random(seed);
  while (true) {
    told.moment = kOpening;
    auto engine = OpenSmall(path, static_cast<int>(1 + random() % 100));
    if (!engine.ok()) return 3;
    for (uint64_t n = random() % 20; n > 0; --n) {
      const auto next = static_cast<size_t>(told.acknowledged);
      if (next == batches.size()) return 0;
      told.moment = kProcessing;
      if (too_early) ++told.acknowledged;
      if (!(*engine)->Process(std::span<const Event>(batches[next])).ok()) {
        return 4;
      }
      if (!too_early) ++told.acknowledged;
      if (random() % 4 == 0) {
        told.moment = kMerging;
        if (!(*engine)->Query().ok()) return 5;
      }
    }
    told.moment = kClosing;
  }
}

// How long a child is given at most: some time after it has opened the file,
// which takes long under a sanitizer.
uint64_t MostMicroseconds(const std::string& path) {
  const absl::Time start = absl::Now();
  EXPECT_TRUE(OpenSmall(path, 100).ok());
  const int64_t opening = absl::ToInt64Microseconds(absl::Now() - start);
  return static_cast<uint64_t>(std::max(int64_t{25'000}, 4 * opening));
}

// What is short, and on a busy machine hardly met by chance; of every fourth
// kill each.
bool IsAwaited(int kill, Moment& moment) {
  switch (kill % 4) {
    case 1: moment = kProcessing; return true;
    case 3: moment = kMerging; return true;
    default: return false;
  }
}

void Await(Moment moment, const Told& told) {
  const absl::Time most = absl::Now() + absl::Seconds(1);
  while (told.moment != moment && absl::Now() < most) usleep(20);
}

void KillAgainAndAgain(Report& report, bool too_early) {
  const store::TemporaryFolder folder(FastFolder());
  const std::string path = folder.File("killed.db");
  std::mt19937_64 random(FirstSeed());
  const uint64_t most = MostMicroseconds(path);
  for (uint64_t seed = FirstSeed(); report.IsTime(); ++seed) {
    RemoveFile(path);
    const auto batches = Batches(seed);
    const SharedWithChildren<Told> told;
    for (int i = 0; i < kKillsInALife && report.IsTime(); ++i) {
      told->moment = kOpening;
      Child child([&] {
        return WriteUntilKilled(path, batches, random(), too_early, *told);
      });
      ASSERT_TRUE(child.IsStarted());
      Moment moment = kOpening;
      const bool is_awaited = IsAwaited(i, moment);
      if (is_awaited) Await(moment, *told);
      usleep(static_cast<useconds_t>(random() % (is_awaited ? 100 : most)));
      std::vector<std::string> violations;
      int recorded = 0;
      if (child.Kill()) {
        report.Count(kMomentNames[told->moment]);
        violations = Compare(path, batches, told->acknowledged, recorded);
      } else {
        violations = {"the child gave up by itself"};
      }
      report.Ran(seed, violations);
      if (!violations.empty()) break;
      // What was recorded is sent again all the same, every third time.
      if (i % 3 != 0) told->acknowledged = recorded;
    }
    report.Count("batches", told->acknowledged);
  }
}

TEST(Kill, LosesNothingAcknowledgedAndLeavesNothingByHalves) {
  Report report(kHarness, "kills", "", 85);
  KillAgainAndAgain(report, /*too_early=*/false);
  EXPECT_EQ(report.violated(), 0) << report.First();
  EXPECT_GT(report.count("while processing"), 0);
  EXPECT_GT(report.count("while merging"), 0);
}

TEST(Kill, IsNoticedWhereEventsAreAcknowledgedTooEarly) {
  Report report(kHarness, "kills", "acknowledged before the commit", 15);
  KillAgainAndAgain(report, /*too_early=*/true);
  EXPECT_GT(report.violated(), 0);
}

}  // namespace
}  // namespace loyalty::faults
