// SPDX-License-Identifier: Apache-2.0
//
// See turn.h.
#include "turn.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <fstream>
#include <functional>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <span>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "base/status_macros.h"
#include "child.h"
#include "file.h"
#include "loyalty/engine.h"
#include "loyalty/json.h"
#include "loyalty/queries.h"
#include "memory.h"
#include "must.h"
#include "peer.h"
#include "rows.h"
#include "syncs.h"

namespace loyalty::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kChunk = 20'000;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double ProcessorMicros() {
  timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) * 1e6 +
         static_cast<double>(used.tv_nsec) / 1e3;
}

double Micros(Clock::duration time) {
  return std::chrono::duration<double, std::micro>(time).count();
}

// Time, processor time and syncs between Start and Stop, all such added up.
class Meter {
 public:
  void Start() {
    syncs_ -= Syncs();
    processor_ -= ProcessorMicros();
    start_ = Clock::now();
  }
  double Stop() {
    const double elapsed = Micros(Clock::now() - start_);
    micros_ += elapsed;
    processor_ += ProcessorMicros();
    syncs_ += Syncs();
    return elapsed;
  }

  void PutInto(Figures& figures) const {
    figures.events_per_second = figures.events / micros_ * 1e6;
    figures.processor_us = processor_ / figures.events;
    figures.syncs = static_cast<double>(syncs_) / figures.events;
  }

 private:
  Clock::time_point start_ = {};
  double micros_ = 0;
  double processor_ = 0;
  int64_t syncs_ = 0;
};

using Times = std::vector<float>;  // of calls, in microseconds

double Percentile(Times& times, double share) {
  if (times.empty()) return kUnknown;
  const auto at = static_cast<std::ptrdiff_t>(
      std::lround(share * static_cast<double>(times.size() - 1)));
  std::nth_element(times.begin(), times.begin() + at, times.end());
  return times[static_cast<size_t>(at)];
}

std::vector<Event> NextChunk(Workload& workload) {
  std::vector<Event> events;
  events.reserve(kChunk);
  while (events.size() < kChunk) {
    std::optional<Event> event = workload.Next();
    if (!event.has_value()) break;
    events.push_back(*std::move(event));
  }
  return events;
}

int64_t PostingsOf(const Outcome& outcome) {
  int64_t postings = 0;
  for (const Effect& effect : outcome.effects) {
    std::visit(
        [&](const auto& e) {
          if constexpr (requires { e.units; }) postings += e.units != 0;
        },
        effect);
  }
  return postings;
}

// One thread's share of the calls.
struct Calls {
  Times times = {};
  int64_t postings = 0;

  void Process(Engine& engine, std::span<const Event> events) {
    const auto start = Clock::now();
    if (events.size() == 1) {
      postings += PostingsOf(Must(engine.Process(events.front())));
    } else {
      for (const auto& outcome : Must(engine.Process(events))) {
        postings += PostingsOf(Must(outcome));
      }
    }
    times.push_back(static_cast<float>(Micros(Clock::now() - start)));
  }
};

std::span<const Event> BatchAt(const std::vector<Event>& events, size_t begin,
                               int batch) {
  return {events.data() + begin,
          std::min(static_cast<size_t>(batch), events.size() - begin)};
}

// Each thread takes the next batch as soon as it is done with one.
void ProcessChunk(Engine& engine, const std::vector<Event>& events,
                  const Load& load, std::vector<Calls>& calls) {
  const auto batch = static_cast<size_t>(load.batch);
  if (calls.size() == 1) {
    for (size_t i = 0; i < events.size(); i += batch) {
      calls[0].Process(engine, BatchAt(events, i, load.batch));
    }
    return;
  }
  std::atomic<size_t> next = 0;
  std::vector<std::jthread> threads;
  threads.reserve(calls.size());
  for (Calls& own : calls) {
    threads.emplace_back([&] {
      for (size_t i = next.fetch_add(batch); i < events.size();
           i = next.fetch_add(batch)) {
        own.Process(engine, BatchAt(events, i, load.batch));
      }
    });
  }
}

EngineOptions OptionsOf(const Load& load) {
  EngineOptions options{.clock = [] { return AfterAllEvents(); }};
  if (load.cache_mb > 0) options.cache_bytes = load.cache_mb << 20;
  if (load.max_tail > 0) options.max_tail = load.max_tail;
  return options;
}

