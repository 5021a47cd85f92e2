// SPDX-License-Identifier: Apache-2.0
//
// Report: what the turns of a scenario come to, as a table in Markdown and as
// JSON for charts.
#ifndef LOYALTY_BENCH_REPORT_H_
#define LOYALTY_BENCH_REPORT_H_

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "scenarios.h"
#include "turn.h"

namespace loyalty::bench {

// A contender's turns, one a round; empty if it is not there.
struct Result {
  Contender contender = {};
  std::vector<Figures> turns = {};
};

double MedianOf(const std::vector<Figures>& turns, double Figures::*figure);

// Medians; the ratio is how many times a line's events a second those of its
// subject are, with the lowest and highest of a round.
std::string Table(const Scenario& scenario, const std::vector<Result>& results);

nlohmann::json AsJson(const Scenario& scenario,
                      const std::vector<Result>& results);

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_REPORT_H_
