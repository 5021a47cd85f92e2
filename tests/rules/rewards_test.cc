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
  EXPECT_EQ(SaidOfReward("voucher { }"), said);
  EXPECT_EQ(SaidOfReward("cost { currency: 'points' }"),
            "2:18 reward \"r\", cost: units are missing | Say how many; units: "
            "0 if it is free.");
  EXPECT_EQ(SaidOfReward("cost { currency: 'points' units: -1 }"),
            "2:18 reward \"r\", cost: units is -1 | Use a whole number from 0 "
            "to 1000000000000.");
  EXPECT_EQ(SaidOfReward("cost { currency: 'points' units: 0 }"), "");
}

TEST(Rewards, GiveVouchersThatCanBe) {
  const std::string free = "cost { currency: 'points' units: 0 }\n";
  EXPECT_EQ(SaidOfReward(free + "voucher { valid_for: '90d' }"), "");
  EXPECT_EQ(SaidOfReward(free + "voucher { imported: true }"), "");
  EXPECT_EQ(SaidOfReward(free + "hold_for: '1d' voucher { }"), "");
  EXPECT_EQ(SaidOfReward(free + "voucher { valid_for: 'soon' }"),
            "3:22 reward \"r\", voucher: valid_for: \"soon\" is no length of "
            "time | Write it as \"14d\", \"36h\" or \"1d12h\", at most "
            "365250d.");
  EXPECT_EQ(SaidOfReward(free + "voucher { valid_for: '0d' }"),
            "3:22 reward \"r\", voucher: valid_for is no time at all | Leave "
            "it out for vouchers that do not expire.");
}

}  // namespace
}  // namespace loyalty::rules
