// SPDX-License-Identifier: Apache-2.0
//
// See scenarios.h.
#include "scenarios.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/views.h"

namespace loyalty::bench {
namespace {

constexpr int kMillion = 1'000'000;

// How many events: `few` in a short run.
int64_t Events(Length length, int64_t few, int64_t many) {
  return length == Length::kShort ? few : many;
}

std::vector<Contender> WithPeers(const Load& load) {
  return {{"engine", Writer::kEngine, load},
          {"rows", Writer::kRows, load},
          {"indexed", Writer::kIndexed, load}};
}

Scenario Throughput(Length length) {
  return {"throughput",
          "Batches of 1,000, 1 million members, 100 rules, ordered ids",
          WithPeers({.events = Events(length, 200'000, 5'000'000)})};
}

Scenario RandomIds(Length length) {
  return {"random_ids", "The same with random ids",
          WithPeers({.events = Events(length, 200'000, 5'000'000),
                     .ids = Ids::kRandom})};
}

Scenario Command(Length length) {
  const Load load{.events = Events(length, 200'000, 5'000'000)};
  return {"command",
          "`loyalty run` from a file of JSON Lines, beside the C++ API",
          {{"loyalty run", Writer::kCommand, load},
           {"engine", Writer::kEngine, load}}};
}

Scenario OfStackExchange(Length) {
  const Load load{.workload = "stack_exchange"};
  Scenario scenario{
      "stack_exchange",
      "The Stack Exchange program on a log of 7,645 events, 10 times under "
      "other names, beside the same rules by hand in Node",
      WithPeers(load)};
  scenario.contenders.push_back({"better-sqlite3", Writer::kNode, load});
  return scenario;
}

Scenario Race(Length length) {
  return {"redemption_race",
          "10,000 members race for things of which there are 1,000 each",
          WithPeers({.workload = "redemption_race",
                     .members = 10'000,
                     .events = Events(length, 100'000, kMillion)})};
}

// As many events for each thread, as a sync takes what it takes.
Scenario Threads(Length length) {
  const auto of = [&](int threads) {
    return Load{.events = Events(length, 100, 2'000) * threads,
                .batch = 1,
                .threads = threads};
  };
  Load batches = of(64);
  batches.batch = 32;
  batches.threads = 1;
  Scenario scenario{"threads",
                    "Threads that call Process one event at a time, beside "
                    "batches of 32",
                    {{"64 threads", Writer::kEngine, of(64)},
                     {"batches of 32", Writer::kEngine, batches}}};
  for (const int threads : {16, 4, 1}) {
    scenario.contenders.push_back(
        {absl::StrCat(threads, threads == 1 ? " thread" : " threads"),
         Writer::kEngine, of(threads)});
  }
  return scenario;
}

Scenario One(Length length) {
  return {"one", "One event alone, beside a bare commit of as many rows",
          WithPeers({.events = Events(length, 1'000, 20'000), .batch = 1})};
}

Scenario Batches(Length length) {
  Scenario scenario{"batches", "Batches of 10,000 and fewer", {}};
  for (const int batch : {10'000, 1'000, 100, 10, 1}) {
    const int64_t most = Events(length, 100'000, kMillion);
    const Load load{.events = std::min(most, most / 100 * batch),
                    .batch = batch};
    const size_t subject = scenario.contenders.size();
    for (const Writer writer : {Writer::kEngine, Writer::kRows}) {
      scenario.contenders.push_back(
          {absl::StrCat(base::av(Name(writer)), ", batches of ", batch), writer,
           load, subject});
    }
  }
  return scenario;
}

Scenario Members(Length length) {
  Scenario scenario{"members", "10 million members, beside fewer", {}};
  const std::pair<const char*, int> kCrowds[] = {{"10 million", 10 * kMillion},
                                                 {"1 million", kMillion},
                                                 {"10 thousand", 10'000}};
  for (const auto& [label, members] : kCrowds) {
    scenario.contenders.push_back(
        {label,
         Writer::kEngine,
         {.members = members, .events = Events(length, 100'000, 5'000'000)}});
  }
  return scenario;
}

Scenario Rules(Length length) {
  Scenario scenario{"rules", "10,000 rules, beside fewer", {}};
  for (const int rules : {10'000, 1'000, 100, 10}) {
    scenario.contenders.push_back({absl::StrCat(rules, " rules"),
                                   Writer::kEngine,
                                   {.events = Events(length, 100'000, kMillion),
                                    .rules = rules,
                                    .by_channel = true}});
  }
  return scenario;
}

}  // namespace

std::vector<Scenario> AllScenarios(Length length) {
  std::vector<Scenario> scenarios;
  for (const auto make : {Throughput, RandomIds, Command, OfStackExchange, Race,
                          Threads, One, Batches, Members, Rules}) {
    scenarios.push_back(make(length));
  }
  return scenarios;
}

Scenario Custom(const Load& load) {
  return {"custom", "As asked", WithPeers(load)};
}

}  // namespace loyalty::bench
