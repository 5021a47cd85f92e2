// SPDX-License-Identifier: Apache-2.0
//
// Metrics: what an event adds to the counters of one entity.
#include <absl/strings/str_cat.h>

#include "base/amounts.h"
#include "core/leg.h"

namespace loyalty::core {

void Count(Leg& leg) {
  // Where nobody is, nothing can be kept.
  if (leg.IsMember() && !leg.now.exists) return;
  for (const Counted& counted : leg.cause.counted) {
    if (counted.entity != leg.now.entity) continue;
    const rules::Metric& metric = leg.cause.type->metrics[counted.metric];
    const model::CounterKey counter{.name = metric.counter};
    if (!counted.amount.ok()) {
      leg.Note("metric:" + metric.id,
               absl::StrCat("it could not be counted: ",
                            counted.amount.status().message()));
      continue;
    }
    const std::optional<int64_t> sum =
        base::Sum(leg.Counter(counter), *counted.amount);
    if (!sum.has_value()) {
      leg.Note("metric:" + metric.id,
               "it could not be counted: it would leave the range of 64 bits");
      continue;
    }
    leg.SetCounter(counter, *sum);
  }
}

}  // namespace loyalty::core
