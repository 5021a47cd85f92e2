// SPDX-License-Identifier: Apache-2.0
//
// Numeric kinds are compared without converting either through the other's
// range; see Order and CompareNumbers in compare.h.
#include "cel/compare.h"

#include <absl/strings/charconv.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string_view>

namespace loyalty::cel {
namespace {

constexpr double kTwoTo63 = 9223372036854775808.0;
constexpr double kTwoTo64 = 18446744073709551616.0;

template <typename T>
Order OrderOf(T a, T b) {
  if (a < b) return Order::kLess;
  return b < a ? Order::kGreater : Order::kEqual;
}

Order OrderOfDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return Order::kUnordered;
  return OrderOf(a, b);
}

Order Reversed(Order order) {
  if (order == Order::kLess) return Order::kGreater;
  return order == Order::kGreater ? Order::kLess : order;
}

Order IntToUint(int64_t a, uint64_t b) {
  if (a < 0) return Order::kLess;
  return OrderOf(static_cast<uint64_t>(a), b);
}

Order IntToDouble(int64_t a, double b) {
  if (b > kTwoTo63) return Order::kLess;
  if (b < -kTwoTo63) return Order::kGreater;
  return OrderOfDoubles(static_cast<double>(a), b);
}

Order UintToDouble(uint64_t a, double b) {
  if (b > kTwoTo64) return Order::kLess;
  if (b < 0) return Order::kGreater;
  return OrderOfDoubles(static_cast<double>(a), b);
}

Order OrderOfTimestamps(const Value& a, const Value& b) {
  if (a.unix_seconds() != b.unix_seconds()) {
    return OrderOf(a.unix_seconds(), b.unix_seconds());
  }
  return OrderOf(a.nanos(), b.nanos());
}

// A long text costs steps by its length, as in CallContext::SpendOnText.
bool TextsAreEqual(const Value& a, const Value& b, int64_t& steps) {
  if (a.text().size() != b.text().size()) return false;
  steps -= static_cast<int64_t>(a.text().size() / 64);
  return steps >= 0 && a.text() == b.text();
}

bool ListsAreEqual(const Value& a, const Value& b, int64_t& steps) {
  const auto left = a.items();
  const auto right = b.items();
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    if (!Equal(left[i], right[i], steps)) return false;
  }
  return true;
}

bool MapsAreEqual(const Value& a, const Value& b, int64_t& steps) {
  if (a.entries().size() != b.entries().size()) return false;
  for (const MapEntry& entry : a.entries()) {
    const Value* const other = b.Find(entry.key);
    if (other == nullptr || !Equal(entry.value, *other, steps)) return false;
  }
  return true;
}

// What a type value says of itself: type(v) does not know a list's items, so
// neither does the comparison.
bool TypesAreEqual(const Type& a, const Type& b) {
  if (a.kind() != b.kind()) return false;
  return a.kind() != Type::Kind::kOpaque || a.name() == b.name();
}

int KeyRank(const Value& key) {
  if (key.Is(Value::Kind::kBool)) return 0;
  return key.Is(Value::Kind::kString) ? 2 : 1;
}

}  // namespace

bool IsNumber(const Value& value) {
  return value.Is(Value::Kind::kInt) || value.Is(Value::Kind::kUint) ||
         value.Is(Value::Kind::kDouble);
}

Order CompareNumbers(const Value& a, const Value& b) {
  using Kind = Value::Kind;
  if (a.Is(Kind::kInt)) {
    if (b.Is(Kind::kInt)) return OrderOf(a.int_value(), b.int_value());
    if (b.Is(Kind::kUint)) return IntToUint(a.int_value(), b.uint_value());
    return IntToDouble(a.int_value(), b.double_value());
  }
  if (a.Is(Kind::kUint)) {
    if (b.Is(Kind::kUint)) return OrderOf(a.uint_value(), b.uint_value());
    if (b.Is(Kind::kInt)) {
      return Reversed(IntToUint(b.int_value(), a.uint_value()));
    }
    return UintToDouble(a.uint_value(), b.double_value());
  }
  if (b.Is(Kind::kDouble)) {
    return OrderOfDoubles(a.double_value(), b.double_value());
  }
  return Reversed(CompareNumbers(b, a));
}

