// SPDX-License-Identifier: Apache-2.0
//
// The compiled form and its slow twin, the walk over the tree with nothing
// folded, agree on every expression: in the value, or in what went wrong and
// where. Random typed expressions over random slots, absent and wrong ones too.
#include <iterator>
#include <limits>

#include "evaluate.h"

namespace loyalty::cel {
namespace {

// The same numbers for the same seed, everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2654435761u + 1) {}

  size_t Below(size_t count) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>(state_ >> 33u) % count;
  }
  bool OneIn(size_t count) { return Below(count) == 0; }

  template <typename T, size_t kSize>
  const T& Of(const T (&items)[kSize]) {
    return items[Below(kSize)];
  }

 private:
  uint64_t state_;
};

// Three slots of each type: required, optional, and optional where absence
// differs. Their names: int0, int1, int2.
constexpr const char* kTypes[] = {"bool",
                                  "int",
                                  "uint",
                                  "double",
                                  "string",
                                  "bytes",
                                  "timestamp",
                                  "duration",
                                  "list(string)",
                                  "list(int)",
                                  "map(string, int)"};
constexpr const char* kNames[] = {"bool",   "int",   "uint", "double",
                                  "string", "bytes", "time", "duration",
                                  "texts",  "ints",  "map"};
static_assert(std::size(kTypes) == std::size(kNames));
constexpr size_t kForms = 3;

Environment TypedEnvironment() {
  Environment environment;
  for (size_t i = 0; i < std::size(kTypes); ++i) {
    for (size_t form = 0; form < kForms; ++form) {
      Variable variable;
      variable.name = kNames[i] + std::to_string(form);
      variable.type = Type::Parse(kTypes[i]).value_or(Type());
      variable.slot = static_cast<uint32_t>(i * kForms + form);
      variable.optional = form > 0;
      variable.absent_differs = form == 2;
      EXPECT_TRUE(environment.Declare(std::move(variable)).ok());
    }
  }
  return environment;
}

// Expressions of each type, as text.
class Writer {
 public:
  explicit Writer(uint64_t seed) : random_(seed) {}

  std::string Any() {
    switch (random_.Below(6)) {
      case 0: return Int(4);
      case 1: return Double(4);
      case 2: return Duration(3);
      case 3: return Loop(1 + static_cast<int>(random_.Below(3)));
      default: return Bool(1 + static_cast<int>(random_.Below(5)));
    }
  }

 private:
  std::string Slot(const char* name) {
    return name + std::to_string(random_.Below(kForms));
  }

  // Of two operands, in parentheses.
  template <size_t kSize>
  std::string Binary(const std::string& left, const char* const (&all)[kSize],
                     const std::string& right) {
    return "(" + left + " " + random_.Of(all) + " " + right + ")";
  }

  std::string Bool(int depth) {
    constexpr const char* kLeaves[] = {"true", "false"};
    constexpr const char* kLogic[] = {"&&", "||"};
    constexpr const char* kEquality[] = {"==", "!="};
    if (depth <= 0) {
      return random_.OneIn(6) ? random_.Of(kLeaves) : Slot("bool");
    }
    switch (random_.Below(14)) {
      case 0:
      case 1:
      case 2:
        return "(" + Bool(depth - 1) + " " + random_.Of(kLogic) + " " +
               Bool(depth - 1) + ")";
      case 3: return "!" + Bool(depth - 1);
      case 4: return Comparison(depth - 1);
      case 5: return Comparison(depth - 1);
      case 6: return "has(" + HasOperand() + ")";
      case 7: return Membership(depth - 1);
      case 8: return TextTest(depth - 1);
      case 9:
        return "(" + Bool(depth - 1) + " ? " + Bool(depth - 1) + " : " +
               Bool(depth - 1) + ")";
      case 10: return Loop(depth - 1);
      case 11: return Binary(Bool(depth - 1), kEquality, Bool(depth - 1));
      case 12: return Binary(Slot("map"), kEquality, "{'a': 1}");
      default: return Bool(0);
    }
  }

