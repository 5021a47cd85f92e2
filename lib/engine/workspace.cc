// SPDX-License-Identifier: Apache-2.0
//
// See workspace.h.
#include "engine/workspace.h"

#include <algorithm>

namespace loyalty::engine {
namespace {

// Looking at each is faster than hashing.
constexpr size_t kFewTouched = 8;

// More room than this is given back: what a reversal of a popular object took
// would be in the way for ever.
constexpr size_t kMostKept = 1000;

bool IsBefore(const model::EntityState& a, const model::EntityState& b) {
  return a.entity < b.entity;
}

}  // namespace

const model::EntityState* Touched::Find(const model::Entity& entity) const {
  if (states_.size() > kFewTouched) {
    const auto found = places_.find(entity);
    return found == places_.end() ? nullptr : &states_[found->second];
  }
  for (const model::EntityState& state : states_) {
    if (state.entity == entity) return &state;
  }
  return nullptr;
}

void Touched::Keep(const model::EntityState& now) {
  if (const model::EntityState* const found = Find(now.entity)) {
    model::EntityState& kept = states_[found - states_.data()];
    kept.exists = now.exists;
    kept.since = now.since;
    kept.holdings = now.holdings;
    kept.lots = now.lots;
    kept.counters.Assign(now.counters);
    return;
  }
  states_.push_back(now);
  if (states_.size() <= kFewTouched) return;
  for (size_t i = places_.size(); i < states_.size(); ++i) {
    places_.emplace(states_[i].entity, i);
  }
}

void Touched::TakeTo(std::vector<model::EntityState>& states) {
  if (!std::is_sorted(states_.begin(), states_.end(), IsBefore)) {
    std::sort(states_.begin(), states_.end(), IsBefore);
  }
  states.swap(states_);
  Clear();
}

void Touched::Clear() {
  states_.clear();
  places_.clear();
}

void Workspace::Begin(int64_t seq, absl::Time recorded_at, int64_t program,
                      const Event& event) {
  if (std::max({delta.movements.capacity(), decision.movements.capacity(),
                decision.messages.capacity(), delta.states.capacity(),
                touched.capacity()}) > kMostKept) {
    *this = Workspace();
  }
  delta.recorded.seq = seq;
  delta.recorded.recorded_at = recorded_at;
  delta.recorded.program = program;
  delta.recorded.event = event;
  delta.recorded.outcome = {};
  delta.movements.clear();
  delta.states.clear();
  delta.reversed_events.clear();
  delta.member_attributes.clear();
  delta.personal_attributes.clear();
  delta.alias.reset();
  delta.program.reset();
  delta.erased_members.clear();
  told_before.clear();
  replayed.clear();
  decision.Clear();
  touched.Clear();
}

}  // namespace loyalty::engine
