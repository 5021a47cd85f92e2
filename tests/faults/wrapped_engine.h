// SPDX-License-Identifier: Apache-2.0
//
// WrappedEngine: an engine that passes everything on to another. A negative
// control overrides what it does badly.
#ifndef LOYALTY_TESTS_FAULTS_WRAPPED_ENGINE_H_
#define LOYALTY_TESTS_FAULTS_WRAPPED_ENGINE_H_

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "loyalty/engine.h"

namespace loyalty::faults {

class WrappedEngine : public Engine {
 public:
  using Answers = std::vector<absl::StatusOr<Outcome>>;

  explicit WrappedEngine(Engine& real) : real_(real) {}

  absl::StatusOr<Outcome> Process(const Event& event) override {
    return real_.Process(event);
  }
  absl::StatusOr<Answers> Process(std::span<const Event> events) override {
    return real_.Process(events);
  }
  absl::StatusOr<Outcome> Preview(const Event& event) override {
    return real_.Preview(event);
  }
  absl::StatusOr<Outcome> Reverse(std::string_view id, absl::Time time,
                                  std::string_view event_id) override {
    return real_.Reverse(id, time, event_id);
  }
  absl::StatusOr<Outcome> Switch(const Program& program, std::string_view id,
                                 absl::Time time) override {
    return real_.Switch(program, id, time);
  }
  absl::StatusOr<CatchUpReport> CatchUp(const loyalty::CatchUp& what,
                                        std::string_view id,
                                        absl::Time time) override {
    return real_.CatchUp(what, id, time);
  }
  absl::StatusOr<int64_t> Sweep(absl::Time until) override {
    return real_.Sweep(until);
  }
  absl::StatusOr<int64_t> EndSeasons(absl::Time until) override {
    return real_.EndSeasons(until);
  }
  absl::StatusOr<int64_t> ShareGoals(absl::Time time) override {
    return real_.ShareGoals(time);
  }
  absl::StatusOr<std::unique_ptr<Queries>> Query() override {
    return real_.Query();
  }

 protected:
  Engine& real() { return real_; }

 private:
  Engine& real_;
};

}  // namespace loyalty::faults

#endif  // LOYALTY_TESTS_FAULTS_WRAPPED_ENGINE_H_
