// SPDX-License-Identifier: Apache-2.0
//
// Workspace: the memory that events are decided in, one after another, so that
// the next event finds room where the last one made it. Nothing is read of what
// an earlier event left.
#ifndef LOYALTY_LIB_ENGINE_WORKSPACE_H_
#define LOYALTY_LIB_ENGINE_WORKSPACE_H_

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "core/message.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "store/store.h"

namespace loyalty::engine {

// What an event has touched so far, as it is now: read before the store is.
// Mostly two or three; a reversal touches any number.
class Touched {
 public:
  // Of counters, those that changed. Null if it was not touched.
  const model::EntityState* Find(const model::Entity& entity) const;

  // `now` has, of counters, those that changed since they were kept last.
  void Keep(const model::EntityState& now);

  // Moves all to `states`, in the order of the entities.
  void TakeTo(std::vector<model::EntityState>& states);

  void Clear();
  size_t capacity() const { return states_.capacity(); }

 private:
  std::vector<model::EntityState> states_;
  absl::flat_hash_map<model::Entity, size_t> places_;  // of more than a few
};

struct Workspace {
  store::Delta delta = {};
  Event addressed = {};  // the delta's, where names mean other members now
  core::State state = {};
  model::ReadSet wanted = {};
  core::Decision decision = {};
  Touched touched = {};
  // Of a sweep or a merge that is replayed: for whom something came of it, in
  // that order.
  // Ids order otherwise once one of them has been erased.
  std::vector<std::string> told_before = {};
  // Likewise of any entry of a program with goals: what it moved.
  std::vector<model::Movement> replayed = {};

  // Makes room for an event, in canonical form, and what it will come to. The
  // event is copied, mostly into memory that is there.
  void Begin(int64_t seq, absl::Time recorded_at, int64_t program,
             const Event& event);
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_WORKSPACE_H_
