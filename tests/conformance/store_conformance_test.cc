// SPDX-License-Identifier: Apache-2.0
//
// What is true of every store. Each fact is tested on all of them; what two
// stores make of the same random history is in store_twins_test.cc.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "store/counter_pages.h"
#include "store/journal_builder.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/store.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

using absl::StatusCode;
using model::CounterKey;
using model::Entity;
using model::Holding;
using model::Position;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class StoreConformance : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "memory") {
      store_ = NewMemoryStore();
    } else {
      SqliteOptions options;
      // With each commit all goes into the tables, and is read from there.
      if (GetParam() == "merged") options.max_tail = 1;
      auto opened =
          OpenSqliteStore(folder_.File("test.db"), Access::kWrite, options);
      ASSERT_TRUE(opened.ok()) << opened.status();
      store_ = *std::move(opened);
    }
    ASSERT_TRUE(store_->AddProgram(SomeProgram()).ok());
  }

  std::unique_ptr<Transaction> Begin() { return store_->Begin().value(); }
  std::unique_ptr<Reader> Read() { return store_->Read().value(); }

  // Writes and commits.
  void Append(const Delta& delta) {
    auto transaction = Begin();
    const absl::Status written = transaction->Write(delta);
    ASSERT_TRUE(written.ok()) << written;
    const absl::Status committed = transaction->Commit();
    ASSERT_TRUE(committed.ok()) << committed;
  }
  absl::Status Refusal(const Delta& delta) { return Begin()->Write(delta); }

  // An event of one award, committed.
  Position Award(const std::string& id, const std::string& member,
                 int64_t units,
                 std::optional<std::string> subject = std::nullopt,
                 const std::string& currency = "points") {
    Delta delta = journal_.Next(id);
    const Position at =
        journal_.Award(delta, member, units, std::move(subject), currency);
    Append(delta);
    return at;
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  JournalBuilder journal_;
};

std::vector<Position> PlacesOf(const std::vector<GivenAward>& awards) {
  std::vector<Position> places;
  for (const GivenAward& award : awards) places.push_back(award.movement.at);
  return places;
}

// Of rows of any list.
template <typename Row>
std::vector<std::string> NamesOf(const std::vector<Row>& rows) {
  std::vector<std::string> names;
  for (const Row& row : rows) names.push_back(row.member);
  return names;
}

TEST_P(StoreConformance, BeginsEmpty) {
  EXPECT_EQ(Begin()->ReadHead()->seq, 0);
  EXPECT_EQ(Begin()->ReadHead()->recorded_at, absl::InfinitePast());
  EXPECT_THAT(*Read()->Events(0, 10), IsEmpty());
  EXPECT_THAT(*Read()->States(Member(""), 10), IsEmpty());
  EXPECT_THAT(*Read()->Top({"points"}, 10), IsEmpty());
  EXPECT_THAT(*Read()->Faults(), IsEmpty());
}

TEST_P(StoreConformance, GivesBackAnEventAsRecorded) {
  Delta delta = journal_.Next("e1");
  delta.recorded.event.actor = "ada";
  delta.recorded.event.target = "";
  delta.recorded.event.attributes = {{"cents", 995}, {"note", "caf\xc3\xa9"}};
  delta.recorded.outcome.rejected = RejectReason::kAhead;
  delta.recorded.outcome.reason = "too early";
  Append(delta);
  auto transaction = Begin();
  EXPECT_EQ(*transaction->FindEvent("e1"), delta.recorded);
  EXPECT_EQ(*transaction->FindEvent(int64_t{1}), delta.recorded);
  EXPECT_EQ(*transaction->FindEvent("e2"), std::nullopt);
  EXPECT_EQ(*transaction->FindEvent(int64_t{2}), std::nullopt);
  EXPECT_EQ(*Read()->FindEvent("e1"), delta.recorded);
  EXPECT_THAT(*Read()->Events(0, 10), ElementsAre(delta.recorded));
  EXPECT_EQ(transaction->ReadHead()->recorded_at, delta.recorded.recorded_at);
}

