// SPDX-License-Identifier: Apache-2.0
//
// Workload: a brand's community as the benchmarks see it: a program of any
// number of rules, and what its members do. All of it is made from a seed, by
// our own arithmetic: the same bytes on every machine.
#ifndef LOYALTY_BENCH_WORKLOAD_H_
#define LOYALTY_BENCH_WORKLOAD_H_

#include <absl/time/time.h>

#include <cstdint>
#include <string>
#include <vector>

#include "loyalty/event.h"
#include "loyalty/program.h"

namespace loyalty::bench {

// Events are spread over so many types; like is the most frequent.
inline constexpr int kEventTypes = 6;

struct ProgramShape {
  int rules = 100;
  int event_types = kEventTypes;  // that have rules, which are dealt to them in
                                  // turn; 1: all rules are on like
};

// The first rule of each type is what the type is for and gives something
// almost always. The others ask for a channel, a level, a balance, a weight or
// the object's score, seldom get it, and have limits of their own.
Program CommunityProgram(const ProgramShape& shape);

struct Crowd {
  int members = 10'000;
  int events = 0;
  uint64_t seed = 1;
};

// In the order of their times and of their ids. Who acts is drawn by Zipf's law
// with exponent 1: of 10,000 members, the busiest acts in one event of ten.
// Objects are drawn alike, and each belongs to one member.
std::vector<Event> CommunityEvents(const Crowd& crowd);

// Later than all events, for clocks: what is recorded depends on no day.
absl::Time AfterAllEvents();

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_WORKLOAD_H_
