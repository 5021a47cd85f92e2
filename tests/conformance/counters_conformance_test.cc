// SPDX-License-Identifier: Apache-2.0
//
// Counters are what was written last, and of a stretch of time all there are,
// whatever of it is in memory by now.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

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

class CounterConformance : public ::testing::TestWithParam<std::string> {
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

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  JournalBuilder journal_;
};

TEST_P(CounterConformance, LoadsOnlyTheCountersThatWereAskedFor) {
  Delta delta = journal_.Next("e1");
  const CounterKey likes{"metric:likes", 0};
  const CounterKey limit{"limit:r/0/1", 86'400'000'000, Member("bob")};
  journal_.Count(delta, Object("post"), likes, 3);
  journal_.Count(delta, Object("post"), limit, -4);
  journal_.Count(delta, Entity{}, likes, 7);
  Append(delta);
  auto transaction = Begin();
  EXPECT_THAT(Loaded(*transaction, {Object("post"), {limit}})->counters,
              ElementsAre(std::pair(limit, -4)));
  EXPECT_THAT(Loaded(*transaction, {Entity{}, {likes}})->counters,
              ElementsAre(std::pair(likes, 7)));
  EXPECT_EQ((*Read()->Find(Object("post")))->counters.size(), 2u);
  EXPECT_EQ((*Read()->Find(Entity{}))->counters.size(), 1u);
}

TEST_P(CounterConformance, FindsAMemberWithTheCountersThatAreWanted) {
  Delta delta = journal_.Next("e1");
  for (const char* const name : {"a", "b", "c"}) {
    for (int64_t i = 0; i < 9; ++i) {  // pages of their own
      const CounterKey key{name, i * 40 * 86'400};
      journal_.Count(delta, Member("ada"), key, 1 + i);
      journal_.Count(delta, Member("ada"), {name, key.window, Object("x")}, 9);
    }
  }
  Append(delta);
  const model::EntityState all = **Read()->Find(Member("ada"));
  for (unsigned some = 0; some < 8; ++some) {
    const auto wants = [&](model::Symbol name) {
      return (some >> (name.text()[0] - 'a') & 1) != 0;
    };
    model::EntityState wanted = all;
    wanted.counters.EraseIf([&](auto& one) { return !wants(one.first.name); });
    EXPECT_EQ(**Read()->FindMember("ada", wants), wanted);
  }
}

TEST_P(CounterConformance, LoadsNothingOfWhatTheStateHeldBefore) {
  Delta delta = journal_.Next("e1");
  journal_.Award(delta, "ada", 5);
  journal_.Count(delta, Member("ada"), {"metric:likes", 0}, 3);
  Append(delta);
  const auto transaction = Begin();
  const model::ReadSet all{Member("ada"), {{"metric:likes", 0}}};
  model::EntityState state;
  ASSERT_TRUE(transaction->Load(all, state).ok());
  EXPECT_EQ(state.Held("points").balance, 5);
  EXPECT_EQ(state.counters.size(), 1u);
  ASSERT_TRUE(transaction->Load({Member("bob"), {}}, state).ok());
  EXPECT_EQ(state, model::EntityState{.entity = Member("bob")});
}

TEST_P(CounterConformance, TreatsACounterOfZeroAsAbsent) {
  const CounterKey likes{"metric:likes", 0};
  Delta up = journal_.Next("e1");
  journal_.Count(up, Object("post"), likes, 3);
  Append(up);
  Delta down = journal_.Next("e2");
  journal_.Count(down, Object("post"), likes, 0);
  Append(down);
  EXPECT_THAT(Loaded(*Begin(), {Object("post"), {likes}})->counters, IsEmpty());
  EXPECT_EQ(*Read()->Find(Object("post")), std::nullopt);
  EXPECT_THAT(*Read()->States(Member(""), 9), IsEmpty());
}

TEST_P(CounterConformance, KeepsCountersApartByEveryPartOfTheirKey) {
  Delta delta = journal_.Next("e1");
  const std::vector<CounterKey> keys = {{"a", 0},
                                        {"a", 0, Member("x")},
                                        {"a", 0, Object("x")},
                                        {"a", 1},
                                        {"b", 0},
                                        {"a", -1}};
  int64_t value = 0;
  for (const CounterKey& key : keys) {
    journal_.Count(delta, Member("same"), key, ++value);
    journal_.Count(delta, Object("same"), key, -value);
  }
  Append(delta);
  const auto member = **Read()->Find(Member("same"));
  const auto object = **Read()->Find(Object("same"));
  value = 0;
  for (const CounterKey& key : keys) {
    EXPECT_EQ(member.Counter(key), ++value);
    EXPECT_EQ(object.Counter(key), -value);
  }
}

TEST_P(CounterConformance, FindsCountersOfTheProgram) {
  EXPECT_TRUE(Read()->Program()->counters.empty());
  EXPECT_EQ(*Read()->CounterOfProgram({"a", 0, Object("x")}), 0);
  Delta delta = journal_.Next("e1");
  journal_.Count(delta, Entity{}, {"a", 0}, 1);
  journal_.Count(delta, Entity{}, {"a", 0, Object("x")}, 2);
  journal_.Count(delta, Entity{}, {"a", 0, Member("x")}, 3);
  journal_.Count(delta, Entity{}, {"a", 7, Object("x")}, 4);
  journal_.Count(delta, Entity{}, {"b", 0, Object("x")}, 5);
  journal_.Count(delta, Object("x"), {"a", 0, Object("y")}, 6);
  Append(delta);
  const auto program = *Read()->Program();
  EXPECT_EQ(program.counters.size(), 1u);
  EXPECT_EQ(program.Counter({"a", 0}), 1);
  EXPECT_EQ(*Read()->CounterOfProgram({"a", 0, Object("x")}), 2);
  EXPECT_EQ(*Read()->CounterOfProgram({"a", 7, Object("x")}), 4);
  EXPECT_EQ(*Read()->CounterOfProgram({"b", 0, Object("x")}), 5);
  EXPECT_EQ(*Read()->CounterOfProgram({"b", 0, Object("y")}), 0);
  EXPECT_EQ(*Read()->CounterOfProgram({"c", 0, Object("x")}), 0);
}

TEST_P(CounterConformance, LoadsAStretchOfTimeOfOneKeyOrOfAll) {
  const auto key = [](int64_t window, model::CounterKeyPart part) {
    return CounterKey{"metric:m/of", window, std::move(part)};
  };
  const auto has = [](const CounterKey& counter, int64_t value) {
    return std::pair(counter, value);
  };
  Delta first = journal_.Next("e1");
  journal_.Count(first, Member("ada"), key(10, Object("x")), 1);
  journal_.Count(first, Member("ada"), key(11, Object("x")), 2);
  journal_.Count(first, Member("ada"), key(11, Member("bob")), 3);
  journal_.Count(first, Member("ada"), key(12, Object("y")), 4);
  journal_.Count(first, Member("ada"), key(12, {}), 5);
  journal_.Count(first, Member("ada"), {"metric:n/of", 11, Object("x")}, 6);
  journal_.Count(first, Member("cy"), key(11, Object("x")), 7);
  Append(first);
  Delta second = journal_.Next("e2");
  journal_.Count(second, Member("ada"), key(12, Object("y")), 0);
  journal_.Count(second, Member("ada"), key(-3, Object("z")), 8);
  Append(second);
  const auto loaded = [&](model::CounterRange range,
                          std::vector<CounterKey> counters = {}) {
    range.name = "metric:m/of";
    return Loaded(*Begin(), {Member("ada"), std::move(counters), {range}})
        ->counters;
  };
  EXPECT_THAT(loaded({.from = 11, .to = 12, .any_key = true}),
              ElementsAre(has(key(11, Member("bob")), 3),
                          has(key(11, Object("x")), 2)));
  EXPECT_THAT(
      loaded({.from = -5, .to = 10, .any_key = true}),
      ElementsAre(has(key(-3, Object("z")), 8), has(key(10, Object("x")), 1)));
  EXPECT_THAT(
      loaded({.from = -5, .to = 12, .key = Object("x")}),
      ElementsAre(has(key(10, Object("x")), 1), has(key(11, Object("x")), 2)));
  EXPECT_THAT(loaded({.from = 10, .to = 12}), ElementsAre(has(key(12, {}), 5)));
  // What is named beside the stretch it lies in is there once.
  EXPECT_THAT(loaded({.from = 11, .to = 11, .any_key = true},
                     {key(11, Object("x")), key(12, {})}),
              ElementsAre(has(key(11, Member("bob")), 3),
                          has(key(11, Object("x")), 2), has(key(12, {}), 5)));
}

TEST_P(CounterConformance, LoadsAStretchOfTimeAgainAsItIsByThen) {
  const auto key = [](int64_t window) {
    return CounterKey{"streak:s/of", window, Object("x")};
  };
  const auto loaded = [&](int64_t from, int64_t to) {
    return Loaded(*Begin(), {Member("ada"),
                             {},
                             {{.name = "streak:s/of",
                               .from = from,
                               .to = to,
                               .any_key = true}}})
        ->counters;
  };
  const auto append = [&](const char* id,
                          std::vector<std::pair<int64_t, int64_t>> values) {
    Delta delta = journal_.Next(id);
    for (const auto& [window, value] : values) {
      journal_.Count(delta, Member("ada"), key(window), value);
    }
    Append(delta);
  };
  const auto has = [&](int64_t window, int64_t value) {
    return std::pair(key(window), value);
  };
  append("e1", {{10, 1}, {11, 2}, {14, 9}});
  EXPECT_THAT(loaded(0, 11), ElementsAre(has(10, 1), has(11, 2)));
  append("e2", {{11, 0}, {12, 4}, {8, 7}});
  EXPECT_THAT(loaded(0, 11), ElementsAre(has(8, 7), has(10, 1)));
  EXPECT_THAT(loaded(0, 12), ElementsAre(has(8, 7), has(10, 1), has(12, 4)));
  {
    Delta delta = journal_.Next("e3");
    journal_.Count(delta, Member("ada"), key(9), 3);
    journal_.Count(delta, Member("ada"), key(10), 5);
    ASSERT_TRUE(Begin()->Write(delta).ok());  // and not committed
  }
  EXPECT_THAT(loaded(0, 12), ElementsAre(has(8, 7), has(10, 1), has(12, 4)));
  EXPECT_THAT(loaded(9, 14), ElementsAre(has(10, 1), has(12, 4), has(14, 9)));
}

INSTANTIATE_TEST_SUITE_P(Stores, CounterConformance,
                         ::testing::Values("memory", "sqlite", "merged"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace loyalty::store
