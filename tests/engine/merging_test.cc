// SPDX-License-Identifier: Apache-2.0
//
// Members who are one by now, in a file: asked for by either name, seen by
// readers before and after the tables have them, forgotten, made again.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "engine/community.h"
#include "loyalty/engine.h"
#include "loyalty/queries.h"
#include "store/raw_sqlite.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using testing::Day;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MustRead;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kClub[] = R"(
  name: "club" version: "1"
  currency { id: "points" opening: 1 }
  currency { id: "coins" spendable: true expires_after: "90d" }
  event_type { id: "like"
               attribute { name: "owner" type: MEMBER }
               attribute { name: "mail" type: STRING personal: true } }
  metric { id: "likes" on: "like" per: "event.owner" }
  rule { id: "like" on: "like"
         award { to: "event.owner" currency: "points" units: "10"
                 limit { per: EVER times: 2 key: PAIR } }
         award { currency: "coins" units: "5" } }
)";
constexpr char kOld[] = "old.hedwig.kiesler";
constexpr char kNew[] = "new.hedwig.lamarr";

class Merging : public ::testing::Test {
 protected:
  void Open(int max_tail = 200'000) {
    engine_.reset();
    auto engine =
        Engine::Open(path_, MustRead(kClub),
                     {.clock = [] { return Day(30); }, .max_tail = max_tail});
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = *std::move(engine);
  }
  void Like(const std::string& actor, const std::string& owner) {
    const auto outcome = engine_->Process(
        {.id = absl::StrCat("e", ++events_),
         .type = "like",
         .time = Day(1),
         .actor = actor,
         .target = "post",
         .attributes = {{"owner", owner},
                        {"mail", absl::StrCat(actor, "@example.org")}}});
    ASSERT_TRUE(outcome.ok()) << outcome.status();
    ASSERT_TRUE(outcome->accepted()) << outcome->reason;
  }
  // e1 to e4, and m1, which merges.
  void MakeClub() {
    Like("ann", kOld);
    Like(kOld, "ann");
    Like("ann", kNew);
    Like(kNew, "ann");
    const auto merged = engine_->Merge("m1", Day(2), kOld, kNew);
    ASSERT_TRUE(merged.ok()) << merged.status();
    ASSERT_TRUE(merged->accepted()) << merged->reason;
  }
  std::unique_ptr<Queries> Asked() { return *Queries::Open(path_); }
  void ExpectNoFaults() {
    const auto report = Asked()->Verify([](double) {});
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_THAT(report->faults, IsEmpty());
  }
  std::string Bytes() const {
    std::string bytes;
    for (const char* suffix : {"", "-wal"}) {
      std::ifstream file(path_ + suffix, std::ios::binary);
      bytes.append(std::istreambuf_iterator<char>(file), {});
    }
    return bytes;
  }

  store::TemporaryFolder folder_;
  const std::string path_ = folder_.File("club.db");
  std::unique_ptr<Engine> engine_;
  int events_ = 0;
};

