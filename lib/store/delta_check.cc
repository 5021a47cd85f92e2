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

using model::AccountKind;
using model::Entity;
using model::Movement;

absl::Status BadDelta(const Delta& delta, absl::string_view what) {
  return absl::InternalError(absl::StrCat("event ", delta.recorded.seq, " (\"",
                                          delta.recorded.event.id,
                                          "\"): ", what));
}

// I1: units leave one account and arrive at another, one of them the member's.
absl::Status CheckPosting(const Delta& delta, const Movement& movement,
                          const model::Posting& posting) {
  const model::Account own{AccountKind::kMember, movement.member};
  const bool gains = movement.units > 0;
  // posting.units is the one to negate: it is positive, so that it can be.
  if (posting.units <= 0 || posting.from == posting.to ||
      movement.units != (gains ? posting.units : -posting.units) ||
      posting.currency != movement.currency ||
      (gains ? posting.to : posting.from) != own) {
    return BadDelta(delta, absl::StrCat("movement ", movement.at.n,
                                        " and its posting disagree"));
  }
  return absl::OkStatus();
}

absl::Status CheckMovements(const Delta& delta) {
  size_t postings = 0;
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
    if (movement.units == 0) continue;
    if (postings == delta.postings.size()) {
      return BadDelta(delta, "has fewer postings than movements of units");
    }
    RETURN_IF_ERROR(CheckPosting(delta, movement, delta.postings[postings++]));
  }
  if (postings != delta.postings.size()) {
    return BadDelta(delta, "has more postings than movements of units");
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
  return CheckMovements(delta);
}

}  // namespace loyalty::store
