// SPDX-License-Identifier: Apache-2.0
//
// 64 threads send events one by one, most of them more than once and at the
// same time, while another process tries to write to the file: each event gets
// one answer, a limit of five holds, and all is as if the events had come one
// after another in the order of the journal.
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "faults/child.h"
#include "faults/report.h"
#include "faults/witness.h"
#include "faults/workload.h"
#include "faults/wrapped_engine.h"
#include "store/temporary_folder.h"

namespace loyalty::faults {
namespace {

constexpr char kHarness[] = "64 threads";
constexpr int kThreads = 64;
constexpr int kRacers = 4;
constexpr int kBonusesForEach = 12;

struct Call {
  Event event;
  absl::StatusOr<Outcome> answer = absl::UnknownError("not called");
};

std::string Racer(int n) { return absl::StrCat("racer-", n); }

// What is sent, in about the order it is sent in.
std::vector<Call> Calls(uint64_t seed) {
  std::mt19937_64 random(seed);
  Workload workload(seed);
  std::vector<Call> calls;
  for (int i = 0; i < 150; ++i) {
    const Event event = workload.Next();
    for (uint64_t copies = 1 + random() % 3; copies > 0; --copies) {
      calls.push_back({event});
    }
  }
  // Events that race for a limit, for members that nothing else is about.
  for (int racer = 0; racer < kRacers; ++racer) {
    const auto at = static_cast<std::ptrdiff_t>(random() % calls.size());
    std::vector<Call> race;
    for (int i = 0; i < kBonusesForEach; ++i) {
      Event event{.id = absl::StrCat("race-", racer, "-", i),
                  .type = "bonus",
                  .time = absl::FromUnixSeconds(1'767'225'600),
                  .actor = Racer(racer),
                  .target = "prize",
                  .attributes = {{"owner", Racer(racer)}}};
      race.push_back({event});
      race.push_back({std::move(event)});
    }
    calls.insert(calls.begin() + at, race.begin(), race.end());
  }
  return calls;
}

void SendFromManyThreads(Engine& engine, std::vector<Call>& calls) {
  std::atomic<size_t> next = 0;
  std::vector<std::thread> threads;
  threads.reserve(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      while (true) {
        const size_t n = next++;
        if (n >= calls.size()) return;
        calls[n].answer = engine.Process(calls[n].event);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// Another process that wants to write.
struct Rival {
  std::atomic<bool> goes = false;
  std::atomic<bool> stops = false;
  std::atomic<int> refused = 0;
  std::atomic<int> admitted = 0;  // or refused otherwise than it should be
};

int WantToWrite(const std::string& path, pid_t holder, Rival& rival) {
  while (!rival.goes && !rival.stops) usleep(200);
  while (!rival.stops) {
    const absl::Time start = absl::Now();
    const auto engine = Engine::Open(path, TestProgram(), SmallOptions());
    const bool named = absl::StrContains(engine.status().message(),
                                         absl::StrCat("process ", holder));
    // The second is for busy machines as much as for the promise.
    const bool soon = absl::Now() - start < absl::Seconds(10);
    if (absl::IsUnavailable(engine.status()) && named && soon) {
      ++rival.refused;
    } else {
      ++rival.admitted;
    }
    usleep(20'000);
  }
  return 0;
}

// One answer for each id, whoever asked and however often.
void CompareAnswers(const std::vector<Call>& calls,
                    std::vector<std::string>& violations) {
  std::map<std::string, std::vector<const Call*>> by_id;
  std::set<std::string> malformed;
  for (const Call& call : calls) {
    if (absl::IsInvalidArgument(call.answer.status())) {
      malformed.insert(call.event.id);
    } else if (!call.answer.ok()) {
      violations.push_back(
          absl::StrCat(call.event.id, ": ", call.answer.status().ToString()));
    } else {
      by_id[call.event.id].push_back(&call);
    }
  }
  for (const auto& [id, same] : by_id) {
    if (malformed.contains(id)) {
      violations.push_back(id + " is malformed to some");
    }
    const auto first =
        std::count_if(same.begin(), same.end(),
                      [](const Call* call) { return !call->answer->repeat; });
    if (first != 1) {
      violations.push_back(absl::StrCat(id, " was new to ", first));
    }
    for (const Call* call : same) {
      if (!(*call->answer == *same.front()->answer)) {
        violations.push_back(id + " has two answers");
      }
    }
  }
}

// As if events had come one after another, in the journal's order.
void CompareWithSequence(Engine& engine, const Program& program,
                         const std::vector<Call>& calls,
                         std::vector<std::string>& violations) {
  std::map<std::string, const Event*> by_id;
  for (const Call& call : calls) by_id[call.event.id] = &call.event;
  const auto queries = *engine.Query();
  const auto twin = *Engine::InMemory(program, SmallOptions());
  const auto feed = *queries->Feed(0, 1'000'000);
  absl::Time last = absl::InfinitePast();
  for (const Outcome& outcome : feed) {
    const auto found = by_id.find(outcome.event_id);
    if (found == by_id.end()) {
      violations.push_back("nobody sent " + outcome.event_id);
      return;
    }
    const auto again = twin->Process(*found->second);
    if (!again.ok() || !SameButForClock(*again, outcome)) {
      violations.push_back(outcome.event_id + " alone is answered otherwise");
    }
    if (outcome.recorded_at <= last) {
      violations.push_back(outcome.event_id + " was recorded too early");
    }
    last = outcome.recorded_at;
  }
  const auto rows = [](Engine& of, const char* currency) {
    const auto read = (*of.Query())->Balances(currency, "", 1'000'000);
    std::map<std::string, int64_t> balances;
    for (const MemberBalance& row : *read) balances[row.member] = row.balance;
    return balances;
  };
  for (const char* currency : {"rep", "points"}) {
    if (rows(engine, currency) != rows(*twin, currency)) {
      violations.push_back(absl::StrCat("balances differ: ", currency));
    }
  }
  const auto report = *queries->Verify();
  for (const std::string& fault : report.faults) {
    violations.push_back("verify: " + fault);
  }
}

void CompareRaces(Engine& engine, std::vector<std::string>& violations) {
  std::map<std::string, int> bonuses;
  const auto feed = (*engine.Query())->Feed(0, 1'000'000);
  for (const Outcome& outcome : *feed) {
    for (const Effect& effect : outcome.effects) {
      const auto* const awarded = std::get_if<Awarded>(&effect);
      if (awarded != nullptr && awarded->rule == "bonus" &&
          awarded->units > 0) {
        ++bonuses[awarded->member];
      }
    }
  }
  for (int i = 0; i < kRacers; ++i) {
    if (bonuses[Racer(i)] == kMostBonuses) continue;
    violations.push_back(absl::StrCat("limit: ", bonuses[Racer(i)],
                                      " bonuses for ", Racer(i), " instead of ",
                                      kMostBonuses));
  }
}

// Takes what was sent before for new.
class ForgetfulEngine final : public WrappedEngine {
 public:
  explicit ForgetfulEngine(Engine& real) : WrappedEngine(real) {}
  using WrappedEngine::Process;
  absl::StatusOr<Outcome> Process(const Event& event) override {
    Event changed = event;
    if (++calls_ % 50 == 0) changed.id += "-again";
    absl::StatusOr<Outcome> outcome = real().Process(changed);
    if (outcome.ok()) outcome->event_id = event.id;
    return outcome;
  }

 private:
  std::atomic<int> calls_ = 0;
};

// Looks whether there was a bonus too many, and then gives one: what hosts do
// that have no limits in their programs.
class LookThenGiveEngine final : public WrappedEngine {
 public:
  explicit LookThenGiveEngine(Engine& real) : WrappedEngine(real) {}
  using WrappedEngine::Process;
  absl::StatusOr<Outcome> Process(const Event& event) override {
    if (event.type == "bonus") {
      const auto member = (*real().Query())->Member(*event.actor);
      if (member.ok() && Earned(*member) >= 15 * kMostBonuses) {
        return Outcome{.event_id = event.id, .repeat = true};
      }
    }
    return real().Process(event);
  }

 private:
  static int64_t Earned(const MemberProfile& member) {
    for (const CurrencyBalance& currency : member.currencies) {
      if (currency.currency == "rep") return currency.earned;
    }
    return 0;
  }
};

enum class Broken { kNothing, kForgetful, kLooksThenGives };

std::vector<std::string> Round(Report& report, uint64_t seed, Broken broken) {
  const store::TemporaryFolder folder(FastFolder());
  const std::string path = folder.File("threads.db");
  const SharedWithChildren<Rival> rival;
  Child child([&] { return WantToWrite(path, getppid(), *rival); });
  std::vector<std::string> violations;
  const Program& program =
      broken == Broken::kLooksThenGives ? UnlimitedProgram() : TestProgram();
  std::vector<Call> calls = Calls(seed);
  {
    auto opened = Engine::Open(path, program, SmallOptions());
    if (!opened.ok()) return {opened.status().ToString()};
    Engine& engine = **opened;
    ForgetfulEngine forgetful(engine);
    LookThenGiveEngine looking(engine);
    rival->goes = true;
    switch (broken) {
      case Broken::kNothing: SendFromManyThreads(engine, calls); break;
      case Broken::kForgetful: SendFromManyThreads(forgetful, calls); break;
      case Broken::kLooksThenGives: SendFromManyThreads(looking, calls); break;
    }
    rival->stops = true;
    if (child.Join() != 0) violations.push_back("the rival died");
    CompareRaces(engine, violations);
    if (broken != Broken::kLooksThenGives) {
      CompareAnswers(calls, violations);
      CompareWithSequence(engine, program, calls, violations);
    }
  }
  if (rival->admitted != 0) violations.push_back("a second writer got in");
  report.Count("calls", static_cast<int64_t>(calls.size()));
  report.Count("second writers refused", rival->refused);
  return violations;
}

void RunRounds(Report& report, Broken broken) {
  uint64_t seed = FirstSeed();
  // One round at least, however slow a sanitizer makes it.
  do {
    report.Ran(seed, Round(report, seed, broken));
    ++seed;
  } while (report.IsTime());
}

TEST(Threads, AreAnsweredAsIfOneAfterAnother) {
  Report report(kHarness, "rounds", "", 70);
  RunRounds(report, Broken::kNothing);
  EXPECT_EQ(report.violated(), 0) << report.First();
  EXPECT_GT(report.count("second writers refused"), 0);
}

TEST(Threads, AreNoticedWhereARepeatIsTakenForNew) {
  Report report(kHarness, "rounds", "repeats taken for new", 15);
  RunRounds(report, Broken::kForgetful);
  EXPECT_GT(report.violated(), 0);
}

TEST(Threads, AreNoticedWhereTheHostLooksAndThenGives) {
  Report report(kHarness, "rounds", "the limit kept by look-then-give", 15);
  RunRounds(report, Broken::kLooksThenGives);
  EXPECT_GT(report.violated(), 0);
}

}  // namespace
}  // namespace loyalty::faults
