// SPDX-License-Identifier: Apache-2.0
//
// Entries through a file and back: every event and outcome as it was, members
// as numbers in the journal's bytes, and personal values that can be forgotten
// without a trace and without a fault.
#include "store/record.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "store/journal_builder.h"
#include "store/raw_sqlite.h"
#include "store/sqlite_store.h"
#include "store/temporary_folder.h"
#include "wire/random_event.h"

namespace loyalty::store {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Records : public ::testing::Test {
 protected:
  void SetUp() override {
    store_ = OpenSqliteStore(path_, Access::kWrite).value();
    ASSERT_TRUE(store_->AddProgram(SomeProgram()).ok());
  }
  void Write(const Delta& delta) {
    auto transaction = store_->Begin().value();
    const absl::Status written = transaction->Write(delta);
    ASSERT_TRUE(written.ok()) << written;
    ASSERT_TRUE(transaction->Commit().ok());
  }
  std::vector<std::string> Faults() {
    return *store_->Read().value()->Faults();
  }

  TemporaryFolder folder_;
  const std::string path_ = folder_.File("test.db");
  std::unique_ptr<Store> store_;
  JournalBuilder journal_;
};

TEST_F(Records, GiveBackEveryEventAndOutcome) {
  wire::Random random(3);
  std::vector<model::RecordedEvent> written;
  for (int i = 0; i < 300; ++i) {
    Delta delta = journal_.Next(absl::StrCat("e", i));
    Event event = wire::RandomEvent(random);
    event.id = delta.recorded.event.id;
    delta.recorded.event = event;
    Outcome& outcome = delta.recorded.outcome;
    outcome.rejected = static_cast<RejectReason>(random() % 5);
    outcome.reason = outcome.accepted() ? "" : "so it is";
    if (outcome.accepted()) {
      const std::string member = absl::StrCat("m", random() % 7);
      journal_.Award(delta, member, 1 + static_cast<int64_t>(random() % 9));
      const model::Movement& m = delta.movements.back();
      outcome.effects = {Awarded{.member = "",
                                 .currency = "points",
                                 .rule = "r",
                                 .asked = 3,
                                 .cut = CutReason::kNoRecipient},
                         Awarded{.member = m.member,
                                 .currency = m.currency,
                                 .rule = m.rule,
                                 .asked = m.asked,
                                 .limited = m.limited,
                                 .units = m.units},
                         LevelChanged{.member = member,
                                      .ladder = "l",
                                      .from = "a",
                                      .to = "b",
                                      .up = random() % 2 == 0}};
      outcome.notes = {{"r", "a sentence"}, {"metric:m", "another"}};
    }
    Write(delta);
    written.push_back(delta.recorded);
  }
  store_.reset();
  store_ = OpenSqliteStore(path_, Access::kWrite).value();
  EXPECT_EQ(*store_->Read().value()->Events(0, 1000), written);
  for (const model::RecordedEvent& one : written) {
    EXPECT_EQ(**store_->Begin().value()->FindEvent(one.event.id), one);
  }
  EXPECT_THAT(Faults(), IsEmpty());
}

// The bytes of the table event: its texts and blobs, one after another.
std::string JournalBytes(const std::string& path) {
  std::string bytes;
  for (const std::string& hex :
       RawSqlite(path).Values("SELECT hex(id) || hex(record) || "
                              "hex(movements) FROM event")) {
    bytes += hex;
  }
  return bytes;
}
std::string Hex(std::string_view text) {
  std::string hex;
  for (const char c : text) {
    hex +=
        absl::StrCat(absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
  }
  for (char& c : hex) c = static_cast<char>(std::toupper(c));
  return hex;
}

TEST_F(Records, NameNoMemberAndNothingPersonalInTheJournal) {
  Delta delta = journal_.Next("e1");
  Event& event = delta.recorded.event;
  event.actor = "ada.lovelace";
  event.attributes = {{"owner", "grace.hopper"},
                      {"friends", Value::List{"grace.hopper", "alan.turing"}},
                      {"email", "ada@example.org"},
                      {"topic", "engines"}};
  delta.member_attributes = {"owner", "friends"};
  delta.personal_attributes = {"email"};
  journal_.Award(delta, "grace.hopper", 5);
  delta.recorded.outcome.effects = {Awarded{.member = "grace.hopper",
                                            .currency = "points",
                                            .rule = "rule_of_points",
                                            .asked = 5,
                                            .limited = 5,
                                            .units = 5}};
  Write(delta);
  EXPECT_EQ(**store_->Read().value()->FindEvent("e1"), delta.recorded);
  const std::string bytes = JournalBytes(path_);
  EXPECT_THAT(bytes, HasSubstr(Hex("engines")));
  for (const char* hidden :
       {"ada.lovelace", "grace.hopper", "alan.turing", "ada@example.org"}) {
    EXPECT_THAT(bytes, ::testing::Not(HasSubstr(Hex(hidden)))) << hidden;
  }
  EXPECT_THAT(Faults(), IsEmpty());
}

TEST_F(Records, CanBeForgottenButNotChanged) {
  Delta delta = journal_.Next("e1");
  delta.recorded.event.actor = "ada";
  delta.recorded.event.attributes = {{"email", "ada@example.org"},
                                     {"topic", "engines"}};
  delta.personal_attributes = {"email"};
  Write(delta);
  store_.reset();
  RawSqlite raw(path_);
  ASSERT_EQ(raw.RunPastTriggers("UPDATE personal SET value = x'2201'"),
            SQLITE_OK);
  store_ = OpenSqliteStore(path_, Access::kWrite).value();
  EXPECT_THAT(Faults(), Contains(HasSubstr("personal email")));
  Delta erased = journal_.Next("e2");
  journal_.Erase(erased, "ada");
  Write(erased);
  EXPECT_THAT(Faults(), IsEmpty());
  Event left = delta.recorded.event;
  left.actor = "#1";
  left.attributes.erase("email");
  EXPECT_EQ((*store_->Read().value()->FindEvent("e1"))->event, left);
  store_.reset();
  store_ = OpenSqliteStore(path_, Access::kRead).value();
  ASSERT_EQ(raw.Run("INSERT INTO personal VALUES (1, 7, 'email', x'00')"),
            SQLITE_OK);
  EXPECT_THAT(Faults(), Contains(HasSubstr("table personal")));
}

TEST_F(Records, DifferInTheirDigestsFromFileToFile) {
  const auto digests = [&](const std::string& path) {
    auto store = OpenSqliteStore(path, Access::kWrite).value();
    EXPECT_TRUE(store->AddProgram(SomeProgram()).ok());
    JournalBuilder journal;
    Delta delta = journal.Next("e1");
    delta.recorded.event.actor = "ada";
    auto transaction = store->Begin().value();
    EXPECT_TRUE(transaction->Write(delta).ok());
    EXPECT_TRUE(transaction->Commit().ok());
    transaction.reset();
    store.reset();
    return RawSqlite(path).Values("SELECT hex(record) FROM event");
  };
  // Else the digest of a likely name would tell whether it is this one.
  EXPECT_NE(digests(folder_.File("a.db")), digests(folder_.File("b.db")));
}

}  // namespace
}  // namespace loyalty::store
