// SPDX-License-Identifier: Apache-2.0
//
// Workload: what a benchmark's engine is fed: a program, and events without end
// or as many as a log has. Events are made one at a time, so that no run has to
// hold all of its own. All but the log is made from a seed, by our own
// arithmetic: the same bytes on every machine.
#ifndef LOYALTY_BENCH_WORKLOAD_H_
#define LOYALTY_BENCH_WORKLOAD_H_

#include <absl/time/time.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "loyalty/event.h"
#include "loyalty/program.h"

namespace loyalty::bench {

class Workload {
 public:
  virtual ~Workload() = default;

  // The text of the program that its events are for, and its parameters.
  virtual std::string ProgramText() const = 0;
  virtual Parameters ProgramParameters() const { return {}; }
  Program MakeProgram() const;

  // The next event; nullopt once there are no more.
  virtual std::optional<Event> Next() = 0;
};

enum class Ids {
  kOrdered,  // UUIDs of version 7, which grow with time
  kRandom,   // UUIDs of version 4
};

// Events are spread over so many types; like is the most frequent.
inline constexpr int kEventTypes = 6;

struct ProgramShape {
  int rules = 100;
  int event_types = kEventTypes;  // that have rules, which are dealt to them in
                                  // turn; 1: all rules are on like
  bool by_channel = false;  // every further rule asks for a channel of its own,
                            // so that an index finds the few there are to ask
};

// The first rule of each type is what the type is for and gives something
// almost always. The others ask for a channel, a level, a balance, a weight or
// the object's score, seldom get it, and have limits of their own.
Program CommunityProgram(const ProgramShape& shape);

struct Crowd {
  int members = 10'000;
  int64_t events = 0;
  Ids ids = Ids::kOrdered;
  uint64_t seed = 1;
};

// A brand's community: likes (45 of 100 events), votes, replies, questions,
// welcomes and blogs, one every five seconds. Who acts is drawn by Zipf's law
// with exponent 1: of 10,000 members, the busiest acts in one event of ten.
// Objects are drawn alike, and each belongs to one member.
std::unique_ptr<Workload> BrandCommunity(const ProgramShape& shape,
                                         const Crowd& crowd);

// All events of a brand's community at once.
std::vector<Event> CommunityEvents(const Crowd& crowd);

// A race for scarce goods: of 100 events, 40 earn points and 60 redeem a reward
// that costs 500. Of each reward there are 1,000 in stock, and the next is
// asked for once 10,000 events have gone to one: so most come too late, and all
// of them ask the program what is left.
std::unique_ptr<Workload> RedemptionRace(const Crowd& crowd);

// A log of Stack Exchange, so many times under other names, with our program.
//
// ERRORS: kNotFound  there is no such log.
absl::StatusOr<std::unique_ptr<Workload>> StackExchange(const std::string& log,
                                                        int repeat);

// What an id of `bits` looks like.
std::string IdOf(Ids ids, absl::Time time, uint64_t bits, uint64_t more_bits);

// Later than all events, for clocks: what is recorded depends on no day.
absl::Time AfterAllEvents();

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_WORKLOAD_H_
