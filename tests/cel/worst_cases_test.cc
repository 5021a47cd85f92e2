// SPDX-License-Identifier: Apache-2.0
//
// A thousand generated expressions of the kinds that bring an evaluator down:
// each is refused with a place and advice, or evaluated within the steps it was
// admitted for and the sizes it is allowed.
#include <map>

#include "random_expressions.h"

namespace loyalty::cel {
namespace {

constexpr int kCases = 1'000;

// What has to become of a case.
enum class Fate { kRefused, kEvaluated, kEither };

struct Case {
  std::string source;
  Fate fate = Fate::kEither;
};

std::string Times(size_t count, std::string_view text) {
  std::string all;
  all.reserve(count * text.size());
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

Case NestedBrackets(Random& random) {
  struct Form {
    const char* opening;
    const char* inside;
    const char* closing;
    size_t levels = 1;
  };
  constexpr Form kForms[] = {
      {"(", "1", ")"},
      {"[", "1", "]"},
      {"{1: ", "1", "}"},
      {"!", "true", ""},
      {"-(", "1", ")", 2},
      {"!(", "true", ")", 2},
      {"size([", "1", "])", 2},
      {"dyn(", "1", ")"},
      {"true ? (", "1", ") : 1"},
      {"false ? 1 : ", "1", ""},
      {"event.tags[size(", "''", ")]", 2},
      {"[1, 2][", "0", "]"},
      {"{'a': ", "1", "}.a"},
      {"'a'.contains(string(", "1", "))", 2},
      {"math.abs(", "1", ")"},
      {"optional.of(", "1", ")"},
      {"[?optional.of(", "1", ")]", 2},
      {"(1 + ", "1", ")"},
      {"(true && ", "true", ")"},
      {"('a' in [", "'a'", "] ? 'a' : 'b')", 2},
  };
  const Form& form = random.Of(kForms);
  const auto deepest = static_cast<size_t>(CompileOptions().max_depth);
  const size_t most = (deepest - 1) / form.levels;
  size_t depth = random.Between(1, most);
  if (random.OneIn(2)) depth += most * (random.OneIn(4) ? 30 : 1);
  return {Times(depth, form.opening) + form.inside + Times(depth, form.closing),
          depth > most ? Fate::kRefused : Fate::kEvaluated};
}

Case Unclosed(Random& random) {
  constexpr const char* kOpenings[] = {
      "(",       "[",  "{",  "{1:",  "a(", "a.b(", "[1].map(",
      "true ? ", "!",  "-",  "1 + ", "a[", "'a",   "b'",
      "\"\"\"a", "a.", "[?", "{?",   "`",  "a.?"};
  return {Times(random.Between(1, 4'000), random.Of(kOpenings)),
          Fate::kRefused};
}

Case Chain(Random& random) {
  constexpr const char* kLinks[] = {
      "1 + ",  "1 - ",   "1 * ",   "1.5 / ",  "7 % ",
      "1u + ", "'a' + ", "[1] + ", "b'a' + ", "duration('1s') + "};
  const std::string_view link = random.Of(kLinks);
  const size_t size = random.Between(1, 2'000);
  const std::string_view last = link.substr(0, link.find(' '));
  return {Times(size, link) + std::string(last),
          size > 1'000 ? Fate::kRefused : Fate::kEither};
}

Case LogicChain(Random& random) {
  constexpr const char* kLinks[] = {
      "true && ", "false || ", "event.words > 1 &&", "'a' in event.tags || "};
  const size_t size = random.Between(1, 2'000);
  return {Times(size, random.Of(kLinks)) + "true",
          size > 1'000 ? Fate::kRefused : Fate::kEither};
}

Case SelectionChain(Random& random) {
  constexpr const char* kLinks[] = {".a",        "[0]",     ".size()",
                                    ".?a",       "[?0]",    ".map(x, x)",
                                    ".or(x)",    ".trim()", ".filter(x, true)",
                                    ".all(x, x)"};
  constexpr const char* kStarts[] = {"dyn(1)", "dyn([[0]])", "dyn({'a': 1})",
                                     "dyn('a')", "optional.of(dyn({}))"};
  const size_t size = random.Between(1, 1'500);
  return {random.Of(kStarts) + Times(size, random.Of(kLinks)),
          size > 1'000 ? Fate::kRefused : Fate::kEither};
}

Case NestedLoops(Random& random) {
  constexpr const char* kRanges[] = {"event.tags", "[1, 2, 3]",
                                     "event.type.split('')", "dyn([1, 2])",
                                     "(event.tags + event.tags)"};
  constexpr const char* kLoops[] = {"all", "exists", "exists_one", "filter",
                                    "map"};
  const size_t depth = random.Between(1, 5);
  std::string source = "true";
  for (size_t i = 0; i < depth; ++i) {
    const std::string loop = random.Of(kLoops);
    const std::string made =
        random.Of(kRanges) + ("." + loop) + "(v" + std::to_string(i) + ", ";
    const bool is_list = loop == "filter" || loop == "map";
    source = made + source + ")" + (is_list ? " != []" : "");
  }
  return {source, depth > 2 ? Fate::kRefused : Fate::kEither};
}

Case TwoVariableLoops(Random& random) {
  constexpr const char* kLoops[] = {
      "event.tags.transformMap(i, t, t + t)",
      "event.tags.transformMapEntry(i, t, {t + string(i): t})",
      "event.tags.transformMapEntry(i, t, {i: 1, -1 - i: 2, i + 1000: 3})",
      "event.tags.transformList(i, t, i > 2, t + t)",
      "event.tags.transformList(i, t, event.tags.transformList(j, u, i * j))",
      "event.tags.transformList(i, t, event.tags)",
      "event.tags.transformMap(i, t, event.tags).all(i, t, t == event.tags)"};
  const std::string loop = random.Of(kLoops);
  return {loop + " == " + loop, Fate::kEither};
}

Case GiantNumber(Random& random) {
  const size_t digits = random.Between(30, 12'000);
  constexpr const char* kStarts[] = {"", "-", "0x", "-0x", "0.", "."};
  constexpr const char* kEnds[] = {"", "u", "e9", "e-9", "e", "x", ".5"};
  const std::string start = random.Of(kStarts);
  const std::string end = random.Of(kEnds);
  return {start + Times(digits, "7") + end,
          digits > 8'192 ? Fate::kRefused : Fate::kEither};
}

Case GiantText(Random& random) {
  constexpr const char* kPieces[] = {
      "a",    "\xC3\xA9", "\\u00e9", "\\x00",   "\\U0001F600", "\\101",
      "\\\\", "\\q",      "%",       "\\ud800", "\n"};
  constexpr const char* kQuotes[] = {"'", "\"", "'''", "\"\"\""};
  constexpr const char* kPrefixes[] = {"", "r", "b", "br", "R", "B"};
  const std::string quote = random.Of(kQuotes);
  const std::string source =
      random.Of(kPrefixes) + quote +
      Times(random.Between(1, 5'000), random.Of(kPieces)) + quote;
  return {source, source.size() > 8'192 ? Fate::kRefused : Fate::kEither};
}

Case GiantList(Random& random) {
  constexpr const char* kItems[] = {
      "1,",    "'a',",        "[1],", "{1: 2},",
      "null,", "event.type,", "1.5,", "?optional.of(1),"};
  const size_t size = random.Between(1, 3'000);
  return {"[" + Times(size, random.Of(kItems)) + "]",
          size > 1'000 ? Fate::kRefused : Fate::kEither};
}

Case GiantMap(Random& random) {
  std::string source = "{";
  const size_t size = random.Between(1, 1'200);
  const size_t keys = random.OneIn(4) ? 3 : size;  // some repeat
  for (size_t i = 0; i < size; ++i) {
    source += std::to_string(i % keys) + ": 1,";
  }
  return {source + "}", size > 700 ? Fate::kRefused : Fate::kEither};
}

// Backtracking would take these for ever; the last ones keep many states.
constexpr const char* kPatterns[] = {"(a+)+b",
                                     "(a*)*b",
                                     "(a|a)*b",
                                     "(a|aa)+$b",
                                     "^(a+)*$",
                                     "(.*)(.*)(.*)b",
                                     "(x+x+)+y",
                                     "a{1,50}{1,19}b",
                                     "[^b]{900}",
                                     "(a?){50}a{50}",
                                     "[ab]*a[ab]{300}c",
                                     "(?i)A.*A.*A.*B",
                                     "\\\\p{L}+$",
                                     "(",
                                     "a{1001}",
                                     "[z-a]",
                                     "(?=a)",
                                     "\\\\1",
                                     "((((((a*)*)*)*)*)*)*b"};

Case Pattern(Random& random) {
  const std::string matches =
      std::string(".matches('") + random.Of(kPatterns) + "')";
  switch (random.Between(0, 3)) {
    case 0: return {"event.type" + matches, Fate::kEither};
    case 1: return {"(event.type + event.type)" + matches, Fate::kEither};
    case 2: return {"event.tags.exists(t, t" + matches + ")", Fate::kEither};
    default:
      return {"event.type.matches('" +
                  Times(random.Between(1, 2'000), random.Of(kPatterns)) + "')",
              Fate::kEither};
  }
}

Case ComputedPattern(Random& random) {
  constexpr const char* kMade[] = {"event.type", "'a' + event.type",
                                   "event.tags[0]", "dyn('a')", "('a' + 'b')"};
  return {std::string("event.type.matches(") + random.Of(kMade) + ")",
          Fate::kRefused};
}

// Each name stands for two of the one before.
Case Doubling(Random& random) {
  constexpr const char* kStarts[] = {"event.type", "event.tags", "['a']",
                                     "'ab'",       "b'ab'",      "[[1]]"};
  constexpr const char* kSteps[] = {"x + x", "x + x + x"};
  const size_t times = random.Between(1, 30);
  const std::string step = random.Of(kSteps);
  std::string source = "size(x)";
  for (size_t i = 0; i < times; ++i) {
    source = "cel.bind(x, " + step + ", " + source + ")";
  }
  return {
      "cel.bind(x, " + std::string(random.Of(kStarts)) + ", " + source + ")",
      times > 16 ? Fate::kRefused : Fate::kEither};
}

// Lists of lists that share their items, and are far larger than they look.
Case Sharing(Random& random) {
  constexpr const char* kSteps[] = {".map(x, [x, x])", ".map(x, {1: x, 2: x})",
                                    ".map(x, optional.of([x, x]))"};
  constexpr const char* kUses[] = {" == ", " in ", " != "};
  const std::string shared =
      "[[1]]" + Times(random.Between(1, 60), random.Of(kSteps));
  switch (random.Between(0, 2)) {
    case 0: return {shared + random.Of(kUses) + shared, Fate::kEither};
    case 1: return {"'%s'.format([" + shared + "])", Fate::kEither};
    default: return {"{'a': 1}[dyn(" + shared + ")]", Fate::kEither};
  }
}

Case DoublingInLoops(Random& random) {
  constexpr const char* kStarts[] = {"event.tags", "['aaaaaaaa']", "[[1, 2]]"};
  constexpr const char* kSteps[] = {".map(x, x + x)", ".map(x, x + x + x)",
                                    ".filter(x, x + x != x)"};
  return {random.Of(kStarts) + Times(random.Between(1, 60), random.Of(kSteps)),
          Fate::kEither};
}

Case Formatting(Random& random) {
  constexpr const char* kClauses[] = {
      "%s",        "%.1000f",     "%.1001f", "%.99999999999999999999f",
      "%1000000s", "%.1000e",     "%d",      "%x",
      "%b",        "%o",          "%%",      "%",
      "%.",        "%-99999d",    "%*d",     "%n",
      "%.0f",      "%2147483648d"};
  constexpr const char* kArguments[] = {"event.tags",
                                        "event.type",
                                        "1e308",
                                        "5e-324",
                                        "1",
                                        "event.amount",
                                        "event.time",
                                        "[event.tags, event.tags]",
                                        "b'\\xff'",
                                        "bytes('a')",
                                        "{'a': event.type}"};
  const size_t count = random.Between(1, 200);
  const std::string clause = random.Of(kClauses);
  std::string arguments;
  for (size_t i = 0; i < count; ++i) {
    arguments += random.Of(kArguments) + std::string(", ");
  }
  return {"'" + Times(random.Between(1, count), clause) + "'.format([" +
              arguments + "])",
          Fate::kEither};
}

Case Exploding(Random& random) {
  constexpr const char* kSteps[] = {".replace('', event.type)",
                                    ".replace('a', event.type)",
                                    ".replace('a', 'aa')",
                                    ".replace('', 'aaaaaaaa')",
                                    ".split('').join(event.type)",
                                    ".split('').map(c, event.type).join()",
                                    ".split('a').join('aaa')",
                                    ".reverse()",
                                    ".upperAscii()",
                                    ".replace('a', 'b', 9223372036854775807)",
                                    ".split('', -1).join('  ')"};
  std::string source = "event.type";
  for (size_t steps = random.Between(1, 6); steps > 0; --steps) {
    source += random.Of(kSteps);
  }
  return {"size(" + source + ") > 3", Fate::kEither};
}

Case Encoding(Random& random) {
  const size_t times = random.Between(1, 25);
  switch (random.Between(0, 2)) {
    case 0:
      return {Times(times, "strings.quote(") + "event.type" + Times(times, ")"),
              Fate::kEither};
    case 1:
      return {Times(times, "base64.encode(bytes(") + "event.type" +
                  Times(times, "))"),
              Fate::kEither};
    default:
      return {Times(times, "string(bytes(") + "event.type" + Times(times, "))"),
              Fate::kEither};
  }
}

// Texts so alike that a simple search would compare each with each.
Case Searching(Random& random) {
  const std::string alike(random.Between(10, 4'000), 'a');
  constexpr const char* kUses[] = {
      ".contains(",   ".indexOf(",  ".lastIndexOf(", ".split(",
      ".startsWith(", ".endsWith(", ".replace('b', "};
  const std::string sought = "'" + alike + (random.OneIn(2) ? "b'" : "'");
  const std::string text = random.OneIn(2) ? "event.type" : "'" + alike + "'";
  return {text + random.Of(kUses) + sought + ")", Fate::kEvaluated};
}

Case InLoopsOverTexts(Random& random) {
  constexpr const char* kUses[] = {"t.contains(event.type)",
                                   "t.charAt(0) == 'a'",
                                   "t.substring(0, 1) == 'a'",
                                   "t.trim() == 'a'",
                                   "t.lastIndexOf('b') > 0",
                                   "int(t) == 1",
                                   "bytes(t) == b'a'",
                                   "string(bytes(t)) == t",
                                   "t < event.type",
                                   "t in event.tags",
                                   "t.lowerAscii() == 'a'",
                                   "t.startsWith(event.type)",
                                   "string(event.words) == t",
                                   "duration(t) == duration('1s')",
                                   "event.time.getHours(t) == 1",
                                   "base64.encode(bytes(t)) == t",
                                   "t.split('').size() > 3",
                                   "event.tags.exists(u, u == t)",
                                   "double(t) == 1.5 || t == 'a'",
                                   "{t: 1}[t] == 1"};
  return {std::string("event.tags.all(t, ") + random.Of(kUses) + ")",
          Fate::kEither};
}

Case NestedOptionals(Random& random) {
  const size_t times = random.Between(1, 40);
  switch (random.Between(0, 3)) {
    case 0:
      return {"optional.none()" + Times(times, ".or(optional.none())"),
              Fate::kEvaluated};
    case 1:
      return {"optional.of(1)" + Times(times, ".optMap(x, x + 1)") + ".value()",
              Fate::kEither};
    case 2:
      return {"{}" + Times(times, ".?a") + ".hasValue()", Fate::kEvaluated};
    default:
      return {Times(times, "optional.of(event.type).optFlatMap(x, ") +
                  "optional.of(1)" + Times(times, ")"),
              times > 17 ? Fate::kRefused : Fate::kEither};
  }
}

Case ManyArguments(Random& random) {
  constexpr const char* kNames[] = {"math.greatest(", "size(",
                                    "event.type.f(",  "math.least(",
                                    "cel.bind(",      "has("};
  const size_t count = random.Between(1, 3'000);
  std::string source = random.Of(kNames) + Times(count, "1,");
  source.back() = ')';
  return {source, count > 1'000 ? Fate::kRefused : Fate::kEither};
}

Case NoText(Random& random) {
  constexpr const char* kBad[] = {"\xFF",         "\xC0\x80",
                                  "\xED\xA0\x80", "\xF4\x90\x80\x80",
                                  "\x80",         "\xE2\x82"};
  const std::string before = Times(random.Between(0, 9), "1 + \n");
  const std::string bad = random.Of(kBad);
  return {random.OneIn(2) ? before + bad : before + "'" + bad + "'",
          Fate::kRefused};
}

Case Controls(Random& random) {
  const char control = static_cast<char>(random.Between(0, 8));
  const std::string controls(random.Between(1, 2'000), control);
  if (random.OneIn(2)) return {"1 + " + controls + "1", Fate::kRefused};
  return {"size('" + controls + "') > 0", Fate::kEvaluated};
}

Case Blanks(Random& random) {
  constexpr const char* kBlanks[] = {" ", "\n", "\t", "//\n", "\r\n", "\f"};
  const size_t count = random.Between(1, 12'000);
  const std::string blanks = Times(count, random.Of(kBlanks));
  return {blanks + "1" + blanks,
          blanks.size() > 4'095 ? Fate::kRefused : Fate::kEvaluated};
}

// Pieces of the language in an order that no one meant.
Case Garbage(Random& random) {
  constexpr const char* kPieces[] = {
      "(",         ")",          "[",  "]",   "{",        "}",    ",",
      ":",         "?",          ".",  ".?",  "[?",       "!",    "-",
      "+",         "&&",         "||", "==",  "in",       "has(", ".map(x,",
      "x",         "event.tags", "1",  "'a'", "b'\\xff'", "null", ".format([",
      "cel.bind(", ".optMap(",   "`a`"};
  std::string source;
  for (size_t count = random.Between(1, 300); count > 0; --count) {
    source += random.Of(kPieces);
  }
  return {source, Fate::kEither};
}

struct Kind {
  const char* name;
  Case (*write)(Random&);
};

constexpr Kind kKinds[] = {
    {"nested brackets", NestedBrackets},
    {"unclosed", Unclosed},
    {"chain", Chain},
    {"logic chain", LogicChain},
    {"selection chain", SelectionChain},
    {"nested loops", NestedLoops},
    {"two-variable loops", TwoVariableLoops},
    {"giant number", GiantNumber},
    {"giant text", GiantText},
    {"giant list", GiantList},
    {"giant map", GiantMap},
    {"pattern", Pattern},
    {"computed pattern", ComputedPattern},
    {"doubling", Doubling},
    {"sharing", Sharing},
    {"doubling in loops", DoublingInLoops},
    {"formatting", Formatting},
    {"exploding", Exploding},
    {"encoding", Encoding},
    {"searching", Searching},
    {"in loops over texts", InLoopsOverTexts},
    {"nested optionals", NestedOptionals},
    {"many arguments", ManyArguments},
    {"no text", NoText},
    {"controls", Controls},
    {"blanks", Blanks},
    {"garbage", Garbage},
};

// What a host admits from people it does not know.
CompileOptions Admitted() {
  CompileOptions options;
  options.max_cost = 50'000;
  options.max_steps = INT64_MAX;  // so that only the bound stops it
  options.input_text_bytes = 1'024;
  options.input_list_items = 100;
  options.max_text_bytes = 16'384;
  options.max_list_items = 2'000;
  return options;
}

// Slots as large as that allows, and as much alike.
std::vector<Value> LargestSlots() {
  const CompileOptions options = Admitted();
  std::vector<Value> slots = CommunitySlots();
  const Value text = Value::String(std::string(options.input_text_bytes, 'a'));
  slots[kEventType] = text;
  slots[kEventTags] =
      Value::List(std::vector<Value>(options.input_list_items, text));
  return slots;
}

Environment ExtendedEnvironment() {
  Environment environment = CommunityEnvironment();
  for (size_t i = 0; i < kExtensionCount; ++i) {
    environment.Enable(static_cast<Extension>(i));
  }
  return environment;
}

// "line:column: and what went wrong", which is not that steps ran out.
bool IsPlacedError(const absl::Status& status) {
  const std::string text(status.message());
  const size_t place = text.find(": ");
  return place != std::string::npos && place + 2 < text.size() &&
         text.find_first_not_of("0123456789:") > place &&
         text.find("too many steps") == std::string::npos;
}

// Whether all texts and lists in `value` are within the limits; looks at no
// more than `most` of them.
bool IsWithinLimits(const Value& value, const CompileOptions& options,
                    int& most) {
  if (--most < 0) return true;
  if (value.text().size() > options.max_text_bytes ||
      value.items().size() > options.max_list_items ||
      value.entries().size() > options.max_list_items) {
    return false;
  }
  for (const Value& item : value.items()) {
    if (!IsWithinLimits(item, options, most)) return false;
  }
  for (const MapEntry& entry : value.entries()) {
    if (!IsWithinLimits(entry.value, options, most)) return false;
  }
  return value.held() == nullptr ||
         IsWithinLimits(*value.held(), options, most);
}

void ExpectAdvice(const Compiled& refused, std::string_view source) {
  ASSERT_FALSE(refused.issues.empty());
  for (const Issue& issue : refused.issues) {
    ASSERT_FALSE(issue.message.empty());
    ASSERT_GE(issue.line, 1);
    ASSERT_GE(issue.column, 1);
    ASSERT_LE(issue.offset, source.size());
    ASSERT_LT(issue.message.size() + issue.suggestion.size(), 20'000u);
    // Who is over a limit is told what to do about it.
    const bool is_over_a_limit =
        issue.message.find("more than ") != std::string::npos ||
        issue.message.find(" are allowed") != std::string::npos;
    ASSERT_TRUE(!is_over_a_limit || !issue.suggestion.empty()) << issue.message;
    ASSERT_LT(FormatIssue(issue, source).size(), 30'000u);
  }
}

void ExpectBounded(const Expression& expression, std::span<const Value> slots) {
  const CompileOptions options = Admitted();
  ASSERT_LE(expression.cost_bound(), options.max_cost);
  int64_t steps = -1;
  const absl::StatusOr<Value> value = expression.EvaluateCounting(slots, steps);
  ASSERT_GE(steps, 0);
  ASSERT_LE(steps, expression.cost_bound());
  const absl::StatusOr<Value> fast = expression.Evaluate(slots);
  ASSERT_EQ(value.status(), fast.status());
  if (!value.ok()) {
    ASSERT_TRUE(IsPlacedError(value.status())) << value.status();
    return;
  }
  ASSERT_EQ(value->ToString(), fast->ToString());
  int most = 100'000;
  ASSERT_TRUE(IsWithinLimits(*value, options, most));
}

struct Count {
  int refused = 0;
  int evaluated = 0;
};

TEST(WorstCases, AreRefusedOrBounded) {
  const Environment environment = ExtendedEnvironment();
  const std::vector<Value> slots = LargestSlots();
  std::map<std::string, Count> counts;
  Count all;
  for (int i = 0; i < kCases; ++i) {
    const Kind& kind = kKinds[static_cast<size_t>(i) % std::size(kKinds)];
    Random random(static_cast<uint64_t>(i));
    const Case written = kind.write(random);
    SCOPED_TRACE(std::string(kind.name) + ", case " + std::to_string(i) + ": " +
                 written.source.substr(0, 300));
    const Compiled compiled = Compile(written.source, environment, Admitted());
    if (compiled.ok()) {
      ASSERT_NE(written.fate, Fate::kRefused);
      ASSERT_NO_FATAL_FAILURE(ExpectBounded(*compiled.expression, slots));
    } else {
      ASSERT_NE(written.fate, Fate::kEvaluated) << compiled.issues[0].message;
      ASSERT_NO_FATAL_FAILURE(ExpectAdvice(compiled, written.source));
    }
    ++(compiled.ok() ? all.evaluated : all.refused);
    ++(compiled.ok() ? counts[kind.name].evaluated : counts[kind.name].refused);
  }
  // One of both alone would prove little.
  EXPECT_GT(all.refused, kCases / 4);
  EXPECT_GT(all.evaluated, kCases / 4);
  for (const char* const kind :
       {"nested brackets", "chain", "logic chain", "nested loops", "giant text",
        "giant list", "giant map", "pattern", "doubling", "sharing",
        "doubling in loops", "exploding", "encoding", "in loops over texts",
        "formatting", "two-variable loops"}) {
    EXPECT_GT(counts[kind].refused, 0) << kind;
    EXPECT_GT(counts[kind].evaluated, 0) << kind;
  }
}

}  // namespace
}  // namespace loyalty::cel
