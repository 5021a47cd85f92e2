// SPDX-License-Identifier: Apache-2.0
//
// What is said about rewards that make no sense: where, what, and what to do.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "compiling.h"

namespace loyalty::rules {
namespace {

// The text of a reward, on line 2.
std::string SaidOfReward(std::string_view reward) {
  return SaidOfWhole(
      "name: 't' version: '1' currency { id: 'points' spendable: true }\n"
      "reward { id: 'r' " +
      std::string(reward) + " }");
}

TEST(Rewards, SayWhatTheyCost) {
  const std::string said =
      "2:14 reward \"r\" has no cost | If it is free, say in which currency's "
      "statement its redemptions stand: cost { currency: \"points\" units: 0 }";
  EXPECT_EQ(SaidOfReward(""), said);
  EXPECT_EQ(SaidOfReward("cost { currency: 'points' }"),
            "2:18 reward \"r\", cost: units are missing | Say how many; units: "
            "0 if it is free.");
  EXPECT_EQ(SaidOfReward("cost { currency: 'points' units: -1 }"),
            "2:18 reward \"r\", cost: units is -1 | Use a whole number from 0 "
            "to 1000000000000.");
  EXPECT_EQ(SaidOfReward("cost { currency: 'points' units: 0 }"), "");
}

}  // namespace
}  // namespace loyalty::rules
