// SPDX-License-Identifier: Apache-2.0
//
// Verify finds what was changed past the library, and never trips over it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/forum_file.h"

namespace loyalty {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class Edited : public testing::ForumFile {
 protected:
  void SetUp() override { ASSERT_NO_FATAL_FAILURE(MakeForum()); }

  // What verify says once `sql` has been run past the triggers.
  std::vector<std::string> FaultsAfter(const std::string& sql) {
    Edit(sql);
    return Faults();
  }
};

TEST_F(Edited, NotAtAllIsFoundWhole) {
  EXPECT_THAT(FaultsAfter(""), IsEmpty());
}

TEST_F(Edited, InAnEventsTypeIsFound) {
  EXPECT_THAT(FaultsAfter("UPDATE symbol SET text = 'lika' WHERE text = "
                          "'like'")[0],
              HasSubstr("was not called \"lika\""));
}

TEST_F(Edited, ToAnEmptyEventIsFound) {
  EXPECT_THAT(FaultsAfter("UPDATE event SET record = x'' WHERE id = 'e1'"),
              Not(IsEmpty()));
}

TEST_F(Edited, InACommandsAttributeIsFound) {
  EXPECT_THAT(FaultsAfter("UPDATE event SET record = CAST(replace(CAST("
                          "record AS TEXT), 'event', 'evenu') AS BLOB) "
                          "WHERE id = 'r1'"),
              Not(IsEmpty()));
}

TEST_F(Edited, WithoutItsReversedEventIsFound) {
  EXPECT_THAT(FaultsAfter("DELETE FROM event_reversal"),
              Contains(HasSubstr("the events it reversed")));
}

TEST_F(Edited, WithAnEventReversedByNobodyIsFound) {
  EXPECT_THAT(FaultsAfter("INSERT INTO event_reversal VALUES (1, 2)"),
              Not(IsEmpty()));
}

TEST_F(Edited, WithAMemberTooManyBlamesNobodyElse) {
  const auto faults = FaultsAfter(
      "INSERT INTO member VALUES (99, 'aaa', x''); "
      "INSERT INTO member_by_id VALUES ('aaa', 99); "
      "INSERT INTO member_state VALUES (99, 0, 0, '[]', '[]', x'', 0, x'')");
  EXPECT_THAT(faults,
              Contains(HasSubstr("\"aaa\" is stored, and no entry names it")));
  EXPECT_THAT(faults, Not(Contains(HasSubstr("ada"))));
  EXPECT_THAT(faults, Not(Contains(HasSubstr("grace"))));
}

TEST_F(Edited, InTheProgramsNameIsFound) {
  EXPECT_THAT(FaultsAfter("UPDATE program SET version = '2'"), Not(IsEmpty()));
}

TEST_F(Edited, InAnOutcomeIsFoundAndNamed) {
  const auto faults = FaultsAfter(
      "UPDATE event SET record = CAST(record || x'00' AS BLOB) WHERE id = "
      "'e3'");
  ASSERT_THAT(faults, Not(IsEmpty()));
  EXPECT_THAT(faults[0], HasSubstr("\"e3\""));
}

TEST_F(Edited, WithANameThatNoEntryGaveIsFound) {
  EXPECT_THAT(FaultsAfter("INSERT INTO symbol VALUES (99, 'gold')"),
              Contains(HasSubstr("table symbol")));
  EXPECT_THAT(FaultsAfter("INSERT INTO member VALUES (9, 'eve', x'00')"),
              Contains(HasSubstr("table member")));
}

TEST_F(Edited, WithAProgramThatDecidedNothingIsFound) {
  EXPECT_THAT(FaultsAfter("INSERT INTO program SELECT 2, name, '2', identity, "
                          "5, canonical FROM program"),
              Contains(HasSubstr("program 2 begins with event 5")));
}

TEST_F(Edited, InHowFarTheTablesAreIsFound) {
  EXPECT_THAT(FaultsAfter("UPDATE applied SET through = 9"),
              Contains(HasSubstr("up to event 9; the last one is 4")));
  EXPECT_THAT(FaultsAfter("UPDATE applied SET through = 2"), Not(IsEmpty()));
  EXPECT_THAT(
      FaultsAfter("UPDATE applied SET through = 4, member = member + 1"),
      Contains(HasSubstr("has member 3 as the last one")));
}

}  // namespace
}  // namespace loyalty
