// SPDX-License-Identifier: Apache-2.0
//
// Conversions between types: int(x), string(x), timestamp(x) and the like,
// type(x) and dyn(x).
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

#include "cel/compare.h"
#include "cel/library.h"
#include "cel/text.h"
#include "cel/times.h"

namespace loyalty::cel {
namespace {

constexpr double kIntRange = 9223372036854775808.0;    // 2^63
constexpr double kUintRange = 18446744073709551616.0;  // 2^64

Value Unconvertible(const Value& value, const char* kind) {
  return Value::Failure(absl::StatusCode::kInvalidArgument,
                        value.ToString() + " is not " + kind);
}

Value OutOfKindsRange(const Value& value, const char* kind) {
  return Value::Failure(absl::StatusCode::kOutOfRange,
                        value.ToString() + " is out of range for " + kind);
}

// Without the + that may lead a number.
std::string_view WithoutPlus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-') {
    text.remove_prefix(1);
  }
  return text;
}

// The whole number that all of `text` spells.
template <typename Number>
std::optional<Number> NumberIn(std::string_view text) {
  text = WithoutPlus(text);
  Number number{};
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

Value SameValue(CallContext&, const Value* a) { return a[0]; }

Value IntOfUint(CallContext&, const Value* a) {
  if (a[0].uint_value() > uint64_t{INT64_MAX}) {
    return OutOfKindsRange(a[0], "int");
  }
  return Value::Int(static_cast<int64_t>(a[0].uint_value()));
}

// Truncates. The bounds are excluded: which integers the doubles next to them
// stand for is anyone's guess.
Value IntOfDouble(CallContext&, const Value* a) {
  const double number = a[0].double_value();
  if (!(number > -kIntRange && number < kIntRange)) {
    return OutOfKindsRange(a[0], "int");
  }
  return Value::Int(static_cast<int64_t>(number));
}

Value IntOfString(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const std::optional<int64_t> number = NumberIn<int64_t>(a[0].text());
  if (!number.has_value()) return Unconvertible(a[0], "an int");
  return Value::Int(*number);
}

Value IntOfTimestamp(CallContext&, const Value* a) {
  return Value::Int(a[0].unix_seconds());
}

Value UintOfInt(CallContext&, const Value* a) {
  if (a[0].int_value() < 0) return OutOfKindsRange(a[0], "uint");
  return Value::Uint(static_cast<uint64_t>(a[0].int_value()));
}

Value UintOfDouble(CallContext&, const Value* a) {
  const double number = a[0].double_value();
  if (!(number >= 0 && number < kUintRange)) {
    return OutOfKindsRange(a[0], "uint");
  }
  return Value::Uint(static_cast<uint64_t>(number));
}

Value UintOfString(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const std::optional<uint64_t> number = NumberIn<uint64_t>(a[0].text());
  if (!number.has_value()) return Unconvertible(a[0], "a uint");
  return Value::Uint(*number);
}

Value DoubleOfInt(CallContext&, const Value* a) {
  return Value::Double(static_cast<double>(a[0].int_value()));
}

Value DoubleOfUint(CallContext&, const Value* a) {
  return Value::Double(static_cast<double>(a[0].uint_value()));
}

Value DoubleOfString(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const std::optional<double> number = ParseDouble(WithoutPlus(a[0].text()));
  if (!number.has_value()) return Unconvertible(a[0], "a double");
  return Value::Double(*number);
}

Value BoolOfString(CallContext&, const Value* a) {
  for (const std::string_view yes : {"true", "True", "TRUE", "t", "1"}) {
    if (a[0].text() == yes) return Value::Bool(true);
  }
  for (const std::string_view no : {"false", "False", "FALSE", "f", "0"}) {
    if (a[0].text() == no) return Value::Bool(false);
  }
  return Unconvertible(a[0], "a bool");
}

Value BytesOfString(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  return Value::Bytes(a[0].text());
}

Value StringOfInt(CallContext&, const Value* a) {
  return Value::String(std::to_string(a[0].int_value()));
}

Value StringOfUint(CallContext&, const Value* a) {
  return Value::String(std::to_string(a[0].uint_value()));
}

Value StringOfDouble(CallContext&, const Value* a) {
  return Value::String(DoubleText(a[0].double_value()));
}

Value StringOfBool(CallContext&, const Value* a) {
  return Value::String(a[0].bool_value() ? "true" : "false");
}

Value StringOfBytes(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  if (!IsUtf8(a[0].text())) {
    return Value::Failure(absl::StatusCode::kInvalidArgument,
                          "the bytes are not UTF-8");
  }
  return Value::String(a[0].text());
}

Value StringOfTimestamp(CallContext&, const Value* a) {
  return Value::String(TimestampText(a[0]));
}

Value StringOfDuration(CallContext&, const Value* a) {
  return Value::String(DurationText(a[0].duration_nanos()));
}

Value TimestampOfString(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const std::optional<Value> time = ParseTimestamp(a[0].text());
  if (!time.has_value()) return Unconvertible(a[0], "a timestamp");
  return *time;
}

Value TimestampOfInt(CallContext&, const Value* a) {
  const int64_t seconds = a[0].int_value();
  if (seconds < kFirstUnixSecond || seconds > kLastUnixSecond) {
    return OutOfKindsRange(a[0], "timestamp");
  }
  return Value::Timestamp(seconds, 0);
}

Value DurationOfString(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const std::optional<int64_t> nanos = ParseDuration(a[0].text());
  if (!nanos.has_value()) return Unconvertible(a[0], "a duration");
  return Value::DurationNanos(*nanos);
}

Value TypeOfAnything(CallContext&, const Value* a) {
  return Value::OfType(a[0].TypeOfValue());
}

constexpr std::array<LibraryRow, 32> kConvertRows = {{
    {"int", "int", "int", SameValue},
    {"int", "uint", "int", IntOfUint},
    {"int", "double", "int", IntOfDouble},
    {"int", "string", "int", IntOfString},
    {"int", "timestamp", "int", IntOfTimestamp},
    {"uint", "uint", "uint", SameValue},
    {"uint", "int", "uint", UintOfInt},
    {"uint", "double", "uint", UintOfDouble},
    {"uint", "string", "uint", UintOfString},
    {"double", "double", "double", SameValue},
    {"double", "int", "double", DoubleOfInt},
    {"double", "uint", "double", DoubleOfUint},
    {"double", "string", "double", DoubleOfString},
    {"bool", "bool", "bool", SameValue},
    {"bool", "string", "bool", BoolOfString},
    {"bytes", "bytes", "bytes", SameValue},
    {"bytes", "string", "bytes", BytesOfString},
    {"string", "string", "string", SameValue},
    {"string", "int", "string", StringOfInt},
    {"string", "uint", "string", StringOfUint},
    {"string", "double", "string", StringOfDouble},
    {"string", "bool", "string", StringOfBool},
    {"string", "bytes", "string", StringOfBytes},
    {"string", "timestamp", "string", StringOfTimestamp},
    {"string", "duration", "string", StringOfDuration},
    {"timestamp", "timestamp", "timestamp", SameValue},
    {"timestamp", "string", "timestamp", TimestampOfString},
    {"timestamp", "int", "timestamp", TimestampOfInt},
    {"duration", "duration", "duration", SameValue},
    {"duration", "string", "duration", DurationOfString},
    {"type", "'A", "type('A)", TypeOfAnything},
    {"dyn", "'A", "dyn", SameValue},
}};

}  // namespace

std::span<const LibraryRow> ConvertRows() { return kConvertRows; }

}  // namespace loyalty::cel
