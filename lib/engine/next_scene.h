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
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/way.h"
#include "engine/next_goals.h"
#include "engine/rehearsal.h"
#include "engine/stored_program.h"
#include "engine/workspace.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "model/journal.h"
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
  // Those of every goal are the first; some have more of their own.
  int acts_of_all = 0;
  std::map<model::Symbol, int64_t> rolling = {};  // limits, and their seconds
  bool has_hours = false;                         // some limit is per hour
  Workspace workspace = {};
  int64_t number = 0;  // of events that were made up
  int moments = 0;     // that are kept
};

// How things stand after some acts, and what comes of further ones. Searches
// for several goals begin alike, so what was played is kept, within bounds.
struct Moment {
  Rehearsal rehearsal;
  absl::Time time = {};
  std::shared_ptr<const model::EntityState> state = {};
  // What led here: the act as an event, and what the program made of it.
  Event last = {};
  std::vector<model::Movement> movements = {};

  std::shared_ptr<const model::EntityState> settled = {};  // once asked for
  std::map<int, std::shared_ptr<Moment>> after = {};       // by act
  std::shared_ptr<Moment> later = {};                      // after a wait
};

// The member at a time, on the way to a goal. Copies go their own ways.
//
// `stage` and `goal` must outlive it.
class MemberScene final : public core::Scene {
 public:
  MemberScene(Stage& stage, const Goal& goal, std::shared_ptr<Moment> moment)
      : stage_(stage), goal_(goal), moment_(std::move(moment)) {}

  std::unique_ptr<core::Scene> Copy() const override;
  int64_t Missing() const override;
  // How much of something else is.
  int64_t Ask(const Measure& measure) const;
  absl::Time time() const override { return moment_->time; }
  absl::Status Play(int act) override;
  bool Wait() override;

  const Moment& moment() const { return *moment_; }

 private:
  absl::Time NextOpening() const;
  absl::Status PlayAnew(int act, Moment& next);

  Stage& stage_;
  const Goal& goal_;
  std::shared_ptr<Moment> moment_;
  mutable std::optional<int64_t> missing_ = {};  // at this moment
};

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_NEXT_SCENE_H_
