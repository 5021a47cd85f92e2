// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic on numbers, and !. Leaving the range of int or uint is a failure;
// doubles go to infinity and NaN as IEEE has it.
#include <array>
#include <limits>

#include "cel/library.h"

namespace loyalty::cel {
namespace {

constexpr int64_t kLeastInt = std::numeric_limits<int64_t>::min();

Value Overflow(const char* kind) {
  return Value::Failure(absl::StatusCode::kOutOfRange,
                        std::string(kind) + " overflow");
}

Value ByZero(const char* what) {
  return Value::Failure(absl::StatusCode::kInvalidArgument,
                        std::string(what) + " by zero");
}

Value AddInts(CallContext&, const Value* a) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a[0].int_value(), a[1].int_value(), &sum)) {
    return Overflow("int");
  }
  return Value::Int(sum);
}

Value SubtractInts(CallContext&, const Value* a) {
  int64_t difference = 0;
  if (__builtin_sub_overflow(a[0].int_value(), a[1].int_value(), &difference)) {
    return Overflow("int");
  }
  return Value::Int(difference);
}

Value MultiplyInts(CallContext&, const Value* a) {
  int64_t product = 0;
  if (__builtin_mul_overflow(a[0].int_value(), a[1].int_value(), &product)) {
    return Overflow("int");
  }
  return Value::Int(product);
}

Value DivideInts(CallContext&, const Value* a) {
  if (a[1].int_value() == 0) return ByZero("division");
  if (a[0].int_value() == kLeastInt && a[1].int_value() == -1) {
    return Overflow("int");
  }
  return Value::Int(a[0].int_value() / a[1].int_value());
}

Value ModuloInts(CallContext&, const Value* a) {
  if (a[1].int_value() == 0) return ByZero("modulus");
  if (a[0].int_value() == kLeastInt && a[1].int_value() == -1) {
    return Overflow("int");
  }
  return Value::Int(a[0].int_value() % a[1].int_value());
}

Value NegateInt(CallContext&, const Value* a) {
  if (a[0].int_value() == kLeastInt) return Overflow("int");
  return Value::Int(-a[0].int_value());
}

Value AddUints(CallContext&, const Value* a) {
  uint64_t sum = 0;
  if (__builtin_add_overflow(a[0].uint_value(), a[1].uint_value(), &sum)) {
    return Overflow("uint");
  }
  return Value::Uint(sum);
}

Value SubtractUints(CallContext&, const Value* a) {
  if (a[0].uint_value() < a[1].uint_value()) return Overflow("uint");
  return Value::Uint(a[0].uint_value() - a[1].uint_value());
}

Value MultiplyUints(CallContext&, const Value* a) {
  uint64_t product = 0;
  if (__builtin_mul_overflow(a[0].uint_value(), a[1].uint_value(), &product)) {
    return Overflow("uint");
  }
  return Value::Uint(product);
}

Value DivideUints(CallContext&, const Value* a) {
  if (a[1].uint_value() == 0) return ByZero("division");
  return Value::Uint(a[0].uint_value() / a[1].uint_value());
}

Value ModuloUints(CallContext&, const Value* a) {
  if (a[1].uint_value() == 0) return ByZero("modulus");
  return Value::Uint(a[0].uint_value() % a[1].uint_value());
}

Value AddDoubles(CallContext&, const Value* a) {
  return Value::Double(a[0].double_value() + a[1].double_value());
}

Value SubtractDoubles(CallContext&, const Value* a) {
  return Value::Double(a[0].double_value() - a[1].double_value());
}

Value MultiplyDoubles(CallContext&, const Value* a) {
  return Value::Double(a[0].double_value() * a[1].double_value());
}

Value DivideDoubles(CallContext&, const Value* a) {
  return Value::Double(a[0].double_value() / a[1].double_value());
}

Value NegateDouble(CallContext&, const Value* a) {
  return Value::Double(-a[0].double_value());
}

Value NotBool(CallContext&, const Value* a) {
  return Value::Bool(!a[0].bool_value());
}

constexpr std::array<LibraryRow, 17> kNumberRows = {{
    {"_+_", "int, int", "int", AddInts},
    {"_+_", "uint, uint", "uint", AddUints},
    {"_+_", "double, double", "double", AddDoubles},
    {"_-_", "int, int", "int", SubtractInts},
    {"_-_", "uint, uint", "uint", SubtractUints},
    {"_-_", "double, double", "double", SubtractDoubles},
    {"_*_", "int, int", "int", MultiplyInts},
    {"_*_", "uint, uint", "uint", MultiplyUints},
    {"_*_", "double, double", "double", MultiplyDoubles},
    {"_/_", "int, int", "int", DivideInts},
    {"_/_", "uint, uint", "uint", DivideUints},
    {"_/_", "double, double", "double", DivideDoubles},
    {"_%_", "int, int", "int", ModuloInts},
    {"_%_", "uint, uint", "uint", ModuloUints},
    {"-_", "int", "int", NegateInt},
    {"-_", "double", "double", NegateDouble},
    {"!_", "bool", "bool", NotBool},
}};

}  // namespace

std::span<const LibraryRow> NumberRows() { return kNumberRows; }

}  // namespace loyalty::cel
