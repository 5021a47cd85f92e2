// SPDX-License-Identifier: Apache-2.0
//
// The extension `math`: the greatest and least of numbers of any kinds,
// rounding, signs and bits.
#include <array>
#include <cmath>
#include <limits>
#include <string_view>

#include "cel/compare.h"
#include "cel/library.h"

namespace loyalty::cel {
namespace {

// The one of `numbers` that no other exceeds in `direction`; of equals, the
// first.
Value Extreme(CallContext& context, std::string_view name,
              std::span<const Value> numbers, Order direction) {
  if (numbers.empty()) {
    return Value::Failure(absl::StatusCode::kInvalidArgument,
                          std::string(name) + " of an empty list");
  }
  const Value* extreme = &numbers.front();
  for (const Value& number : numbers) {
    if (!context.Spend(1)) return StepsUsedUp();
    if (!IsNumber(number)) return NoMatchingOverload(name, {&number, 1});
    if (CompareNumbers(number, *extreme) == direction) extreme = &number;
  }
  return *extreme;
}

template <Order kDirection, size_t kArguments>
Value ExtremeOfArguments(CallContext& context, const Value* a) {
  constexpr const char* kName =
      kDirection == Order::kGreater ? "math.greatest" : "math.least";
  if (kArguments == 1 && a[0].Is(Value::Kind::kList)) {
    return Extreme(context, kName, a[0].items(), kDirection);
  }
  return Extreme(context, kName, {a, kArguments}, kDirection);
}

Value CeilOfDouble(CallContext&, const Value* a) {
  return Value::Double(std::ceil(a[0].double_value()));
}
Value FloorOfDouble(CallContext&, const Value* a) {
  return Value::Double(std::floor(a[0].double_value()));
}
// Halves go away from zero.
Value RoundOfDouble(CallContext&, const Value* a) {
  return Value::Double(std::round(a[0].double_value()));
}
Value TruncOfDouble(CallContext&, const Value* a) {
  return Value::Double(std::trunc(a[0].double_value()));
}
Value SqrtOfDouble(CallContext&, const Value* a) {
  return Value::Double(std::sqrt(a[0].double_value()));
}
Value SqrtOfInt(CallContext&, const Value* a) {
  return Value::Double(std::sqrt(static_cast<double>(a[0].int_value())));
}
Value SqrtOfUint(CallContext&, const Value* a) {
  return Value::Double(std::sqrt(static_cast<double>(a[0].uint_value())));
}

Value AbsOfInt(CallContext&, const Value* a) {
  const int64_t number = a[0].int_value();
  if (number == std::numeric_limits<int64_t>::min()) {
    return Value::Failure(absl::StatusCode::kOutOfRange, "int overflow");
  }
  return Value::Int(number < 0 ? -number : number);
}
Value AbsOfUint(CallContext&, const Value* a) { return a[0]; }
Value AbsOfDouble(CallContext&, const Value* a) {
  return Value::Double(std::fabs(a[0].double_value()));
}

Value SignOfInt(CallContext&, const Value* a) {
  const int64_t number = a[0].int_value();
  return Value::Int((number > 0 ? 1 : 0) - (number < 0 ? 1 : 0));
}
Value SignOfUint(CallContext&, const Value* a) {
  return Value::Uint(a[0].uint_value() > 0 ? 1 : 0);
}
Value SignOfDouble(CallContext&, const Value* a) {
  const double number = a[0].double_value();
  if (std::isnan(number) || number == 0) return a[0];
  return Value::Double(number > 0 ? 1 : -1);
}

Value IsNotANumber(CallContext&, const Value* a) {
  return Value::Bool(std::isnan(a[0].double_value()));
}
Value IsInfiniteDouble(CallContext&, const Value* a) {
  return Value::Bool(std::isinf(a[0].double_value()));
}
Value IsFiniteDouble(CallContext&, const Value* a) {
  return Value::Bool(std::isfinite(a[0].double_value()));
}

// Bits are those of the uint that has the int's representation.
uint64_t BitsOf(const Value& value) {
  return value.Is(Value::Kind::kInt) ? static_cast<uint64_t>(value.int_value())
                                     : value.uint_value();
}
Value OfBits(const Value& like, uint64_t bits) {
  return like.Is(Value::Kind::kInt) ? Value::Int(static_cast<int64_t>(bits))
                                    : Value::Uint(bits);
}

Value BitAnd(CallContext&, const Value* a) {
  return OfBits(a[0], BitsOf(a[0]) & BitsOf(a[1]));
}
Value BitOr(CallContext&, const Value* a) {
  return OfBits(a[0], BitsOf(a[0]) | BitsOf(a[1]));
}
Value BitXor(CallContext&, const Value* a) {
  return OfBits(a[0], BitsOf(a[0]) ^ BitsOf(a[1]));
}
Value BitNot(CallContext&, const Value* a) {
  return OfBits(a[0], ~BitsOf(a[0]));
}

Value NegativeShift() {
  return Value::Failure(absl::StatusCode::kInvalidArgument,
                        "a shift by a negative number");
}
Value BitShiftLeft(CallContext&, const Value* a) {
  const int64_t by = a[1].int_value();
  if (by < 0) return NegativeShift();
  return OfBits(a[0], by > 63 ? 0 : BitsOf(a[0]) << by);
}
// Logical: zeros come in, whatever the sign.
Value BitShiftRight(CallContext&, const Value* a) {
  const int64_t by = a[1].int_value();
  if (by < 0) return NegativeShift();
  return OfBits(a[0], by > 63 ? 0 : BitsOf(a[0]) >> by);
}

// Which numbers, one, two or in a list, have an extreme, and of what type.
struct ExtremeForm {
  std::string_view parameters;
  std::string_view result;
  bool is_pair;
};

constexpr ExtremeForm kExtremeForms[] = {
    {"int", "int", false},         {"uint", "uint", false},
    {"double", "double", false},   {"list(int)", "int", false},
    {"list(uint)", "uint", false}, {"list(double)", "double", false},
    {"list(dyn)", "dyn", false},   {"int, int", "int", true},
    {"uint, uint", "uint", true},  {"double, double", "double", true},
    {"int, uint", "dyn", true},    {"int, double", "dyn", true},
    {"uint, int", "dyn", true},    {"uint, double", "dyn", true},
    {"double, int", "dyn", true},  {"double, uint", "dyn", true},
};

constexpr LibraryRow kPlainMathRows[] = {
    {"math.ceil", "double", "double", CeilOfDouble},
    {"math.floor", "double", "double", FloorOfDouble},
    {"math.round", "double", "double", RoundOfDouble},
    {"math.trunc", "double", "double", TruncOfDouble},
    {"math.sqrt", "double", "double", SqrtOfDouble},
    {"math.sqrt", "int", "double", SqrtOfInt},
    {"math.sqrt", "uint", "double", SqrtOfUint},
    {"math.abs", "int", "int", AbsOfInt},
    {"math.abs", "uint", "uint", AbsOfUint},
    {"math.abs", "double", "double", AbsOfDouble},
    {"math.sign", "int", "int", SignOfInt},
    {"math.sign", "uint", "uint", SignOfUint},
    {"math.sign", "double", "double", SignOfDouble},
    {"math.isNaN", "double", "bool", IsNotANumber},
    {"math.isInf", "double", "bool", IsInfiniteDouble},
    {"math.isFinite", "double", "bool", IsFiniteDouble},
    {"math.bitAnd", "int, int", "int", BitAnd},
    {"math.bitAnd", "uint, uint", "uint", BitAnd},
    {"math.bitOr", "int, int", "int", BitOr},
    {"math.bitOr", "uint, uint", "uint", BitOr},
    {"math.bitXor", "int, int", "int", BitXor},
    {"math.bitXor", "uint, uint", "uint", BitXor},
    {"math.bitNot", "int", "int", BitNot},
    {"math.bitNot", "uint", "uint", BitNot},
    {"math.bitShiftLeft", "int, int", "int", BitShiftLeft},
    {"math.bitShiftLeft", "uint, int", "uint", BitShiftLeft},
    {"math.bitShiftRight", "int, int", "int", BitShiftRight},
    {"math.bitShiftRight", "uint, int", "uint", BitShiftRight},
};

std::vector<LibraryRow> MakeMathRows() {
  std::vector<LibraryRow> rows(std::begin(kPlainMathRows),
                               std::end(kPlainMathRows));
  for (const ExtremeForm& form : kExtremeForms) {
    rows.push_back({"math.greatest", form.parameters, form.result,
                    form.is_pair ? ExtremeOfArguments<Order::kGreater, 2>
                                 : ExtremeOfArguments<Order::kGreater, 1>});
    rows.push_back({"math.least", form.parameters, form.result,
                    form.is_pair ? ExtremeOfArguments<Order::kLess, 2>
                                 : ExtremeOfArguments<Order::kLess, 1>});
  }
  return rows;
}

}  // namespace

std::span<const LibraryRow> MathRows() {
  static const auto* const kRows = new std::vector<LibraryRow>(MakeMathRows());
  return *kRows;
}

}  // namespace loyalty::cel
