// SPDX-License-Identifier: Apache-2.0
//
// Badges under random histories, late events and reversals among them, against
// a slow twin: after each event it counts again all that was not reversed, and
// asks each badge of that. Sweeps come in between, change nothing, and tell
// what time has brought, each once.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/community.h"

namespace loyalty {
namespace {

using testing::Day;
using testing::MustRead;

constexpr char kProgram[] = R"(
  name: "twin" version: "1"
  currency { id: "points" floor: -100000 }
  currency { id: "coins" spendable: true }
  event_type { id: "vote"
               attribute { name: "owner" type: MEMBER required: true }
               attribute { name: "up" type: INT required: true } }
  metric { id: "votes" on: "vote" per: "target" sum: "event.up" }
  metric { id: "of_the_day" earned: "points" period: DAY }
  metric { id: "received" on: "vote" per: "event.owner" sum: "event.up" }
  rule { id: "vote" on: "vote"
         award { to: "event.owner" currency: "points" units: "event.up * 5"
                 self: ALLOW } }
  badge { id: "kept" when: "metric.received >= 5" }
  badge { id: "liked" when: "metric.received >= 3" revoke: true
          award { currency: "points" units: "4" } }
  badge { id: "rank" when: "earned.points >= 22" revoke: true }
  badge { id: "both" when: "badge.liked > 0 && badge.rank > 0" revoke: true }
  badge { id: "fours" count: "metric.received / 4" }
  badge { id: "threes" count: "metric.received / 3" revoke: true }
  badge { id: "busy" asked_at: END_OF_DAY
          count: "(metric.of_the_day >= 8 ? 1 : 0) + badge.busy" }
  rule { id: "coins" on: "loyalty.badge_granted"
         when: "event.badge in ['kept', 'liked', 'threes', 'shining']"
         award { currency: "coins" units: "event.badge == 'kept' ? 11 : "
                 "event.badge == 'liked' ? 2 : "
                 "event.badge == 'threes' ? 7 : 100" } }
  badge { id: "nice" on: "vote" when: "object.metric.votes >= 4"
          to: "event.owner" per: "target" }
  badge { id: "shining" on: "vote" when: "object.metric.votes >= 2"
          to: "event.owner" per: "target" revoke: true }
)";

constexpr int kMembers = 3;
constexpr int kObjects = 5;

std::string MemberOf(int object) {
  return absl::StrCat("m", object % kMembers);
}

struct Vote {
  std::string id = {};
  int object = 0;
  int64_t up = 0;
  absl::Time time = {};
  bool live = true;
};

using Badges = std::map<std::string, int64_t>;

class SlowBadges {
 public:
  void Add(Vote vote) {
    const absl::Time time = vote.time;
    Reach(MemberOf(vote.object), time);
    votes_.push_back(std::move(vote));
    Ask(time);
    const int object = votes_.back().object;
    AskObject(object, true);
  }
  // The first time only.
  void Reverse(size_t place, absl::Time time) {
    Reach(MemberOf(votes_[place].object), time);
    votes_[place].live = false;
    Ask(time);
    AskObject(votes_[place].object, false);
  }

