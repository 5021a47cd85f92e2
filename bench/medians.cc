// SPDX-License-Identifier: Apache-2.0
//
// See medians.h.
#include "medians.h"

#include <absl/strings/str_format.h>

#include <iostream>
#include <string_view>

#include "machine.h"

namespace loyalty::bench {
namespace {

// Standard deviation by mean, in percent.
double SpreadOf(const std::vector<benchmark::BenchmarkReporter::Run>& runs) {
  for (const auto& run : runs) {
    if (run.aggregate_name == "cv") return 100 * run.cpu_accumulated_time;
  }
  return 0;
}

}  // namespace

bool Medians::Measure(const std::string& title, int argc, char** argv) {
  // What comes last overrides, so these are defaults.
  std::vector<std::string> arguments = {
      argv[0], "--benchmark_repetitions=5",
      "--benchmark_enable_random_interleaving=true",
      "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.2"};
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument.starts_with("--benchmark_")) arguments.emplace_back(argument);
  }
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) {
    return false;
  }
  std::cout << title << ". " << Machine()
            << ".\nThat the library was built as DEBUG is said of Google "
               "Benchmark, as distributions build it; it is not what is "
               "measured.\n";
  benchmark::RunSpecifiedBenchmarks(this);
  return true;
}

// Called with the runs of one benchmark, or with their aggregates.
void Medians::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.aggregate_name != "median" && run.repetitions > 1) continue;
    Run& kept = kept_[{run.family_index, run.per_family_instance_index}];
    kept = run;
    kept.counters["spread_percent"] = SpreadOf(runs);
    times_[run.run_name.function_name +
           (run.run_name.args.empty() ? "" : "/" + run.run_name.args)] =
        run.GetAdjustedCPUTime();
  }
}

void Medians::Finalize() {
  for (const auto& [place, run] : kept_) ConsoleReporter::ReportRuns({run});
  ConsoleReporter::Finalize();
}

void Medians::PrintRatio(const std::string& name,
                         const std::string& peer) const {
  const auto found = times_.find(name);
  const auto least = times_.find(peer);
  if (found == times_.end() || least == times_.end()) return;
  std::cout << absl::StreamFormat("%s takes %.1f times as long as %s\n", name,
                                  found->second / least->second, peer);
}

}  // namespace loyalty::bench
