// SPDX-License-Identifier: Apache-2.0
//
// The power fails at any moment, again and again, also while the file is made,
// opened, brought up to date, checkpointed and closed: nothing acknowledged is
// lost, and nothing is there by halves.
//
// One seed is the life of one file; a violation names it.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "faults/power_loss_vfs.h"
#include "faults/report.h"
#include "faults/witness.h"
#include "faults/workload.h"
#include "faults/writer_connection.h"
#include "store/temporary_folder.h"

namespace loyalty::faults {
namespace {

enum class Broken { kNothing, kSyncsLie, kSynchronousOff, kSynchronousNormal };

// The life of a file, from its making to about eighty events.
class Life {
 public:
  Life(uint64_t seed, Broken broken, const std::string& path)
      : broken_(broken),
        path_(path),
        random_(seed),
        workload_(seed),
        disk_(seed) {
    if (broken == Broken::kSyncsLie) disk_.LieAboutSyncs();
  }

  // Until the next cut and the recovery from it, which may be cut in turn.
  // False once the file is not worth going on with.
  bool Cut(Report& report) {
    disk_.CutAt(1 + static_cast<int64_t>(Random(kReach[Random(4)])));
    Work(report);
    engine_.reset();  // fails in all it does, as the power is gone
    if (!disk_.is_cut()) return false;
    report.Count(moment_);
    if (!disk_.Restore()) witness_.Violate("a file was left open");
    return witness_.violations().empty() && witness_.acknowledged() < 80;
  }

  const Witness& witness() const { return witness_; }

  // The last look, with the power on for good.
  void End() {
    if (!witness_.violations().empty()) return;
    if (!Open() || !Look()) return;
    if (witness_.InFlight() && !witness_.Send(*engine_, {}).ok()) {
      witness_.Violate("refused: the batch in flight, sent again");
    }
    Look();
  }

 private:
  static constexpr uint64_t kReach[] = {12, 40, 100, 300};

  // Makes a violation of an error that no cut explains.
  bool Check(const absl::Status& status, const char* what) {
    if (!status.ok() && !disk_.is_cut()) {
      witness_.Violate(std::string("refused: ") + what + ": " +
                       status.ToString());
    }
    return status.ok();
  }

  bool Open() {
    moment_ = "while opening";
    // What a reader sees is as true as what the writer sees, before anyone has
    // recovered anything. A file that is not whole yet it may refuse.
    if (witness_.acknowledged() > 0 && Random(2) == 0) {
      const auto queries = Queries::Open(path_);
      if (!Check(queries.status(), "reading")) return false;
      if (!Check(witness_.Compare(**queries), "reading")) return false;
    }
    auto engine = OpenSmall(path_, static_cast<int>(1 + Random(100)));
    if (!Check(engine.status(), "opening")) return false;
    engine_ = *std::move(engine);
    return true;
  }

  bool Look() {
    moment_ = "while merging";
    const auto queries = engine_->Query();
    return Check(queries.status(), "asking") &&
           Check(witness_.Compare(**queries), "asking");
  }

  void Work(Report& report) {
    if (!Open()) return;
    // Mostly first what was in flight, so that the tail grows over cuts.
    if (Random(3) == 0 && !Look()) return;
    while (!disk_.is_cut() && witness_.violations().empty()) {
      const uint64_t what = Random(100);
      if (what < 75) {
        moment_ = "while processing";
        BreakSynchronous();
        const absl::Status sent =
            witness_.Send(*engine_, workload_.NextBatch());
        if (!Check(sent, "processing")) return;
        report.Count("batches");
      } else if (what < 85) {
        if (!Look()) return;
      } else if (what < 95) {
        moment_ = "while checkpointing";
        if (!writer_.Checkpoint()) return;
      } else {
        moment_ = "while closing";
        engine_.reset();
        if (disk_.is_cut() || !Open()) return;
      }
    }
  }

  void BreakSynchronous() {
    if (broken_ == Broken::kSynchronousOff) {
      writer_.Execute("PRAGMA synchronous = OFF");
    } else if (broken_ == Broken::kSynchronousNormal) {
      writer_.Execute("PRAGMA synchronous = NORMAL");
    }
  }

  uint64_t Random(uint64_t below) { return random_() % below; }

  const Broken broken_;
  const std::string path_;
  std::mt19937_64 random_;
  Workload workload_;
  PowerLossDisk disk_;
  WriterConnection writer_;
  Witness witness_;
  std::unique_ptr<Engine> engine_;
  const char* moment_ = "while opening";
};

void CutUntilTheEnd(Report& report, Broken broken) {
  const store::TemporaryFolder folder(FastFolder());
  for (uint64_t seed = FirstSeed(); report.IsTime(); ++seed) {
    Life life(seed, broken, folder.File("power.db"));
    bool goes_on = true;
    while (goes_on && report.IsTime()) {
      goes_on = life.Cut(report);
      if (goes_on) report.Ran(seed, {});
    }
    life.End();
    report.Ran(seed, life.witness().violations());
  }
}

constexpr char kHarness[] = "power cuts";

TEST(PowerCut, LosesNothingAcknowledgedAndLeavesNothingByHalves) {
  Report report(kHarness, "cuts", "", 85);
  CutUntilTheEnd(report, Broken::kNothing);
  EXPECT_EQ(report.violated(), 0) << report.First();
  // It has struck everywhere.
  for (const char* moment :
       {"while opening", "while merging", "while processing",
        "while checkpointing", "while closing"}) {
    EXPECT_GT(report.count(moment), 0) << moment;
  }
}

TEST(PowerCut, IsNoticedWhereSyncsLie) {
  Report report(kHarness, "cuts", "syncs that do nothing", 5);
  CutUntilTheEnd(report, Broken::kSyncsLie);
  EXPECT_GT(report.violated(), 0);
}

TEST(PowerCut, IsNoticedWhereNothingIsSynced) {
  Report report(kHarness, "cuts", "`synchronous=OFF`", 5);
  CutUntilTheEnd(report, Broken::kSynchronousOff);
  EXPECT_GT(report.violated(), 0);
}

TEST(PowerCut, IsNoticedWhereCommitsAreNotSynced) {
  Report report(kHarness, "cuts", "`synchronous=NORMAL`", 5);
  CutUntilTheEnd(report, Broken::kSynchronousNormal);
  EXPECT_GT(report.violated(), 0);
}

}  // namespace
}  // namespace loyalty::faults
