// SPDX-License-Identifier: Apache-2.0
//
// Two stores that are told the same history give the same answers: the slow,
// obviously right one is the measure of the other. A history is named by its
// seed, and a failure prints it.
#include <absl/strings/str_cat.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <climits>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
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
using model::Position;

const std::vector<std::string> kMembers = {"ada",        "bob", "'cy'",
                                           "d\xc3\xa4n", "Eve", "fay"};
const std::vector<std::string> kObjects = {"post-1", "post-2", "ada", "\"q\""};
const std::vector<std::string> kCurrencies = {"points", "gems"};

// As values that compare.
std::vector<std::pair<model::Movement, bool>> Compared(
    const absl::StatusOr<std::vector<GivenAward>>& awards) {
  std::vector<std::pair<model::Movement, bool>> compared;
  for (const GivenAward& award : awards.value()) {
    compared.emplace_back(award.movement, award.reversed);
  }
  return compared;
}
std::vector<std::tuple<std::string, int64_t, int64_t>> Compared(
    const absl::StatusOr<std::vector<Standing>>& standings) {
  std::vector<std::tuple<std::string, int64_t, int64_t>> compared;
  for (const Standing& standing : standings.value()) {
    compared.emplace_back(standing.member, standing.earned, standing.balance);
  }
  return compared;
}

std::vector<std::tuple<int64_t, int64_t, std::string, int64_t>> Compared(
    const absl::StatusOr<std::vector<Ranked>>& page) {
  std::vector<std::tuple<int64_t, int64_t, std::string, int64_t>> compared;
  for (const Ranked& one : page.value()) {
    compared.emplace_back(one.row, one.rank, one.member, one.earned);
  }
  return compared;
}

class RandomHistory {
 public:
  explicit RandomHistory(uint32_t seed) : random_(seed) {}

