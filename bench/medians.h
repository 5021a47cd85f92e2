// SPDX-License-Identifier: Apache-2.0
//
// Medians: runs the benchmarks of a program five times each, interleaved, and
// prints medians and ratios of them.
#ifndef LOYALTY_BENCH_MEDIANS_H_
#define LOYALTY_BENCH_MEDIANS_H_

#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace loyalty::bench {

class Medians : public benchmark::ConsoleReporter {
 public:
  Medians() : ConsoleReporter(OO_Tabular) {}

  // Prints what is measured and on which machine, then all medians in the order
  // in which the benchmarks were declared. Arguments that begin --benchmark_
  // override our own; others are left to other programs. False if they make no
  // sense.
  bool Measure(const std::string& title, int argc, char** argv);

  // "NAME takes 2.5 times as long as PEER", if both were run.
  void PrintRatio(const std::string& name, const std::string& peer) const;

  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

 private:
  std::map<std::pair<int64_t, int64_t>, Run> kept_;  // by place
  std::map<std::string, double> times_;              // CPU time an iteration
};

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_MEDIANS_H_