std::optional<Order> Compare(const Value& a, const Value& b) {
  if (IsNumber(a) && IsNumber(b)) return CompareNumbers(a, b);
  if (a.kind() != b.kind()) return std::nullopt;
  switch (a.kind()) {
    case Value::Kind::kBool: return OrderOf(a.bool_value(), b.bool_value());
    case Value::Kind::kString:
    case Value::Kind::kBytes: return OrderOf(a.text(), b.text());
    case Value::Kind::kTimestamp: return OrderOfTimestamps(a, b);
    case Value::Kind::kDuration:
      return OrderOf(a.duration_nanos(), b.duration_nanos());
    default: return std::nullopt;
  }
}

bool Equal(const Value& a, const Value& b, int64_t& steps) {
  if (--steps < 0) return false;
  if (IsNumber(a) && IsNumber(b)) return CompareNumbers(a, b) == Order::kEqual;
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::kNull: return true;
    case Value::Kind::kString:
    case Value::Kind::kBytes: return TextsAreEqual(a, b, steps);
    case Value::Kind::kList: return ListsAreEqual(a, b, steps);
    case Value::Kind::kMap: return MapsAreEqual(a, b, steps);
    case Value::Kind::kType: return TypesAreEqual(a.type(), b.type());
    case Value::Kind::kOptional:
      if (a.held() == nullptr || b.held() == nullptr) {
        return a.held() == b.held();
      }
      return Equal(*a.held(), *b.held(), steps);
    default: return Compare(a, b) == Order::kEqual;
  }
}

bool IsMapKey(const Value& value) {
  return value.Is(Value::Kind::kBool) || value.Is(Value::Kind::kInt) ||
         value.Is(Value::Kind::kUint) || value.Is(Value::Kind::kString);
}

int CompareKeys(const Value& a, const Value& b) {
  const int rank = KeyRank(a) - KeyRank(b);
  if (rank != 0) return rank;
  const Order order = Compare(a, b).value_or(Order::kEqual);
  if (order == Order::kLess) return -1;
  return order == Order::kGreater ? 1 : 0;
}

std::optional<Value> KeyLookedUp(const Value& key) {
  if (IsMapKey(key)) return key;
  if (!key.Is(Value::Kind::kDouble)) return std::nullopt;
  const double number = key.double_value();
  if (std::trunc(number) != number) return std::nullopt;
  if (number >= -kTwoTo63 && number < kTwoTo63) {
    return Value::Int(static_cast<int64_t>(number));
  }
  if (number >= kTwoTo63 && number < kTwoTo64) {
    return Value::Uint(static_cast<uint64_t>(number));
  }
  return std::nullopt;
}

std::optional<double> ParseDouble(std::string_view text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ptr != end || read.ec == std::errc::invalid_argument) {
    return std::nullopt;
  }
  if (read.ec == std::errc()) return number;
  // Only this one says whether it was too small or too large.
  absl::from_chars(text.data(), end, number);
  if (std::fabs(number) > 1) return std::nullopt;
  return number;
}

std::string DoubleText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  // As most printers have it: 0.0001 and 100000 in full, 1e-05 and 1e+21 not.
  const double size = std::fabs(value);
  const bool in_full = size == 0 || (size >= 1e-4 && size < 1e21);
  char text[64];
  const auto end = std::to_chars(text, text + sizeof(text), value,
                                 in_full ? std::chars_format::fixed
                                         : std::chars_format::scientific)
                       .ptr;
  return std::string(text, end);
}

}  // namespace loyalty::cel