  // Whom a sweep tells of, in the order in which their days are over.
  std::vector<std::string> Sweep(absl::Time until) {
    std::vector<std::pair<int64_t, std::string>> told;
    for (const auto& [member, reached] : reached_) {
      const int64_t day = DayOf(reached);
      const absl::Time over = absl::FromUnixSeconds((day + 1) * 86'400);
      // Once, unless something has reached them since.
      if (over > until || !swept_.insert(member).second) continue;
      const bool won = IsBusy(member, day);
      if (won && !told_.contains(member)) told.emplace_back(day, member);
      if (won) told_.insert(member);
      if (!won) told_.erase(member);
    }
    std::sort(told.begin(), told.end());
    std::vector<std::string> members;
    for (auto& [day, member] : told) members.push_back(std::move(member));
    return members;
  }

  const std::vector<Vote>& votes() const { return votes_; }

  Badges Of(const std::string& member) const {
    const auto found = held_.find(member);
    Badges badges = found == held_.end() ? Badges{} : found->second;
    for (int i = 0; i < kObjects; ++i) {
      if (MemberOf(i) != member) continue;
      badges["nice"] += nice_[i] ? 1 : 0;
      badges["shining"] += shining_[i] ? 1 : 0;
    }
    // All days are over by now.
    const auto reached = reached_.find(member);
    if (reached != reached_.end()) {
      badges["busy"] += IsBusy(member, DayOf(reached->second)) ? 1 : 0;
    }
    std::erase_if(badges, [](const auto& badge) { return badge.second == 0; });
    return badges;
  }

  // A rule gives them with badges, and they stay and go with these.
  int64_t CoinsOf(const std::string& member) const {
    Badges badges = Of(member);
    return 11 * badges["kept"] + 2 * badges["liked"] + 7 * badges["threes"] +
           100 * badges["shining"];
  }

  int64_t PointsOf(const std::string& member) const {
    const auto found = held_.find(member);
    const bool liked = found != held_.end() && found->second.at("liked") > 0;
    return 5 * ReceivedBy(member) + (liked ? 4 : 0);
  }

 private:
  int64_t ReceivedBy(const std::string& member) const {
    int64_t sum = 0;
    for (const Vote& vote : votes_) {
      if (vote.live && MemberOf(vote.object) == member) sum += vote.up;
    }
    return sum;
  }
  int64_t VotesFor(int object) const {
    int64_t sum = 0;
    for (const Vote& vote : votes_) {
      if (vote.live && vote.object == object) sum += vote.up;
    }
    return sum;
  }

  static int64_t DayOf(absl::Time time) {
    return absl::ToUnixSeconds(time) / 86'400;
  }
  // 8 points on that day, by what stands of it.
  bool IsBusy(const std::string& member, int64_t day) const {
    int64_t points = 0;
    for (const Vote& vote : votes_) {
      if (vote.live && MemberOf(vote.object) == member &&
          DayOf(vote.time) == day) {
        points += 5 * vote.up;
      }
    }
    const auto liked = liked_since_.find(member);
    if (liked != liked_since_.end() && DayOf(liked->second) == day) points += 4;
    return points >= 8;
  }
  // Before anything else: the day in which they were reached last is asked, if
  // it is over.
  void Reach(const std::string& member, absl::Time time) {
    swept_.erase(member);
    const auto [reached, is_new] = reached_.emplace(member, time);
    if (is_new || time <= reached->second) return;
    if (DayOf(time) > DayOf(reached->second) &&
        IsBusy(member, DayOf(reached->second))) {
      ++held_[member]["busy"];
      told_.erase(member);
    }
    reached->second = time;
  }

  void Ask(absl::Time time) {
    for (int i = 0; i < kMembers; ++i) {
      const std::string member = MemberOf(i);
      const int64_t received = ReceivedBy(member);
      Badges& held = held_[member];
      held["liked"] = received >= 3 ? 1 : 0;
      if (received < 3) liked_since_.erase(member);
      if (received >= 3) liked_since_.emplace(member, time);
      if (received >= 5) held["kept"] = 1;
      held["rank"] = PointsOf(member) >= 22 ? 1 : 0;
      held["both"] = held["liked"] * held["rank"];
      held["fours"] = std::max(held["fours"], received / 4);
      held["threes"] = std::max<int64_t>(received / 3, 0);
    }
  }
  // Won with a vote only; lost with a reversal as well.
  void AskObject(int object, bool may_be_won) {
    const int64_t votes = VotesFor(object);
    nice_[object] |= may_be_won && votes >= 4;
    shining_[object] = votes >= 2 && (shining_[object] || may_be_won);
  }

  std::vector<Vote> votes_;
  std::map<std::string, Badges> held_;
  std::map<std::string, absl::Time> reached_;      // last
  std::map<std::string, absl::Time> liked_since_;  // of who holds it
  std::set<std::string> swept_;                    // since they were reached
  std::set<std::string> told_;                     // of what no entry has
  bool nice_[kObjects] = {};
  bool shining_[kObjects] = {};
};

class History {
 public:
  explicit History(uint32_t seed) : random_(seed) {}

