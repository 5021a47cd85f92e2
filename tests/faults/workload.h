// SPDX-License-Identifier: Apache-2.0
//
// Workload: a small program that has rules, limits, a cap, a floor, metrics,
// levels, reversals by rule, units that expire, holds, stock and vouchers, and
// random events for it. Members are merged, and the program is switched, now
// and then.
#ifndef LOYALTY_TESTS_FAULTS_WORKLOAD_H_
#define LOYALTY_TESTS_FAULTS_WORKLOAD_H_

#include <absl/functional/any_invocable.h>
#include <absl/status/statusor.h>
#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "loyalty/engine.h"

namespace loyalty::faults {

// Rule "bonus" gives a member at most kMostBonuses, ever.
inline constexpr int kMostBonuses = 5;
const Program& TestProgram();

// The same without that limit.
const Program& UnlimitedProgram();

// Options of the engine that make merges, and forgetting, an everyday thing;
// with the key that every engine here has.
EngineOptions SmallOptions();

// TestProgram as of that version: "1" is that itself; others are alike, but for
// units, caps, limits and conditions.
const Program& ProgramOf(const std::string& version);

// The same engine, which takes a batch of one event of type kSwitch for a
// switch to ProgramOf its version: so that a workload can hold some.
std::unique_ptr<Engine> WithSwitches(std::unique_ptr<Engine> engine);

// An engine WithSwitches in memory, which nothing befalls: what it answers, the
// others have to.
std::unique_ptr<Engine> InMemoryTwin(
    absl::AnyInvocable<absl::Time() const> clock = {});

// As Engine::Open with these, WithSwitches, and with the program that the file
// goes on with; also, when its log has that many pages more, they are put into
// the file: in the midst of work, as happens rarely otherwise.
absl::StatusOr<std::unique_ptr<Engine>> OpenSmall(const std::string& path,
                                                  int long_log_pages = 4096);

// A batch names events that went before it, and itself; so it goes on from
// batch to batch, the same for the same seed.
class Workload {
 public:
  explicit Workload(uint64_t seed, bool switches = true)
      : switches_(switches), random_(seed) {}

  // 1 to 12 events, among them repeats and, now and then, a malformed one; or a
  // switch, for engines WithSwitches.
  std::vector<Event> NextBatch();
  Event Next();

 private:
  Event NextSwitch();
  void Spend(Event& event);
  std::string CodeOf(const std::string& redemption);
  uint64_t Random(uint64_t below) { return random_() % below; }

  const bool switches_;
  std::mt19937_64 random_;
  std::vector<Event> sent_, redeemed_;
  std::vector<std::string> imported_;  // codes
  int version_ = 1;
};

}  // namespace loyalty::faults

#endif  // LOYALTY_TESTS_FAULTS_WORKLOAD_H_
