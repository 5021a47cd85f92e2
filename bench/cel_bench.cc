// SPDX-License-Identifier: Apache-2.0
//
// Three conditions of common kinds, evaluated in four ways, interleaved:
//
//   Hand   written in C++ over a plain struct
//   Cel    by the library, what they read already in slots
//   Walk   the same by its walk over the tree
//   Event  by the engine, from an Event with named attributes and the state
//          that its actor has: a frame is filled, then asked
//
// How often each takes memory is counted. All have to agree on all cases before
// anything is measured. peers/ has others evaluate the same.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cel_cases.h"
#include "core/validate.h"
#include "loyalty/cel/cel.h"
#include "loyalty/program.h"
#include "medians.h"
#include "must.h"
#include "rules/frame.h"

namespace {

int64_t allocations = 0;  // of the one thread there is

}  // namespace

// Not inline, where they look mismatched to the compiler.
[[gnu::noinline]] void* operator new(size_t size) {
  ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}

namespace loyalty::bench {
namespace {

// The library alone: an environment, and slots that were filled before. Views
// its facts.
class InSlots {
 public:
  InSlots(const Condition& condition, const Facts& facts, bool optimize) {
    using cel::Type;
    using cel::Value;
    std::vector<Value> tags;
    for (const std::string& tag : facts.tags) {
      tags.push_back(Value::BorrowedString(tag));
    }
    Add("event.type", Type::String(), Value::BorrowedString(facts.type));
    Add("event.words", Type::Int(), Value::Int(facts.words));
    Add("event.amount", Type::Double(), Value::Double(facts.amount));
    Add("event.currency", Type::String(),
        Value::BorrowedString(facts.currency));
    Add("event.tags", Type::List(Type::String()), Value::List(tags));
    Add("event.title", Type::String(), Value::BorrowedString(facts.title));
    Add("event.time", Type::Timestamp(), Value::Timestamp(facts.time, 0));
    Add("event.tier", Type::String(), Value::BorrowedString(facts.tier));
    Add("event.suspended", Type::Bool(), Value::Bool(facts.suspended));
    Add("level.member", Type::Int(), Value::Int(facts.level));
    Add("metric.points_30d", Type::Int(), Value::Int(facts.points_30d));
    Add("actor.since", Type::Timestamp(), Value::Timestamp(facts.since, 0));
    cel::CompileOptions options;
    options.optimize = optimize;
    cel::Compiled compiled =
        cel::Compile(condition.source, environment_, options);
    for (const cel::Issue& issue : compiled.issues) {
      Must(absl::InvalidArgumentError(FormatIssue(issue, condition.source)));
    }
    expression_ = std::move(compiled.expression);
  }

  absl::StatusOr<cel::Value> Evaluate() const {
    return expression_->Evaluate(slots_);
  }
  bool Holds() const { return Must(Evaluate()).bool_value(); }
  const cel::Environment& environment() const { return environment_; }

 private:
  void Add(const char* name, const cel::Type& type, cel::Value value) {
    Must(environment_.Declare({.name = name,
                               .type = type,
                               .slot = static_cast<uint32_t>(slots_.size())}));
    slots_.push_back(std::move(value));
  }

  cel::Environment environment_;
  std::vector<cel::Value> slots_;
  std::optional<cel::Expression> expression_;
};

constexpr std::string_view kProgram = R"(
  name: "conditions"  version: "1"
  currency { id: "points" }
  ladder {
    id: "member" currency: "points"
    level { id: "new" }              level { id: "basic" at: 10 }
    level { id: "member" at: 20 }    level { id: "regular" at: 30 }
  }
  event_type { id: "vote" attribute { name: "words" type: INT required: true } }
  event_type {
    id: "purchase"
    attribute { name: "amount" type: DOUBLE required: true }
    attribute { name: "currency" type: STRING required: true }
    attribute { name: "tier" type: STRING required: true }
    attribute { name: "suspended" type: BOOL required: true }
  }
  event_type {
    id: "post"
    attribute { name: "tags" type: STRING list: true required: true }
    attribute { name: "title" type: STRING required: true }
  }
  metric { id: "points_30d" on: "purchase" }
)";

Program ProgramWith(const Condition& condition) {
  std::string text(kProgram);
  text.append("rule { id: 'r' on: '").append(condition.event_type);
  text.append("' award { currency: 'points' units: '1' } when: '");
  text.append(condition.source).append("' }");
  return Must(Program::FromText(text, "conditions.textproto"));
}

// The engine's way, but for validating the event and loading its actor.
class FromEvent {
 public:
  FromEvent(const Condition& condition, const Facts& facts)
      : program_(ProgramWith(condition).compiled()),
        type_(*program_->FindEventType(std::string(condition.event_type))),
        event_(Must(core::Canonicalized(*program_, EventOf(facts)))) {
    actor_.exists = true;
    actor_.since = absl::FromUnixSeconds(facts.since);
    actor_.holdings["points"].earned = 10 * facts.level;
    actor_.counters[{.name = "metric:points_30d"}] = facts.points_30d;
  }

