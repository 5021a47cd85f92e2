// SPDX-License-Identifier: Apache-2.0
//
// The extension `optionals`: values that may be missing.
#include <array>

#include "cel/compare.h"
#include "cel/library.h"

namespace loyalty::cel {
namespace {

// What a value of the kind is before anyone sets it; none counts, too.
bool IsZero(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull: return true;
    case Value::Kind::kBool: return !value.bool_value();
    case Value::Kind::kInt: return value.int_value() == 0;
    case Value::Kind::kUint: return value.uint_value() == 0;
    case Value::Kind::kDouble: return value.double_value() == 0;
    case Value::Kind::kString:
    case Value::Kind::kBytes: return value.text().empty();
    case Value::Kind::kTimestamp:
      return value.unix_seconds() == 0 && value.nanos() == 0;
    case Value::Kind::kDuration: return value.duration_nanos() == 0;
    case Value::Kind::kList: return value.items().empty();
    case Value::Kind::kMap: return value.entries().empty();
    case Value::Kind::kOptional: return value.held() == nullptr;
    default: return false;
  }
}

Value OptionalOf(CallContext&, const Value* a) { return Value::Optional(a[0]); }

Value OptionalNone(CallContext&, const Value*) { return Value::None(); }

Value OptionalOfNonZero(CallContext&, const Value* a) {
  return IsZero(a[0]) ? Value::None() : Value::Optional(a[0]);
}

Value HasValue(CallContext&, const Value* a) {
  return Value::Bool(a[0].held() != nullptr);
}

Value ValueHeld(CallContext&, const Value* a) {
  if (a[0].held() != nullptr) return *a[0].held();
  return Value::Failure(absl::StatusCode::kNotFound,
                        "optional.none() has no value");
}

Value OptionalIndex(CallContext&, const Value* a) {
  return OptionalItemAt("_[?_]", a[0], a[1]);
}

// What the optionals of a list hold.
Value Unwrapped(CallContext& context, const Value* a) {
  const auto items = a[0].items();
  if (!context.Spend(static_cast<int64_t>(items.size()))) return StepsUsedUp();
  std::vector<Value> held;
  for (const Value& item : items) {
    if (!item.Is(Value::Kind::kOptional)) {
      return NoMatchingOverload("optional.unwrap", {a, 1});
    }
    if (item.held() != nullptr) held.push_back(*item.held());
  }
  return Value::List(std::move(held));
}

Value FirstItem(CallContext&, const Value* a) {
  const auto items = a[0].items();
  return items.empty() ? Value::None() : Value::Optional(items.front());
}

Value LastItem(CallContext&, const Value* a) {
  const auto items = a[0].items();
  return items.empty() ? Value::None() : Value::Optional(items.back());
}

constexpr auto kOptionalMethod = LibraryRow::kMethod;
constexpr auto kOptionalForm = LibraryRow::kSelfChecking;

constexpr std::array<LibraryRow, 15> kOptionalsRows = {{
    {"optional.of", "'A", "optional_type('A)", OptionalOf},
    {"optional.none", "", "optional_type('A)", OptionalNone},
    {"optional.ofNonZeroValue", "'A", "optional_type('A)", OptionalOfNonZero},
    {"optional.unwrap", "list(optional_type('A))", "list('A)", Unwrapped},
    {"unwrapOpt", "list(optional_type('A))", "list('A)", Unwrapped,
     kOptionalMethod},
    {"hasValue", "optional_type('A)", "bool", HasValue, kOptionalMethod},
    {"value", "optional_type('A)", "'A", ValueHeld, kOptionalMethod},
    {"or", "optional_type('A), optional_type('A)", "optional_type('A)",
     OrOptional, kOptionalMethod},
    {"orValue", "optional_type('A), 'A", "'A", OrValue, kOptionalMethod},
    {"first", "list('A)", "optional_type('A)", FirstItem, kOptionalMethod},
    {"last", "list('A)", "optional_type('A)", LastItem, kOptionalMethod},
    {"_[?_]", "list('A), int", "optional_type('A)", OptionalIndex,
     kOptionalForm},
    {"_[?_]", "map('A, 'B), 'A", "optional_type('B)", OptionalIndex,
     kOptionalForm},
    {"_[?_]", "optional_type(list('A)), int", "optional_type('A)",
     OptionalIndex, kOptionalForm},
    {"_[?_]", "optional_type(map('A, 'B)), 'A", "optional_type('B)",
     OptionalIndex, kOptionalForm},
}};

}  // namespace

Value OptionalItemAt(std::string_view name, const Value& container,
                     const Value& key) {
  if (container.Is(Value::Kind::kOptional)) {
    if (container.held() == nullptr) return container;
    return OptionalItemAt(name, *container.held(), key);
  }
  if (container.Is(Value::Kind::kMap)) {
    const Value* const found = container.Find(key);
    return found == nullptr ? Value::None() : Value::Optional(*found);
  }
  const Value arguments[] = {container, key};
  if (!container.Is(Value::Kind::kList)) {
    return NoMatchingOverload(name, arguments);
  }
  const auto* const item = ItemOfList(container, key);
  if (item != nullptr) return Value::Optional(*item);
  return IsNumber(key) ? Value::None() : NoMatchingOverload(name, arguments);
}

Value OrOptional(CallContext&, const Value* a) {
  return a[0].held() != nullptr ? a[0] : a[1];
}

Value OrValue(CallContext&, const Value* a) {
  return a[0].held() != nullptr ? *a[0].held() : a[1];
}

std::span<const LibraryRow> OptionalsRows() { return kOptionalsRows; }

}  // namespace loyalty::cel
