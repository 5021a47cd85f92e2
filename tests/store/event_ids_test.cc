// SPDX-License-Identifier: Apache-2.0
//
// Ids beside a plain map of them: in order, in none, and in every mixture; each
// is found, no other is, and the tables are the same however often they were
// brought up to date.
#include "store/event_ids.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "store/schema.h"

namespace loyalty::store {
namespace {

std::vector<std::string> RowsOf(Database& db, const char* sql) {
  std::vector<std::string> all;
  Rows rows = db.Query(sql);
  while (rows.Next()) {
    for (int i = 0; i < rows.columns(); ++i) {
      all.emplace_back(rows.Text(i));
    }
  }
  EXPECT_TRUE(rows.status().ok()) << rows.status();
  return all;
}

class Journal {
 public:
  Journal() : db_(*Database::Open(":memory:", Database::Mode::kReadWrite)) {
    EXPECT_TRUE(MakeDerivedTables(*db_).ok());
    EXPECT_TRUE(
        db_->Execute("CREATE TABLE event (seq INTEGER PRIMARY KEY, id TEXT)")
            .ok());
  }

  void Add(const std::string& id) {
    ++seq_;
    EXPECT_TRUE(
        db_->Run("INSERT INTO event (seq, id) VALUES (?, ?)", seq_, id).ok());
    order_.Add(id, seq_);
  }
  void Merge() {
    const absl::Status added =
        EventIds(*db_, *db_).Add(through_, seq_, order_, MergeInto::kFile);
    EXPECT_TRUE(added.ok()) << added;
    through_ = seq_;
    order_.ForgetBefore(IdOrder::BlockOf(through_ + 1));
  }
  // As a writer that opens the file.
  void Reopen() {
    IdOrder order = *EventIds(*db_, *db_).OrderAt(through_);
    EXPECT_EQ(order.greatest(), order_.greatest());
    EXPECT_EQ(order.broken(), order_.broken());
    order_ = std::move(order);
  }
  int64_t SeqOf(const std::string& id) {
    return *EventIds(*db_, *db_).SeqOf(id);
  }
  std::vector<std::string> Tables() {
    std::vector<std::string> all =
        RowsOf(*db_, "SELECT first, last, seq, entries FROM event_run");
    all.emplace_back("and");
    for (std::string& one :
         RowsOf(*db_, "SELECT id, seq FROM event_by_id ORDER BY id")) {
      all.push_back(std::move(one));
    }
    return all;
  }

  std::unique_ptr<Database> db_;
  IdOrder order_;
  int64_t seq_ = 0;
  int64_t through_ = 0;
};

std::string Ordered(int64_t i) { return absl::StrFormat("%09d", 2 * i); }

// Of `count` ids; `is_ordered(i)`: whether the i-th is greater than all before.
std::vector<std::string> Ids(int64_t count, uint32_t seed,
                             const std::function<bool(int64_t)>& is_ordered) {
  std::mt19937 random(seed);
  std::vector<std::string> ids;
  for (int64_t i = 0; i < count; ++i) {
    ids.push_back(is_ordered(i)
                      ? Ordered(i)
                      : absl::StrFormat("%09d-%d", random() % (2 * count), i));
  }
  return ids;
}

void ExpectFound(const std::vector<std::string>& ids, uint32_t seed) {
  Journal often;
  Journal once;
  std::mt19937 random(seed);
  std::map<std::string, int64_t> twin;
  for (const std::string& id : ids) {
    often.Add(id);
    once.Add(id);
    twin[id] = once.seq_;
    if (random() % 40 == 0) often.Merge();
    if (random() % 90 == 0 && often.through_ == often.seq_) often.Reopen();
  }
  often.Merge();
  once.Merge();
  EXPECT_EQ(often.Tables(), once.Tables());
  for (const auto& [id, seq] : twin) {
    EXPECT_EQ(often.SeqOf(id), seq) << id;
    EXPECT_EQ(often.SeqOf(id + "!"), 0);
  }
  EXPECT_EQ(often.SeqOf(""), 0);
  EXPECT_EQ(often.SeqOf("x"), 0);
}

TEST(EventIds, AreFoundWhateverTheirOrder) {
  for (uint32_t seed = 1; seed <= 3; ++seed) {
    for (const int64_t count : {1, 63, 64, 65, 128, 200, 777}) {
      SCOPED_TRACE(absl::StrCat(count, " ids, seed ", seed));
      ExpectFound(Ids(count, seed, [](int64_t) { return true; }), seed);
      ExpectFound(Ids(count, seed, [](int64_t) { return false; }), seed);
      ExpectFound(Ids(count, seed, [](int64_t i) { return i % 71 != 5; }),
                  seed);
      ExpectFound(Ids(count, seed, [](int64_t i) { return i % 300 < 150; }),
                  seed);
    }
  }
}

TEST(EventIds, ThatAscendTakeOneRow) {
  Journal journal;
  for (int64_t i = 0; i < 6400; ++i) {
    journal.Add(Ordered(i));
    if (i % 100 == 17) journal.Merge();
  }
  journal.Merge();
  EXPECT_EQ(RowsOf(*journal.db_, "SELECT entries FROM event_run"),
            std::vector<std::string>{"6400"});
  EXPECT_EQ(RowsOf(*journal.db_, "SELECT count(*) FROM event_by_id"),
            std::vector<std::string>{"0"});
}

TEST(EventIds, AreTakenBackAsTheyCame) {
  IdOrder order;
  for (int64_t seq = 1; seq <= 100; ++seq) order.Add(Ordered(seq), seq);
  const std::string greatest = order.greatest();
  const size_t broken = order.broken().size();
  order.Add("000000001", 101);
  order.Add(Ordered(500), 200);
  order.Restore(greatest, broken);
  EXPECT_EQ(order.greatest(), Ordered(100));
  EXPECT_TRUE(order.broken().empty());
}

}  // namespace
}  // namespace loyalty::store
