// SPDX-License-Identifier: Apache-2.0
//
// Metrics: what an event adds to the counters of one entity.
#include <absl/strings/str_cat.h>

#include "base/amounts.h"
#include "core/counters.h"
#include "core/leg.h"

namespace loyalty::core {

void Count(Leg& leg) {
  for (const Counted& counted :
       CountedOf(leg.program, *leg.cause.type, leg.event)) {
    if (counted.entity != leg.now.entity) continue;
    if (!counted.amount.ok()) {
      leg.Note("metric:" + counted.metric,
               absl::StrCat("it could not be counted: ",
                            counted.amount.status().message()));
      continue;
    }
    const std::optional<int64_t> sum =
        base::Sum(leg.now.Counter(counted.counter), *counted.amount);
    if (!sum.has_value()) {
      leg.Note("metric:" + counted.metric,
               "it could not be counted: it would leave the range of 64 bits");
      continue;
    }
    leg.SetCounter(counted.counter, *sum);
  }
}

}  // namespace loyalty::core
