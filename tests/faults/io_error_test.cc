// SPDX-License-Identifier: Apache-2.0
//
// The n-th write, sync or truncation fails, once or for ever, for every n until
// a whole life of a file passes: an error is never answered with OK, what was
// acknowledged stays, reading goes on, and the file opens again. Then, for good
// measure, the power fails as well.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "faults/power_loss_vfs.h"
#include "faults/report.h"
#include "faults/witness.h"
#include "faults/workload.h"
#include "faults/writer_connection.h"
#include "store/temporary_folder.h"

namespace loyalty::faults {
namespace {

constexpr char kHarness[] = "I/O errors";

// One life of a file, short and always the same for a seed, with one fault.
class Scenario {
 public:
  Scenario(uint64_t seed, const DiskFault& fault, const std::string& path)
      : path_(path),
        workload_(seed),
        disk_(seed),
        fault_(fault),
        long_log_pages_(static_cast<int>(1 + seed * 7 % 50)),
        random_(seed * 1'000'003 + static_cast<uint64_t>(fault.nth)) {
    disk_.Arrange(fault);
  }

  void Run() {
    Live();
    if (!disk_.fault_struck()) witness_.Violate("the fault struck nobody");
    // Then the power fails: at once, before anything is closed; after a
    // recovery, which must have reached the disk; or, mostly, in the midst of
    // one. What was not told would be made up for by a recovery.
    const uint64_t when = random_() % 4;
    if (when != 0 && IsTold()) {
      engine_.reset();
      disk_.Mend();
      if (when != 1) disk_.CutAt(1 + static_cast<int64_t>(random_() % 30));
      if (!Recover("after the error") && !disk_.is_cut()) return;
    }
    disk_.CutNow();
    engine_.reset();
    disk_.Mend();
    if (!disk_.Restore()) witness_.Violate("a file was left open");
    Recover("after a power cut");
  }

  // How many operations there are to fail.
  std::array<int64_t, kDiskOperations> Unharmed() {
    Live();
    return disk_.by_kind();
  }

  const std::vector<std::string>& violations() const {
    return witness_.violations();
  }

 private:
  void Live() {
    for (int part = 0; part < 2; ++part) {
      auto engine = OpenSmall(path_, long_log_pages_);
      if (!engine.ok()) return Expected(engine.status(), "opening");
      engine_ = *std::move(engine);
      for (int i = 0; i < 3; ++i) {
        const absl::Status sent =
            witness_.Send(*engine_, workload_.NextBatch());
        if (!sent.ok()) return Fail(sent);
        // Before a later sync makes up for it.
        if (!IsTold() && IsSync() && disk_.fault_struck()) return;
        if (i == part && !Look("while all seems well")) return;
        // The store takes nothing more after a checkpoint that failed.
        if (i == 1 && !writer_.Checkpoint()) return;
      }
      engine_.reset();
    }
  }

  // The engine has refused an event. It answers questions all the same, and
  // takes no further event as if nothing had been.
  void Fail(const absl::Status& refused) {
    Expected(refused, "processing");
    const size_t before = witness_.acknowledged();
    Look("after it failed");
    // The same batch, and not a new one: this may well succeed, if the error
    // was found before anything was committed.
    const absl::Status again = witness_.Send(*engine_, {});
    if (!again.ok()) Expected(again, "processing again");
    if (again.ok() && absl::IsUnavailable(refused)) {
      witness_.Violate("an unknown outcome became known without opening");
    }
    if (!again.ok() && witness_.acknowledged() != before) {
      witness_.Violate("acknowledged by an error");
    }
  }

  bool IsSync() const { return fault_.operation == DiskOperation::kSync; }
  bool IsTold() const {
    return fault_.kind == DiskFault::kRefused ||
           fault_.kind == DiskFault::kForgotten;
  }

  void Expected(const absl::Status& status, const char* when) {
    if (!disk_.fault_struck()) {
      witness_.Violate(std::string("refused without an error, ") + when + ": " +
                       status.ToString());
    }
    if (!absl::IsUnavailable(status) && !absl::IsResourceExhausted(status)) {
      witness_.Violate(std::string("not as documented, ") + when + ": " +
                       status.ToString());
    }
  }

  bool Look(const char* when) {
    const auto queries = engine_->Query();
    absl::Status read = queries.status();
    if (read.ok()) read = witness_.Compare(**queries);
    return Check(read, "read", when);
  }

  bool Recover(const char* when) {
    auto engine = OpenSmall(path_, long_log_pages_);
    if (!Check(engine.status(), "opened", when)) return false;
    engine_ = *std::move(engine);
    if (!Look(when)) return false;
    if (witness_.InFlight() &&
        !Check(witness_.Send(*engine_, {}), "sent again", when)) {
      return false;
    }
    return Look(when);
  }

  // Makes a violation of an error, unless the power is gone.
  bool Check(const absl::Status& status, const char* what, const char* when) {
    if (!status.ok() && !disk_.is_cut()) {
      witness_.Violate(
          absl::StrCat("cannot be ", what, " ", when, ": ", status.ToString()));
    }
    return status.ok();
  }

