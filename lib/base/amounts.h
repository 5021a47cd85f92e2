// SPDX-License-Identifier: Apache-2.0
//
// Whole numbers of units, and arithmetic that says when it leaves their range.
#ifndef LOYALTY_LIB_BASE_AMOUNTS_H_
#define LOYALTY_LIB_BASE_AMOUNTS_H_

#include <cstdint>
#include <optional>

namespace loyalty::base {

// The most that one award, limit, cap or opening may be.
inline constexpr int64_t kMaxAmount = 1'000'000'000'000;

// a + b, or nullopt where it leaves int64.
inline std::optional<int64_t> Sum(int64_t a, int64_t b) {
  int64_t sum = 0;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

// -a. The least there is, which only a file that somebody wrote has, has none:
// it becomes the most.
constexpr int64_t Negated(int64_t a) { return a == INT64_MIN ? INT64_MAX : -a; }

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_AMOUNTS_H_
