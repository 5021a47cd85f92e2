// SPDX-License-Identifier: Apache-2.0
//
// Questions to a file of many members, beside one row read by an index of
// texts from a file that an indexed Peer (peer.h) wrote of the same events. All
// take turns of some hundred calls, each call about another member or event,
// drawn evenly, so that caches help nobody more than another. What opening the
// file takes after it was closed, and after its writer was killed, comes last.
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "chance.h"
#include "child.h"
#include "file.h"
#include "loyalty/engine.h"
#include "loyalty/queries.h"
#include "machine.h"
#include "must.h"
#include "peer.h"
#include "rows.h"
#include "workload.h"

namespace loyalty::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int kBatch = 1000;
constexpr int kCallsInTurn = 200;
constexpr int kStatementLines = 20;
constexpr int kTopMembers = 10;

struct Options {
  std::vector<int> members = {};
  bool full = false;
  int turns = 11;
  std::string json = {};
  std::string folder = {};
};

double MicrosSince(Clock::time_point start) {
  return std::chrono::duration<double, std::micro>(Clock::now() - start)
      .count();
}

// Events of which each member acts in three, so that all of them are there and
// a busy one is no busier than another: what grows is the file.
class EvenCommunity {
 public:
  explicit EvenCommunity(int members)
      : members_(members),
        workload_(BrandCommunity({}, {.members = 1000, .events = events()})) {}

  int64_t events() const { return int64_t{3} * members_; }
  Program MakeProgram() const { return workload_->MakeProgram(); }

  std::vector<Event> Next() {
    std::vector<Event> events;
    while (events.size() < kBatch) {
      std::optional<Event> event = workload_->Next();
      if (!event.has_value()) break;
      event->actor = absl::StrCat("member-", made_++ % members_);
      events.push_back(*std::move(event));
    }
    return events;
  }

 private:
  const int members_;
  const std::unique_ptr<Workload> workload_;
  int64_t made_ = 0;
};

// Both files, written by the same events.
class Files {
 public:
  Files(const std::string& folder, int members)
      : engine_(folder), peer_(folder, "-peer") {
    Must(InChild<bool>([&] {
           EvenCommunity community(members);
           auto engine = Must(Engine::Open(engine_.path(),
                                           community.MakeProgram(), Clocked()));
           auto peer =
               std::make_unique<Peer>(peer_.path(), PeerSchema::kIndexed);
           RowMaker maker;
           std::ofstream ids(ids_path());
           for (;;) {
             const std::vector<Event> events = community.Next();
             if (events.empty()) break;
             Must(engine->Process(events).status());
             peer->Write(maker.Make(events));
             for (size_t i = 0; i < events.size(); i += 100) {
               ids << events[i].id << '\n';
             }
           }
           return true;
         }).status());
    std::ifstream ids(ids_path());
    for (std::string id; std::getline(ids, id);) event_ids_.push_back(id);
    std::filesystem::remove(ids_path());
  }

  static EngineOptions Clocked() {
    return {.clock = [] { return AfterAllEvents(); }};
  }

  const std::string& engine() const { return engine_.path(); }
  const std::string& peer() const { return peer_.path(); }
  const std::vector<std::string>& event_ids() const { return event_ids_; }

 private:
  std::string ids_path() const { return engine_.path() + ".ids"; }

  const File engine_;
  const File peer_;
  std::vector<std::string> event_ids_ = {};  // of one event in 100
};

struct Question {
  std::string name;
  std::function<void(Chance&)> ask;
  std::vector<double> micros = {};  // a call, by turns

  double Median() {
    std::sort(micros.begin(), micros.end());
    return micros[micros.size() / 2];
  }
};

void TakeTurns(std::vector<Question>& questions, int turns) {
  Chance chance(1);
  for (int turn = 0; turn < turns; ++turn) {
    for (Question& question : questions) {
      const auto start = Clock::now();
      for (int i = 0; i < kCallsInTurn; ++i) question.ask(chance);
      question.micros.push_back(MicrosSince(start) / kCallsInTurn);
    }
  }
}

std::vector<Question> Questions(const Files& files, int members,
                                Queries& queries, RowReader& rows) {
  const auto member = [members](Chance& chance) {
    return absl::StrCat("member-", chance.Below(members));
  };
  const auto event = [&files](Chance& chance) -> const std::string& {
    return files.event_ids()[static_cast<size_t>(
        chance.Below(static_cast<int>(files.event_ids().size())))];
  };
  return {
      {"one indexed row of SQLite",
       [&rows, event](Chance& chance) { rows.TimeOf(event(chance)); }},
      {"a member's profile",
       [&queries, member](Chance& chance) {
         Must(queries.Member(member(chance)).status());
       }},
      {absl::StrCat("a statement's first ", kStatementLines, " lines"),
       [&queries, member](Chance& chance) {
         Must(queries.Statement(member(chance), "", 0, 0, kStatementLines)
                  .status());
       }},
      {absl::StrCat("the leaderboard's top ", kTopMembers),
       [&queries](Chance&) {
         Must(queries.Leaderboard("points", kTopMembers).status());
       }},
      {"a member's rank",
       [&queries, member](Chance& chance) {
         Must(queries.Rank(member(chance), "points").status());
       }},
      {absl::StrCat("the ", kTopMembers, " around a member"),
       [&queries, member](Chance& chance) {
         Must(queries
                  .Around(member(chance), "points", kTopMembers / 2,
                          kTopMembers - 1 - kTopMembers / 2)
                  .status());
       }},
      {"an event by its id, explained",
       [&queries, event](Chance& chance) {
         Must(queries.Explain(event(chance)).status());
       }},
  };
}