TEST_P(StoreConformance, ShowsATransactionItsOwnWrites) {
  auto transaction = Begin();
  Delta delta = journal_.Next("e1");
  const Position at = journal_.Award(delta, "ada", 5, "post");
  ASSERT_TRUE(transaction->Write(delta).ok());
  EXPECT_EQ(transaction->ReadHead()->seq, 1);
  EXPECT_EQ(*transaction->FindEvent("e1"), delta.recorded);
  EXPECT_EQ(Loaded(*transaction, {Member("ada"), {}})->Held("points").balance,
            5);
  EXPECT_THAT(PlacesOf(*transaction->MovementsOfEvent(1)), ElementsAre(at));
  EXPECT_THAT(PlacesOf(*transaction->AwardsOfObject("post", {}, 9)),
              ElementsAre(at));
  EXPECT_THAT(PlacesOf(*transaction->History("ada", at)), ElementsAre(at));
}

// Also of many that it has not put into its tables yet.
TEST_P(StoreConformance, FindsAllThatATransactionWrote) {
  auto transaction = Begin();
  std::vector<Delta> all;
  const auto find_all = [&] {
    for (const Delta& delta : all) {
      EXPECT_EQ(*transaction->FindEvent(delta.recorded.event.id),
                delta.recorded);
    }
  };
  for (int i = 0; i < 100; ++i) {
    // Ids that do not ascend.
    const std::string id = absl::StrCat("e", (i * 37) % 100);
    EXPECT_EQ(*transaction->FindEvent(id), std::nullopt);
    Delta delta = journal_.Next(id);
    journal_.Award(delta, "ada", 1, "post");
    ASSERT_TRUE(transaction->Write(delta).ok());
    all.push_back(std::move(delta));
    if (i % 41 == 40) find_all();
    // The first and the last of those.
    EXPECT_EQ(*transaction->FindEvent(all[i / 2].recorded.event.id),
              all[i / 2].recorded);
  }
  find_all();
  EXPECT_EQ(transaction->MovementsOfEvent(100)->size(), 1);
  EXPECT_EQ(transaction->History("ada", {})->size(), 100);
  EXPECT_EQ(transaction->AwardsOfObject("post", {}, 1000)->size(), 100);
  ASSERT_TRUE(transaction->Commit().ok());
  EXPECT_THAT(*Read()->Faults(), IsEmpty());
}

TEST_P(StoreConformance, RefusesAnEventIdTwiceInATransaction) {
  Append(journal_.Next("e5"));
  // One that ascends, and one that does not.
  for (const std::string first : {"e9", "e1"}) {
    JournalBuilder aside = journal_;
    auto transaction = Begin();
    ASSERT_TRUE(transaction->Write(aside.Next(first)).ok());
    ASSERT_TRUE(transaction->Write(aside.Next("e3")).ok());
    EXPECT_FALSE(transaction->Write(aside.Next(first)).ok());
  }
}

TEST_P(StoreConformance, ShowsReadersOnlyWhatWasCommittedWhenTheyBegan) {
  Award("e1", "ada", 5);
  auto before = Read();
  auto transaction = Begin();
  Delta delta = journal_.Next("e2");
  journal_.Award(delta, "ada", 7);
  ASSERT_TRUE(transaction->Write(delta).ok());
  auto during = Read();
  ASSERT_TRUE(transaction->Commit().ok());
  auto after = Read();
  EXPECT_EQ((*before->Find(Member("ada")))->Held("points").balance, 5);
  EXPECT_EQ((*during->Find(Member("ada")))->Held("points").balance, 5);
  EXPECT_EQ((*after->Find(Member("ada")))->Held("points").balance, 12);
  EXPECT_EQ(before->Events(0, 10)->size(), 1u);
  EXPECT_EQ(after->Events(0, 10)->size(), 2u);
}

TEST_P(StoreConformance, ForgetsATransactionThatWasNotCommitted) {
  Award("e1", "ada", 5);
  JournalBuilder aside = journal_;
  {
    auto transaction = Begin();
    Delta delta = aside.Next("e2");
    aside.Award(delta, "bob", 7, "post", "gems");
    aside.Count(delta, Object("post"), {"metric:likes", 0}, 1);
    ASSERT_TRUE(transaction->Write(delta).ok());
  }
  EXPECT_EQ(Begin()->ReadHead()->seq, 1);
  EXPECT_EQ(*Read()->Find(Member("bob")), std::nullopt);
  EXPECT_EQ(*Read()->Find(Object("post")), std::nullopt);
  // The same names again, now to stay: what a rollback undid is made anew.
  Delta delta = journal_.Next("e2");
  journal_.Award(delta, "bob", 8, "post", "gems");
  Append(delta);
  EXPECT_EQ((*Read()->Find(Member("bob")))->Held("gems").balance, 8);
  EXPECT_EQ(Begin()->AwardsOfObject("post", {}, 9)->size(), 1u);
  EXPECT_THAT(*Read()->Faults(), IsEmpty());
}

