// SPDX-License-Identifier: Apache-2.0
//
// Counted: one thing that one metric counts of an event. It follows from the
// event and the program alone, so that a reversal can take it back.
#ifndef LOYALTY_LIB_CORE_COUNTED_H_
#define LOYALTY_LIB_CORE_COUNTED_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <string_view>

#include "loyalty/outcome.h"
#include "model/entity.h"
#include "rules/metric.h"

namespace loyalty::core {

struct Counted {
  model::Entity entity = {};
  int metric = 0;  // place among the event type's metrics
  rules::MetricKind kind = rules::MetricKind::kCount;
  // What is added; of kMax, what was as large.
  absl::StatusOr<int64_t> amount = int64_t{1};
  // Where. Of what is told apart, how many there are, or the largest; then it
  // may be none, which has no name.
  model::CounterKey counter = {};
  // Of what is told apart: how often just this came.
  model::CounterKey tally = {};

  // It is what a leaderboard counts of the metric, and none of its own.
  bool of_board = false;

  bool is_tallied() const { return !tally.name.empty(); }
};

// Whether the outcome of an event says that `counted`, which is of `metric`,
// could not be added. What was not added then is not taken off later.
bool CouldNotCount(const Outcome& outcome, std::string_view metric,
                   const Counted& counted);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_COUNTED_H_
