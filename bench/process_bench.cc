// SPDX-License-Identifier: Apache-2.0
//
// Process end to end, to a file, beside plain SQLite and other peers. Start
// with scenarios.h; what a turn is, is in turn.h. The writers of a scenario
// take turns, so that what else the machine does befalls all alike; what is
// told is the median of the turns, and of each round's ratio.
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <sqlite3.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "machine.h"
#include "must.h"
#include "report.h"
#include "scenarios.h"
#include "turn.h"

namespace loyalty::bench {
namespace {

struct Options {
  std::vector<std::string> names = {};  // of scenarios
  bool full = false;
  int turns = 0;            // 3, or 5 in full
  int64_t events = 0;       // of each writer at most, if not 0
  std::string only = {};    // the writer's name
  std::string json = {};    // a file
  std::string folder = {};  // of the databases: temporary folders may be in
                            // memory, where a sync costs nothing
  std::string log = LOYALTY_BENCH_LOG;
  Load load = {};  // of the scenario `custom`
};

constexpr int64_t kCustomEvents = 100'000;
constexpr const char* kShapes[] = {"--workload", "--members", "--batch",
                                   "--threads",  "--ids",     "--rules",
                                   "--cache",    "--tail"};

void Declare(CLI::App& app, Options& options) {
  app.add_option("--scenario", options.names, "only these, by name");
  app.add_flag("--full", options.full, "at full length: takes hours");
  app.add_option("--turns", options.turns, "of each writer: 3, or 5 in full")
      ->check(CLI::PositiveNumber);
  app.add_option("--events", options.events, "at most so many for each writer")
      ->check(CLI::PositiveNumber);
  app.add_option("--only", options.only,
                 "one writer, by its name, for profilers");
  app.add_option("--json", options.json, "the figures, to this file");
  app.add_option("--folder", options.folder, "where the databases are made");
  app.add_option("--log", options.log, "of Stack Exchange")
      ->capture_default_str();
  Load& load = options.load;
  const std::string group = "A scenario of your own";
  app.add_option("--workload", load.workload)
      ->check(CLI::IsMember(
          {"brand_community", "stack_exchange", "redemption_race"}))
      ->capture_default_str()
      ->group(group);
  app.add_option("--members", load.members)
      ->check(CLI::PositiveNumber)
      ->capture_default_str()
      ->group(group);
  app.add_option("--batch", load.batch)
      ->check(CLI::Range(1, 10'000))
      ->capture_default_str()
      ->group(group);
  app.add_option("--threads", load.threads, "that call Process")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->group(group);
  app.add_option("--ids", load.ids, "ordered or random")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Ids>{
          {"ordered", Ids::kOrdered}, {"random", Ids::kRandom}}))
      ->group(group);
  app.add_option("--rules", load.rules)
      ->check(CLI::Range(6, 10'000))
      ->capture_default_str()
      ->group(group);
  app.add_option("--cache", load.cache_mb,
                 "MiB of memory for members and objects: the engine's default")
      ->check(CLI::Range(1, 1 << 20))
      ->group(group);
  app.add_option("--tail", load.max_tail,
                 "events between bringing the tables up to date: the same")
      ->check(CLI::Range(1, 100'000'000))
      ->group(group);
}

// Those that are asked for.
std::vector<Scenario> Chosen(const CLI::App& app, const Options& options) {
  for (const char* shape : kShapes) {
    if (app.count(shape) == 0) continue;
    Load load = options.load;
    load.events = options.events > 0 ? options.events : kCustomEvents;
    return {Custom(load)};
  }
  std::vector<Scenario> all =
      AllScenarios(options.full ? Length::kFull : Length::kShort);
  if (options.names.empty()) return all;
  std::erase_if(all, [&](const Scenario& scenario) {
    return std::find(options.names.begin(), options.names.end(),
                     scenario.name) == options.names.end();
  });
  return all;
}

// One round: each contender once, another one first in each round.
void TakeRound(int round, std::vector<Result>& results,
               const std::string& folder) {
  for (size_t i = 0; i < results.size(); ++i) {
    Result& result = results[(static_cast<size_t>(round) + i) % results.size()];
    const absl::StatusOr<Figures> figures =
        TakeTurn(result.contender.writer, result.contender.load, folder);
    if (absl::IsUnavailable(figures.status())) {
      if (round == 0) {
        std::cout << "\n"
                  << result.contender.label
                  << " is left out: " << figures.status().message() << "\n";
      }
      continue;
    }
    result.turns.push_back(Must(figures));
  }
}

// Nothing is timed of who comes to other balances.
void CheckNode(const Scenario& scenario, const Options& options) {
  for (const Contender& contender : scenario.contenders) {
    if (contender.writer != Writer::kNode) continue;
    if (!std::filesystem::exists(options.log)) continue;
    const absl::Status same = CompareWithNode(contender.load, options.folder);
    if (!absl::IsUnavailable(same)) Must(same);
  }
}

std::vector<Result> Run(const Scenario& scenario, const Options& options) {
  CheckNode(scenario, options);
  std::vector<Result> results;
  for (const Contender& contender : scenario.contenders) {
    if (!options.only.empty() && options.only != Name(contender.writer)) {
      continue;
    }
    results.push_back({.contender = contender});
  }
  for (int round = 0; round < options.turns; ++round) {
    TakeRound(round, results, options.folder);
  }
  return results;
}

void RunAll(const CLI::App& app, Options& options) {
  if (options.turns == 0) options.turns = options.full ? 5 : 3;
  const std::string machine =
      absl::StrCat(Machine(), "; files on ", FileSystem(options.folder),
                   "; SQLite ", sqlite3_libversion());
  std::cout
      << "Process end to end. " << machine << ".\nMedians of " << options.turns
      << " turns. ratio: how many times a line's events/s those of the first "
         "line are,\nor among batches those of the engine; lowest and highest "
         "of a round in brackets.\ncpu, bytes of the closed file, syncs and "
         "postings are for each event; memory is\nthe most held above what "
         "there was before opening.\n";
  nlohmann::json scenarios = nlohmann::json::array();
  for (Scenario& scenario : Chosen(app, options)) {
    for (Contender& contender : scenario.contenders) {
      contender.load.log = options.log;
      if (options.events > 0) {
        contender.load.events = std::min(contender.load.events, options.events);
      }
    }
    const std::vector<Result> results = Run(scenario, options);
    std::cout << Table(scenario, results) << std::flush;
    scenarios.push_back(AsJson(scenario, results));
  }
  if (options.json.empty()) return;
  std::ofstream(options.json)
      << nlohmann::json{{"machine", machine}, {"scenarios", scenarios}}.dump(1)
      << '\n';
}

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  loyalty::bench::Options options;
  options.folder = std::filesystem::absolute(argv[0]).parent_path().string();
  CLI::App app("Process end to end, beside plain SQLite and other peers.");
  loyalty::bench::Declare(app, options);
  CLI11_PARSE(app, argc, argv);
  loyalty::bench::RunAll(app, options);
  return 0;
}
