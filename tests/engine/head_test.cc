// SPDX-License-Identifier: Apache-2.0
//
// Whoever kept a head elsewhere knows when the past was written anew; what
// verify finds without one, and what it cannot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "engine/forum_file.h"

namespace loyalty {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;

class Heads : public testing::ForumFile {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(MakeForum());
    ASSERT_TRUE(Open()->Process(Like("e5")).ok());
    kept_ = HeadOf(path_);
  }

  absl::StatusOr<std::string> ChainAt(int64_t seq) {
    return (*Queries::Open(path_))->ChainAt(seq);
  }

  JournalHead kept_;
};

TEST_F(Heads, AreOfTheLastEntry) {
  EXPECT_EQ(kept_.seq, 5);
  EXPECT_THAT(kept_.chain, MatchesRegex("[0-9a-f]+"));
  EXPECT_EQ(kept_.chain.size(), 64u);
  EXPECT_EQ(kept_.recorded_at,
            (*Queries::Open(path_))->Feed(4, 1).value()[0].recorded_at);
  EXPECT_EQ(ChainAt(5).value(), kept_.chain);
}

TEST_F(Heads, StayTrueOfAFileThatGoesOn) {
  ASSERT_TRUE(Open()->Process(Like("e6")).ok());
  EXPECT_EQ(ChainAt(kept_.seq).value(), kept_.chain);
  EXPECT_EQ(HeadOf(path_).seq, 6);
  EXPECT_NE(HeadOf(path_).chain, kept_.chain);
}

TEST_F(Heads, AreOfNoEntryWhereThereIsNone) {
  const std::string path = folder_.File("new.db");
  ASSERT_TRUE(Engine::Open(path, testing::MustRead(kForum)).ok());
  EXPECT_EQ(HeadOf(path).seq, 0);
  EXPECT_EQ(HeadOf(path).chain, "");
  const auto chain = (*Queries::Open(path))->ChainAt(1);
  EXPECT_EQ(chain.status().code(), absl::StatusCode::kNotFound);
}

TEST_F(Heads, HaveNoChainInMemory) {
  const auto engine = Engine::InMemory(testing::MustRead(kForum));
  ASSERT_TRUE((*engine)->Process(Like("e1")).ok());
  EXPECT_EQ((*(*engine)->Query())->Head()->seq, 1);
  EXPECT_EQ((*(*engine)->Query())->Head()->chain, "");
}

// The file is whole and true in itself; only the head knows better.
TEST_F(Heads, TellWhenTheLastEntriesAreMissing) {
  Edit(
      "DELETE FROM event WHERE seq > 3; "
      "DELETE FROM symbol WHERE text IN ('loyalty.reverse', 'event', '')");
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  ASSERT_THAT(Faults(), IsEmpty());
  EXPECT_EQ(ChainAt(kept_.seq).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(HeadOf(path_).seq, 3);
}

TEST_F(Heads, TellWhenTheEndWasWrittenAnew) {
  Edit(
      "DELETE FROM event WHERE seq > 3; "
      "DELETE FROM symbol WHERE text IN ('loyalty.reverse', 'event', '')");
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  const auto engine = Open();
  ASSERT_TRUE(engine->Process(Like("other4")).ok());
  ASSERT_TRUE(engine->Process(Like("other5")).ok());
  ASSERT_THAT(Faults(), IsEmpty());
  EXPECT_EQ(HeadOf(path_).seq, kept_.seq);
  EXPECT_NE(ChainAt(kept_.seq).value(), kept_.chain);
}

// 50 points for 5, with everything that follows from it: but no program said
// so.
TEST_F(Heads, AreNotNeededWhereTheProgramWouldHaveDecidedOtherwise) {
  Edit(
      "UPDATE event SET movements = json_insert(json_set(movements, "
      "'$[0][5]', 50, '$[0][6]', 61), "
      "'$[0][#]', 5, '$[0][#]', 5, '$[0][#]', 0) WHERE seq = 5");
  EXPECT_THAT(Faults(), Contains(HasSubstr("it does not fit the chain")));
  Rechain();
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  EXPECT_EQ((*Queries::Open(path_))->Member("grace")->currencies[0].balance,
            61);
  EXPECT_THAT(Faults(), ElementsAre(HasSubstr("entry 5, event \"e5\": its "
                                              "outcome is not what replaying"),
                                    HasSubstr("entry 5, event \"e5\": its "
                                              "movements are not what"),
                                    HasSubstr("the state of \"grace\"")));
  EXPECT_NE(ChainAt(kept_.seq).value(), kept_.chain);
}

// Another id, and the same consequences: replaying it gives the same.
TEST_F(Heads, TellWhenThePastWasWrittenAnewInAgreementWithTheProgram) {
  Edit("UPDATE event SET id = 'e0' WHERE seq = 1");
  EXPECT_THAT(Faults(), Contains(HasSubstr("it does not fit the chain")));
  Rechain();
  ASSERT_TRUE(Engine::Rebuild(path_).ok());
  ASSERT_THAT(Faults(), IsEmpty());
  for (int64_t seq = 1; seq <= 5; ++seq) {
    EXPECT_NE(ChainAt(seq).value(), kept_.chain) << seq;
  }
}

TEST_F(Heads, AreStillTrueAfterRechainingWhatWasNotEdited) {
  Rechain();
  EXPECT_EQ(ChainAt(kept_.seq).value(), kept_.chain);
}

}  // namespace
}  // namespace loyalty
