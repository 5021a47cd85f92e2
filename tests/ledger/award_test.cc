// SPDX-License-Identifier: Apache-2.0
//
// What cap and floor leave of an award.
#include "ledger/award.h"

#include <gtest/gtest.h>

#include "ledger/posting.h"
#include "model/journal.h"

namespace loyalty::ledger {
namespace {

constexpr Terms kStackExchange{.floor = 1, .daily_cap = 200};

TEST(Award, IsGivenWholeWhereNothingCutsIt) {
  const Given given = Give({.balance = 1, .cap_used = 0}, 10, kStackExchange);
  EXPECT_EQ(given.units, 10);
  EXPECT_EQ(given.cut, CutReason::kNone);
  EXPECT_EQ(given.after.balance, 11);
  EXPECT_EQ(given.after.cap_used, 10);
}

TEST(Award, IsCutToWhatTheDayHasLeft) {
  const Given given =
      Give({.balance = 500, .cap_used = 195}, 10, kStackExchange);
  EXPECT_EQ(given.units, 5);
  EXPECT_EQ(given.cut, CutReason::kDailyCap);
  EXPECT_EQ(given.after.cap_used, 200);
}

TEST(Award, IsNothingOnceTheDayIsFull) {
  const Given given =
      Give({.balance = 500, .cap_used = 200}, 10, kStackExchange);
  EXPECT_EQ(given.units, 0);
  EXPECT_EQ(given.cut, CutReason::kDailyCap);
}

TEST(Loss, MakesRoomUnderTheCap) {
  const Given loss =
      Give({.balance = 500, .cap_used = 200}, -2, kStackExchange);
  EXPECT_EQ(loss.after.cap_used, 198);
  EXPECT_EQ(Give(loss.after, 10, kStackExchange).units, 2);
}

TEST(Loss, StopsAtTheFloorAndStillMakesRoomWithAllOfIt) {
  const Given loss = Give({.balance = 2, .cap_used = 5}, -7, kStackExchange);
  EXPECT_EQ(loss.units, -1);
  EXPECT_EQ(loss.cut, CutReason::kFloor);
  EXPECT_EQ(loss.after.balance, 1);
  EXPECT_EQ(loss.after.cap_used, -2);
}

TEST(Award, WithoutACapLeavesTheDayAlone) {
  const Given given = Give({.balance = 500, .cap_used = 200}, 15,
                           {.floor = 1, .daily_cap = {}});
  EXPECT_EQ(given.units, 15);
  EXPECT_EQ(given.after.cap_used, 200);
}

TEST(Award, NeverLeavesTheRangeOfBalances) {
  const Given given = Give({.balance = kMaxBalance - 3}, 10, {});
  EXPECT_EQ(given.units, 3);
  EXPECT_EQ(given.cut, CutReason::kOverflow);
}

TEST(Postings, LeaveOneAccountForAnother) {
  model::Movement gain, loss, nothing, back;
  gain.member = loss.member = nothing.member = back.member = "ada";
  gain.rule = loss.rule = nothing.rule = "vote";
  gain.units = 5;
  loss.units = -2;
  back.kind = model::Movement::Kind::kReversal;
  back.units = -3;
  const auto postings = PostingsOf({gain, nothing, loss, back});
  ASSERT_EQ(postings.size(), 3u);
  EXPECT_EQ(model::ToString(postings[0].from), "issued:vote");
  EXPECT_EQ(model::ToString(postings[0].to), "member:ada");
  EXPECT_EQ(postings[1].units, 2);
  EXPECT_EQ(model::ToString(postings[1].to), "deducted:vote");
  EXPECT_EQ(model::ToString(postings[2].from), "member:ada");
  EXPECT_EQ(model::ToString(postings[2].to), "reversed");
}

}  // namespace
}  // namespace loyalty::ledger
