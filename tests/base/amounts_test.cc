// SPDX-License-Identifier: Apache-2.0
//
// Sums that leave the range of amounts are noticed.
#include "base/amounts.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>

namespace loyalty::base {
namespace {

TEST(Amounts, AddUpWithinTheirRange) {
  EXPECT_EQ(Sum(2, 3), 5);
  EXPECT_EQ(Sum(2, -3), -1);
  EXPECT_EQ(Sum(INT64_MAX, 0), INT64_MAX);
  EXPECT_EQ(Sum(INT64_MAX - 1, 1), INT64_MAX);
  EXPECT_EQ(Sum(INT64_MIN + 1, -1), INT64_MIN);
  EXPECT_EQ(Sum(INT64_MIN, INT64_MAX), -1);
}

TEST(Amounts, HaveNoSumBeyondTheirRange) {
  EXPECT_EQ(Sum(INT64_MAX, 1), std::nullopt);
  EXPECT_EQ(Sum(1, INT64_MAX), std::nullopt);
  EXPECT_EQ(Sum(INT64_MIN, -1), std::nullopt);
  EXPECT_EQ(Sum(INT64_MIN, INT64_MIN), std::nullopt);
  EXPECT_EQ(Sum(INT64_MAX, INT64_MAX), std::nullopt);
}

TEST(Amounts, AddUpAsWiderNumbersDo) {
  __extension__ using Wide = __int128;
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto a = static_cast<int64_t>(random() >> random() % 64);
    const auto b = static_cast<int64_t>(random() >> random() % 64);
    const Wide sum = Wide{a} + Wide{b};
    const bool fits = sum >= INT64_MIN && sum <= INT64_MAX;
    ASSERT_EQ(Sum(a, b),
              fits ? std::optional(static_cast<int64_t>(sum)) : std::nullopt);
  }
}

TEST(Amounts, OfOneAwardLeaveRoomForAMillionOfThem) {
  EXPECT_TRUE(Sum(kMaxAmount * 1'000'000, kMaxAmount).has_value());
}

}  // namespace
}  // namespace loyalty::base