  const std::string path_;
  Workload workload_;
  PowerLossDisk disk_;
  const DiskFault fault_;
  const int long_log_pages_;
  std::mt19937_64 random_;
  WriterConnection writer_;
  Witness witness_;
  std::unique_ptr<Engine> engine_;
};

void RunOne(Report& report, uint64_t seed, const DiskFault& fault,
            const std::string& path) {
  Scenario scenario(seed, fault, path);
  scenario.Run();
  std::vector<std::string> violations = scenario.violations();
  for (std::string& violation : violations) {
    absl::StrAppend(&violation, " [operation ",
                    static_cast<int>(fault.operation), ", nth ", fault.nth,
                    fault.forever ? ", forever" : "", ", code ", fault.code,
                    "]");
  }
  report.Ran(seed, violations);
}

// Each of `kinds` at every n that a life of this seed has, in random order, so
// that a run that is cut short is a fair sample.
std::vector<DiskFault> EveryNth(uint64_t seed,
                                const std::vector<DiskFault>& kinds,
                                const std::string& path) {
  std::array<int64_t, kDiskOperations> operations;
  {
    Scenario unharmed(seed, {.nth = -1}, path);
    operations = unharmed.Unharmed();
  }
  std::vector<DiskFault> faults;
  for (DiskFault fault : kinds) {
    const int64_t end = operations[static_cast<size_t>(fault.operation)];
    for (fault.nth = 1; fault.nth <= end; ++fault.nth) faults.push_back(fault);
  }
  std::shuffle(faults.begin(), faults.end(), std::mt19937_64(seed));
  return faults;
}

void FailEveryNth(Report& report, const std::vector<DiskFault>& kinds) {
  const store::TemporaryFolder folder(FastFolder());
  const std::string path = folder.File("errors.db");
  for (uint64_t seed = FirstSeed(); report.IsTime(); ++seed) {
    const std::vector<DiskFault> faults = EveryNth(seed, kinds, path);
    size_t done = 0;
    while (done < faults.size() && report.IsTime()) {
      RunOne(report, seed, faults[done++], path);
    }
    report.Count("lives with every n", done == faults.size() ? 1 : 0);
  }
}

TEST(IoError, IsToldAndLosesNothing) {
  Report report(kHarness, "errors", "", 60);
  std::vector<DiskFault> kinds;
  for (const bool forever : {false, true}) {
    for (const auto& [operation, code] :
         {std::pair(DiskOperation::kWrite, SQLITE_IOERR_WRITE),
          std::pair(DiskOperation::kWrite, SQLITE_FULL),
          std::pair(DiskOperation::kSync, SQLITE_IOERR_FSYNC),
          std::pair(DiskOperation::kSync, SQLITE_FULL),
          std::pair(DiskOperation::kTruncate, SQLITE_IOERR_TRUNCATE),
          std::pair(DiskOperation::kName, SQLITE_IOERR_DELETE)}) {
      kinds.push_back(
          {.operation = operation, .forever = forever, .code = code});
    }
  }
  FailEveryNth(report, kinds);
  EXPECT_EQ(report.violated(), 0) << report.First();
  EXPECT_GT(report.runs(), 0);
}

// Linux takes pages that could not be written for written: a later sync says
// OK, and what everyone reads is not on the disk. Nor may it be built on.
constexpr char kForgetting[] = "syncs that fail and forget";

TEST(IoError, OfASyncWhoseWritesAreForgottenLosesNothing) {
  Report report(kForgetting, "errors", "", 15);
  std::vector<DiskFault> kinds;
  for (const bool forever : {false, true}) {
    kinds.push_back({.operation = DiskOperation::kSync,
                     .forever = forever,
                     .kind = DiskFault::kForgotten,
                     .code = SQLITE_IOERR_FSYNC});
  }
  FailEveryNth(report, kinds);
  EXPECT_EQ(report.violated(), 0) << report.First();
  EXPECT_GT(report.runs(), 0);
}

TEST(IoError, OfASyncWhoseWritesAreForgottenIsNoticedWhereItIsNotTold) {
  Report report(kForgetting, "errors", "the error answered with OK", 5);
  FailEveryNth(report, {{.operation = DiskOperation::kSync,
                         .kind = DiskFault::kForgottenQuietly}});
  EXPECT_GT(report.violated(), 0);
}

TEST(IoError, IsNoticedWhereItIsSwallowed) {
  {
    Report report(kHarness, "errors", "a write swallowed", 10);
    FailEveryNth(report, {{.operation = DiskOperation::kWrite,
                           .kind = DiskFault::kSwallowed}});
    EXPECT_GT(report.violated(), 0);
  }
  {
    Report report(kHarness, "errors", "a sync swallowed", 10);
    FailEveryNth(report, {{.operation = DiskOperation::kSync,
                           .kind = DiskFault::kSwallowed}});
    EXPECT_GT(report.violated(), 0);
  }
}

}  // namespace
}  // namespace loyalty::faults
