// SPDX-License-Identifier: Apache-2.0
//
// What is true of every store of members who became others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "store/journal_builder.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/store.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

using model::CounterKey;
using model::Entity;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class AliasConformance : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    Open();
    ASSERT_TRUE(store_->AddProgram(SomeProgram()).ok());
  }
  void Open() {
    if (GetParam() == "memory") {
      if (store_ == nullptr) store_ = NewMemoryStore();
      return;
    }
    store_.reset();
    SqliteOptions options;
    // With each commit all goes into the tables, and is read from there.
    if (GetParam() == "merged") options.max_tail = 1;
    auto opened =
        OpenSqliteStore(folder_.File("test.db"), Access::kWrite, options);
    ASSERT_TRUE(opened.ok()) << opened.status();
    store_ = *std::move(opened);
  }
  std::unique_ptr<Transaction> Begin() { return store_->Begin().value(); }
  std::unique_ptr<Reader> Read() { return store_->Read().value(); }
  void Append(const Delta& delta) {
    auto transaction = Begin();
    const absl::Status written = transaction->Write(delta);
    ASSERT_TRUE(written.ok()) << written;
    ASSERT_TRUE(transaction->Commit().ok());
  }
  // An event that counts so many at the object for each of the two.
  void Count(int64_t a, int64_t b) {
    Delta delta = journal_.Next("count");
    journal_.Enroll(delta, "a");
    journal_.Enroll(delta, "b");
    journal_.Enroll(delta, "c");
    delta.recorded.event.target = "post";
    journal_.Count(delta, Object("post"), Of("a"), a);
    journal_.Count(delta, Object("post"), Of("b"), b);
    Append(delta);
  }
  Delta Merge(const std::string& id, const std::string& member,
              const std::string& into) {
    Delta delta = journal_.Next(id);
    delta.recorded.event.type = kMerge;
    delta.recorded.event.actor = member;
    delta.recorded.event.attributes = {{"into", into}};
    delta.member_attributes = {"into"};
    delta.alias = {.member = member, .into = into, .seq = delta.recorded.seq};
    return delta;
  }
  static CounterKey Of(const std::string& member, int64_t window = 0) {
    return {.name = "limit", .window = window, .key = Member(member)};
  }
  int64_t Loads(const std::string& member, int64_t window = 0) {
    const auto state = Loaded(*Begin(), {Object("post"), {Of(member, window)}});
    return state->Counter(Of(member, window));
  }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  JournalBuilder journal_;
};

TEST_P(AliasConformance, AreKnownOnceWritten) {
  Count(1, 1);
  EXPECT_TRUE(Begin()->Aliases().empty());
  const JournalBuilder before = journal_;
  {
    auto transaction = Begin();
    ASSERT_TRUE(transaction->Write(Merge("m", "a", "b")).ok());
    EXPECT_EQ(transaction->Aliases().Resolve("a"), "b");
  }
  // It was not committed.
  EXPECT_TRUE(Begin()->Aliases().empty());
  EXPECT_EQ(*Read()->Resolve("a"), "a");
  journal_ = before;
  Append(Merge("m", "a", "b"));
  Append(Merge("n", "b", "c"));
  for (const bool reopens : {false, true}) {
    SCOPED_TRACE(reopens);
    if (reopens) Open();
    EXPECT_EQ(Begin()->Aliases().Resolve("a"), "c");
    EXPECT_EQ(*Read()->Resolve("a"), "c");
    EXPECT_EQ(*Read()->Resolve("c"), "c");
    EXPECT_EQ(*Read()->Resolve("nobody"), "nobody");
    EXPECT_EQ((*Read()->Aliases())->Of("c").size(), 2u);
    EXPECT_THAT(*Read()->Faults(), IsEmpty());
  }
  const auto standings = *Read()->Balances("points", "", 9);
  ASSERT_EQ(standings.size(), 1u);
  EXPECT_EQ(standings[0].member, "c");
}

TEST_P(AliasConformance, AreCountedUnderOneKey) {
  Count(3, 4);
  EXPECT_EQ(Loads("b"), 4);
  Append(Merge("m", "a", "b"));
  EXPECT_EQ(Loads("b"), 7);
  Open();
  EXPECT_EQ(Loads("b"), 7);
  // Once it is written it is one.
  Delta delta = journal_.Next("more");
  delta.recorded.event.target = "post";
  journal_.Count(delta, Object("post"), Of("b"), 8);
  Append(delta);
  EXPECT_EQ(Loads("b"), 8);
  EXPECT_EQ(Loads("a"), 0);
  Open();
  EXPECT_EQ(Loads("b"), 8);
  Append(Merge("n", "b", "c"));
  EXPECT_EQ(Loads("c"), 8);
  EXPECT_THAT(*Read()->Faults(), IsEmpty());
}

TEST_P(AliasConformance, AreAddedUpSecondBySecond) {
  Delta delta = journal_.Next("count");
  journal_.Enroll(delta, "a");
  journal_.Enroll(delta, "b");
  delta.recorded.event.target = "post";
  journal_.Count(delta, Object("post"), Of("a", 100), 1);
  journal_.Count(delta, Object("post"), Of("a", 101), 2);
  journal_.Count(delta, Object("post"), Of("b", 101), 4);
  journal_.Count(delta, Object("post"), Of("b", 105), 8);
  Append(delta);
  Append(Merge("m", "a", "b"));
  const auto state = Loaded(
      *Begin(),
      {.entity = Object("post"), .ranges = {{"limit", 100, 104, Member("b")}}});
  EXPECT_EQ(state->Counter(Of("b", 100)), 1);
  EXPECT_EQ(state->Counter(Of("b", 101)), 6);
  EXPECT_EQ(state->Counter(Of("b", 105)), 0);
}