  int Below(int bound) {
    return std::uniform_int_distribution<int>(0, bound - 1)(random_);
  }
  const std::string& OneOf(const std::vector<std::string>& names) {
    return names[static_cast<size_t>(Below(static_cast<int>(names.size())))];
  }
  Entity SomeEntity() {
    const int kind = Below(5);
    if (kind == 0) return Entity{};
    return kind < 3 ? Member(OneOf(kMembers)) : Object(OneOf(kObjects));
  }
  CounterKey SomeCounter() {
    CounterKey key{absl::StrCat("limit:", Below(3)), Below(2) * 86'400};
    if (Below(2) == 0) {
      key.key =
          Below(2) == 0 ? Member(OneOf(kMembers)) : Object(OneOf(kObjects));
    }
    return key;
  }

  Delta Next() {
    Delta delta = journal_.Next(absl::StrCat("event-", ++events_));
    if (Below(12) == 0) {
      Erase(delta);
      return delta;
    }
    delta.member_attributes = {"owner"};
    delta.personal_attributes = {"mail"};
    if (Below(3) == 0) delta.recorded.event.actor = OneOf(kMembers);
    if (Below(3) == 0) {
      delta.recorded.event.attributes.emplace("owner", OneOf(kMembers));
    }
    if (delta.recorded.event.actor.has_value() && Below(2) == 0) {
      delta.recorded.event.attributes.emplace("mail", "ada@example.org");
    }
    const int awards = Below(4);
    for (int i = 0; i < awards; ++i) {
      const std::string& member = OneOf(kMembers);
      const std::string& currency = OneOf(kCurrencies);
      std::optional<std::string> subject;
      if (Below(3) != 0) subject = OneOf(kObjects);
      const Position at = journal_.Award(delta, member, Below(40) - 10,
                                         std::move(subject), currency);
      pending_.push_back({member + "/" + currency, at});
    }
    for (int i = Below(3); i > 0; --i) {
      const Entity entity = SomeEntity();
      if (entity.kind == Entity::Kind::kMember)
        journal_.Enroll(delta, entity.id);
      journal_.Count(delta, entity, SomeCounter(), Below(4));
    }
    if (Below(4) == 0) MaybeReverse(delta);
    if (Below(6) == 0) {
      const int64_t seq = 1 + Below(events_);
      if (seq < delta.recorded.seq && reversed_.insert(seq).second) {
        delta.reversed_events.push_back(seq);
      }
    }
    return delta;
  }

 private:
  // What a member who was erased was awarded is left alone.
  void Erase(Delta& delta) {
    const std::string member = OneOf(kMembers);
    journal_.Erase(delta, member);
    std::erase_if(pending_, [&](const auto& one) {
      return one.first.starts_with(member + "/");
    });
  }

  // Undoes up to three awards, all of one member and currency.
  void MaybeReverse(Delta& delta) {
    if (pending_.empty()) return;
    const std::string whose =
        pending_[static_cast<size_t>(Below(static_cast<int>(pending_.size())))]
            .first;
    std::vector<Position> undone;
    std::erase_if(pending_, [&](const auto& one) {
      if (one.first != whose || undone.size() == 3) return false;
      if (one.second.seq == delta.recorded.seq) return false;
      undone.push_back(one.second);
      return true;
    });
    if (!undone.empty()) journal_.Reverse(delta, undone);
  }

  std::mt19937 random_;
  JournalBuilder journal_;
  int events_ = 0;
  std::vector<std::pair<std::string, Position>> pending_;  // not yet reversed
  std::set<int64_t> reversed_;
};

void ExpectSameInTransaction(Transaction& a, Transaction& b,
                             RandomHistory& history) {
  EXPECT_EQ(a.ReadHead()->seq, b.ReadHead()->seq);
  EXPECT_EQ(a.ReadHead()->recorded_at, b.ReadHead()->recorded_at);
  const int64_t last = a.ReadHead()->seq;
  const int64_t seq = history.Below(static_cast<int>(last) + 2);
  EXPECT_EQ(*a.FindEvent(seq), *b.FindEvent(seq));
  EXPECT_EQ(Compared(a.MovementsOfEvent(seq)),
            Compared(b.MovementsOfEvent(seq)));
  EXPECT_EQ(*a.IsReversed(seq), *b.IsReversed(seq));
  const Entity entity = history.SomeEntity();
  std::set<CounterKey> keys = {history.SomeCounter(), history.SomeCounter()};
  const model::ReadSet wanted{entity, {keys.begin(), keys.end()}};
  EXPECT_EQ(*Loaded(a, wanted), *Loaded(b, wanted));
  const std::string& member = history.OneOf(kMembers);
  const std::string& currency = history.OneOf(kCurrencies);
  const Position from{seq, history.Below(3)};
  EXPECT_EQ(*a.FirstReversedSince(member, currency, from),
            *b.FirstReversedSince(member, currency, from));
  EXPECT_EQ(Compared(a.History(member, from)),
            Compared(b.History(member, from)));
  const std::string& object = history.OneOf(kObjects);
  const int limit = history.Below(20);
  EXPECT_EQ(Compared(a.AwardsOfObject(object, from, limit)),
            Compared(b.AwardsOfObject(object, from, limit)));
}

// The slow and obvious way: all lines, turned round.
std::optional<std::vector<StatementEntry>> BackFrom(Reader& reader,
                                                    const std::string& member,
                                                    const std::string& currency,
                                                    Position before,
                                                    int limit) {
  auto lines = *reader.Statement(member, currency, {0, -1}, INT_MAX);
  if (!lines.has_value()) return std::nullopt;
  std::erase_if(*lines, [&](const StatementEntry& line) {
    return line.movement.at >= before;
  });
  std::reverse(lines->begin(), lines->end());
  if (std::ssize(*lines) > limit) lines->resize(limit);
  return lines;
}

void ExpectSameToReaders(Reader& a, Reader& b, RandomHistory& history) {
  EXPECT_EQ(*a.Programs(), *b.Programs());
  const int limit = 1 + history.Below(12);
  const Entity after = history.SomeEntity();
  EXPECT_EQ(*a.States(Member(""), 100), *b.States(Member(""), 100));
  EXPECT_EQ(*a.States(after, limit), *b.States(after, limit));
  const model::Symbol left_out = history.SomeCounter().name;
  const auto wants = [&](model::Symbol name) { return name != left_out; };
  for (const std::string& member : kMembers) {
    EXPECT_EQ(*a.Find(Member(member)), *b.Find(Member(member)));
    EXPECT_EQ(*a.FindMember(member, wants), *b.FindMember(member, wants));
    for (const std::string& currency : {std::string(), kCurrencies[0]}) {
      const Position from{history.Below(40), history.Below(3)};
      EXPECT_EQ(*a.Statement(member, currency, from, limit),
                *b.Statement(member, currency, from, limit));
      const auto back = *a.StatementBefore(member, currency, from, limit);
      EXPECT_EQ(back, *b.StatementBefore(member, currency, from, limit));
      EXPECT_EQ(back, BackFrom(a, member, currency, from, limit));
    }
  }
  for (const std::string& object : kObjects) {
    EXPECT_EQ(*a.Find(Object(object)), *b.Find(Object(object)));
  }
  EXPECT_EQ(*a.Find(Entity{}), *b.Find(Entity{}));
  for (const std::string& currency : kCurrencies) {
    EXPECT_EQ(Compared(a.Balances(currency, after.id, limit)),
              Compared(b.Balances(currency, after.id, limit)));
    EXPECT_EQ(Compared(a.Top({currency}, limit)),
              Compared(b.Top({currency}, limit)));
    const int row = history.Below(8) - 1;
    EXPECT_EQ(Compared(a.Page({currency}, row, limit)),
              Compared(b.Page({currency}, row, limit)));
    for (const std::string& member : kMembers) {
      EXPECT_EQ(*a.Rank({currency}, member), *b.Rank({currency}, member));
    }
  }
  const int64_t seq = history.Below(60);
  EXPECT_EQ(*a.Events(seq, limit), *b.Events(seq, limit));
  EXPECT_EQ(*a.MovementsOfEvent(seq), *b.MovementsOfEvent(seq));
  const std::string id = absl::StrCat("event-", seq);
  EXPECT_EQ(*a.FindEvent(id), *b.FindEvent(id));
}

void ExpectNoFaults(Store& store) {
  const auto faults = (*store.Read())->Faults();
  ASSERT_TRUE(faults.ok()) << faults.status();
  EXPECT_TRUE(faults->empty()) << faults->front();
}

void ExpectOneHistoryToBeTheSame(uint32_t seed) {
  const TemporaryFolder folder;
  const auto memory = NewMemoryStore();
  const auto sqlite =
      OpenSqliteStore(folder.File("twin.db"), Access::kWrite).value();
  ASSERT_TRUE(memory->AddProgram(SomeProgram()).ok());
  ASSERT_TRUE(sqlite->AddProgram(SomeProgram()).ok());
  RandomHistory history(seed);
  for (int batch = 0; batch < 40; ++batch) {
    // What is rolled back is forgotten by the history too.
    const RandomHistory before = history;
    const bool rolls_back = history.Below(4) == 0;
    {
      auto a = memory->Begin().value();
      auto b = sqlite->Begin().value();
      for (int i = history.Below(12); i >= 0; --i) {
        const Delta delta = history.Next();
        const absl::Status to_a = a->Write(delta);
        const absl::Status to_b = b->Write(delta);
        ASSERT_TRUE(to_a.ok()) << to_a;
        ASSERT_TRUE(to_b.ok()) << to_b;
        ExpectSameInTransaction(*a, *b, history);
      }
      if (!rolls_back) {
        ASSERT_TRUE(a->Commit().ok());
        ASSERT_TRUE(b->Commit().ok());
      }
    }
    if (rolls_back) {
      history = before;
      history.Below(2);  // or it would make the same choice for ever
    }
    auto a = memory->Read().value();
    auto b = sqlite->Read().value();
    ExpectSameToReaders(*a, *b, history);
    if (::testing::Test::HasFailure()) return;
  }
  ExpectNoFaults(*memory);
  ExpectNoFaults(*sqlite);
}

TEST(StoreTwins, GiveTheSameAnswersToEveryHistory) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    ExpectOneHistoryToBeTheSame(seed);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace loyalty::store
