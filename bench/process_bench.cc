// SPDX-License-Identifier: Apache-2.0
//
// Process end to end, to a file, at three sizes of a batch, beside plain SQLite
// writing the same rows (peer.h). They take turns, so that what else the
// machine does befalls all alike; what is told is the median of the turns, and
// the median of each turn's ratio.
//
//   bench_process [--events=N] [--turns=N] [--only=engine]
//                 [--benchmark_filter=REGEX]
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <re2/re2.h>
#include <sqlite3.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/engine.h"
#include "machine.h"
#include "must.h"
#include "peer.h"
#include "syncs.h"
#include "workload.h"

namespace loyalty::bench {
namespace {

enum Writer { kEngine, kAppend, kIndexed };
constexpr int kWriters = 3;
constexpr std::array<const char*, kWriters> kNames = {"engine", "append",
                                                      "indexed"};

// How many events are written at each size of a batch, as one of `one_in` of
// all: a commit for each event takes so long that few will do.
struct Size {
  int batch;
  int one_in;
};
constexpr std::array<Size, 3> kSizes = {{{1, 100}, {100, 4}, {1000, 1}}};

struct Options {
  int events = 100'000;
  int turns = 5;
  std::string filter = {};   // of names
  bool engine_only = false;  // for profilers
  std::string folder = {};   // of the executable: temporary folders may be in
                             // memory, where a sync costs nothing
};

// A database that is removed, with what SQLite keeps beside it.
class File {
 public:
  explicit File(const std::string& folder)
      : path_(absl::StrCat(folder, "/bench-", getpid(), ".db")) {
    Remove();
  }
  ~File() { Remove(); }
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  const std::string& path() const { return path_; }
  double bytes() const {
    return static_cast<double>(std::filesystem::file_size(path_));
  }

 private:
  void Remove() const {
    for (const char* suffix : {"", "-wal", "-shm", ".lock"}) {
      std::error_code ignored;
      std::filesystem::remove(path_ + suffix, ignored);
    }
  }

  const std::string path_;
};

struct Figures {
  double events_per_second = 0;
  double processor_us_per_event = 0;  // what is left is waiting
  double bytes_per_event = 0;
  double syncs_per_event = 0;
};

struct Workload {
  Program program;
  std::vector<Event> events;
  std::vector<EventRow> journal = {};  // what the engine made of them
  int batch = 0;
};

std::unique_ptr<Engine> OpenEngine(const Workload& workload, const File& file) {
  return Must(Engine::Open(file.path(), workload.program,
                           {.clock = [] { return AfterAllEvents(); }}));
}

void Process(Engine& engine, std::span<const Event> events) {
  // With one event, hosts call the other Process; it costs the same.
  for (const auto& outcome : Must(engine.Process(events))) {
    Must(outcome.status());
  }
}

// Of this process, in the kernel too.
double ProcessorSeconds() {
  struct timespec used;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) +
         static_cast<double>(used.tv_nsec) * 1e-9;
}

// From the first event until the file is closed, and all is in it. Making the
// file and its tables is not counted.
Figures Measured(Writer writer, const Workload& workload, const File& file) {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Peer> peer;
  if (writer == kEngine) {
    engine = OpenEngine(workload, file);
  } else {
    peer = std::make_unique<Peer>(file.path(), writer == kAppend
                                                   ? PeerSchema::kAppend
                                                   : PeerSchema::kIndexed);
  }
  sync();  // what earlier turns left to write is not ours to wait for

  const size_t count = workload.events.size();
  const int64_t syncs = Syncs();
  const double used = ProcessorSeconds();
  const auto start = std::chrono::steady_clock::now();
  for (size_t begin = 0; begin < count;) {
    const size_t end =
        std::min(begin + static_cast<size_t>(workload.batch), count);
    if (engine != nullptr) {
      Process(*engine, {&workload.events[begin], end - begin});
    } else {
      peer->Write(workload.journal, begin, end);
    }
    begin = end;
  }
  engine.reset();
  peer.reset();
  const std::chrono::duration<double> elapsed =
      std::chrono::steady_clock::now() - start;
  const auto events = static_cast<double>(count);
  return {.events_per_second = events / elapsed.count(),
          .processor_us_per_event = (ProcessorSeconds() - used) * 1e6 / events,
          .bytes_per_event = file.bytes() / events,
          .syncs_per_event = static_cast<double>(Syncs() - syncs) / events};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle]
                                : (values[middle - 1] + values[middle]) / 2;
}

// The turns of one size, by writer.
using Turns = std::array<std::vector<Figures>, kWriters>;

double MedianOf(const std::vector<Figures>& turns, double Figures::*figure) {
  std::vector<double> values;
  values.reserve(turns.size());
  for (const Figures& turn : turns) values.push_back(turn.*figure);
  return Median(std::move(values));
}