// With all in the tail, with nothing there, and when the file is closed.
TEST_F(Merging, IsSeenByWhoeverAsks) {
  for (const int max_tail : {200'000, 1}) {
    for (const bool closes : {false, true}) {
      SCOPED_TRACE(absl::StrCat(max_tail, closes ? " closed" : ""));
      std::remove(path_.c_str());
      events_ = 0;
      Open(max_tail);
      MakeClub();
      if (closes) engine_.reset();
      const auto queries = Asked();
      for (const char* name : {kOld, kNew}) {
        const auto profile = queries->Member(name, Day(3));
        ASSERT_TRUE(profile.ok()) << profile.status();
        EXPECT_EQ(profile->member, kNew);
        EXPECT_THAT(profile->aliases, ElementsAre(kOld));
        EXPECT_EQ(profile->currencies[0].balance, 22);
        EXPECT_EQ(profile->currencies[1].balance, 10);
        EXPECT_EQ(profile->metrics.at("likes"), 2);
        EXPECT_EQ(queries->Rank(name, "points")->member, kNew);
        EXPECT_EQ(queries->Around(name, "points", 1, 1)->size(), 2u);
        EXPECT_EQ(queries->Balance(name, "coins", Day(3))->balance, 10);
        const auto lines = *queries->Statement(name, "points", 0, -1, 99);
        ASSERT_EQ(lines.size(), 3u);
        EXPECT_EQ(lines[2].kind, StatementLine::Kind::kMergeIn);
        EXPECT_EQ(lines[2].units, 11);
        EXPECT_EQ(queries->ExplainBalance(name, "points", Day(3))->total(), 22);
      }
      const auto balances = *queries->Balances("points", "", 9);
      ASSERT_EQ(balances.size(), 2u);
      EXPECT_EQ(balances[0].member, "ann");
      EXPECT_EQ(balances[1].member, kNew);
      // What the one had been given is the other's.
      const auto rules = *queries->ExplainRules("e1", kNew, "like");
      ASSERT_EQ(rules.size(), 1u);
      EXPECT_TRUE(rules[0].gave);
      ExpectNoFaults();
      store::RawSqlite raw(path_);
      EXPECT_THAT(
          raw.Values(absl::StrCat("SELECT kind, units, balance FROM statement "
                                  "WHERE currency = 'points' AND member = '",
                                  kOld, "' ORDER BY seq, n")),
          ElementsAre("opening", "1", "1", "award", "10", "11", "merge_out",
                      "-11", "0"));
      EXPECT_THAT(raw.Values("SELECT member, balance FROM leaderboard "
                             "WHERE currency = 'points'"),
                  ElementsAre(kNew, "22", "ann", "21"));
      EXPECT_THAT(raw.Values("SELECT count(*) FROM balance"), ElementsAre("4"));
      EXPECT_THAT(raw.Values("SELECT sum(CASE WHEN to_account = 'merged' THEN "
                             "units ELSE -units END) FROM journal WHERE "
                             "'merged' IN (from_account, to_account)"),
                  ElementsAre("0"));
    }
  }
}

TEST_F(Merging, GoesOnInTheNextLife) {
  Open();
  MakeClub();
  Open();
  Like(kOld, "ann");
  engine_.reset();
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  ExpectNoFaults();
  Open();
  const auto reversed = engine_->Reverse("r1", Day(3), "e1");
  ASSERT_TRUE(reversed->accepted()) << reversed->reason;
  EXPECT_EQ(Asked()->Member(kOld, Day(3))->currencies[0].balance, 12);
  EXPECT_EQ(Asked()->Member(kOld, Day(3))->currencies[1].balance, 15);
  EXPECT_THAT(*Asked()->Export(kOld), HasSubstr("\"aliases\":[{\"member\":"));
  EXPECT_THAT(*Asked()->Export(kNew), HasSubstr("\"e2\""));
  ExpectNoFaults();
}

TEST_F(Merging, IsForgottenUnderAllNames) {
  for (const char* erased : {kOld, kNew}) {
    for (const int max_tail : {200'000, 1}) {
      SCOPED_TRACE(absl::StrCat(erased, " ", max_tail));
      std::remove(path_.c_str());
      events_ = 0;
      Open(max_tail);
      MakeClub();
      const auto outcome = engine_->Process({.id = "x1",
                                             .type = std::string(kErase),
                                             .time = Day(3),
                                             .actor = erased});
      ASSERT_TRUE(outcome->accepted()) << outcome->reason;
      for (const bool reopens : {false, true}) {
        if (reopens) Open(max_tail);
        const std::string bytes = Bytes();
        // Not the whole of the bytes, where it fails.
        EXPECT_EQ(bytes.find(kOld), std::string::npos);
        EXPECT_EQ(bytes.find(kNew), std::string::npos);
        EXPECT_FALSE(Asked()->Member(kOld).ok());
        EXPECT_FALSE(Asked()->Member(kNew).ok());
        ExpectNoFaults();
      }
      Like(kOld, "ann");  // somebody new
      ASSERT_TRUE(engine_->Reverse("r1", Day(3), "e1")->accepted());
      EXPECT_EQ(Asked()->Member(kOld)->member, kOld);
      EXPECT_EQ(Asked()->Leaderboard("points", 0, 9)->size(), 3u);
      engine_.reset();
      ASSERT_TRUE(Engine::Rebuild(path_).ok());
      ExpectNoFaults();
    }
  }
}

TEST_F(Merging, IsMissedWhereTheFileWasChanged) {
  Open();
  MakeClub();
  engine_.reset();
  ASSERT_EQ(store::RawSqlite(path_).Run("DELETE FROM alias"), SQLITE_OK);
  const auto report = Asked()->Verify([](double) {});
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(report->faults, Not(IsEmpty()));
}

// Also one that time brings as the two become one.
TEST(MergedBadges, AreListedOnce) {
  const auto engine = *Engine::InMemory(
      MustRead("name: 'club' version: '1' event_type { id: 'act' } "
               "metric { id: 'acts' on: 'act' } badge { id: 'weekly' "
               "when: 'metric.acts >= 1' asked_at: END_OF_WEEK }"),
      {.clock = [] { return Day(30); }});
  for (const char* const member : {"ana", "bob"}) {
    const auto act = engine->Process({.id = absl::StrCat("act-", member),
                                      .type = "act",
                                      .time = Day(1),
                                      .actor = member});
    ASSERT_TRUE(act->accepted());
  }
  ASSERT_TRUE(engine->Merge("m", Day(20), "ana", "bob")->accepted());
  const auto held = (*engine->Query())->BadgesAfter("", 10, Day(21));
  ASSERT_TRUE(held.ok()) << held.status();
  ASSERT_THAT(*held, SizeIs(1));
  EXPECT_EQ(held->front().member, "bob");
}

}  // namespace
}  // namespace loyalty
