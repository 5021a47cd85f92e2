// SPDX-License-Identifier: Apache-2.0
//
// Apply alone: no store, no planning of reads, no validation. Beside it the
// least that a pure function of a state can do, which is to copy that state;
// they run interleaved, and the medians and their ratio are printed.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <string>
#include <vector>

#include "legs.h"
#include "medians.h"
#include "must.h"
#include "workload.h"

namespace loyalty::bench {
namespace {

constexpr int kPastEvents = 20'000;
// The engine has made what a leg reads just before: so it is with these few,
// which the cache holds.
constexpr int kFewEvents = 256;
// And these have to come from memory.
constexpr int kManyEvents = 2'000;

// Made at the first call, as benchmarks are run several times.
template <int kEvents>
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

// Into memory that is there, as the engine does.
void Apply(const Leg& leg) {
  static core::Decision decision;
  decision.Clear();
  auto status = core::Apply(*leg.cause, leg.state, leg.message, decision);
  benchmark::DoNotOptimize(status);
  benchmark::DoNotOptimize(decision);
}

void CopyState(const Leg& leg) {
  static core::State state;
  state = leg.state;
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
template <int kEvents, void (*kWork)(const Leg&)>
void AllLegs(benchmark::State& state) {
  const Legs& community = CommunityLegs<kEvents>();
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
  AllLegs<kFewEvents, Apply>(state);
}
void BM_CopyStatesOfCommunityEventsWith100Rules(benchmark::State& state) {
  AllLegs<kFewEvents, CopyState>(state);
}
void BM_ApplyCommunityEventsFromMemory(benchmark::State& state) {
  AllLegs<kManyEvents, Apply>(state);
}
void BM_CopyStatesOfCommunityEventsFromMemory(benchmark::State& state) {
  AllLegs<kManyEvents, CopyState>(state);
}

BENCHMARK(BM_ApplyLikeLegAgainst10Rules);
BENCHMARK(BM_CopyStateOfLikeLegWith10Rules);
BENCHMARK(BM_ApplyLikeLegAgainst100Rules);
BENCHMARK(BM_CopyStateOfLikeLegWith100Rules);
BENCHMARK(BM_ApplyCommunityEventsAgainst100Rules);
BENCHMARK(BM_CopyStatesOfCommunityEventsWith100Rules);
BENCHMARK(BM_ApplyCommunityEventsFromMemory);
BENCHMARK(BM_CopyStatesOfCommunityEventsFromMemory);

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  loyalty::bench::Medians medians;
  if (!medians.Measure("Apply alone", argc, argv)) return 2;
  medians.PrintRatio("BM_ApplyLikeLegAgainst100Rules",
                     "BM_ApplyLikeLegAgainst10Rules");
  medians.PrintRatio("BM_ApplyLikeLegAgainst10Rules",
                     "BM_CopyStateOfLikeLegWith10Rules");
  medians.PrintRatio("BM_ApplyLikeLegAgainst100Rules",
                     "BM_CopyStateOfLikeLegWith100Rules");
  medians.PrintRatio("BM_ApplyCommunityEventsAgainst100Rules",
                     "BM_CopyStatesOfCommunityEventsWith100Rules");
  medians.PrintRatio("BM_ApplyCommunityEventsFromMemory",
                     "BM_CopyStatesOfCommunityEventsFromMemory");
  return 0;
}
