// SPDX-License-Identifier: Apache-2.0
//
// Functions: what a call may mean, and the ones that every expression has.
// Operators are functions with names like "_+_".
#ifndef LOYALTY_LIB_CEL_LIBRARY_H_
#define LOYALTY_LIB_CEL_LIBRARY_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/cel/cel.h"

namespace loyalty::cel {

// What one evaluation may use; see CompileOptions.
struct Limits {
  int64_t max_steps = 0;
  size_t max_text_bytes = 0;
  size_t max_list_items = 0;
  int max_pattern_size = 0;
};

// What a function may use besides its arguments.
struct CallContext {
  const Limits& limits;
  int64_t steps;  // what is left of limits.max_steps

  // Takes `count` steps; false once there are none.
  bool Spend(int64_t count) {
    steps -= count;
    return steps >= 0;
  }

  // A long text costs steps by its length, as it costs time.
  bool SpendOnText(std::string_view text) {
    return Spend(static_cast<int64_t>(text.size() / kBytesPerStep));
  }
  static constexpr size_t kBytesPerStep = 64;

  // So does matching it, `weight` times.
  bool SpendOnMatch(std::string_view text, int64_t weight) {
    return Spend(static_cast<int64_t>(text.size()) * weight /
                 static_cast<int64_t>(kBytesPerStep));
  }
};

// How much longer matching a text may take than reading it. At worst each byte
// is held against each instruction of the pattern's program.
inline int64_t MatchWeight(int pattern_size) {
  constexpr int kInstructionsForOne = 8;
  return 1 + pattern_size / kInstructionsForOne;
}

// Computes a call. A failure is returned as one, without its place.
using Implementation = Value (*)(CallContext& context, const Value* arguments);

// One form of a function.
struct Overload {
  std::string name;
  std::vector<Type> parameters;  // of a method, the receiver first
  Type result;
  bool is_method = false;
  bool is_generic = false;  // parameters or result mention a type parameter

  // The implementation looks at the kinds of its arguments itself, and serves
  // all forms of the function.
  bool checks_itself = false;

  Implementation implementation = nullptr;  // null: host
  HostFunction host;
};

// Extensions as a set of bits.
using ExtensionSet = uint32_t;
inline constexpr ExtensionSet BitOf(Extension extension) {
  return ExtensionSet{1} << static_cast<uint32_t>(extension);
}

// The functions by that name that come with the library, in all their forms:
// CEL's own and those of `extensions`. Empty if there is none.
std::span<const Overload> LibraryOverloads(std::string_view name,
                                           ExtensionSet extensions);

// The names of these functions, operators left out.
std::vector<std::string_view> LibraryFunctionNames(ExtensionSet extensions);

// Whether a value of `kind` may be given for a parameter of `type`.
bool KindFits(Value::Kind kind, const Type& type);

// The failure of a call that no form fits.
Value NoMatchingOverload(std::string_view function,
                         std::span<const Value> arguments);

Value StepsUsedUp();

// Within the library: one row of its tables.
struct LibraryRow {
  std::string_view name;
  std::string_view parameters;  // types, comma-separated
  std::string_view result;
  Implementation implementation;
  enum Form : uint8_t { kFunction, kMethod, kSelfChecking } form = kFunction;
};

std::span<const LibraryRow> NumberRows();   // library_numbers.cc
std::span<const LibraryRow> CompareRows();  // library_compare.cc
std::span<const LibraryRow> TextRows();     // library_text.cc
std::span<const LibraryRow> TimeRows();     // library_time.cc
std::span<const LibraryRow> ConvertRows();  // library_convert.cc
std::span<const LibraryRow> StringsRows();  // library_strings.cc
std::span<const LibraryRow> MathRows();     // library_math.cc

std::span<const LibraryRow> FormatRows();     // library_format.cc
std::span<const LibraryRow> EncodersRows();   // library_encoders.cc
std::span<const LibraryRow> OptionalsRows();  // library_optionals.cc

// The item of `list` at the number `index`, or null.
const Value* ItemOfList(const Value& list, const Value& index);

// The optional of what `key` finds in a list, a map, or an optional of either;
// `name` is the operator's, for failures.
Value OptionalItemAt(std::string_view name, const Value& container,
                     const Value& key);

// x.or(optional) and x.orValue(value). The planner replaces them by operations
// that look at their argument only if they need it.
Value OrOptional(CallContext& context, const Value* arguments);
Value OrValue(CallContext& context, const Value* arguments);

// Whether the text matches the pattern somewhere; the pattern is compiled anew.
// The planner replaces it by a compiled one where the pattern is constant.
Value MatchesText(CallContext& context, const Value* arguments);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_LIBRARY_H_