Figures EngineTurn(const Load& load, const File& file) {
  const std::unique_ptr<Workload> workload = MakeWorkload(load);
  const Program program = workload->MakeProgram();
  std::vector<Event> events = NextChunk(*workload);
  Figures figures;
  std::vector<Calls> calls(static_cast<size_t>(load.threads));
  Meter meter;
  sync();  // what earlier turns left to write is not ours to wait for
  ForgetMost();
  const double held = MegabytesHeld();
  std::unique_ptr<Engine> engine =
      Must(Engine::Open(file.path(), program, OptionsOf(load)));
  while (!events.empty()) {
    figures.events += static_cast<double>(events.size());
    meter.Start();
    ProcessChunk(*engine, events, load, calls);
    meter.Stop();
    events.clear();
    events = NextChunk(*workload);
  }
  meter.Start();
  engine.reset();
  figures.close_seconds = meter.Stop() / 1e6;
  figures.memory_mb = MostMegabytesHeld() - held;

  Calls all;
  for (const Calls& own : calls) {
    all.times.insert(all.times.end(), own.times.begin(), own.times.end());
    all.postings += own.postings;
  }
  meter.PutInto(figures);
  figures.p50_us = Percentile(all.times, 0.5);
  figures.p99_us = Percentile(all.times, 0.99);
  figures.postings = static_cast<double>(all.postings) / figures.events;
  return figures;
}

Figures PeerTurn(PeerSchema schema, const Load& load, const File& file) {
  const std::unique_ptr<Workload> workload = MakeWorkload(load);
  RowMaker maker;
  Figures figures{.postings = 2, .memory_mb = kUnknown};
  Times times;
  Meter meter;
  sync();
  auto peer = std::make_unique<Peer>(file.path(), schema);
  const auto batch = static_cast<size_t>(load.batch);
  while (true) {
    const std::vector<EventRow> rows = maker.Make(NextChunk(*workload));
    if (rows.empty()) break;
    figures.events += static_cast<double>(rows.size());
    meter.Start();
    for (size_t i = 0; i < rows.size(); i += batch) {
      const auto start = Clock::now();
      peer->Write({rows.data() + i, std::min(batch, rows.size() - i)});
      times.push_back(static_cast<float>(Micros(Clock::now() - start)));
    }
    meter.Stop();
  }
  meter.Start();
  peer.reset();
  figures.close_seconds = meter.Stop() / 1e6;
  meter.PutInto(figures);
  figures.p50_us = Percentile(times, 0.5);
  figures.p99_us = Percentile(times, 0.99);
  return figures;
}

// From the start of the program to its end; the log is written before.
absl::StatusOr<Figures> CommandTurn(const Load& load, const File& file) {
  const std::string program = file.path() + ".textproto";
  const std::string log = file.path() + ".jsonl";
  const absl::StatusOr<double> events = InChild<double>([&] {
    const std::unique_ptr<Workload> workload = MakeWorkload(load);
    std::ofstream(program) << workload->ProgramText();
    std::ofstream lines(log);
    double count = 0;
    for (; const auto event = workload->Next(); ++count) {
      lines << ToJson(*event) << '\n';
    }
    return count;
  });
  RETURN_IF_ERROR(events.status());
  sync();
  const absl::StatusOr<Ran> ran =
      RunProgram({LOYALTY_BENCH_COMMAND, "run", "--program", program, "--db",
                  file.path(), "--batch", absl::StrCat(load.batch), log});
  std::filesystem::remove(program);
  std::filesystem::remove(log);
  RETURN_IF_ERROR(ran.status());
  return Figures{.events = *events,
                 .events_per_second = *events / ran->seconds,
                 .p50_us = kUnknown,
                 .p99_us = kUnknown,
                 .processor_us = ran->processor_us / *events,
                 .syncs = kUnknown,
                 .postings = kUnknown,
                 .memory_mb = ran->memory_mb,
                 .close_seconds = kUnknown};
}

absl::Status CheckNode() {
  const auto folder =
      std::filesystem::path(LOYALTY_BENCH_NODE_PEER).parent_path();
  if (std::filesystem::exists(folder / "compiled")) return absl::OkStatus();
  return absl::UnavailableError(
      "it needs node and npm, and the target bench_node");
}

