// SPDX-License-Identifier: Apache-2.0
//
// The recompute rule, on made-up histories: what the floor swallowed gives
// nothing back, what the cap cut comes back.
#include "ledger/recompute.h"

#include <gtest/gtest.h>

#include <vector>

namespace loyalty::ledger {
namespace {

constexpr int64_t kFloor = 1;
constexpr int64_t kCap = 200;

// Builds a history as the engine would record it, from a member at the floor.
class History {
 public:
  History& Ask(int64_t units, int64_t day = 1) {
    model::Movement award;
    award.at = {.seq = static_cast<int64_t>(past_.size()) + 1, .n = 0};
    award.limited = award.asked = units;
    const Given given = Give({.balance = balance_, .cap_used = used_[day]},
                             units, {.floor = kFloor, .daily_cap = kCap});
    award.units = given.units;
    award.balance = balance_ = given.after.balance;
    award.cap_window = day;
    award.cap_used = used_[day] = given.after.cap_used;
    past_.push_back({.movement = award, .reversed = false});
    return *this;
  }

  int64_t balance() const { return balance_; }

  // Where the member stands without the awards of these places, from 1.
  int64_t Without(std::set<int64_t> places) const {
    std::set<model::Position> undone;
    for (const int64_t place : places) undone.insert({.seq = place, .n = 0});
    // From the first undone on, as the engine loads it.
    const std::vector<model::GivenAward> tail(
        past_.begin() + (*places.begin() - 1), past_.end());
    return Recompute(tail, undone,
                     TermsInTime({.floor = kFloor, .daily_cap = kCap}))
        .balance;
  }

 private:
  std::vector<model::GivenAward> past_;
  std::map<int64_t, int64_t> used_;
  int64_t balance_ = kFloor;
};

TEST(Recompute, GivesNothingBackForALossTheFloorSwallowed) {
  History history;
  history.Ask(-2);
  EXPECT_EQ(history.balance(), 1);
  EXPECT_EQ(history.Without({1}), 1);
}

TEST(Recompute, GivesBackOnlyThePartOfALossThatWasTaken) {
  History history;
  history.Ask(1).Ask(-7);  // 1 -> 2 -> 1: one of seven was taken
  EXPECT_EQ(history.Without({2}), 2);
}

TEST(Recompute, LetsALaterLossReachWhatAnEarlierOneSpared) {
  History history;
  history.Ask(-2).Ask(10).Ask(-4);  // 1 -> 1 -> 11 -> 7
  EXPECT_EQ(history.Without({2}), 1);
}

TEST(Recompute, BringsBackWhatTheCapCut) {
  History history;
  for (int i = 0; i < 20; ++i) history.Ask(10);  // fills the day
  for (int i = 0; i < 5; ++i) history.Ask(10);   // all cut
  EXPECT_EQ(history.balance(), 201);
  std::set<int64_t> attack;
  for (int64_t place = 1; place <= 20; ++place) attack.insert(place);
  EXPECT_EQ(history.Without(attack), 51);  // E14: the honest five
}

TEST(Recompute, TakesNothingForAGainTheCapHadCut) {
  History history;
  for (int i = 0; i < 21; ++i) history.Ask(10);
  EXPECT_EQ(history.Without({21}), 201);
}

TEST(Recompute, TakesAwayTheRoomThatALossHadMade) {
  History history;
  for (int i = 0; i < 20; ++i) history.Ask(10);
  history.Ask(-2).Ask(10);  // two of ten fit
  EXPECT_EQ(history.balance(), 201);
  EXPECT_EQ(history.Without({21}), 201);
}

TEST(Recompute, LeavesOtherDaysAlone) {
  History history;
  for (int i = 0; i < 21; ++i) history.Ask(10, 1);
  for (int i = 0; i < 21; ++i) history.Ask(10, 2);
  EXPECT_EQ(history.balance(), 401);
  EXPECT_EQ(history.Without({1}), 401);   // the cut one of day 1 moves up
  EXPECT_EQ(history.Without({22}), 401);  // likewise of day 2
  EXPECT_EQ(history.Without({1, 2}), 391);
}

TEST(Recompute, SkipsWhatWasReversedBefore) {
  History history;
  history.Ask(10).Ask(20).Ask(30);
  EXPECT_EQ(history.Without({1, 3}), 21);
}

}  // namespace
}  // namespace loyalty::ledger
