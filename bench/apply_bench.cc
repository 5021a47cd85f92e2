// SPDX-License-Identifier: Apache-2.0
//
// Apply alone: no store, no planning of reads, no validation. Beside it the
// least that a pure function of a state can do, which is to copy that state;
// they run interleaved, and the medians and their ratio are printed.
#include <absl/strings/str_format.h>
#include <benchmark/benchmark.h>

#include <cstdint>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "legs.h"
#include "machine.h"
#include "must.h"
#include "workload.h"

namespace loyalty::bench {
namespace {

constexpr int kPastEvents = 20'000;
constexpr int kEvents = 2'000;

// Made at the first call, as benchmarks are run several times.
const Legs& CommunityLegs() {
  static const Program program = CommunityProgram({});
  static const Legs legs = LegsOf(
      program, CommunityEvents({.events = kPastEvents + kEvents}), kPastEvents);
  return legs;
}

// The first leg of one like, by the busiest member, in a program whose rules
// are all on like.
template <int kRules>
const Leg& LikeLeg() {
  static const Program program =
      CommunityProgram({.rules = kRules, .event_types = 1});
  static const Legs legs = [] {
    std::vector<Event> events = CommunityEvents({.events = kPastEvents});
    Event like = events.back();
    like.id = "like";
    like.type = "like";
    like.actor = "member-0";
    like.target = "post-1";
    like.attributes.insert_or_assign("owner", "member-1");
    events.push_back(std::move(like));
    return LegsOf(program, events, kPastEvents);
  }();
  return legs.legs.front();
}

void Apply(const Leg& leg) {
  auto decision = core::Apply(leg.cause, leg.state, leg.message);
  benchmark::DoNotOptimize(decision);
}

void CopyState(const Leg& leg) {
  core::State state = leg.state;
  benchmark::DoNotOptimize(state);
}

template <int kRules, void (*kWork)(const Leg&)>
void OneLeg(benchmark::State& state) {
  const Leg& leg = LikeLeg<kRules>();
  for (auto _ : state) kWork(leg);
  state.SetItemsProcessed(state.iterations());
  state.counters["rules_asked"] = kRules;
}

void BM_ApplyLikeLegAgainst10Rules(benchmark::State& state) {
  OneLeg<10, Apply>(state);
}
void BM_CopyStateOfLikeLegWith10Rules(benchmark::State& state) {
  OneLeg<10, CopyState>(state);
}
void BM_ApplyLikeLegAgainst100Rules(benchmark::State& state) {
  OneLeg<100, Apply>(state);
}
void BM_CopyStateOfLikeLegWith100Rules(benchmark::State& state) {
  OneLeg<100, CopyState>(state);
}

// All legs of one event after the other, as they come in a community.
template <void (*kWork)(const Leg&)>
void AllLegs(benchmark::State& state) {
  const Legs& community = CommunityLegs();
  for (auto _ : state) {
    for (const Leg& leg : community.legs) kWork(leg);
  }
  const auto events = static_cast<int64_t>(community.events.size());
  state.SetItemsProcessed(state.iterations() * events);
  state.counters["legs_per_event"] =
      community.PerEvent(static_cast<int64_t>(community.legs.size()));
  state.counters["rules_asked_per_event"] =
      community.PerEvent(community.rules_asked);
  state.counters["movements_per_event"] =
      community.PerEvent(community.movements);
}

void BM_ApplyCommunityEventsAgainst100Rules(benchmark::State& state) {
  AllLegs<Apply>(state);
}
void BM_CopyStatesOfCommunityEventsWith100Rules(benchmark::State& state) {
  AllLegs<CopyState>(state);
}

BENCHMARK(BM_ApplyLikeLegAgainst10Rules);
BENCHMARK(BM_CopyStateOfLikeLegWith10Rules);
BENCHMARK(BM_ApplyLikeLegAgainst100Rules);
BENCHMARK(BM_CopyStateOfLikeLegWith100Rules);
BENCHMARK(BM_ApplyCommunityEventsAgainst100Rules);
BENCHMARK(BM_CopyStatesOfCommunityEventsWith100Rules);

// Prints the medians in the order above, and remembers them for their ratios.
class Reporter : public benchmark::ConsoleReporter {
 public:
  Reporter() : ConsoleReporter(OO_Tabular) {}

  // Called with the runs of one benchmark, or with their aggregates.
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.aggregate_name != "median" && run.repetitions > 1) continue;
      Run& kept = kept_[run.family_index];
      kept = run;
      kept.counters["spread_percent"] = SpreadOf(runs);
      medians_[run.run_name.function_name] = run.GetAdjustedCPUTime();
    }
  }

  void Finalize() override {
    for (const auto& [place, run] : kept_) ConsoleReporter::ReportRuns({run});
    ConsoleReporter::Finalize();
  }

  void PrintRatio(const std::string& name, const std::string& floor) const {
    const auto found = medians_.find(name);
    const auto least = medians_.find(floor);
    if (found == medians_.end() || least == medians_.end()) return;
    GetOutputStream() << absl::StreamFormat(
        "%s takes %.1f times as long as %s\n", name,
        found->second / least->second, floor);
  }

 private:
  // Standard deviation by mean.
  static double SpreadOf(const std::vector<Run>& runs) {
    for (const Run& run : runs) {
      if (run.aggregate_name == "cv") return 100 * run.cpu_accumulated_time;
    }
    return 0;
  }

  std::map<int64_t, Run> kept_;            // by place
  std::map<std::string, double> medians_;  // CPU time an iteration
};

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  // What comes last overrides, so these are defaults.
  std::vector<std::string> arguments = {
      argv[0], "--benchmark_repetitions=5",
      "--benchmark_enable_random_interleaving=true",
      "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.2"};
  for (int i = 1; i < argc; ++i) {
    // Flags may be given for all benchmarks at once; others are not for us.
    const std::string_view argument = argv[i];
    if (argument.starts_with("--benchmark_")) arguments.emplace_back(argument);
  }
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 2;

  std::cout << "Apply alone. " << loyalty::bench::Machine()
            << ".\nThat the library was built as DEBUG is said of Google "
               "Benchmark, as distributions build it; it is not what is "
               "measured.\n";
  loyalty::bench::Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.PrintRatio("BM_ApplyLikeLegAgainst100Rules",
                      "BM_ApplyLikeLegAgainst10Rules");
  reporter.PrintRatio("BM_ApplyLikeLegAgainst10Rules",
                      "BM_CopyStateOfLikeLegWith10Rules");
  reporter.PrintRatio("BM_ApplyLikeLegAgainst100Rules",
                      "BM_CopyStateOfLikeLegWith100Rules");
  reporter.PrintRatio("BM_ApplyCommunityEventsAgainst100Rules",
                      "BM_CopyStatesOfCommunityEventsWith100Rules");
  return 0;
}