absl::StatusOr<nlohmann::json> RunNode(const Load& load, const File& file,
                                       int repeat,
                                       const std::string& what = "") {
  RETURN_IF_ERROR(CheckNode());
  sync();
  const absl::StatusOr<Ran> ran = RunProgram(
      {LOYALTY_BENCH_NODE, LOYALTY_BENCH_NODE_PEER, load.log, file.path(),
       absl::StrCat(repeat), absl::StrCat(load.batch), what});
  RETURN_IF_ERROR(ran.status());
  return nlohmann::json::parse(ran->out);
}

absl::StatusOr<Figures> NodeTurn(const Load& load, const File& file) {
  const auto said = RunNode(load, file, load.repeat);
  RETURN_IF_ERROR(said.status());
  const double events = (*said)["events"];
  Times times;
  for (const double ms : (*said)["ms"]) {
    times.push_back(static_cast<float>(ms * 1000));
  }
  return Figures{.events = events,
                 .events_per_second = events / (*said)["seconds"].get<double>(),
                 .p50_us = Percentile(times, 0.5),
                 .p99_us = Percentile(times, 0.99),
                 .processor_us = (*said)["processor_us"].get<double>() / events,
                 .syncs = kUnknown,
                 .postings = (*said)["postings"].get<double>() / events,
                 .memory_mb = kUnknown,
                 .close_seconds = kUnknown};
}

absl::StatusOr<Figures> AnyTurn(Writer writer, const Load& load,
                                const File& file) {
  switch (writer) {
    case Writer::kEngine:
      return InChild<Figures>([&] { return EngineTurn(load, file); });
    case Writer::kRows:
      return InChild<Figures>(
          [&] { return PeerTurn(PeerSchema::kRows, load, file); });
    case Writer::kIndexed:
      return InChild<Figures>(
          [&] { return PeerTurn(PeerSchema::kIndexed, load, file); });
    case Writer::kCommand: return CommandTurn(load, file);
    case Writer::kNode: return NodeTurn(load, file);
  }
  return absl::InternalError("there is no such writer");
}

}  // namespace

std::string_view Name(Writer writer) {
  switch (writer) {
    case Writer::kEngine: return "engine";
    case Writer::kRows: return "rows";
    case Writer::kIndexed: return "indexed";
    case Writer::kCommand: return "loyalty run";
    case Writer::kNode: return "better-sqlite3";
  }
  return "";
}

std::unique_ptr<Workload> MakeWorkload(const Load& load) {
  const Crowd crowd{
      .members = load.members, .events = load.events, .ids = load.ids};
  if (load.workload == "stack_exchange") {
    return Must(StackExchange(load.log, load.repeat));
  }
  if (load.workload == "redemption_race") return RedemptionRace(crowd);
  return BrandCommunity({.rules = load.rules, .by_channel = load.by_channel},
                        crowd);
}

absl::StatusOr<Figures> TakeTurn(Writer writer, const Load& load,
                                 const std::string& folder) {
  if (load.workload == "stack_exchange" && !std::filesystem::exists(load.log)) {
    return absl::UnavailableError("there is no log " + load.log);
  }
  const File file(folder);
  absl::StatusOr<Figures> figures = AnyTurn(writer, load, file);
  if (figures.ok()) figures->bytes = file.bytes() / figures->events;
  return figures;
}

absl::Status CompareWithNode(const Load& load, const std::string& folder) {
  std::map<std::string, int64_t> theirs;
  {
    const File file(folder);
    const auto said = RunNode(load, file, 1, "balances");
    RETURN_IF_ERROR(said.status());
    theirs = said->get<std::map<std::string, int64_t>>();
  }
  const auto workload = Must(StackExchange(load.log, 1));
  const std::unique_ptr<Engine> engine =
      Must(Engine::InMemory(workload->MakeProgram()));
  while (const std::optional<Event> event = workload->Next()) {
    Must(engine->Process(*event).status());
  }
  const auto queries = Must(engine->Query());
  const auto ours = Must(
      queries->Balances("reputation", "", std::numeric_limits<int>::max()));
  for (const MemberBalance& member : ours) {
    const auto found = theirs.find(member.member);
    if (found != theirs.end() && found->second == member.balance) continue;
    return absl::InternalError(absl::StrCat(
        member.member, " has ", member.balance, " by the engine and ",
        found == theirs.end() ? "is unknown to" : absl::StrCat(found->second),
        " by Node"));
  }
  if (ours.size() != theirs.size()) {
    return absl::InternalError("Node knows other members than the engine");
  }
  return absl::OkStatus();
}

}  // namespace loyalty::bench