  std::string HasOperand() {
    constexpr const char* kFields[] = {".a", ".b"};
    // has() takes a field; the names here have dots only below a map.
    return Slot("map") + random_.Of(kFields);
  }

  std::string Comparison(int depth) {
    constexpr const char* kAll[] = {"==", "!=", "<", "<=", ">", ">="};
    constexpr const char* kOrder[] = {"<", "<=", ">", ">="};
    switch (random_.Below(9)) {
      case 0: return Binary(Int(depth), kAll, Int(depth));
      case 1: return Binary(Uint(depth), kAll, Uint(depth));
      case 2: return Binary(Double(depth), kAll, Double(depth));
      case 3: return Binary(Text(depth), kAll, Text(depth));
      case 4: return Binary(Time(), kAll, Time());
      case 5: return Binary(Duration(depth), kAll, Duration(depth));
      case 6: return Binary(Int(depth), kOrder, Double(depth));
      case 7: return Binary(Double(depth), kOrder, Uint(depth));
      default: return Binary(Slot("bytes"), kAll, Slot("bytes"));
    }
  }

  std::string Membership(int depth) {
    constexpr const char* kTextLists[] = {
        "['a']", "['a', 'howto', 'ab']", "['a long text it is', 'b']",
        "['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'ab']"};
    constexpr const char* kIntLists[] = {"[1, 2, 3]", "[-1, 300]", "[0]"};
    switch (random_.Below(4)) {
      case 0: return "(" + Text(depth) + " in " + random_.Of(kTextLists) + ")";
      case 1: return "(" + Text(depth) + " in " + Slot("texts") + ")";
      case 2: return "(" + Int(depth) + " in " + random_.Of(kIntLists) + ")";
      default: return "(" + Int(depth) + " in " + Slot("ints") + ")";
    }
  }

  std::string TextTest(int depth) {
    constexpr const char* kMethods[] = {"startsWith", "endsWith", "contains"};
    constexpr const char* kPatterns[] = {"a+b", "^$", "[Hh]ow", "é"};
    if (random_.OneIn(4)) {
      return Text(depth) + ".matches('" + random_.Of(kPatterns) + "')";
    }
    return Text(depth) + "." + random_.Of(kMethods) + "(" + Text(depth) + ")";
  }

  std::string Loop(int depth) {
    constexpr const char* kLoops[] = {"all", "exists", "exists_one"};
    if (loops_ == 2) return Bool(0);
    const bool is_text = random_.OneIn(2);
    const std::string name = (is_text ? "t" : "i") + std::to_string(loops_);
    std::vector<std::string>& locals = is_text ? texts_ : ints_;
    ++loops_;
    locals.push_back(name);
    const std::string body = Bool(depth);
    locals.pop_back();
    --loops_;
    return Slot(is_text ? "texts" : "ints") + "." + random_.Of(kLoops) + "(" +
           name + ", " + body + ")";
  }

  std::string Int(int depth) {
    constexpr const char* kLeaves[] = {"0",
                                       "1",
                                       "-1",
                                       "2",
                                       "300",
                                       "9223372036854775807",
                                       "-9223372036854775808"};
    constexpr const char* kOperators[] = {"+", "-", "*", "/", "%"};
    if (!ints_.empty() && random_.OneIn(2)) return ints_.back();
    if (depth <= 0 || random_.OneIn(2)) {
      return random_.OneIn(2) ? random_.Of(kLeaves) : Slot("int");
    }
    switch (random_.Below(8)) {
      case 0: return "-(" + Int(depth - 1) + ")";
      case 1: return Text(depth - 1) + ".size()";
      case 2: return "size(" + Slot("texts") + ")";
      case 3: return "size(" + Slot("bytes") + ")";
      case 4: return Slot("map") + (random_.OneIn(2) ? ".a" : ".b");
      case 5:
        return "(" + Bool(depth - 1) + " ? " + Int(depth - 1) + " : " +
               Int(depth - 1) + ")";
      case 6: return "int(" + Double(depth - 1) + ")";
      default: return Binary(Int(depth - 1), kOperators, Int(depth - 1));
    }
  }

