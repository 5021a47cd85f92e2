// SPDX-License-Identifier: Apache-2.0
//
// Cause: an event as it is decided, with what follows from it alone.
#ifndef LOYALTY_LIB_CORE_CAUSE_H_
#define LOYALTY_LIB_CORE_CAUSE_H_

#include <absl/container/inlined_vector.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "core/counted.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "rules/compiled.h"
#include "rules/frame.h"

namespace loyalty::core {

// Made once for each event and read by all its legs.
struct Cause {
  using Windows = std::array<int64_t, base::kPeriodCount>;  // by base::Period

  // `event` is in canonical form, and of a declared or a reserved type.
  Cause(const rules::CompiledProgram& program, const Event& event,
        int64_t seq = 0);

  const rules::CompiledProgram* program;
  const rules::EventType* type;  // null for most reserved types
  const Event* event;
  int64_t seq = 0;  // its entry's, so that movements know where they will be
  // The badge that this comes with, and goes with: of loyalty.badge_granted.
  std::optional<model::Position> grant = {};

  // What expressions read of the event; empty for reserved types.
  std::optional<rules::Frame> frame = {};
  // The rules whose conditions it may meet: places among the type's, in order.
  rules::RulePlaces rules = {};
  // All that metrics count of it, at whichever entity. The same for the same
  // event and program, so that a reversal can take it back.
  absl::InlinedVector<Counted, 4> counted = {};
  // Where the windows start that the event's time lies in: an event has one
  // time, and calendars are slow.
  Windows windows = {};

  // REQUIRES: `period` is one of the type's.
  int64_t WindowOf(base::Period period) const {
    return windows[static_cast<size_t>(period)];
  }
};

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_CAUSE_H_