  void Run() {
    const Program program = MustRead(kProgram);
    auto engine = Engine::InMemory(program);
    ASSERT_TRUE(engine.ok()) << engine.status();
    for (int i = 0; i < 60; ++i) {
      const Event event = Next(i);
      const absl::StatusOr<Outcome> outcome = (*engine)->Process(event);
      ASSERT_TRUE(outcome.ok()) << outcome.status();
      ASSERT_TRUE(outcome->accepted()) << outcome->reason;
      if (event.type == kSweep) CompareTold(event, *outcome);
      Compare(**engine);
      if (::testing::Test::HasFailure()) return;
    }
    const auto queries = (*engine)->Query();
    ASSERT_TRUE(queries.ok());
    const auto report = (*queries)->Verify();
    ASSERT_TRUE(report.ok());
    EXPECT_TRUE(report->ok()) << report->faults.front();
  }

  int64_t times_told() const { return times_told_; }

 private:
  int Below(int n) {
    return std::uniform_int_distribution<int>(0, n - 1)(random_);
  }

  Event Next(int i) {
    const absl::Time time = Day(1) + absl::Hours(Below(500));
    if (Below(8) == 0) {
      return {.id = absl::StrCat("e", i),
              .type = std::string(kSweep),
              .time = time};
    }
    if (!twin_.votes().empty() && Below(4) == 0) {
      const auto place =
          static_cast<size_t>(Below(static_cast<int>(twin_.votes().size())));
      const std::string id = twin_.votes()[place].id;
      if (twin_.votes()[place].live) twin_.Reverse(place, time);
      return {.id = absl::StrCat("e", i),
              .type = std::string(kReverse),
              .time = time,
              .attributes = {{"event", id}}};
    }
    const Vote vote{.id = absl::StrCat("e", i),
                    .object = Below(kObjects),
                    .up = Below(5) - 1,
                    .time = time};
    twin_.Add(vote);
    return {.id = vote.id,
            .type = "vote",
            .time = time,
            .actor = absl::StrCat("voter", Below(3)),
            .target = absl::StrCat("o", vote.object),
            .attributes = {{"owner", MemberOf(vote.object)}, {"up", vote.up}}};
  }

  void CompareTold(const Event& sweep, const Outcome& outcome) {
    std::vector<std::string> told;
    for (const Effect& effect : outcome.effects) {
      const auto* const due = std::get_if<BadgeDue>(&effect);
      ASSERT_NE(due, nullptr);
      EXPECT_EQ(due->badge, "busy");
      told.push_back(due->member);
    }
    EXPECT_EQ(told, twin_.Sweep(sweep.time));
    times_told_ += std::ssize(told);
  }

  void Compare(Engine& engine) {
    const auto queries = engine.Query();
    ASSERT_TRUE(queries.ok());
    for (int i = 0; i < kMembers; ++i) {
      const auto profile = (*queries)->Member(MemberOf(i));
      if (!profile.ok()) continue;  // not named yet
      EXPECT_EQ(profile->badges, twin_.Of(MemberOf(i))) << MemberOf(i);
      EXPECT_EQ(profile->currencies.at(0).balance, twin_.PointsOf(MemberOf(i)));
      EXPECT_EQ(profile->currencies.at(1).balance, twin_.CoinsOf(MemberOf(i)));
      const auto listed = (*queries)->Badges(MemberOf(i));
      ASSERT_TRUE(listed.ok());
      Badges counted;
      for (const HeldBadge& badge : *listed) ++counted[badge.badge];
      EXPECT_EQ(counted, profile->badges) << MemberOf(i);
    }
  }

  std::mt19937 random_;
  SlowBadges twin_;
  int64_t times_told_ = 0;
};

TEST(Badges, AreThoseOfTheSlowTwinAfterEachEvent) {
  const char* const asked = std::getenv("LOYALTY_HISTORIES");
  const int histories = asked == nullptr ? 100 : std::atoi(asked);
  int64_t told = 0;
  for (int seed = 0; seed < histories; ++seed) {
    SCOPED_TRACE(seed);
    History history(static_cast<uint32_t>(seed));
    history.Run();
    if (HasFailure()) return;
    told += history.times_told();
  }
  EXPECT_GT(told, histories / 10);
}

}  // namespace
}  // namespace loyalty
