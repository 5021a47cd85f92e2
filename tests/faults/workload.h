// SPDX-License-Identifier: Apache-2.0
//
// Workload: a small program that has rules, limits, a cap, a floor, metrics,
// levels, reversals by rule, units that expire, holds and stock, and random
// events for it. Members are merged now and then.
#ifndef LOYALTY_TESTS_FAULTS_WORKLOAD_H_
#define LOYALTY_TESTS_FAULTS_WORKLOAD_H_

#include <absl/status/statusor.h>

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

// An option of the engine that makes merges, and forgetting, an everyday thing.
EngineOptions SmallOptions();

// As Engine::Open with these; also, when its log has that many pages more, they
// are put into the file: in the midst of work, as happens rarely otherwise.
absl::StatusOr<std::unique_ptr<Engine>> OpenSmall(const std::string& path,
                                                  int long_log_pages);

// A batch names events that went before it, and itself; so it goes on from
// batch to batch, the same for the same seed.
class Workload {
 public:
  explicit Workload(uint64_t seed) : random_(seed) {}

  // 1 to 12 events, among them repeats and, now and then, a malformed one.
  std::vector<Event> NextBatch();
  Event Next();

 private:
  void Spend(Event& event);
  uint64_t Random(uint64_t below) { return random_() % below; }

  std::mt19937_64 random_;
  std::vector<Event> sent_;
};

}  // namespace loyalty::faults

#endif  // LOYALTY_TESTS_FAULTS_WORKLOAD_H_
