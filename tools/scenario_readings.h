// SPDX-License-Identifier: Apache-2.0
//
// All that can be read of an engine, as lines that compare, and whether feeding
// what it recorded to a new one comes to the same.
#ifndef LOYALTY_TOOLS_SCENARIO_READINGS_H_
#define LOYALTY_TOOLS_SCENARIO_READINGS_H_

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "loyalty/program.h"
#include "loyalty/queries.h"

namespace loyalty::command {

// Of all engines that scenarios are played on.
inline constexpr char kVoucherKeyOfScenarios[] =
    "the key of scenarios, which is no secret";

// How every member stands, and the leaderboards. Not when it was recorded.
absl::StatusOr<std::vector<std::string>> Readings(Queries& queries,
                                                  const Program& program);

// The first of two lists of lines that differ; both "" if none does.
struct Difference {
  std::string here = {};
  std::string there = {};
  bool is_none() const { return here.empty() && there.empty(); }
};
Difference FirstDifference(const std::vector<std::string>& here,
                           const std::vector<std::string>& there);

// Feeds the recorded events, each at the time it was recorded, to a new engine
// in memory, and compares answers, readings and statements. `programs` are the
// first, and those that were switched to, in order.
absl::StatusOr<Difference> DifferenceOfReplay(
    Queries& queries, const std::vector<Program>& programs);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_READINGS_H_
