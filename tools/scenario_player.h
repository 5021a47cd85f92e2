// SPDX-License-Identifier: Apache-2.0
//
// Plays a script on one engine, and tells what differed from what it expects.
#ifndef LOYALTY_TOOLS_SCENARIO_PLAYER_H_
#define LOYALTY_TOOLS_SCENARIO_PLAYER_H_

#include <absl/status/status.h>

#include <string>
#include <vector>

#include "scenario.h"

namespace loyalty::command {

// How it is played: nothing of this may make a difference.
struct Setup {
  std::string db = {};  // a file to make, or "" for memory
  size_t batch = 1;     // events sent together, at most
  bool sweeps = true;   // else they are left out
};

// "sqlite, batches of 1,000, without its sweeps"
std::string NameOf(const Setup& setup);

struct Failure {
  int line = 0;
  std::string what = {};
  std::vector<std::string> expected = {};
  std::vector<std::string> came = {};
  std::vector<std::string> why = {};  // what the engine says about it
  friend bool operator==(const Failure&, const Failure&) = default;
};

struct Played {
  std::vector<Failure> failures = {};
  std::vector<std::string> readings = {};  // of all members, at the end
  absl::Status status = absl::OkStatus();  // why it could not be played
};

// Sends the events, asks what is asserted, and in the end verifies, and feeds
// what was recorded to a new engine, which has to answer and to stand the same.
Played Play(const Script& script, const Setup& setup);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_PLAYER_H_
