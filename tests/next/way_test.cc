// SPDX-License-Identifier: Apache-2.0
//
// The search for the soonest way, against one that tries all ways.
#include "core/way.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <random>
#include <vector>

namespace loyalty::core {
namespace {

// Acts that take so much each, so often a day.
struct Kind {
  int64_t takes = 0;
  int most = 0;
};

class Days final : public Scene {
 public:
  Days(std::vector<Kind> kinds, int64_t missing, int days)
      : kinds_(std::move(kinds)),
        used_(kinds_.size(), 0),
        missing_(missing),
        days_(days) {}

  std::unique_ptr<Scene> Copy() const override {
    return std::make_unique<Days>(*this);
  }
  int64_t Missing() const override { return missing_; }
  absl::Time time() const override {
    return absl::UnixEpoch() + day_ * absl::Hours(24);
  }
  absl::Status Play(int act) override {
    const auto i = static_cast<size_t>(act);
    if (used_[i] == kinds_[i].most) return absl::OkStatus();
    used_[i] += 1;
    missing_ -= kinds_[i].takes;
    return absl::OkStatus();
  }
  bool Wait() override {
    if (day_ + 1 >= days_) return false;
    ++day_;
    std::fill(used_.begin(), used_.end(), 0);
    return true;
  }

 private:
  std::vector<Kind> kinds_;
  std::vector<int> used_;
  int64_t missing_ = 0;
  int days_ = 0;
  int day_ = 0;
};

Way Find(const Days& start, size_t acts, int plays = 10'000) {
  std::vector<int> all(acts);
  std::iota(all.begin(), all.end(), 0);
  return *FindWay(start, all, plays);
}

// The fewest acts that take as much within one day; -1: not to be had.
int64_t FewestOfADay(const std::vector<Kind>& kinds, size_t from,
                     int64_t missing) {
  if (missing <= 0) return 0;
  if (from == kinds.size()) return -1;
  int64_t fewest = -1;
  for (int n = 0; n <= kinds[from].most; ++n) {
    const int64_t rest =
        FewestOfADay(kinds, from + 1, missing - n * kinds[from].takes);
    if (rest < 0) continue;
    fewest = fewest < 0 ? n + rest : std::min(fewest, n + rest);
  }
  return fewest;
}

TEST(WayTest, NothingIsMissing) {
  const Way way = Find(Days({{1, 1}}, 0, 1), 1);
  EXPECT_TRUE(way.arrives);
  EXPECT_TRUE(way.moves.empty());
}

TEST(WayTest, NothingLeadsThere) {
  EXPECT_FALSE(Find(Days({{0, 5}, {1, 2}}, 3, 1), 2).arrives);
  EXPECT_FALSE(Find(Days({{1, 9}}, 5, 1), 1, 3).arrives);  // too few plays
}

TEST(WayTest, PrefersWhatComesFirstOfEquals) {
  const Way way = Find(Days({{3, 9}, {5, 9}, {4, 9}}, 3, 1), 3);
  ASSERT_EQ(way.moves.size(), 1u);
  EXPECT_EQ(way.moves[0].act, 0);
}

TEST(WayTest, WaitsWhereNothingIsLeft) {
  const Way way = Find(Days({{2, 2}}, 7, 5), 1);
  ASSERT_TRUE(way.arrives);
  ASSERT_EQ(way.moves.size(), 4u);
  EXPECT_EQ(way.moves[1].time, absl::UnixEpoch());
  EXPECT_EQ(way.moves[3].time, absl::UnixEpoch() + absl::Hours(24));
}

// Small steps that what comes after waiting makes needless are left out.
TEST(WayTest, LeavesOutWhatIsNeedless) {
  const Way way = Find(Days({{10, 1}, {1, 3}}, 14, 5), 2);
  ASSERT_TRUE(way.arrives);
  EXPECT_EQ(way.moves.size(), 2u);
}

// Within a day, the fewest there are; and no later day than needed.
TEST(WayTest, IsTheSoonestAndOfADayTheFewest) {
  std::mt19937 random(7);
  const auto upto = [&](int most) {
    return std::uniform_int_distribution<int>(0, most)(random);
  };
  for (int round = 0; round < 500; ++round) {
    std::vector<Kind> kinds;
    for (int i = 0; i <= upto(3); ++i) {
      kinds.push_back({.takes = upto(6), .most = upto(4)});
    }
    int64_t a_day = 0;
    for (const Kind& kind : kinds) a_day += kind.takes * kind.most;
    const int64_t missing = 1 + upto(40);
    const Way way = Find(Days(kinds, missing, 50), kinds.size());
    ASSERT_EQ(way.arrives, a_day > 0);
    if (a_day == 0) continue;
    const int64_t days = (missing + a_day - 1) / a_day;
    EXPECT_EQ(way.moves.back().time,
              absl::UnixEpoch() + (days - 1) * absl::Hours(24));
    if (days > 1) continue;
    EXPECT_EQ(std::ssize(way.moves), FewestOfADay(kinds, 0, missing));
  }
}

}  // namespace
}  // namespace loyalty::core
