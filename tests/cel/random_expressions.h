// SPDX-License-Identifier: Apache-2.0
//
// Random expressions of each type over the slots of TypedEnvironment(), the
// same for the same seed.
#ifndef LOYALTY_TESTS_CEL_RANDOM_EXPRESSIONS_H_
#define LOYALTY_TESTS_CEL_RANDOM_EXPRESSIONS_H_

#include <iterator>
#include <string>
#include <vector>

#include "evaluate.h"

namespace loyalty::cel {

// The same numbers for the same seed, everywhere.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 2654435761u + 1) {}

  size_t Below(size_t count) {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>(state_ >> 33u) % count;
  }
  size_t Between(size_t least, size_t most) {
    return least + Below(most - least + 1);
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
inline constexpr const char* kTypes[] = {"bool",
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
inline constexpr const char* kNames[] = {"bool",   "int",   "uint", "double",
                                         "string", "bytes", "time", "duration",
                                         "texts",  "ints",  "map"};
static_assert(std::size(kTypes) == std::size(kNames));
inline constexpr size_t kForms = 3;

inline Environment TypedEnvironment() {
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

inline Environment ExtendedTypedEnvironment() {
  Environment environment = TypedEnvironment();
  for (size_t i = 0; i < kExtensionCount; ++i) {
    environment.Enable(static_cast<Extension>(i));
  }
  return environment;
}

// Expressions of each type, as text; with the extensions' functions and macros
// among them if `is_extended`.
class Writer {
 public:
  explicit Writer(uint64_t seed, bool is_extended = false)
      : random_(seed), is_extended_(is_extended) {}

  std::string Any() {
    if (IsExtending()) return ExtendedAny();
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
    if (IsExtending()) return ExtendedBool(depth - 1);
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
    if (IsExtending()) return ExtendedInt(depth - 1);
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
    if (IsExtending()) return ExtendedDouble(depth - 1);
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
    if (IsExtending()) return ExtendedText(depth - 1);
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

  // ---- Extensions ----

  bool IsExtending() { return is_extended_ && random_.OneIn(2); }

  std::string ExtendedAny() {
    switch (random_.Below(6)) {
      case 0: return ExtendedBool(2);
      case 1: return ExtendedInt(2);
      case 2: return ExtendedDouble(2);
      case 3: return Texts(3);
      case 4: return OptionalInt(3);
      default: return ExtendedText(2);
    }
  }

  // What `write` makes with `name` as a local of the type of `locals`.
  template <typename Write>
  static std::string Within(std::vector<std::string>& locals,
                            const std::string& name, Write write) {
    locals.push_back(name);
    std::string written = write();
    locals.pop_back();
    return written;
  }

  std::string NewName() { return "n" + std::to_string(names_++); }

  // A loop over the index and item of the texts, or key and value of the map.
  std::string TwoVariableLoop(const char* macro, int depth, bool gives_bool) {
    if (loops_ == 2) return gives_bool ? "true" : "[]";
    ++loops_;
    const std::string index = NewName();
    const std::string item = NewName();
    const bool is_map = random_.OneIn(3);
    const std::string body = Within(is_map ? texts_ : ints_, index, [&] {
      return Within(is_map ? ints_ : texts_, item,
                    [&] { return gives_bool ? Bool(depth) : Text(depth); });
    });
    --loops_;
    return Slot(is_map ? "map" : "texts") + "." + macro + "(" + index + ", " +
           item + ", " + body + ")";
  }

  std::string ExtendedBool(int depth) {
    constexpr const char* kLoops[] = {"all", "exists", "existsOne"};
    constexpr const char* kTests[] = {"isNaN", "isInf", "isFinite"};
    constexpr const char* kEquality[] = {"==", "!="};
    switch (random_.Below(7)) {
      case 0: return TwoVariableLoop(random_.Of(kLoops), depth, true);
      case 1:
        return std::string("math.") + random_.Of(kTests) + "(" + Double(depth) +
               ")";
      case 2: return OptionalInt(depth) + ".hasValue()";
      case 3: return OptionalText(depth) + ".hasValue()";
      case 4: return Binary(OptionalInt(depth), kEquality, OptionalInt(depth));
      case 5: return Binary(Texts(depth), kEquality, Texts(depth));
      default: {
        const std::string name = NewName();
        const std::string bound = Bool(depth);
        return "cel.bind(" + name + ", " + bound + ", " + name + " || " +
               Bool(depth) + ")";
      }
    }
  }

  std::string ExtendedInt(int depth) {
    constexpr const char* kOfTwo[] = {"greatest", "least", "bitAnd", "bitOr",
                                      "bitXor"};
    constexpr const char* kOfOne[] = {"abs", "sign", "bitNot"};
    constexpr const char* kShifts[] = {"bitShiftLeft", "bitShiftRight"};
    constexpr const char* kSearches[] = {"indexOf", "lastIndexOf"};
    switch (random_.Below(10)) {
      case 0:
        return std::string("math.") + random_.Of(kOfTwo) + "(" + Int(depth) +
               ", " + Int(depth) + ")";
      case 1:
        return std::string("math.") + random_.Of(kOfOne) + "(" + Int(depth) +
               ")";
      case 2:
        return std::string("math.") + random_.Of(kShifts) + "(" + Int(depth) +
               ", " + Int(0) + ")";
      case 3:
        return Text(depth) + "." + random_.Of(kSearches) + "(" + Text(0) + ")";
      case 4:
        return Text(depth) + "." + random_.Of(kSearches) + "(" + Text(0) +
               ", " + Int(0) + ")";
      case 5: return OptionalInt(depth) + ".orValue(" + Int(depth) + ")";
      case 6: return OptionalInt(depth) + ".value()";
      case 7: {
        const std::string name = NewName();
        const std::string bound = Int(depth);
        return "cel.bind(" + name + ", " + bound + ", " +
               Within(ints_, name, [&] { return Int(depth); }) + ")";
      }
      case 8:
        return "size(" + TwoVariableLoop("transformMap", depth, false) + ")";
      default: return "size(" + Texts(depth) + ")";
    }
  }

  std::string ExtendedDouble(int depth) {
    constexpr const char* kOfOne[] = {"ceil", "floor", "round", "trunc",
                                      "sqrt", "abs",   "sign"};
    constexpr const char* kOfTwo[] = {"greatest", "least"};
    if (random_.OneIn(3)) {
      return std::string("math.") + random_.Of(kOfTwo) + "(" + Double(depth) +
             ", " + Double(depth) + ", " + Double(0) + ")";
    }
    return std::string("math.") + random_.Of(kOfOne) + "(" + Double(depth) +
           ")";
  }

  std::string ExtendedText(int depth) {
    constexpr const char* kChanges[] = {".lowerAscii()", ".upperAscii()",
                                        ".trim()", ".reverse()"};
    switch (random_.Below(12)) {
      case 0: return Text(depth) + random_.Of(kChanges);
      case 1: return Text(depth) + ".charAt(" + Int(0) + ")";
      case 2: return Text(depth) + ".substring(" + Int(0) + ")";
      case 3: return Text(depth) + ".substring(" + Int(0) + ", " + Int(0) + ")";
      case 4: return Text(depth) + ".replace(" + Text(0) + ", " + Text(0) + ")";
      case 5:
        return Text(depth) + ".replace(" + Text(0) + ", " + Text(0) + ", " +
               Int(0) + ")";
      case 6: return Texts(depth) + ".join(" + Text(0) + ")";
      case 7: return "strings.quote(" + Text(depth) + ")";
      case 8:
        return "string(base64.decode(base64.encode(bytes(" + Text(depth) +
               "))))";
      case 9:
        return "'%s %d %.2f %x'.format([" + Texts(depth) + ", " + Int(depth) +
               ", " + Double(depth) + ", " + Text(0) + "])";
      case 10: return OptionalText(depth) + ".orValue(" + Text(depth) + ")";
      default: return "string(" + Int(depth) + ")";
    }
  }

  std::string Texts(int depth) {
    if (depth <= 0) return Slot("texts");
    switch (random_.Below(7)) {
      case 0: return Text(depth - 1) + ".split(" + Text(0) + ")";
      case 1:
        return Text(depth - 1) + ".split(" + Text(0) + ", " + Int(0) + ")";
      case 2:
        return "[" + Text(depth - 1) + ", ?" + OptionalText(depth - 1) + "]";
      case 3:
        return "[" + OptionalText(depth - 1) + ", " + OptionalText(depth - 1) +
               "].unwrapOpt()";
      case 4: return "(" + Texts(depth - 1) + " + " + Texts(depth - 1) + ")";
      case 5: return TwoVariableLoop("transformList", depth - 1, false);
      default: return Slot("texts");
    }
  }

  std::string OptionalInt(int depth) {
    if (depth <= 0) return random_.OneIn(3) ? "optional.none()" : MapEntry();
    switch (random_.Below(7)) {
      case 0: return "optional.of(" + Int(depth - 1) + ")";
      case 1: return "optional.ofNonZeroValue(" + Int(depth - 1) + ")";
      case 2: return Slot("ints") + "[?" + Int(0) + "]";
      case 3: return Slot("ints") + (random_.OneIn(2) ? ".first()" : ".last()");
      case 4:
        return OptionalInt(depth - 1) + ".or(" + OptionalInt(depth - 1) + ")";
      case 5: {
        const std::string name = NewName();
        const std::string held = OptionalInt(depth - 1);
        const bool is_flat = random_.OneIn(2);
        return held + (is_flat ? ".optFlatMap(" : ".optMap(") + name + ", " +
               Within(ints_, name,
                      [&] {
                        return is_flat ? OptionalInt(depth - 1)
                                       : Int(depth - 1);
                      }) +
               ")";
      }
      default: return MapEntry();
    }
  }

  std::string MapEntry() {
    return random_.OneIn(2) ? Slot("map") + ".?a"
                            : Slot("map") + "[?" + Text(0) + "]";
  }

  std::string OptionalText(int depth) {
    if (depth <= 0) return Slot("texts") + "[?1]";
    switch (random_.Below(3)) {
      case 0: return "optional.of(" + Text(depth - 1) + ")";
      case 1: return "optional.ofNonZeroValue(" + Text(depth - 1) + ")";
      default: return Texts(depth - 1) + ".first()";
    }
  }

  Random random_;
  bool is_extended_;
  int loops_ = 0;
  int names_ = 0;                   // given to locals so far
  std::vector<std::string> texts_;  // names of the loops around, by type
  std::vector<std::string> ints_;
};

}  // namespace loyalty::cel

#endif  // LOYALTY_TESTS_CEL_RANDOM_EXPRESSIONS_H_