TEST_P(StoreConformance, HasOneTransactionAtATime) {
  auto transaction = Begin();
  EXPECT_EQ(store_->Begin().status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(store_->AddProgram(SomeProgram()).status().code(),
            StatusCode::kFailedPrecondition);
  transaction.reset();
  EXPECT_TRUE(store_->Begin().ok());
}

TEST_P(StoreConformance, EndsATransactionAtItsCommit) {
  auto transaction = Begin();
  ASSERT_TRUE(transaction->Commit().ok());
  EXPECT_FALSE(transaction->Commit().ok());
  EXPECT_FALSE(transaction->ReadHead().ok());
  EXPECT_FALSE(transaction->Write(journal_.Next("e1")).ok());
}

TEST_P(StoreConformance, RefusesAnEventIdTwice) {
  Award("e1", "ada", 5);
  EXPECT_EQ(Refusal(journal_.Next("e1")).code(), StatusCode::kInternal);
  EXPECT_EQ(Begin()->ReadHead()->seq, 1);
}

TEST_P(StoreConformance, KeepsNothingOfATransactionThatFailed) {
  auto transaction = Begin();
  Delta delta = journal_.Next("e1");
  journal_.Award(delta, "ada", 5);
  ASSERT_TRUE(transaction->Write(delta).ok());
  EXPECT_FALSE(transaction->Write(journal_.Next("e1")).ok());
  EXPECT_FALSE(transaction->Commit().ok());
  EXPECT_THAT(*Read()->Events(0, 10), IsEmpty());
  EXPECT_TRUE(store_->Begin().ok());
}

TEST_P(StoreConformance, RefusesWhatDoesNotComeNext) {
  journal_.Next("skipped");
  EXPECT_EQ(Refusal(journal_.Next("e2")).code(), StatusCode::kInternal);
}

TEST_P(StoreConformance, RefusesATimeThatDoesNotAdvance) {
  Award("e1", "ada", 5);
  Delta delta = journal_.Next("e2");
  delta.recorded.recorded_at = Begin()->ReadHead()->recorded_at;
  EXPECT_EQ(Refusal(delta).code(), StatusCode::kInternal);
}

TEST_P(StoreConformance, RefusesAnAwardForWhatTheEventIsNotAbout) {
  Delta delta = journal_.Next("e1");
  journal_.Award(delta, "ada", 5, "post");
  delta.recorded.event.target = "other";
  EXPECT_EQ(Refusal(delta).code(), StatusCode::kInternal);
}

TEST_P(StoreConformance, RefusesAMovementOfNoMember) {
  Delta delta = journal_.Next("e1");
  journal_.Award(delta, "ada", 5);
  delta.states.clear();
  EXPECT_EQ(Refusal(delta).code(), StatusCode::kInternal);
}

TEST_P(StoreConformance, LoadsAnUnknownEntityAsEmpty) {
  const auto state = *Loaded(*Begin(), {Member("ada"), {{"metric:likes", 0}}});
  EXPECT_EQ(state.entity, Member("ada"));
  EXPECT_FALSE(state.exists);
  EXPECT_EQ(state.since, absl::InfinitePast());
  EXPECT_THAT(state.holdings, IsEmpty());
  EXPECT_THAT(state.counters, IsEmpty());
}

TEST_P(StoreConformance, ListsMembersThenObjectsInTheOrderOfTheirIds) {
  Delta delta = journal_.Next("e1");
  for (const char* id : {"b", "a", "B", "\xc3\xa9", "ab", "z"}) {
    journal_.Enroll(delta, id);
  }
  for (const char* id : {"y", "x"}) {
    journal_.Count(delta, Object(id), {"metric:likes", 0}, 1);
  }
  Append(delta);
  const std::vector<Entity> wanted = {
      Member("B"), Member("a"),        Member("ab"), Member("b"),
      Member("z"), Member("\xc3\xa9"), Object("x"),  Object("y")};
  auto reader = Read();
  for (const int page : {1, 3, 100}) {
    std::vector<Entity> found;
    for (Entity after = Member("");;) {
      const auto states = *reader->States(after, page);
      if (states.empty()) break;
      for (const auto& state : states) found.push_back(state.entity);
      after = found.back();
    }
    EXPECT_EQ(found, wanted) << "pages of " << page;
  }
}

TEST_P(StoreConformance, ListsEveryMemberUnderBalances) {
  Award("e1", "bob", 5);
  Award("e2", "ada", 7, std::nullopt, "gems");
  const auto points = *Read()->Balances("points", "", 9);
  EXPECT_THAT(NamesOf(points), ElementsAre("ada", "bob"));
  EXPECT_EQ(points[0].balance, 0);
  EXPECT_EQ(points[1].balance, 5);
  EXPECT_THAT(NamesOf(*Read()->Balances("points", "ada", 9)),
              ElementsAre("bob"));
  EXPECT_THAT(NamesOf(*Read()->Balances("points", "", 1)), ElementsAre("ada"));
  EXPECT_THAT(NamesOf(*Read()->Balances("unknown", "", 9)),
              ElementsAre("ada", "bob"));
}

TEST_P(StoreConformance, RanksMostEarnedFirstAndOfTiesWhoWasThereFirst) {
  Award("e1", "cy", 5);
  Award("e2", "bob", 9);
  Award("e3", "ada", 5);
  Award("e4", "dan", -2);
  Award("e5", "eve", 0);
  Award("e6", "fay", 7, std::nullopt, "gems");
  EXPECT_THAT(NamesOf(*Read()->Top({"points"}, 9)),
              ElementsAre("bob", "cy", "ada", "dan"));
  EXPECT_THAT(NamesOf(*Read()->Top({"points"}, 2)), ElementsAre("bob", "cy"));
  EXPECT_THAT(*Read()->Top({"points"}, 0), IsEmpty());
  EXPECT_THAT(*Read()->Top({"unknown"}, 9), IsEmpty());
  // Who comes back to as many has them later; an award of nothing is no change.
  Award("e7", "cy", 1);
  Award("e8", "cy", -1);
  Award("e9", "ada", 0);
  EXPECT_THAT(NamesOf(*Read()->Top({"points"}, 9)),
              ElementsAre("bob", "ada", "cy", "dan"));
  // Who has as much as nothing is not listed.
  Award("e10", "bob", -9);
  EXPECT_THAT(NamesOf(*Read()->Top({"points"}, 9)),
              ElementsAre("ada", "cy", "dan"));
}

TEST_P(StoreConformance, GivesPagesOfALeaderboardAndRanks) {
  for (const auto& [member, units] : std::vector<std::pair<std::string, int>>{
           {"bob", 9}, {"ada", 5}, {"cy", 5}, {"eve", 5}, {"dan", 2}}) {
    Award("of-" + member, member, units);
  }
  Award("none", "fay", 0);
  const auto reader = Read();
  EXPECT_THAT(*reader->Page({"points"}, 2, 2),
              ElementsAre(Ranked{2, 2, "cy", 5}, Ranked{3, 2, "eve", 5}));
  EXPECT_THAT(*reader->Page({"points"}, 3, 9),
              ElementsAre(Ranked{3, 2, "eve", 5}, Ranked{4, 5, "dan", 2}));
  EXPECT_THAT(*reader->Page({"points"}, -3, 1),
              ElementsAre(Ranked{0, 1, "bob", 9}));
  EXPECT_THAT(*reader->Page({"points"}, 5, 9), IsEmpty());
  EXPECT_EQ(*reader->Rank({"points"}, "dan"), (Ranked{4, 5, "dan", 2}));
  EXPECT_EQ(*reader->Rank({"points"}, "eve"), (Ranked{3, 2, "eve", 5}));
  EXPECT_EQ(*reader->Rank({"points"}, "fay"), std::nullopt);
  EXPECT_EQ(*reader->Rank({"points"}, "nobody"), std::nullopt);
  EXPECT_EQ(*reader->Rank({"unknown"}, "dan"), std::nullopt);
}

TEST_P(StoreConformance, GivesBackAMovementAsWritten) {
  Delta delta = journal_.Next("e1");
  journal_.Award(delta, "ada", -3, "post");
  model::Movement& movement = delta.movements[0];
  movement.award = 2;
  movement.asked = -9;
  movement.limited = -5;
  movement.cut = CutReason::kFloor;
  movement.cap_window = -86'400;
  movement.cap_used = 4;
  auto& awarded = std::get<Awarded>(delta.recorded.outcome.effects[0]);
  awarded.asked = movement.asked;
  awarded.limited = movement.limited;
  awarded.cut = movement.cut;
  Append(delta);
  EXPECT_EQ(*Read()->MovementsOfEvent(1), delta.movements);
  EXPECT_EQ(Begin()->MovementsOfEvent(1)->at(0).movement, movement);
}

TEST_P(StoreConformance, KeepsAMovementThatWasCutToNothing) {
  Delta delta = journal_.Next("e1");
  journal_.Award(delta, "ada", 0);
  journal_.Award(delta, "ada", 5);
  Append(delta);
  EXPECT_EQ(*Read()->MovementsOfEvent(1), delta.movements);
}

TEST_P(StoreConformance, PagesThroughAMembersMovements) {
  const Position first = Award("e1", "ada", 1);
  const Position gems = Award("e2", "ada", 2, std::nullopt, "gems");
  Award("e3", "bob", 3);
  const Position last = Award("e4", "ada", 4);
  auto places = [&](std::string_view currency, Position after, int limit) {
    std::vector<Position> found;
    const auto entries = Read()->Statement("ada", currency, after, limit);
    for (const StatementEntry& entry : *entries.value()) {
      found.push_back(entry.movement.at);
    }
    return found;
  };
  EXPECT_THAT(places("", {}, 9), ElementsAre(first, gems, last));
  EXPECT_THAT(places("points", {}, 9), ElementsAre(first, last));
  EXPECT_THAT(places("", first, 1), ElementsAre(gems));
  EXPECT_THAT(places("points", first, 9), ElementsAre(last));
  EXPECT_THAT(places("points", last, 9), IsEmpty());
  EXPECT_THAT(places("unknown", {}, 9), IsEmpty());
  EXPECT_EQ(Read()->Statement("nobody", "", {}, 9).value(), std::nullopt);
}

TEST_P(StoreConformance, PagesBackThroughAMembersMovements) {
  Delta two = journal_.Next("e1");
  journal_.Award(two, "ada", 1);
  journal_.Award(two, "ada", 2);
  Append(two);
  const Position others = Award("e2", "bob", 3);
  auto units = [&](Position before, int limit) {
    std::vector<int64_t> found;
    const auto lines = Read()->StatementBefore("ada", "", before, limit);
    for (const StatementEntry& entry : **lines) {
      found.push_back(entry.movement.units);
    }
    return found;
  };
  EXPECT_EQ(units(Reader::kEnd, 9), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(units(others, 1), (std::vector<int64_t>{2}));
  EXPECT_EQ(units({1, 1}, 9), (std::vector<int64_t>{1}));
  EXPECT_EQ(units({}, 9), (std::vector<int64_t>{}));
  EXPECT_EQ(*Read()->StatementBefore("nobody", "", {}, 9), std::nullopt);
}

TEST_P(StoreConformance, PagesThroughAnObjectsAwards) {
  const Position first = Award("e1", "ada", 1, "post");
  Award("e2", "ada", 2, "other");
  const Position last = Award("e3", "bob", 3, "post");
  auto transaction = Begin();
  EXPECT_THAT(PlacesOf(*transaction->AwardsOfObject("post", {}, 1)),
              ElementsAre(first));
  EXPECT_THAT(PlacesOf(*transaction->AwardsOfObject("post", first, 1)),
              ElementsAre(last));
  EXPECT_THAT(*transaction->AwardsOfObject("post", last, 1), IsEmpty());
  EXPECT_THAT(*transaction->AwardsOfObject("unknown", {}, 1), IsEmpty());
}

// Of some thousand ids, two have the same 24 bits of a hash.
TEST_P(StoreConformance, TellsObjectsApartWhoseHashesAreAlike) {
  std::map<uint64_t, std::string> by_hash;
  std::string one;
  std::string other;
  for (int i = 0; one.empty(); ++i) {
    other = absl::StrCat("post-", i);
    const auto [at, is_new] = by_hash.emplace(StableHash(other) >> 40u, other);
    if (!is_new) one = at->second;
  }
  std::vector<Position> awards;
  for (int i = 0; i < 5; ++i) {
    awards.push_back(Award(absl::StrCat("a", i), "ada", 1, one));
    // More than what is looked at in one go.
    for (int j = 0; j < 4; ++j) {
      Award(absl::StrCat("b", i, "/", j), "ada", 1, other);
    }
  }
  auto transaction = Begin();
  std::vector<Position> found;
  while (true) {
    const Position after = found.empty() ? Position{0, -1} : found.back();
    const auto page = transaction->AwardsOfObject(one, after, 2);
    for (const GivenAward& given : *page) found.push_back(given.movement.at);
    if (page->size() < 2) break;
  }
  EXPECT_EQ(found, awards);
}

TEST_P(StoreConformance, KnowsItsLastEvent) {
  EXPECT_EQ(*Read()->LastSeq(), 0);
  Award("e1", "ada", 1);
  Award("e2", "ada", 1);
  EXPECT_EQ(*Read()->LastSeq(), 2);
}

TEST_P(StoreConformance, MarksAnAwardThatWasReversed) {
  const Position first = Award("e1", "ada", 1, "post");
  const Position second = Award("e2", "ada", 2, "post");
  const Position third = Award("e3", "ada", 4);
  EXPECT_EQ(*Begin()->FirstReversedSince("ada", "points", {}), std::nullopt);
  Delta delta = journal_.Next("e4");
  journal_.Reverse(delta, {second, third});
  delta.reversed_events = {2};
  Append(delta);
  auto transaction = Begin();
  EXPECT_EQ(*transaction->FirstReversedSince("ada", "points", third), second);
  EXPECT_EQ(*transaction->FirstReversedSince("ada", "points", {4, 0}),
            std::nullopt);
  EXPECT_EQ(*transaction->FirstReversedSince("ada", "gems", {}), std::nullopt);
  EXPECT_EQ(*transaction->FirstReversedSince("bob", "points", {}),
            std::nullopt);
  EXPECT_THAT(*Read()->EventsReversedBy(4), ElementsAre(2));
  EXPECT_THAT(*Read()->EventsReversedBy(3), IsEmpty());
  EXPECT_THAT(*Read()->EventsThatReversed(2), ElementsAre(4));
  EXPECT_THAT(*Read()->EventsThatReversed(3), ElementsAre(4));
  EXPECT_THAT(*Read()->EventsThatReversed(1), IsEmpty());
  EXPECT_TRUE(*transaction->IsReversed(2));
  EXPECT_FALSE(*transaction->IsReversed(3));
  EXPECT_TRUE(transaction->MovementsOfEvent(2)->at(0).reversed);
  EXPECT_FALSE(transaction->MovementsOfEvent(1)->at(0).reversed);
  const Position reversal{4, 0};
  EXPECT_THAT(PlacesOf(*transaction->MovementsOfEvent(4)),
              ElementsAre(reversal));
  EXPECT_THAT(PlacesOf(*transaction->History("ada", second)),
              ElementsAre(second, third, reversal));
  EXPECT_EQ(transaction->History("ada", first)->size(), 4u);
  EXPECT_EQ(*Read()->MovementsOfEvent(4), delta.movements);
}

TEST_P(StoreConformance, RefusesToReverseAnAwardTwice) {
  const Position at = Award("e1", "ada", 1);
  Delta delta = journal_.Next("e2");
  journal_.Reverse(delta, {at});
  Append(delta);
  Delta again = journal_.Next("e3");
  journal_.Reverse(again, {at});
  EXPECT_EQ(Refusal(again).code(), StatusCode::kInternal);
}

TEST_P(StoreConformance, RefusesToReverseWhatIsNoAwardOfTheMember) {
  const Position adas = Award("e1", "ada", 1);
  Award("e2", "bob", 1);
  Delta delta = journal_.Next("e3");
  journal_.Reverse(delta, {adas});
  delta.movements[0].reverses = {{2, 0}};
  EXPECT_EQ(Refusal(delta).code(), StatusCode::kInternal);
}

TEST_P(StoreConformance, RefusesToReverseAnEventTwice) {
  Award("e1", "ada", 1);
  Delta delta = journal_.Next("e2");
  delta.reversed_events = {1};
  Append(delta);
  Delta again = journal_.Next("e3");
  again.reversed_events = {1};
  EXPECT_EQ(Refusal(again).code(), StatusCode::kInternal);
}

TEST_P(StoreConformance, TakesAnyTextForAnId) {
  // The two ways to write an e with an accent are two ids.
  const std::vector<std::string> ids = {"'; DROP TABLE event; --",
                                        "\"quoted\"",
                                        "%_?1:a@b$c",
                                        "caf\xc3\xa9",
                                        "cafe\xcc\x81",
                                        "\xf0\x9f\x8f\x86",
                                        " ",
                                        "\n",
                                        "1",
                                        "01",
                                        std::string(256, 'x')};
  for (const std::string& id : ids) Award(id, id, 1, id, id);
  for (const std::string& id : ids) {
    SCOPED_TRACE(id);
    EXPECT_EQ((*Read()->FindEvent(id))->event.id, id);
    EXPECT_EQ((*Read()->Find(Member(id)))->Held(id).balance, 1);
    EXPECT_EQ(Begin()->AwardsOfObject(id, {}, 9)->size(), 1u);
  }
  EXPECT_THAT(*Read()->Faults(), IsEmpty());
}

TEST_P(StoreConformance, KeepsTheLargestNumbers) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
  Award("e1", "ada", kMost);
  Award("e2", "bob", -kMost);
  Delta delta = journal_.Next("e3");
  constexpr int64_t kWindow = -model::kMostWindow;
  journal_.Count(delta, Member("ada"), {"cap:points", kWindow}, kLeast);
  journal_.Count(delta, Member("ada"), {"cap:points", -kWindow}, kMost);
  Append(delta);
  const auto ada = **Read()->Find(Member("ada"));
  EXPECT_EQ(ada.Held("points"), (Holding{kMost, kMost}));
  EXPECT_EQ(ada.Counter({"cap:points", kWindow}), kLeast);
  EXPECT_EQ(ada.Counter({"cap:points", -kWindow}), kMost);
  EXPECT_EQ(Read()->MovementsOfEvent(2)->at(0).units, -kMost);
  EXPECT_THAT(*Read()->Faults(), IsEmpty());
}

// At once, or when it is looked for.
TEST_P(StoreConformance, FindsAHoldingThatIsNotTheSumOfItsPostings) {
  Delta delta = journal_.Next("e1");
  journal_.Award(delta, "ada", 5);
  delta.states[0].holdings["points"].balance = 6;
  auto transaction = Begin();
  const absl::Status written = transaction->Write(delta);
  if (!written.ok()) {
    EXPECT_EQ(written.code(), absl::StatusCode::kInternal);
    EXPECT_THAT(std::string(written.message()),
                ::testing::HasSubstr("\"ada\" has of points"));
    return;
  }
  ASSERT_TRUE(transaction->Commit().ok());
  EXPECT_THAT(*Read()->Faults(),
              ElementsAre(::testing::HasSubstr("member \"ada\"")));
}

TEST_P(StoreConformance, FindsABalanceThatDoesNotAddUp) {
  Delta delta = journal_.Next("e1");
  journal_.Award(delta, "ada", 5);
  delta.movements[0].balance = 6;
  delta.states[0].holdings["points"].balance = 6;
  Append(delta);
  EXPECT_THAT(*Read()->Faults(),
              ElementsAre(::testing::HasSubstr("movement 1/0")));
}

TEST_P(StoreConformance, IsReadByThreadsWhileOneWrites) {
  std::atomic<bool> done = false;
  const auto read_on = [&] {
    while (!done) {
      auto reader = Read();
      const auto ada = reader->Find(Member("ada")).value();
      const auto events = reader->Events(0, 1000).value();
      const int64_t points = ada.has_value() ? ada->Held("points").balance : 0;
      EXPECT_EQ(points, std::ssize(events));
    }
  };
  std::thread one(read_on);
  std::thread other(read_on);
  for (int i = 0; i < 100; ++i) Award(absl::StrCat("e", i), "ada", 1);
  done = true;
  one.join();
  other.join();
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreConformance,
                         ::testing::Values("memory", "sqlite", "merged"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace loyalty::store