nlohmann::json Report(std::vector<Question>& questions, int members) {
  std::cout << absl::StreamFormat(
      "\n%d members, three events each\n\n| | us | times the row |\n"
      "| --- | ---: | ---: |\n",
      members);
  nlohmann::json lines = nlohmann::json::array();
  const double row = questions.front().Median();
  for (Question& question : questions) {
    const double micros = question.Median();
    std::cout << absl::StreamFormat("| %s | %.1f | %.1f |\n", question.name,
                                    micros, micros / row);
    lines.push_back({{"name", question.name},
                     {"members", members},
                     {"us", micros},
                     {"times the row", micros / row}});
  }
  return lines;
}

// Opens the file in a process of its own, and says how long that took.
double SecondsToOpen(const std::string& path, const Program& program) {
  return Must(InChild<double>([&] {
    const auto start = Clock::now();
    const auto engine = Must(Engine::Open(path, program, Files::Clocked()));
    return MicrosSince(start) / 1e6;
  }));
}

// Writes `events` more and stops without closing, as if killed.
void WriteAndStop(const std::string& path, const Program& program,
                  int64_t events) {
  Must(InChild<bool>([&] {
         const auto workload = BrandCommunity(
             {}, {.members = 10'000, .events = events, .seed = 2});
         auto engine = Must(Engine::Open(path, program, Files::Clocked()));
         std::vector<Event> batch;
         while (std::optional<Event> event = workload->Next()) {
           batch.push_back(*std::move(event));
           if (batch.size() < kBatch) continue;
           Must(engine->Process(batch).status());
           batch.clear();
         }
         static_cast<void>(engine.release());
         return true;
       }).status());
}

nlohmann::json MeasureOpening(const Files& files, bool full) {
  const Program program = EvenCommunity(1).MakeProgram();
  // Just short of the tail at which the engine brings its tables up to date.
  const int64_t tail = full ? 199'000 : 49'000;
  const double closed = SecondsToOpen(files.engine(), program);
  WriteAndStop(files.engine(), program, tail);
  const double killed = SecondsToOpen(files.engine(), program);
  std::cout << absl::StreamFormat(
      "\nOpening takes %.3f s after the file was closed, and %.3f s after its "
      "writer was stopped\n%d events after its tables were up to date: %.1f us "
      "for each of these.\n",
      closed, killed, tail,
      (killed - closed) * 1e6 / static_cast<double>(tail));
  return {{"closed s", closed}, {"killed s", killed}, {"tail", tail}};
}

void Run(Options& options) {
  if (options.members.empty()) {
    options.members = {10'000, options.full ? 1'000'000 : 100'000};
  }
  const std::string machine =
      absl::StrCat(Machine(), "; files on ", FileSystem(options.folder));
  std::cout << "Questions to a file. " << machine << ".\nMedians of "
            << options.turns << " turns of " << kCallsInTurn << " calls.\n";
  nlohmann::json all = {{"machine", machine},
                        {"reads", nlohmann::json::array()}};
  for (const int members : options.members) {
    const Files files(options.folder, members);
    const auto queries = Must(Queries::Open(files.engine()));
    RowReader rows(files.peer());
    std::vector<Question> questions = Questions(files, members, *queries, rows);
    TakeTurns(questions, options.turns);
    for (auto& line : Report(questions, members)) all["reads"].push_back(line);
    if (members != options.members.back()) continue;
    all["opening"] = MeasureOpening(files, options.full);
  }
  if (!options.json.empty()) std::ofstream(options.json) << all.dump(1) << '\n';
}

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  loyalty::bench::Options options;
  options.folder = std::filesystem::absolute(argv[0]).parent_path().string();
  CLI::App app("Questions to a file, beside one indexed row of SQLite.");
  app.add_option("--members", options.members,
                 "so many each, one after another");
  app.add_flag("--full", options.full, "1 million members");
  app.add_option("--turns", options.turns)->capture_default_str();
  app.add_option("--json", options.json, "the figures, to this file");
  app.add_option("--folder", options.folder, "where the files are made");
  CLI11_PARSE(app, argc, argv);
  loyalty::bench::Run(options);
  return 0;
}
