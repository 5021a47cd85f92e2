// SPDX-License-Identifier: Apache-2.0
//
// Turn: one writer writes one workload to a new file, in a process of its own,
// so that memory and caches are its own too.
//
// Timed is the time inside of Process, and closing the file: the engine then
// brings its tables up to date, all put the log into the file. Events are made
// in chunks of 20,000, between which the clocks stand still; so memory does not
// grow with their number.
#ifndef LOYALTY_BENCH_TURN_H_
#define LOYALTY_BENCH_TURN_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "workload.h"

namespace loyalty::bench {

enum class Writer {
  kEngine,   // Engine::Process
  kRows,     // Peer, kRows
  kIndexed,  // Peer, kIndexed
  kCommand,  // `loyalty run`, from a file of JSON Lines
  kNode,     // peers/stack_exchange.mjs
};
std::string_view Name(Writer writer);

struct Load {
  std::string workload = "brand_community";  // or redemption_race,
                                             // stack_exchange
  int members = 1'000'000;
  int64_t events = 0;  // all, of a log
  int batch = 1000;
  int threads = 1;
  Ids ids = Ids::kOrdered;
  int rules = 100;
  int64_t cache_mb = 0;     // of EngineOptions; 0: as the engine has it
  int64_t max_tail = 0;     // the same
  bool by_channel = false;  // see ProgramShape
  int repeat = 10;          // of a log
  std::string log = {};
};

std::unique_ptr<Workload> MakeWorkload(const Load& load);

// NaN where a writer cannot tell.
struct Figures {
  double events = 0;
  double events_per_second = 0;
  double p50_us = 0;  // of a call of Process, or a transaction
  double p99_us = 0;
  double processor_us = 0;  // the following are for each event
  double bytes = 0;         // of the file, once closed
  double syncs = 0;
  double postings = 0;
  double memory_mb = 0;  // the most that was held above what there was before
                         // the file was opened
  double close_seconds = 0;  // part of what is timed
};

// The file is made in `folder`, and removed.
//
// ERRORS: kUnavailable  this writer is not there: no Node, no log.
absl::StatusOr<Figures> TakeTurn(Writer writer, const Load& load,
                                 const std::string& folder);

// Whether the engine and Node come to the same balances on the log.
//
// ERRORS: kInternal, naming a member whose balances differ; kUnavailable.
absl::Status CompareWithNode(const Load& load, const std::string& folder);

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_TURN_H_
