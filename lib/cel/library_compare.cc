// SPDX-License-Identifier: Apache-2.0
//
// ==, !=, order, in and indexing. These look at the kinds of their arguments
// themselves, since numbers of any kinds compare.
#include <cmath>
#include <iterator>

#include "cel/compare.h"
#include "cel/library.h"

namespace loyalty::cel {
namespace {

Value IsEqual(CallContext& context, const Value* a) {
  const bool equal = Equal(a[0], a[1], context.steps);
  return context.steps < 0 ? StepsUsedUp() : Value::Bool(equal);
}

Value IsNotEqual(CallContext& context, const Value* a) {
  const bool equal = Equal(a[0], a[1], context.steps);
  return context.steps < 0 ? StepsUsedUp() : Value::Bool(!equal);
}

Value IsLess(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const std::optional<Order> order = Compare(a[0], a[1]);
  if (!order.has_value()) return NoMatchingOverload("_<_", {a, 2});
  return Value::Bool(*order == Order::kLess);
}

Value IsLessOrEqual(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const std::optional<Order> order = Compare(a[0], a[1]);
  if (!order.has_value()) return NoMatchingOverload("_<=_", {a, 2});
  return Value::Bool(*order == Order::kLess || *order == Order::kEqual);
}

Value IsGreater(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const std::optional<Order> order = Compare(a[0], a[1]);
  if (!order.has_value()) return NoMatchingOverload("_>_", {a, 2});
  return Value::Bool(*order == Order::kGreater);
}

Value IsGreaterOrEqual(CallContext& context, const Value* a) {
  if (!context.SpendOnText(a[0].text())) return StepsUsedUp();
  const std::optional<Order> order = Compare(a[0], a[1]);
  if (!order.has_value()) return NoMatchingOverload("_>=_", {a, 2});
  return Value::Bool(*order == Order::kGreater || *order == Order::kEqual);
}

Value IsIn(CallContext& context, const Value* a) {
  if (a[1].Is(Value::Kind::kMap)) {
    return Value::Bool(a[1].Find(a[0]) != nullptr);
  }
  if (!a[1].Is(Value::Kind::kList)) return NoMatchingOverload("@in", {a, 2});
  for (const Value& item : a[1].items()) {
    if (Equal(a[0], item, context.steps)) return Value::Bool(true);
    if (context.steps < 0) return StepsUsedUp();
  }
  return Value::Bool(false);
}

// A list takes any number that is whole as an index.
Value ItemAt(CallContext&, const Value* a) {
  if (a[0].Is(Value::Kind::kOptional)) {
    return OptionalItemAt("_[_]", a[0], a[1]);
  }
  if (a[0].Is(Value::Kind::kMap)) {
    const Value* const found = a[0].Find(a[1]);
    if (found != nullptr) return *found;
    return Value::Failure(absl::StatusCode::kNotFound,
                          "no such key: " + a[1].ToString());
  }
  if (!a[0].Is(Value::Kind::kList) || !IsNumber(a[1])) {
    return NoMatchingOverload("_[_]", {a, 2});
  }
  const Value* const item = ItemOfList(a[0], a[1]);
  if (item != nullptr) return *item;
  return Value::Failure(absl::StatusCode::kOutOfRange,
                        "index out of bounds: " + a[1].ToString());
}

// Which pairs `<` and its like accept.
constexpr std::string_view kComparable[] = {
    "bool, bool",
    "int, int",
    "uint, uint",
    "double, double",
    "string, string",
    "bytes, bytes",
    "int, uint",
    "int, double",
    "uint, int",
    "uint, double",
    "double, int",
    "double, uint",
    "timestamp, timestamp",
    "duration, duration",
};

std::vector<LibraryRow> MakeCompareRows() {
  constexpr auto kForm = LibraryRow::kSelfChecking;
  std::vector<LibraryRow> rows = {
      {"_==_", "'A, 'A", "bool", IsEqual, kForm},
      {"_!=_", "'A, 'A", "bool", IsNotEqual, kForm},
      {"@in", "'A, list('A)", "bool", IsIn, kForm},
      {"@in", "'A, map('A, 'B)", "bool", IsIn, kForm},
      {"_[_]", "list('A), int", "'A", ItemAt, kForm},
      {"_[_]", "map('A, 'B), 'A", "'B", ItemAt, kForm},
      {"_[_]", "optional_type(list('A)), int", "optional_type('A)", ItemAt,
       kForm},
      {"_[_]", "optional_type(map('A, 'B)), 'A", "optional_type('B)", ItemAt,
       kForm},
  };
  for (const std::string_view pair : kComparable) {
    rows.push_back({"_<_", pair, "bool", IsLess, kForm});
    rows.push_back({"_<=_", pair, "bool", IsLessOrEqual, kForm});
    rows.push_back({"_>_", pair, "bool", IsGreater, kForm});
    rows.push_back({"_>=_", pair, "bool", IsGreaterOrEqual, kForm});
  }
  return rows;
}

}  // namespace

const Value* ItemOfList(const Value& list, const Value& index) {
  if (!IsNumber(index)) return nullptr;
  const std::optional<Value> at = KeyLookedUp(index);
  const auto size = static_cast<int64_t>(list.items().size());
  const bool is_within = at.has_value() &&
                         CompareNumbers(*at, Value::Int(0)) != Order::kLess &&
                         CompareNumbers(*at, Value::Int(size)) == Order::kLess;
  // Within these bounds int and uint have the same bits.
  return is_within ? &list.items()[static_cast<size_t>(at->int_value())]
                   : nullptr;
}

std::span<const LibraryRow> CompareRows() {
  static const auto* const kRows =
      new std::vector<LibraryRow>(MakeCompareRows());
  return *kRows;
}

}  // namespace loyalty::cel