// One that a leg asks for, and in a stretch of time as well, or in two.
TEST_P(AliasConformance, AreAddedUpOnceHoweverTheyAreAskedFor) {
  Delta delta = journal_.Next("count");
  journal_.Enroll(delta, "a");
  journal_.Enroll(delta, "b");
  journal_.Count(delta, Object("post"), Of("a", 100), 1);
  journal_.Count(delta, Object("post"), Of("b", 100), 2);
  journal_.Count(delta, Object("post"), Of("a", 101), 4);
  Append(delta);
  Append(Merge("m", "a", "b"));
  for (const bool any_key : {false, true}) {
    SCOPED_TRACE(any_key);
    const model::CounterRange range{
        .name = "limit",
        .from = 100,
        .to = 101,
        .key = any_key ? model::CounterKeyPart() : Member("b"),
        .any_key = any_key};
    const auto state = Loaded(*Begin(), {.entity = Object("post"),
                                         .counters = {Of("b", 100)},
                                         .ranges = {range, range}});
    EXPECT_EQ(state->Counter(Of("b", 100)), 3);
    EXPECT_EQ(state->Counter(Of("b", 101)), 4);
    EXPECT_EQ(state->counters.size(), 2u);
  }
}

TEST_P(AliasConformance, LoadAllCountersThereAre) {
  Delta delta = journal_.Next("count");
  journal_.Enroll(delta, "a");
  journal_.Enroll(delta, "b");
  const CounterKey plain{.name = "metric", .window = 0, .key = {}};
  const CounterKey past{
      .name = "cap", .window = 86'400 * int64_t{400}, .key = {}};
  const CounterKey later{
      .name = "cap", .window = 86'400 * int64_t{900}, .key = {}};
  CounterKey object{.name = "limit", .window = 0, .key = Object("b")};
  for (const CounterKey& key : {plain, past, later, object, Of("a"), Of("b")}) {
    journal_.Count(delta, Member("b"), key, 5);
  }
  Append(delta);
  Append(Merge("m", "a", "b"));
  for (const bool reopens : {false, true}) {
    SCOPED_TRACE(reopens);
    if (reopens) Open();
    const auto state =
        Loaded(*Begin(), {.entity = Member("b"), .all_counters = true});
    EXPECT_EQ(state->counters.size(), 5u);
    EXPECT_EQ(state->Counter(plain), 5);
    EXPECT_EQ(state->Counter(past), 5);
    EXPECT_EQ(state->Counter(later), 5);
    EXPECT_EQ(state->Counter(object), 5);
    EXPECT_EQ(state->Counter(Of("b")), 10);
    EXPECT_TRUE(state->exists);
  }
}

TEST_P(AliasConformance, AreKeysOfCountersThatCanBeFound) {
  Count(3, 4);
  Delta delta = journal_.Next("more");
  journal_.Count(delta, Member("c"), Of("a", 7), 1);
  journal_.Count(delta, Member("c"),
                 {.name = "other", .window = 0, .key = Member("a")}, 1);
  journal_.Count(delta, Member("c"),
                 {.name = "limit", .window = 0, .key = Object("a")}, 1);
  Append(delta);
  const auto found = [&](const std::string& member) {
    return *Begin()->CountersKeyedBy(member, {"limit", "none"});
  };
  for (const bool reopens : {false, true}) {
    SCOPED_TRACE(reopens);
    if (reopens) Open();
    EXPECT_THAT(found("a"), ElementsAre(Pair(Member("c"), Of("a", 7)),
                                        Pair(Object("post"), Of("a"))));
    EXPECT_THAT(found("b"), ElementsAre(Pair(Object("post"), Of("b"))));
    EXPECT_THAT(found("c"), IsEmpty());
    EXPECT_THAT(found("nobody"), IsEmpty());
  }
  Append(Merge("m", "a", "b"));
  for (const bool reopens : {false, true}) {
    SCOPED_TRACE(reopens);
    if (reopens) Open();
    EXPECT_THAT(found("b"), ElementsAre(Pair(Member("c"), Of("b", 7)),
                                        Pair(Object("post"), Of("b"))));
  }
}

TEST_P(AliasConformance, AreForgottenTogether) {
  Count(3, 4);
  Append(Merge("m", "a", "b"));
  Delta erased = journal_.Next("x");
  erased.recorded.event.type = kErase;
  erased.recorded.event.actor = "a";
  erased.erased_members = {"b", "a"};
  {
    auto transaction = Begin();
    ASSERT_TRUE(transaction->Write(erased).ok());
    EXPECT_EQ(transaction->Aliases().Resolve("a"), "a");
  }
  EXPECT_EQ(Begin()->Aliases().Resolve("a"), "b");  // it was not committed
  Append(erased);
  for (const bool reopens : {false, true}) {
    SCOPED_TRACE(reopens);
    if (reopens) Open();
    EXPECT_EQ(Begin()->Aliases().size(), 1u);
    EXPECT_EQ(Begin()->Aliases().Resolve("a"), "a");
    EXPECT_EQ(*Read()->Resolve("b"), "b");
    EXPECT_THAT(*Read()->Faults(), IsEmpty());
  }
}

INSTANTIATE_TEST_SUITE_P(Stores, AliasConformance,
                         ::testing::Values("memory", "sqlite", "merged"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace loyalty::store