// How many times as long the engine took as `peer`.
std::vector<double> Ratios(const Turns& turns, Writer peer) {
  std::vector<double> ratios;
  ratios.reserve(turns[kEngine].size());
  for (size_t i = 0; i < turns[kEngine].size(); ++i) {
    ratios.push_back(turns[peer][i].events_per_second /
                     turns[kEngine][i].events_per_second);
  }
  return ratios;
}

std::string RatioText(const std::vector<double>& ratios) {
  const auto [low, high] = std::minmax_element(ratios.begin(), ratios.end());
  return absl::StrFormat("%.1f (%.1f to %.1f)", Median(ratios), *low, *high);
}

std::string NameOf(const Size& size) {
  return absl::StrCat("BM_ProcessCommunityEventsInBatchesOf", size.batch);
}

double PostingsPerEvent(const Workload& workload) {
  size_t postings = 0;
  for (const EventRow& event : workload.journal) {
    postings += event.postings.size();
  }
  return static_cast<double>(postings) /
         static_cast<double>(workload.events.size());
}

void PrintTurns(const Turns& turns) {
  for (const Writer writer : {kEngine, kAppend, kIndexed}) {
    const std::vector<Figures>& own = turns[writer];
    if (own.empty()) continue;
    std::cout << absl::StreamFormat(
        "  %-8s %8.0f events/s; an event is %5.1f us of processor, %4.0f bytes "
        "and %.4f syncs",
        kNames[writer], MedianOf(own, &Figures::events_per_second),
        MedianOf(own, &Figures::processor_us_per_event),
        MedianOf(own, &Figures::bytes_per_event),
        MedianOf(own, &Figures::syncs_per_event));
    if (writer != kEngine && !turns[kEngine].empty()) {
      std::cout << "; the engine takes " << RatioText(Ratios(turns, writer))
                << " times as long";
    }
    std::cout << std::endl;
  }
}

// A turn of the engine that is not counted: it warms up, and makes the rows.
void MakeJournal(Workload& workload, const Options& options) {
  const File file(options.folder);
  Measured(kEngine, workload, file);
  workload.journal = ReadJournal(file.path());
}

Turns TakeTurns(const Workload& workload, const Options& options) {
  Turns turns;
  for (int turn = 0; turn < options.turns; ++turn) {
    for (int i = 0; i < kWriters; ++i) {
      // Another one begins each turn.
      const auto writer = static_cast<Writer>((turn + i) % kWriters);
      if (options.engine_only && writer != kEngine) continue;
      const File file(options.folder);
      turns[writer].push_back(Measured(writer, workload, file));
    }
  }
  return turns;
}

void RunSize(const Size& size, const std::vector<Event>& all,
             const Options& options) {
  const auto count = std::max<size_t>(all.size() / size.one_in, 1);
  Workload workload{
      .program = CommunityProgram({}),
      .events = std::vector<Event>(
          all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)),
      .batch = size.batch};
  std::cout << NameOf(size) << ", " << count << " events";
  if (!options.engine_only) {
    MakeJournal(workload, options);
    std::cout << absl::StreamFormat(" of %.2f postings",
                                    PostingsPerEvent(workload));
  }
  std::cout << std::endl;
  PrintTurns(TakeTurns(workload, options));
}

void Run(const Options& options) {
  std::vector<Size> sizes;
  for (const Size& size : kSizes) {
    if (RE2::PartialMatch(NameOf(size), options.filter)) sizes.push_back(size);
  }
  if (sizes.empty()) return;
  std::cout << "Process end to end, beside plain SQLite "
            << sqlite3_libversion() << " writing the same rows. " << Machine()
            << "; files on " << FileSystem(options.folder) << ".\nMedians of "
            << options.turns
            << " turns; ratios are of one turn each, lowest and highest in "
               "brackets.\n";
  const std::vector<Event> all = CommunityEvents({.events = options.events});
  for (const Size& size : sizes) RunSize(size, all, options);
}

// False if there is something it does not know; what else is meant for Google
// Benchmark passes.
bool ReadOptions(int argc, char** argv, Options& options) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    const size_t equals = std::min(argument.find('='), argument.size());
    const std::string_view name = argument.substr(0, equals);
    const std::string value(
        argument.substr(std::min(equals + 1, argument.size())));
    if (name == "--events" || name == "--turns") {
      int& number = name == "--events" ? options.events : options.turns;
      if (!absl::SimpleAtoi(value, &number) || number < 1) return false;
    } else if (argument == "--only=engine") {
      options.engine_only = true;
    } else if (name == "--benchmark_filter") {
      options.filter = value;
    } else if (!name.starts_with("--benchmark_")) {
      return false;
    }
  }
  return true;
}

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  loyalty::bench::Options options;
  options.folder = std::filesystem::absolute(argv[0]).parent_path().string();
  if (!loyalty::bench::ReadOptions(argc, argv, options)) {
    std::cerr
        << "usage: bench_process [--events=N] [--turns=N] [--only=engine] "
           "[--benchmark_filter=REGEX]\n";
    return 2;
  }
  loyalty::bench::Run(options);
  return 0;
}
