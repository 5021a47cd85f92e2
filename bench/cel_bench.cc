// SPDX-License-Identifier: Apache-2.0
//
// Three conditions of common kinds, event and member already in slots: by the
// library, by its walk over the tree, and written by hand in C++ over a plain
// struct. They run interleaved. How often they take memory is counted. The
// names are those of design/cel.md: events votes, purchases, and posts with
// tags.
#include <absl/strings/str_format.h>
#include <benchmark/benchmark.h>
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <map>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cel/cel.h"
#include "machine.h"

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

constexpr std::string_view kVoteSimple =
    "event.type == 'vote' && level.member >= 2 && event.words > 300";
constexpr std::string_view kPurchaseArith =
    "event.type == 'purchase' && event.amount >= 25.0 && "
    "event.currency in ['EUR', 'USD', 'GBP'] && (member.tier == 'gold' || "
    "metric.points_30d + event.amount * 2.0 >= 500.0) && !member.suspended";
constexpr std::string_view kTagsText =
    "event.tags.exists(t, t == 'howto' || t.startsWith('guide-')) && "
    "event.title.size() >= 20 && !event.title.matches('[Ss]pam|[Cc]asino') && "
    "event.time - member.joined_at >= duration('86400s')";

// What the conditions read, as a host would have it without CEL.
struct Facts {
  std::string_view type;
  int64_t words = 412;
  double amount = 59.9;
  std::string_view currency = "USD";
  std::vector<std::string_view> tags = {"cpp", "linux", "guide-cmake"};
  std::string_view title = "How to build your own rewards engine";
  int64_t time = 1'700'000'000;
  int64_t level = 3;
  std::string_view tier = "silver";
  double points_30d = 420;
  bool suspended = false;
  int64_t joined_at = 1'600'000'000;
};

bool VoteSimple(const Facts& facts) {
  return facts.type == "vote" && facts.level >= 2 && facts.words > 300;
}

bool PurchaseArith(const Facts& facts) {
  constexpr std::array<std::string_view, 3> kCurrencies = {"EUR", "USD", "GBP"};
  return facts.type == "purchase" && facts.amount >= 25.0 &&
         std::find(kCurrencies.begin(), kCurrencies.end(), facts.currency) !=
             kCurrencies.end() &&
         (facts.tier == "gold" ||
          facts.points_30d + facts.amount * 2.0 >= 500.0) &&
         !facts.suspended;
}

size_t CodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(
      text.begin(), text.end(),
      [](char c) { return (static_cast<unsigned char>(c) & 0xC0u) != 0x80; }));
}

bool TagsText(const Facts& facts) {
  static const re2::RE2 kPattern("[Ss]pam|[Cc]asino");
  return std::any_of(facts.tags.begin(), facts.tags.end(),
                     [](std::string_view tag) {
                       return tag == "howto" || tag.starts_with("guide-");
                     }) &&
         CodePoints(facts.title) >= 20 &&
         !re2::RE2::PartialMatch(
             re2::StringPiece(facts.title.data(), facts.title.size()),
             kPattern) &&
         facts.time - facts.joined_at >= 86400;
}

// The same for CEL.
struct Frame {
  cel::Environment environment;
  std::vector<cel::Value> slots;

  void Add(const char* name, const cel::Type& type, cel::Value value) {
    const auto slot = static_cast<uint32_t>(slots.size());
    const absl::Status declared =
        environment.Declare({.name = name, .type = type, .slot = slot});
    if (!declared.ok()) std::abort();
    slots.push_back(std::move(value));
  }
};

Frame FrameOf(const Facts& facts) {
  using cel::Type;
  using cel::Value;
  std::vector<Value> tags;
  for (const std::string_view tag : facts.tags) {
    tags.push_back(Value::BorrowedString(tag));
  }
  Frame frame;
  frame.Add("event.type", Type::String(), Value::BorrowedString(facts.type));
  frame.Add("event.words", Type::Int(), Value::Int(facts.words));
  frame.Add("event.amount", Type::Double(), Value::Double(facts.amount));
  frame.Add("event.currency", Type::String(),
            Value::BorrowedString(facts.currency));
  frame.Add("event.tags", Type::List(Type::String()), Value::List(tags));
  frame.Add("event.title", Type::String(), Value::BorrowedString(facts.title));
  frame.Add("event.time", Type::Timestamp(), Value::Timestamp(facts.time, 0));
  frame.Add("level.member", Type::Int(), Value::Int(facts.level));
  frame.Add("member.tier", Type::String(), Value::BorrowedString(facts.tier));
  frame.Add("metric.points_30d", Type::Double(),
            Value::Double(facts.points_30d));
  frame.Add("member.suspended", Type::Bool(), Value::Bool(facts.suspended));
  frame.Add("member.joined_at", Type::Timestamp(),
            Value::Timestamp(facts.joined_at, 0));
  return frame;
}

void CountAllocations(benchmark::State& state, int64_t before) {
  state.counters["allocations"] = static_cast<double>(allocations - before) /
                                  static_cast<double>(state.iterations());
}