  std::string Uint(int depth) {
    constexpr const char* kLeaves[] = {"0u", "1u", "18446744073709551615u"};
    constexpr const char* kOperators[] = {"+", "-", "*", "/", "%"};
    if (depth <= 0 || random_.OneIn(2)) {
      return random_.OneIn(2) ? random_.Of(kLeaves) : Slot("uint");
    }
    return Binary(Uint(depth - 1), kOperators, Uint(depth - 1));
  }

  std::string Double(int depth) {
    constexpr const char* kLeaves[] = {
        "0.0", "-0.0", "1.5", "25.0", "1e300", "9223372036854775808.0"};
    constexpr const char* kOperators[] = {"+", "-", "*", "/"};
    if (depth <= 0 || random_.OneIn(2)) {
      return random_.OneIn(2) ? random_.Of(kLeaves) : Slot("double");
    }
    switch (random_.Below(4)) {
      case 0: return "-(" + Double(depth - 1) + ")";
      case 1: return "double(" + Int(depth - 1) + ")";
      case 2: return "double(" + Uint(depth - 1) + ")";
      default: return Binary(Double(depth - 1), kOperators, Double(depth - 1));
    }
  }

  std::string Text(int depth) {
    constexpr const char* kLeaves[] = {
        "''", "'a'", "'ab'", "'how'", "'é'", "'howto'", "'a long text it is'"};
    if (!texts_.empty() && random_.OneIn(2)) return texts_.back();
    if (depth <= 0 || random_.OneIn(2)) {
      return random_.OneIn(2) ? random_.Of(kLeaves) : Slot("string");
    }
    if (random_.OneIn(4)) {
      return "(" + Text(depth - 1) + " + " + Text(depth - 1) + ")";
    }
    return Text(0);
  }

  std::string Time() {
    return random_.OneIn(4) ? "timestamp('2023-11-14T22:13:20Z')"
                            : Slot("time");
  }

  std::string Duration(int depth) {
    constexpr const char* kOperators[] = {"+", "-"};
    if (depth <= 0 || random_.OneIn(2)) {
      return random_.OneIn(2) ? "duration('86400s')" : Slot("duration");
    }
    if (random_.OneIn(3)) return "(" + Time() + " - " + Time() + ")";
    return Binary(Duration(depth - 1), kOperators, Duration(depth - 1));
  }

  Random random_;
  int loops_ = 0;
  std::vector<std::string> texts_;  // names of the loops around, by type
  std::vector<std::string> ints_;
};

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

TEST(Twins, AgreeOnRandomExpressions) {
  constexpr uint64_t kExpressions = 4'000;
  constexpr uint64_t kFrames = 12;
  const Environment environment = TypedEnvironment();
  const std::vector<std::vector<Value>> frames = RandomFrames(kFrames);
  CompileOptions slowly;
  slowly.optimize = false;
  int answers = 0;
  for (uint64_t seed = 0; seed < kExpressions; ++seed) {
    const std::string source = Writer(seed).Any();
    const Compiled fast = Compile(source, environment);
    const Compiled slow = Compile(source, environment, slowly);
    ASSERT_TRUE(fast.ok()) << source << "\n" << fast.issues[0].message;
    ASSERT_TRUE(slow.ok()) << source;
    for (const std::vector<Value>& slots : frames) {
      const std::string outcome = Outcome(slow, slots);
      ASSERT_EQ(Outcome(fast, slots), outcome) << source << ", seed " << seed;
      answers += outcome.find(" of ") != std::string::npos ? 1 : 0;
    }
  }
  // Errors alone would prove little.
  EXPECT_GT(answers, static_cast<int>(kExpressions * kFrames / 3));
}

}  // namespace
}  // namespace loyalty::cel
