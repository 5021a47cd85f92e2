// SPDX-License-Identifier: Apache-2.0
//
// A member on the way to a goal: acts are decided on a rehearsal, and time
// passes to where limits may leave more.
#ifndef LOYALTY_LIB_ENGINE_NEXT_SCENE_H_
#define LOYALTY_LIB_ENGINE_NEXT_SCENE_H_

#include <absl/status/status.h>
#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/way.h"
#include "engine/next_goals.h"
#include "engine/rehearsal.h"
#include "engine/stored_program.h"
#include "engine/workspace.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "rules/acts.h"
#include "rules/compiled.h"

namespace loyalty::engine {

// All that scenes have in common.
struct Stage {
  const rules::CompiledProgram& program;
  int64_t program_number = 0;
  StoredPrograms& programs;
  std::string member = {};
  absl::Time at = {};
  std::vector<rules::Act> acts = {};
  std::map<model::Symbol, int64_t> rolling = {};  // limits, and their seconds
  bool has_hours = false;                         // some limit is per hour
  Workspace workspace = {};
  int64_t number = 0;  // of events that were made up
};

// The member at a time, on the way to a goal. Copies go their own ways.
//
// `stage` and `goal` must outlive it.
class MemberScene final : public core::Scene {
 public:
  MemberScene(Stage& stage, const Goal& goal, Rehearsal rehearsal,
              absl::Time time, std::shared_ptr<const model::EntityState> state);

  std::unique_ptr<core::Scene> Copy() const override;
  int64_t Missing() const override;
  absl::Time time() const override { return time_; }
  absl::Status Play(int act) override;
  bool Wait() override;

  // The event that was played last, and how the member stands.
  const Event& last() const { return last_; }
  const model::EntityState& state() const { return *state_; }

 private:
  absl::Time NextOpening() const;

  Stage& stage_;
  const Goal& goal_;
  Rehearsal rehearsal_;
  absl::Time time_;
  std::shared_ptr<const model::EntityState> state_;
  Event last_ = {};
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_NEXT_SCENE_H_