void ByCel(benchmark::State& state, std::string_view type,
           std::string_view source, bool optimize) {
  Facts facts;
  facts.type = type;
  const Frame frame = FrameOf(facts);
  cel::CompileOptions options;
  options.optimize = optimize;
  const cel::Compiled compiled =
      cel::Compile(source, frame.environment, options);
  const cel::Expression& condition = compiled.expression.value();
  if (!condition.Evaluate(frame.slots)->bool_value()) std::abort();
  const int64_t before = allocations;
  for (auto _ : state) {
    benchmark::DoNotOptimize(condition.Evaluate(frame.slots));
  }
  CountAllocations(state, before);
}

void ByHand(benchmark::State& state, std::string_view type,
            bool (*condition)(const Facts&)) {
  Facts facts;
  facts.type = type;
  if (!condition(facts)) std::abort();
  // A call that is made each time, as Evaluate() is.
  bool (*volatile call)(const Facts&) = condition;
  const int64_t before = allocations;
  for (auto _ : state) {
    benchmark::ClobberMemory();
    benchmark::DoNotOptimize(call(facts));
  }
  CountAllocations(state, before);
}

void Compiling(benchmark::State& state, std::string_view source) {
  const Frame frame = FrameOf(Facts());
  for (auto _ : state) {
    benchmark::DoNotOptimize(cel::Compile(source, frame.environment));
  }
}

void BM_CelVoteSimple(benchmark::State& state) {
  ByCel(state, "vote", kVoteSimple, true);
}
void BM_HandVoteSimple(benchmark::State& state) {
  ByHand(state, "vote", VoteSimple);
}
void BM_WalkVoteSimple(benchmark::State& state) {
  ByCel(state, "vote", kVoteSimple, false);
}
void BM_CelPurchaseArith(benchmark::State& state) {
  ByCel(state, "purchase", kPurchaseArith, true);
}
void BM_HandPurchaseArith(benchmark::State& state) {
  ByHand(state, "purchase", PurchaseArith);
}
void BM_WalkPurchaseArith(benchmark::State& state) {
  ByCel(state, "purchase", kPurchaseArith, false);
}
void BM_CelTagsText(benchmark::State& state) {
  ByCel(state, "post", kTagsText, true);
}
void BM_HandTagsText(benchmark::State& state) {
  ByHand(state, "post", TagsText);
}
void BM_WalkTagsText(benchmark::State& state) {
  ByCel(state, "post", kTagsText, false);
}
void BM_CompileVoteSimple(benchmark::State& state) {
  Compiling(state, kVoteSimple);
}
void BM_CompilePurchaseArith(benchmark::State& state) {
  Compiling(state, kPurchaseArith);
}

BENCHMARK(BM_CelVoteSimple);
BENCHMARK(BM_HandVoteSimple);
BENCHMARK(BM_WalkVoteSimple);
BENCHMARK(BM_CelPurchaseArith);
BENCHMARK(BM_HandPurchaseArith);
BENCHMARK(BM_WalkPurchaseArith);
BENCHMARK(BM_CelTagsText);
BENCHMARK(BM_HandTagsText);
BENCHMARK(BM_WalkTagsText);
BENCHMARK(BM_CompileVoteSimple);
BENCHMARK(BM_CompilePurchaseArith);

// Prints the medians in the order above, and remembers them for their ratios.
class Reporter : public benchmark::ConsoleReporter {
 public:
  Reporter() : ConsoleReporter(OO_Tabular) {}

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.aggregate_name != "median" && run.repetitions > 1) continue;
      kept_[run.family_index] = run;
      medians_[run.run_name.function_name] = run.GetAdjustedCPUTime();
    }
  }

  void Finalize() override {
    for (const auto& [place, run] : kept_) ConsoleReporter::ReportRuns({run});
    ConsoleReporter::Finalize();
  }

  void PrintRatio(const std::string& condition) const {
    const auto found = medians_.find("BM_Cel" + condition);
    const auto least = medians_.find("BM_Hand" + condition);
    if (found == medians_.end() || least == medians_.end()) return;
    GetOutputStream() << absl::StreamFormat(
        "%s takes %.1f ns, %.1f times as long as by hand\n", condition,
        found->second, found->second / least->second);
  }

 private:
  std::map<int64_t, Run> kept_;            // by place
  std::map<std::string, double> medians_;  // CPU time an iteration
};

}  // namespace
}  // namespace loyalty::bench

int main(int argc, char** argv) {
  // What comes last overrides, so these are defaults.
  std::vector<std::string> arguments = {
      argv[0], "--benchmark_repetitions=5",
      "--benchmark_enable_random_interleaving=true",
      "--benchmark_report_aggregates_only=true", "--benchmark_min_time=0.2"};
  for (int i = 1; i < argc; ++i) {
    // Flags may be given for all benchmarks at once; others are not for us.
    const std::string_view argument = argv[i];
    if (argument.starts_with("--benchmark_")) arguments.emplace_back(argument);
  }
  std::vector<char*> pointers;
  pointers.reserve(arguments.size());
  for (std::string& argument : arguments) pointers.push_back(argument.data());
  int count = static_cast<int>(pointers.size());
  benchmark::Initialize(&count, pointers.data());
  if (benchmark::ReportUnrecognizedArguments(count, pointers.data())) return 2;

  std::cout << "CEL. " << loyalty::bench::Machine()
            << ".\nThat the library was built as DEBUG is said of Google "
               "Benchmark, as distributions build it; it is not what is "
               "measured.\n";
  loyalty::bench::Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  for (const char* const condition :
       {"VoteSimple", "PurchaseArith", "TagsText"}) {
    reporter.PrintRatio(condition);
  }
  return 0;
}
