// SPDX-License-Identifier: Apache-2.0
//
// See delta_check.h. That ids and reversals are unique is for each store to
// find out, as it takes a look at what is there.
#include "store/delta_check.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <functional>

#include "base/status_macros.h"

namespace loyalty::store {
namespace {

using model::Entity;
using model::Movement;

absl::Status BadDelta(const Delta& delta, absl::string_view what) {
  return absl::InternalError(absl::StrCat("event ", delta.recorded.seq, " (\"",
                                          delta.recorded.event.id,
                                          "\"): ", what));
}

bool MovesBadge(const Movement& movement) {
  return movement.kind == Movement::Kind::kBadge ||
         movement.kind == Movement::Kind::kBadgeLost;
}

int32_t BadgeSubject(const Movement& movement, const Event& event) {
  if (!movement.subject.has_value()) return 0;
  return movement.subject == event.target ? 1 : 2;
}

absl::Status CheckMovements(const Delta& delta) {
  for (size_t i = 0; i < delta.movements.size(); ++i) {
    const Movement& movement = delta.movements[i];
    if (movement.at.seq != delta.recorded.seq ||
        movement.at.n != static_cast<int64_t>(i)) {
      return BadDelta(delta, "its movements are not numbered 0, 1, ..");
    }
    if (movement.member.empty()) return BadDelta(delta, "moves nobody's units");
    if (!movement.reverses.empty() &&
        movement.kind != Movement::Kind::kReversal) {
      return BadDelta(delta, "undoes awards with what is no reversal");
    }
    const auto unordered =
        std::adjacent_find(movement.reverses.begin(), movement.reverses.end(),
                           std::greater_equal<>());
    if (unordered != movement.reverses.end()) {
      return BadDelta(delta, "undoes awards out of their order");
    }
    // Who asks what an object gave, asks for the events about it.
    if (movement.kind == Movement::Kind::kAward
            ? movement.subject != delta.recorded.event.target
            : movement.subject.has_value() && !MovesBadge(movement)) {
      return BadDelta(delta, "awards for what the event is not about");
    }
    if (MovesBadge(movement) &&
        movement.award != BadgeSubject(movement, delta.recorded.event)) {
      return BadDelta(delta, "gives a badge, and does not say for what");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckDelta(const Delta& delta, const Transaction::Head& head) {
  const model::RecordedEvent& recorded = delta.recorded;
  if (recorded.seq != head.seq + 1) {
    return BadDelta(delta, absl::StrCat("comes after event ", head.seq));
  }
  if (recorded.recorded_at <= head.recorded_at) {
    return BadDelta(delta, "was recorded no later than the one before it");
  }
  for (const model::EntityState& state : delta.states) {
    const bool is_member = state.entity.kind == Entity::Kind::kMember;
    if (is_member == state.exists) continue;
    // A member may be named who never came to be, but has nothing then.
    if (!is_member || !state.holdings.empty() || !state.counters.empty()) {
      return BadDelta(delta, absl::StrCat("\"", state.entity.id,
                                          "\" has what it cannot have"));
    }
  }
  for (const int64_t reversed : delta.reversed_events) {
    if (reversed < 1 || reversed >= recorded.seq) {
      return BadDelta(delta, "reverses what did not come before it");
    }
  }
  if (delta.program.has_value() && (delta.program->number != recorded.program ||
                                    delta.program->since != recorded.seq)) {
    return BadDelta(delta, "brings a program, and is not of it");
  }
  return CheckMovements(delta);
}

}  // namespace loyalty::store
