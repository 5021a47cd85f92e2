// SPDX-License-Identifier: Apache-2.0
//
// Scenarios: what is measured, by name. The writers of a scenario take turns;
// the first one is what it is about, and the others what it is held against.
#ifndef LOYALTY_BENCH_SCENARIOS_H_
#define LOYALTY_BENCH_SCENARIOS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "turn.h"

namespace loyalty::bench {

struct Contender {
  std::string label = {};
  Writer writer = Writer::kEngine;
  Load load = {};
  size_t subject = 0;  // the contender that it is held against
};

struct Scenario {
  std::string name = {};
  std::string title = {};  // a sentence
  std::vector<Contender> contenders = {};
};

enum class Length {
  kShort,  // a few minutes for all
  kFull,   // what the README's figures are of: hours
};

std::vector<Scenario> AllScenarios(Length length);

// One for a load that somebody asks for: engine, rows and indexed.
Scenario Custom(const Load& load);

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_SCENARIOS_H_
