// SPDX-License-Identifier: Apache-2.0
//
// Legs of a workload: the arguments of every call of Apply that its events come
// to, noted once, so that Apply can be measured alone. It is pure: called again
// it does the same.
#ifndef LOYALTY_BENCH_LEGS_H_
#define LOYALTY_BENCH_LEGS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "core/apply.h"
#include "core/message.h"
#include "loyalty/event.h"
#include "loyalty/program.h"

namespace loyalty::bench {

struct Leg {
  std::shared_ptr<const core::Cause> cause;  // of all legs of the event
  core::State state;
  core::Message message;
};

struct Legs {
  std::vector<std::unique_ptr<const Event>> events;  // the causes point to them
  std::vector<Leg> legs;  // in the order in which they ran
  int64_t rules_asked = 0;
  int64_t movements = 0;

  double PerEvent(int64_t count) const {
    return static_cast<double>(count) / static_cast<double>(events.size());
  }
};

// Runs `events` in memory as the engine does. Legs of the first `unnoted`
// events change what members have, and are left out: a community that has a
// past is measured.
//
// REQUIRES: `program` outlives the answer, and has no rule that reverses.
Legs LegsOf(const Program& program, const std::vector<Event>& events,
            size_t unnoted);

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_LEGS_H_
