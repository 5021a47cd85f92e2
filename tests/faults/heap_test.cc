// SPDX-License-Identifier: Apache-2.0
//
// The n-th time that the library calls operator new there is no memory, for
// every n until a whole life of a file passes. Neither absl's tables nor
// protobuf's messages outlive a std::bad_alloc, so the process ends, sooner
// than that it goes on with what they are then. This is about the file: all
// that was acknowledged is in it, once, and nothing by halves.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>
#include <random>
#include <span>
#include <string>
#include <vector>

#include "faults/batches.h"
#include "faults/child.h"
#include "faults/report.h"
#include "faults/workload.h"
#include "store/temporary_folder.h"

// A sanitizer has operators of its own, which must be left to it.
#define LOYALTY_REFUSES_NEW 1
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#undef LOYALTY_REFUSES_NEW
#define LOYALTY_REFUSES_NEW 0
#endif
#endif

#if LOYALTY_REFUSES_NEW
namespace loyalty::faults {
namespace {

constexpr char kHarness[] = "no memory for operator new";
constexpr size_t kBatchesInALife = 8;

// How often memory may be taken until it is refused; -1: it is not.
std::atomic<int64_t> allowance = -1;
std::atomic<int64_t> taken = 0;

bool IsRefused() {
  ++taken;
  return allowance >= 0 && taken > allowance;
}

struct Told {
  std::atomic<int> acknowledged = 0;  // batches
  std::atomic<int64_t> taken = 0;
};

// One life: opens, sends, asks, closes, and again.
int Live(const std::string& path, const std::vector<Batch>& batches,
         bool too_early, Told& told) {
  while (static_cast<size_t>(told.acknowledged) < kBatchesInALife) {
    const auto engine = OpenSmall(path);
    if (!engine.ok()) return 3;
    for (size_t n = 0; n < kBatchesInALife / 2; ++n) {
      const auto next = static_cast<size_t>(told.acknowledged);
      if (too_early) ++told.acknowledged;
      if (!(*engine)->Process(std::span<const Event>(batches[next])).ok()) {
        return 4;
      }
      if (!too_early) ++told.acknowledged;
      if (n == 1 && !(*engine)->Query().ok()) return 5;
    }
  }
  told.taken = taken.load();
  return 0;
}

// In a process of its own; its exit code, -1 if it ended otherwise.
int LiveWith(int64_t allowed, const std::string& path,
             const std::vector<Batch>& batches, bool too_early, Told& told) {
  TestProgram();  // not what is to fail
  Child child([&] {
    // Ending so is what it is for: neither core files nor complaints.
    const rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    if (std::freopen("/dev/null", "w", stderr) == nullptr) return 9;
    taken = 0;
    allowance = allowed;
    return Live(path, batches, too_early, told);
  });
  return child.Join();
}

void FailEveryNth(Report& report, bool too_early) {
  const store::TemporaryFolder folder(FastFolder());
  const std::string path = folder.File("heap.db");
  for (uint64_t seed = FirstSeed(); report.IsTime(); ++seed) {
    const std::vector<Batch> batches = Batches(seed);
    const SharedWithChildren<Told> unharmed;
    RemoveFile(path);
    ASSERT_EQ(LiveWith(-1, path, batches, false, *unharmed), 0);
    std::vector<int64_t> allowances(static_cast<size_t>(unharmed->taken));
    for (size_t i = 0; i < allowances.size(); ++i) {
      allowances[i] = static_cast<int64_t>(i);
    }
    // So that a run that is cut short is a fair sample.
    std::shuffle(allowances.begin(), allowances.end(), std::mt19937_64(seed));
    bool all = true;
    for (const int64_t allowed : allowances) {
      if (!(all = report.IsTime())) break;
      RemoveFile(path);
      const SharedWithChildren<Told> told;
      const int code = LiveWith(allowed, path, batches, too_early, *told);
      report.Count(code == -1 ? "ended" : code == 0 ? "lived on" : "were told");
      int recorded = 0;
      std::vector<std::string> violations =
          Compare(path, batches, told->acknowledged, recorded);
      for (std::string& violation : violations) {
        absl::StrAppend(&violation, " [nth ", allowed + 1, "]");
      }
      report.Ran(seed, violations);
    }
    report.Count("lives with every n", all ? 1 : 0);
  }
}

TEST(Heap, ThatIsUsedUpLosesNothing) {
  Report report(kHarness, "refusals", "", 85);
  FailEveryNth(report, false);
  EXPECT_EQ(report.violated(), 0) << report.First();
  EXPECT_GT(report.count("ended"), 0);
}

TEST(Heap, ThatIsUsedUpIsNoticedWhereAnswersComeTooEarly) {
  Report report(kHarness, "refusals", "acknowledged before the commit", 15);
  FailEveryNth(report, true);
  EXPECT_GT(report.violated(), 0);
}

}  // namespace

bool OperatorNewIsRefused();
bool OperatorNewIsRefused() { return IsRefused(); }

}  // namespace loyalty::faults

// For the whole program of tests. Not inline, where they look mismatched.
[[gnu::noinline]] void* operator new(size_t size) {
  if (!loyalty::faults::OperatorNewIsRefused()) {
    if (void* const memory = std::malloc(size)) return memory;
  }
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
#endif
