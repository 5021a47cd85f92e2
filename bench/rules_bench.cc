// SPDX-License-Identifier: Apache-2.0
//
// An event against 10, 1,000 and 10,000 rules over 20 types: found by the index
// and asked, beside all rules of its type asked one after the other. Rule i is
// on type i % 20, asks for category i / 20 % 50, a level and a length, as in
// the peers' measurements that it is compared with.
#include <absl/strings/str_cat.h>
#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/apply.h"
#include "core/counters.h"
#include "loyalty/program.h"
#include "medians.h"
#include "must.h"
#include "rules/frame.h"

namespace loyalty::bench {
namespace {

constexpr int kTypes = 20;
constexpr int kCategories = 50;
constexpr int kEvents = 256;

std::string ProgramText(int rules) {
  std::string text = R"(
    name: "many" version: "1" currency { id: "points" }
    ladder { id: "member" currency: "points" level { id: "l0" }
      level { id: "l1" at: 10 } level { id: "l2" at: 20 } level { id: "l3" at: 30 }
      level { id: "l4" at: 40 } level { id: "l5" at: 50 } }
)";
  for (int i = 0; i < kTypes; ++i) {
    absl::StrAppend(&text, "event_type { id: 't", i,
                    "' attribute { name: 'category' type: STRING required: "
                    "true } attribute { name: 'words' type: INT required: true "
                    "} }\n");
  }
  for (int i = 0; i < rules; ++i) {
    absl::StrAppend(&text, "rule { id: 'r", i, "' on: 't", i % kTypes,
                    "' when: \"event.category == 'c", i / kTypes % kCategories,
                    "' && level.member >= ", i % 6, " && event.words > ",
                    37 * i % 700,
                    "\" award { currency: 'points' units: '1' } }\n");
  }
  return text;
}

// A program and what it is asked about; made once.
class Rules {
 public:
  explicit Rules(int count)
      : program_(Must(Program::FromText(ProgramText(count), "many"))) {
    for (int i = 0; i < kEvents; ++i) {
      events_.push_back(
          {.id = absl::StrCat("e", i),
           .type = absl::StrCat("t", i * 7 % kTypes),
           .time = absl::FromUnixSeconds(1'767'268'800),
           .actor = "ada",
           .attributes = {{"category", absl::StrCat("c", i % kCategories)},
                          {"words", i * 131 % 1000}}});
    }
    member_.entity.entity = core::MemberEntity("ada");
    member_.entity.exists = true;
    member_.entity.holdings["points"] = {.balance = 35, .earned = 35};
  }

  static const Rules& Of(int count) {
    static std::map<int, std::unique_ptr<const Rules>> made;
    auto& rules = made[count];
    if (rules == nullptr) rules = std::make_unique<const Rules>(count);
    return *rules;
  }

  const rules::CompiledProgram& program() const { return *program_.compiled(); }
  const std::vector<Event>& events() const { return events_; }
  const core::State& member() const { return member_; }

 private:
  Program program_;
  std::vector<Event> events_;
  core::State member_;
};

// From the event to all that it gives.
void BM_Applied(benchmark::State& state) {
  const Rules& rules = Rules::Of(static_cast<int>(state.range(0)));
  int64_t asked = 0;
  int64_t met = 0;
  size_t i = 0;
  for (auto _ : state) {
    const core::Cause cause(rules.program(), rules.events()[i]);
    const auto decision =
        core::Apply(cause, rules.member(), core::EnterMessage(cause));
    asked += decision->rules_asked;
    met += static_cast<int64_t>(decision->movements.size());
    benchmark::DoNotOptimize(decision);
    i = (i + 1) % kEvents;
  }
  state.counters["asked"] = benchmark::Counter(
      static_cast<double>(asked), benchmark::Counter::kAvgIterations);
  state.counters["met"] = benchmark::Counter(
      static_cast<double>(met), benchmark::Counter::kAvgIterations);
}

// From the event to the rules it meets: `find` names those that are asked.
template <typename Find>
void Meet(benchmark::State& state, Find find) {
  const Rules& rules = Rules::Of(static_cast<int>(state.range(0)));
  int64_t asked = 0;
  int64_t met = 0;
  size_t i = 0;
  rules::RulePlaces found;
  for (auto _ : state) {
    const Event& event = rules.events()[i];
    const rules::EventType& type = *rules.program().FindEventType(event.type);
    rules::Frame frame(rules.program(), type, event);
    frame.SetActor(rules.member().entity);
    find(frame, type, found);
    for (const int rule : found) met += *frame.Bool(*type.rules[rule].when);
    asked += static_cast<int64_t>(found.size());
    i = (i + 1) % kEvents;
  }
  benchmark::DoNotOptimize(met);
  state.counters["asked"] = benchmark::Counter(
      static_cast<double>(asked), benchmark::Counter::kAvgIterations);
  state.counters["met"] = benchmark::Counter(
      static_cast<double>(met), benchmark::Counter::kAvgIterations);
}

void BM_MetByIndex(benchmark::State& state) {
  Meet(state, [](const rules::Frame& frame, const rules::EventType&,
                 rules::RulePlaces& found) { frame.FindRules(found); });
}

void BM_MetByAskingAll(benchmark::State& state) {
  Meet(state, [](const rules::Frame&, const rules::EventType& type,
                 rules::RulePlaces& found) {
    found.clear();
    for (size_t i = 0; i < type.rules.size(); ++i) {
      found.push_back(static_cast<int>(i));
    }
  });
}

void BM_Loading(benchmark::State& state) {
  const std::string text = ProgramText(static_cast<int>(state.range(0)));
  for (auto _ : state) {
    benchmark::DoNotOptimize(Program::FromText(text, "many"));
  }
}

BENCHMARK(BM_Applied)->Arg(10)->Arg(1'000)->Arg(10'000);
BENCHMARK(BM_MetByIndex)->Arg(10)->Arg(1'000)->Arg(10'000);
BENCHMARK(BM_MetByAskingAll)->Arg(10)->Arg(1'000)->Arg(10'000);
BENCHMARK(BM_Loading)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  loyalty::bench::Medians medians;
  if (!medians.Measure("Finding rules", argc, argv)) return 2;
  medians.PrintRatio("BM_Applied/10000", "BM_Applied/10");
  medians.PrintRatio("BM_MetByIndex/10000", "BM_MetByIndex/10");
  medians.PrintRatio("BM_MetByAskingAll/10000", "BM_MetByIndex/10000");
  return 0;
}