  // Nobody is asked about an event of another type.
  absl::StatusOr<bool> Evaluate() const {
    rules::Frame frame(*program_, type_, event_);
    frame.SetActor(actor_);
    return frame.Bool(*type_.rules[0].when);
  }
  bool Holds() const { return Must(Evaluate()); }

 private:
  static Event EventOf(const Facts& facts) {
    Event event{.id = "0190163d-8694-739b-aea5-966c26f8ad90",
                .type = facts.type,
                .time = absl::FromUnixSeconds(facts.time),
                .actor = "ada"};
    auto& attributes = event.attributes;
    if (facts.type == "vote") {
      attributes = {{"words", facts.words}};
    } else if (facts.type == "purchase") {
      attributes = {{"amount", facts.amount},
                    {"currency", facts.currency},
                    {"tier", facts.tier},
                    {"suspended", facts.suspended}};
    } else {
      attributes = {{"tags", Value::List(facts.tags.begin(), facts.tags.end())},
                    {"title", facts.title}};
    }
    return event;
  }

  std::shared_ptr<const rules::CompiledProgram> program_;
  const rules::EventType& type_;
  Event event_;
  model::EntityState actor_;
};

// Ends the program unless all ways say the same of all cases.
void Agree(const Condition& condition) {
  int number = 0;
  for (const auto& [facts, holds] : CasesOf(condition)) {
    const bool asked = facts.type == condition.event_type;
    if (condition.by_hand(facts) != holds ||
        InSlots(condition, facts, true).Holds() != holds ||
        InSlots(condition, facts, false).Holds() != holds ||
        (asked && FromEvent(condition, facts).Holds()) != holds) {
      Must(absl::InternalError(std::string(condition.name) + ", case " +
                               std::to_string(number) + ": not as expected"));
    }
    ++number;
  }
}

template <typename Evaluate>
void Measure(benchmark::State& state, const Evaluate& evaluate) {
  const int64_t before = allocations;
  for (auto _ : state) benchmark::DoNotOptimize(evaluate());
  state.counters["allocations"] = static_cast<double>(allocations - before) /
                                  static_cast<double>(state.iterations());
}

void ByHand(benchmark::State& state, const Condition& condition) {
  const Facts facts = CasesOf(condition)[0].facts;
  // A call that is made each time, as Evaluate() is.
  bool (*volatile call)(const Facts&) = condition.by_hand;
  Measure(state, [&] {
    benchmark::ClobberMemory();
    return call(facts);
  });
}

void ByCel(benchmark::State& state, const Condition& condition, bool optimize) {
  const Facts facts = CasesOf(condition)[0].facts;
  const InSlots slots(condition, facts, optimize);
  Measure(state, [&] { return slots.Evaluate(); });
}

void ByEvent(benchmark::State& state, const Condition& condition) {
  const FromEvent event(condition, CasesOf(condition)[0].facts);
  Measure(state, [&] { return event.Evaluate(); });
}

void Compiling(benchmark::State& state, const Condition& condition) {
  const Facts facts;
  const InSlots slots(condition, facts, true);
  for (auto _ : state) {
    benchmark::DoNotOptimize(
        cel::Compile(condition.source, slots.environment()));
  }
}

std::string Named(std::string_view way, const Condition& condition) {
  return "BM_" + std::string(way) + "/" + std::string(condition.name);
}

void Declare(const Condition& condition) {
  const auto declare = [&](std::string_view way, auto function) {
    benchmark::RegisterBenchmark(
        Named(way, condition).c_str(),
        [function, &condition](benchmark::State& state) {
          function(state, condition);
        });
  };
  declare("Hand", ByHand);
  declare("Cel", [](auto& state, auto& c) { ByCel(state, c, true); });
  declare("Event", ByEvent);
  declare("Walk", [](auto& state, auto& c) { ByCel(state, c, false); });
  declare("Compile", Compiling);
}

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  using namespace loyalty::bench;
  for (const Condition& condition : Conditions()) {
    Agree(condition);
    Declare(condition);
  }
  Medians medians;
  if (!medians.Measure("CEL", argc, argv)) return 2;
  for (const Condition& condition : Conditions()) {
    medians.PrintRatio(Named("Cel", condition), Named("Hand", condition));
    medians.PrintRatio(Named("Event", condition), Named("Cel", condition));
  }
  return 0;
}
