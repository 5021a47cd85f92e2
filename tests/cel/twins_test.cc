// SPDX-License-Identifier: Apache-2.0
//
// The compiled form and its slow twin, the walk over the tree with nothing
// folded, agree on every expression: in the value, or in what went wrong and
// where. Random typed expressions over random slots, absent and wrong ones too.
#include <limits>
#include <map>

#include "random_expressions.h"

namespace loyalty::cel {
namespace {

Value RandomText(Random& random) {
  constexpr const char* kTexts[] = {
      "", "a", "ab", "how", "howto", "é", "a long text it is", "aab howto é"};
  return Value::BorrowedString(random.Of(kTexts));
}

Value RandomInt(Random& random) {
  constexpr int64_t kInts[] = {0, 1, -1, 2, 300, INT64_MAX, INT64_MIN};
  return Value::Int(random.Of(kInts));
}

Value RandomList(Random& random, Value (*item)(Random&)) {
  std::vector<Value> items;
  for (size_t size = random.Below(4); size > 0; --size) {
    // A list may hold what it was not declared to.
    items.push_back(random.OneIn(12) ? Value::Bool(true) : item(random));
  }
  return Value::List(std::move(items));
}

Value RandomValue(Random& random, size_t type) {
  constexpr uint64_t kUints[] = {0, 1, 7, UINT64_MAX};
  constexpr double kDoubles[] = {
      0.0, -0.0, 1.5, 25.0, -1e300, 9223372036854775808.0, 1.0 / 3.0};
  switch (type) {
    case 0: return Value::Bool(random.OneIn(2));
    case 1: return RandomInt(random);
    case 2: return Value::Uint(random.Of(kUints));
    case 3:
      return Value::Double(random.OneIn(8)
                               ? std::numeric_limits<double>::quiet_NaN()
                               : random.Of(kDoubles));
    case 4: return RandomText(random);
    case 5: return Value::Bytes(RandomText(random).text());
    case 6:
      return Value::Timestamp(
          random.OneIn(4) ? -62135596800 : 1'700'000'000 + random.OneIn(2),
          static_cast<uint32_t>(random.Below(3)));
    case 7: return Value::DurationNanos(RandomInt(random).int_value());
    case 8: return RandomList(random, RandomText);
    case 9: return RandomList(random, RandomInt);
    default: {
      std::vector<MapEntry> entries;
      if (random.OneIn(2)) {
        entries.push_back({Value::String("a"), RandomInt(random)});
      }
      return *Value::Map(std::move(entries));
    }
  }
}

std::vector<Value> RandomSlots(uint64_t seed) {
  Random random(seed);
  std::vector<Value> slots;
  for (size_t type = 0; type < std::size(kTypes); ++type) {
    for (size_t form = 0; form < kForms; ++form) {
      const bool is_absent = form > 0 && random.OneIn(3);
      const bool is_wrong = random.OneIn(100);
      slots.push_back(is_absent  ? Value::Absent()
                      : is_wrong ? Value::Null()
                                 : RandomValue(random, type));
    }
  }
  if (random.OneIn(50)) slots.resize(random.Below(slots.size()));
  return slots;
}

std::string Outcome(const Compiled& compiled, std::span<const Value> slots) {
  const absl::StatusOr<Value> value = compiled.expression->Evaluate(slots);
  return value.ok()
             ? value->ToString() + " of " + value->TypeOfValue().ToString()
             : std::string(value.status().ToString());
}

std::vector<std::vector<Value>> RandomFrames(uint64_t count) {
  std::vector<std::vector<Value>> frames;
  for (uint64_t seed = 0; seed < count; ++seed) {
    frames.push_back(RandomSlots(seed));
  }
  return frames;
}

// With the sizes of RandomSlots() as the largest, so that bounds are tight.
TEST(CostBounds, OfRandomExpressionsAreNeverExceeded) {
  const Environment environment = TypedEnvironment();
  const std::vector<std::vector<Value>> frames = RandomFrames(6);
  for (const bool optimize : {true, false}) {
    CompileOptions options;
    options.optimize = optimize;
    options.input_text_bytes = 18;
    options.input_list_items = 3;
    for (uint64_t seed = 0; seed < 3'000; ++seed) {
      const std::string source = Writer(seed).Any();
      const Compiled compiled = Compile(source, environment, options);
      ASSERT_TRUE(compiled.ok()) << source;
      ASSERT_LT(compiled.expression->cost_bound(), options.max_steps);
      for (const std::vector<Value>& slots : frames) {
        ASSERT_FALSE(absl::IsResourceExhausted(
            compiled.expression->Evaluate(slots).status()))
            << source << ", seed " << seed;
      }
    }
  }
}

// How many evaluations of an expression over `frames` gave a value rather than
// an error, the same of both.
int Agreements(const std::string& source, const Environment& environment,
               std::span<const std::vector<Value>> frames) {
  CompileOptions slowly;
  slowly.optimize = false;
  const Compiled fast = Compile(source, environment);
  const Compiled slow = Compile(source, environment, slowly);
  EXPECT_TRUE(fast.ok()) << source << "\n" << fast.issues[0].message;
  EXPECT_EQ(slow.ok(), fast.ok()) << source;
  if (!fast.ok() || !slow.ok()) return 0;
  int answers = 0;
  for (const std::vector<Value>& slots : frames) {
    const std::string outcome = Outcome(slow, slots);
    EXPECT_EQ(Outcome(fast, slots), outcome) << source;
    answers += outcome.find(" of ") != std::string::npos ? 1 : 0;
  }
  return answers;
}

TEST(Twins, AgreeOnRandomExpressions) {
  constexpr uint64_t kExpressions = 4'000;
  constexpr uint64_t kFrames = 12;
  const Environment environment = TypedEnvironment();
  const std::vector<std::vector<Value>> frames = RandomFrames(kFrames);
  int answers = 0;
  for (uint64_t seed = 0; seed < kExpressions && !testing::Test::HasFailure();
       ++seed) {
    answers += Agreements(Writer(seed).Any(), environment, frames);
  }
  // Errors alone would prove little.
  EXPECT_GT(answers, static_cast<int>(kExpressions * kFrames / 3));
}

// Each of these is evaluated to a value many times.
constexpr const char* kExtensionNames[] = {"charAt(",
                                           "indexOf(",
                                           "lastIndexOf(",
                                           "substring(",
                                           "lowerAscii(",
                                           "upperAscii(",
                                           "replace(",
                                           "split(",
                                           "join(",
                                           "trim(",
                                           "reverse(",
                                           "format(",
                                           "quote(",
                                           "greatest(",
                                           "least(",
                                           "ceil(",
                                           "floor(",
                                           "round(",
                                           "trunc(",
                                           "sqrt(",
                                           "abs(",
                                           "sign(",
                                           "isNaN(",
                                           "isInf(",
                                           "isFinite(",
                                           "bitAnd(",
                                           "bitOr(",
                                           "bitXor(",
                                           "bitNot(",
                                           "bitShiftLeft(",
                                           "bitShiftRight(",
                                           "base64.encode(",
                                           "base64.decode(",
                                           "optional.of(",
                                           "optional.none(",
                                           "ofNonZeroValue(",
                                           "hasValue(",
                                           ".value(",
                                           ".or(",
                                           "orValue(",
                                           "optMap(",
                                           "optFlatMap(",
                                           "unwrapOpt(",
                                           ".first(",
                                           ".last(",
                                           ".?a",
                                           "[?",
                                           ", ?",
                                           "existsOne(n",
                                           ".all(n",
                                           ".exists(n",
                                           "transformList(",
                                           "transformMap(",
                                           "cel.bind("};

TEST(Twins, AgreeOnTheExtensions) {
  constexpr uint64_t kExpressions = 8'000;
  const Environment environment = ExtendedTypedEnvironment();
  const std::vector<std::vector<Value>> frames = RandomFrames(6);
  std::map<std::string, int> answers;
  for (uint64_t seed = 0; seed < kExpressions && !testing::Test::HasFailure();
       ++seed) {
    const std::string source = Writer(seed, true).Any();
    const int given = Agreements(source, environment, frames);
    for (const char* const name : kExtensionNames) {
      if (source.find(name) != std::string::npos) answers[name] += given;
    }
  }
  for (const char* const name : kExtensionNames) {
    EXPECT_GT(answers[name], 40) << name;
  }
}

// What is admitted does not run out of steps.
TEST(CostBounds, OfTheExtensionsAreNeverExceeded) {
  constexpr uint64_t kExpressions = 3'000;
  const Environment environment = ExtendedTypedEnvironment();
  const std::vector<std::vector<Value>> frames = RandomFrames(4);
  CompileOptions options;
  options.optimize = false;
  options.input_text_bytes = 18;
  options.input_list_items = 3;
  options.max_cost = 100'000'000;
  options.max_steps = INT64_MAX;
  uint64_t admitted = 0;
  for (uint64_t seed = 0; seed < kExpressions; ++seed) {
    const std::string source = Writer(seed, true).Any();
    const Compiled compiled = Compile(source, environment, options);
    if (!compiled.ok()) continue;
    ++admitted;
    for (const std::vector<Value>& slots : frames) {
      int64_t steps = 0;
      (void)compiled.expression->EvaluateCounting(slots, steps);
      ASSERT_LE(steps, compiled.expression->cost_bound())
          << source << ", seed " << seed;
    }
  }
  EXPECT_GT(admitted, kExpressions * 9 / 10);
}

}  // namespace
}  // namespace loyalty::cel
