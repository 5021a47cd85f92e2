// SPDX-License-Identifier: Apache-2.0
//
// Witness: knows what was acknowledged and what the answers have to be, by an
// engine in memory that nothing befalls, and says in what a file differs.
#ifndef LOYALTY_TESTS_FAULTS_WITNESS_H_
#define LOYALTY_TESTS_FAULTS_WITNESS_H_

#include <absl/status/status.h>

#include <memory>
#include <string>
#include <vector>

#include "loyalty/engine.h"

namespace loyalty::faults {

// Everything but recorded_at, which is the clock's.
bool SameButForClock(const Outcome& a, const Outcome& b);

class Witness {
 public:
  Witness();

  // Sends `batch`, or again the one in flight, which takes precedence: one that
  // failed may or may not be recorded until it is answered. Only what the
  // engine answers counts as acknowledged.
  absl::Status Send(Engine& engine, const std::vector<Event>& batch);
  bool InFlight() const { return !in_flight_.empty(); }

  // Compares what a file holds, after whatever befell it:
  //   every acknowledged event once, as it was answered, in its place;
  //   after them nothing, or the whole batch in flight;
  //   no gaps, times that increase; and verify is clean.
  // Says in violations() what does not hold. An error: it could not be read.
  absl::Status Compare(Queries& queries);

  void Violate(std::string what) { violations_.push_back(std::move(what)); }
  const std::vector<std::string>& violations() const { return violations_; }
  size_t acknowledged() const { return acknowledged_.size(); }

 private:
  using Answers = std::vector<absl::StatusOr<Outcome>>;

  void Acknowledge(const Answers& answers);
  void CompareInFlight(const std::vector<Outcome>& feed);
  // The answers of the batch in flight that are recorded for it.
  std::vector<const Outcome*> NewlyRecorded() const;

  const std::unique_ptr<Engine> twin_;
  std::vector<Outcome> acknowledged_;  // in the journal's order
  std::vector<Event> in_flight_;
  Answers expected_;             // of what is in flight
  std::vector<Outcome> landed_;  // of what is in flight, as the file has it
  std::vector<std::string> violations_;
};

}  // namespace loyalty::faults

#endif  // LOYALTY_TESTS_FAULTS_WITNESS_H_
