// SPDX-License-Identifier: Apache-2.0
//
// The host's clock jumps back an hour, ahead ten years, stands still, runs
// backwards and leaves the calendar: entries stay in order, their times
// increase, and every answer is what it would be with a good clock.
#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <string>

#include "faults/power_loss_vfs.h"
#include "faults/report.h"
#include "faults/witness.h"
#include "faults/workload.h"
#include "faults/wrapped_engine.h"
#include "store/temporary_folder.h"

namespace loyalty::faults {
namespace {

constexpr char kHarness[] = "clocks that jump";

// Later than all events are: how far one may lie ahead is measured by the
// clock, and not what this is about.
constexpr absl::Time kStart = absl::FromUnixSeconds(1'798'761'600);

class BadClock {
 public:
  explicit BadClock(uint64_t seed) : random_(seed) {}

  // Something happens to it.
  void Strike() {
    switch (random_() % 7) {
      case 0: now_ -= absl::Hours(1); break;
      case 1: now_ += absl::Hours(24 * 3652); break;
      case 2: step_ = absl::ZeroDuration(); break;
      case 3: step_ = -absl::Seconds(1); break;
      case 4: step_ = absl::Microseconds(1); break;
      case 5: now_ = kStart; break;
      case 6: is_beyond_ = true; return;
    }
    is_beyond_ = false;
    if (now_ > kStart + absl::Hours(24 * 365 * 50)) now_ = kStart;
  }

  absl::Time Read() {
    now_ += step_;
    return is_beyond_ ? kBeyond : now_;
  }

  bool is_beyond() const { return is_beyond_; }

 private:
  // The year 32,000.
  static constexpr absl::Time kBeyond = absl::FromUnixSeconds(947'000'000'000);

  std::mt19937_64 random_;
  absl::Time now_ = kStart;
  absl::Duration step_ = absl::Milliseconds(1);
  bool is_beyond_ = false;
};

// Believes its clock.
class GullibleEngine final : public WrappedEngine {
 public:
  GullibleEngine(Engine& real, BadClock& clock)
      : WrappedEngine(real), clock_(clock) {}
  using WrappedEngine::Process;
  absl::StatusOr<Answers> Process(std::span<const Event> events) override {
    absl::StatusOr<Answers> answers = real().Process(events);
    if (!answers.ok()) return answers;
    for (absl::StatusOr<Outcome>& answer : *answers) {
      if (answer.ok()) answer->recorded_at = clock_.Read();
    }
    return answers;
  }

 private:
  BadClock& clock_;
};

std::vector<std::string> Life(Report& report, uint64_t seed,
                              const std::string& path, bool gullible) {
  PowerLossDisk disk(seed);
  std::mt19937_64 random(seed);
  Workload workload(seed, /*switches=*/false);
  Witness witness;
  BadClock clock(seed);
  EngineOptions options = SmallOptions();
  for (int part = 0; part < 3; ++part) {
    options.clock = [&] { return clock.Read(); };
    const auto engine = Engine::Open(path, TestProgram(), std::move(options));
    options = SmallOptions();
    if (!engine.ok())
      return {"cannot be opened: " + engine.status().ToString()};
    GullibleEngine believing(**engine, clock);
    Engine& asked = gullible ? believing : **engine;
    for (int i = 0; i < 10; ++i) {
      if (random() % 2 == 0) clock.Strike();
      const absl::Status sent = witness.Send(asked, workload.NextBatch());
      if (!sent.ok() &&
          !(clock.is_beyond() && absl::IsFailedPrecondition(sent))) {
        return {"refused: " + sent.ToString()};
      }
      if (!sent.ok()) report.Count("beyond the calendar");
    }
    const auto queries = (*engine)->Query();
    if (!queries.ok()) return {"cannot be read"};
    const absl::Status read = witness.Compare(**queries);
    if (!read.ok()) return {"cannot be read: " + read.ToString()};
  }
  report.Count("events", static_cast<int64_t>(witness.acknowledged()));
  return witness.violations();
}

void LiveOn(Report& report, bool gullible) {
  const store::TemporaryFolder folder(FastFolder());
  for (uint64_t seed = FirstSeed(); report.IsTime(); ++seed) {
    report.Ran(seed, Life(report, seed, folder.File("clock.db"), gullible));
  }
}

TEST(Clock, ChangesNoOrderAndNoAnswer) {
  Report report(kHarness, "lives", "", 85);
  LiveOn(report, /*gullible=*/false);
  EXPECT_EQ(report.violated(), 0) << report.First();
  EXPECT_GT(report.count("beyond the calendar"), 0);
}

TEST(Clock, IsNoticedWhereItIsBelieved) {
  Report report(kHarness, "lives", "a clock that is believed", 15);
  LiveOn(report, /*gullible=*/true);
  EXPECT_GT(report.violated(), 0);
}

}  // namespace
}  // namespace loyalty::faults
