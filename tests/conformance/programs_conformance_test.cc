// SPDX-License-Identifier: Apache-2.0
//
// What is true of every store of the programs that decide, one after another.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "store/journal_builder.h"
#include "store/memory_store.h"
#include "store/sqlite_store.h"
#include "store/store.h"
#include "store/temporary_folder.h"

namespace loyalty::store {
namespace {

using absl::StatusCode;
using ::testing::IsEmpty;

class ProgramConformance : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "memory") {
      store_ = NewMemoryStore();
    } else {
      auto opened = OpenSqliteStore(folder_.File("test.db"), Access::kWrite);
      ASSERT_TRUE(opened.ok()) << opened.status();
      store_ = *std::move(opened);
    }
    ASSERT_TRUE(store_->AddProgram(SomeProgram()).ok());
  }
  std::unique_ptr<Transaction> Begin() { return store_->Begin().value(); }
  std::unique_ptr<Reader> Read() { return store_->Read().value(); }
  void Append(const Delta& delta) {
    auto transaction = Begin();
    const absl::Status written = transaction->Write(delta);
    ASSERT_TRUE(written.ok()) << written;
    ASSERT_TRUE(transaction->Commit().ok());
  }
  absl::Status Refusal(const Delta& delta) { return Begin()->Write(delta); }

  TemporaryFolder folder_;
  std::unique_ptr<Store> store_;
  JournalBuilder journal_;
};

TEST_P(ProgramConformance, HasAFirstProgramAndNoSecondWithoutASwitch) {
  EXPECT_EQ(store_->AddProgram(SomeProgram()).status().code(),
            StatusCode::kInternal);
  const auto programs = *Read()->Programs();
  ASSERT_EQ(programs.size(), 1u);
  StoredProgram wanted = SomeProgram();
  wanted.number = 1;
  EXPECT_EQ(programs[0], wanted);
}

TEST_P(ProgramConformance, TakesAnotherProgramWithTheEventThatSwitchesToIt) {
  Delta award = journal_.Next("e1");
  journal_.Award(award, "ada", 5, std::nullopt, "points");
  Append(award);
  Delta delta = journal_.Next("switch");
  delta.recorded.program = 2;
  delta.program = SomeProgram();
  delta.program->number = 2;
  delta.program->version = "2";
  delta.program->identity = "beef";
  delta.program->since = 2;
  // Dropped, it leaves nothing; and the next one of that number is another.
  EXPECT_TRUE(Refusal(delta).ok());
  EXPECT_EQ(Read()->Programs()->size(), 1u);
  delta.program->identity = "cafe";
  Append(delta);
  const auto programs = *Read()->Programs();
  ASSERT_EQ(programs.size(), 2u);
  EXPECT_EQ(programs[1], *delta.program);
  EXPECT_EQ(Read()->Events(1, 1)->front().program, 2);
  EXPECT_THAT(*Read()->Faults(), IsEmpty());
  Delta other = journal_.Next("other");
  other.recorded.program = 2;
  other.program = delta.program;
  EXPECT_EQ(Refusal(other).code(), StatusCode::kInternal);
}

INSTANTIATE_TEST_SUITE_P(Stores, ProgramConformance,
                         ::testing::Values("memory", "sqlite"),
                         [](const auto& test) { return test.param; });

}  // namespace
}  // namespace loyalty::store
