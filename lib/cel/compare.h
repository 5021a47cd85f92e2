// SPDX-License-Identifier: Apache-2.0
//
// Equality and order of values, across numeric kinds as CEL has them.
#ifndef LOYALTY_LIB_CEL_COMPARE_H_
#define LOYALTY_LIB_CEL_COMPARE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "loyalty/cel/value.h"

namespace loyalty::cel {

// How a stands to b; kUnordered if either is NaN.
enum class Order { kLess, kEqual, kGreater, kUnordered };

bool IsNumber(const Value& value);

// The order of two numbers of any kinds. int and uint compare exactly; an
// integer and a double by range where the double lies outside the integer's
// range, and as doubles within it.
//
// REQUIRES: both are numbers.
Order CompareNumbers(const Value& a, const Value& b);

// The order of two values that `<` accepts, or nullopt: no such comparison.
std::optional<Order> Compare(const Value& a, const Value& b);

// CEL's ==. Values of different kinds, numbers aside, are unequal. Takes one
// from `steps` for each pair looked at, and says false once they are used up:
// shared lists can be far larger than their memory.
bool Equal(const Value& a, const Value& b, int64_t& steps);

// Whether `value` may be a key of a map.
bool IsMapKey(const Value& value);

// A total order of keys, in which 1 and 1u are equal.
//
// REQUIRES: both are map keys.
int CompareKeys(const Value& a, const Value& b);

// The key that a look-up with `key` means: 1.0 means 1. nullopt if no key can
// equal it.
std::optional<Value> KeyLookedUp(const Value& key);

// The double that all of `text` spells. One too small reads as zero; nullopt if
// it is too large, or no number.
std::optional<double> ParseDouble(std::string_view text);

// The shortest text that reads back to the same double.
std::string DoubleText(double value);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_COMPARE_H_
