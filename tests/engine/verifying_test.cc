// SPDX-License-Identifier: Apache-2.0
//
// Verify finds what was changed past the library, and never trips over it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/community.h"
#include "store/raw_sqlite.h"
#include "store/temporary_folder.h"

namespace loyalty {
namespace {

using ::testing::Contains;
using testing::Day;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::MustRead;
using ::testing::Not;

constexpr char kForum[] = R"(
  name: "forum" version: "1"
  currency { id: "rep" opening: 1 floor: 1 }
  event_type { id: "like" attribute { name: "owner" type: MEMBER } }
  metric { id: "likes" on: "like" per: "event.owner" }
  rule { id: "liked" on: "like" award { to: "event.owner" currency: "rep" units: "5" } }
)";

class Edited : public ::testing::Test {
 protected:
  void SetUp() override {
    path_ = folder_.File("forum.db");
    auto engine = Engine::Open(path_, MustRead(kForum));
    ASSERT_TRUE(engine.ok()) << engine.status();
    for (const std::string id : {"e1", "e2", "e3"}) {
      ASSERT_TRUE((*engine)
                      ->Process({.id = id,
                                 .type = "like",
                                 .time = Day(1),
                                 .actor = "ada",
                                 .target = "post",
                                 .attributes = {{"owner", "grace"}}})
                      .ok());
    }
    ASSERT_TRUE((*engine)->Reverse("r1", Day(2), "e2").ok());
  }

  // What verify says once `sql` has been run past the triggers.
  std::vector<std::string> FaultsAfter(const std::string& sql) {
    {
      store::RawSqlite raw(path_);
      EXPECT_EQ(raw.RunPastTriggers(sql), SQLITE_OK) << sql;
    }
    const auto queries = Queries::Open(path_);
    if (!queries.ok()) return {std::string(queries.status().message())};
    const auto report = (*queries)->Verify();
    if (!report.ok()) return {std::string(report.status().message())};
    return report->faults;
  }

  store::TemporaryFolder folder_;
  std::string path_;
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
      "INSERT INTO membership VALUES (99, 0)");
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

}  // namespace
}  // namespace loyalty
