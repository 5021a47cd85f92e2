// SPDX-License-Identifier: Apache-2.0
//
// loyalty run --sweep: a log is played as a host lives through it, who sweeps
// at midnight.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Lesson(const std::string& id, const std::string& member,
                   const std::string& time) {
  return absl::StrCat(R"({"id":")", id, R"(","type":"lesson","time":")", time,
                      R"(","actor":")", member,
                      R"(","attributes":{"course":"latin"}})", "\n");
}

class Sweeping : public ::testing::Test {
 protected:
  Ended Play(const std::string& events, const Arguments& more) const {
    Write(folder_.File("e.jsonl"), events);
    Arguments arguments = {"run", "--program",
                           ExampleProgram("daily_habit.textproto"), "--db",
                           db_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(folder_.File("e.jsonl"));
    return RunLoyalty(arguments);
  }

  std::string DivisionOf(const std::string& member) const {
    const Ended ended = RunLoyalty({"member", member, "--db", db_, "--json"});
    return Json::parse(ended.out).at("ladders").at(0).at("level");
  }

  store::TemporaryFolder folder_;
  const std::string db_ = folder_.File("habit.db");
  // Two weeks; the second begins on Monday the 9th, at 23:00Z of Sunday.
  const std::string events_ =
      absl::StrCat(Lesson("a1", "ana", "2026-03-02T10:00:00Z"),
                   Lesson("b1", "bob", "2026-03-03T10:00:00Z"),
                   Lesson("a2", "ana", "2026-03-08T23:30:00Z"),
                   Lesson("b2", "bob", "2026-03-10T11:00:00Z"),
                   // late
                   Lesson("a3", "ana", "2026-03-07T11:00:00Z"));
};

TEST_F(Sweeping, EndsEachWeekOfALeagueBeforeTheNextBegins) {
  const Ended ended = Play(events_, {"--sweep"});
  ASSERT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(DivisionOf("ana"), "silver");
  const std::string seasons = RunLoyalty({"leaderboard", "weekly", "--db", db_,
                                          "--season", "2026-W11/silver/1"})
                                  .out;
  EXPECT_THAT(seasons, HasSubstr("ana"));
  EXPECT_THAT(seasons, HasSubstr("bob"));
}

TEST_F(Sweeping, IsNotDoneUnlessAskedFor) {
  ASSERT_EQ(Play(events_, {}).exit, 0);
  EXPECT_EQ(DivisionOf("ana"), "bronze");
}

TEST_F(Sweeping, AddsNothingWhenTheLogIsPlayedAgain) {
  ASSERT_EQ(Play(events_, {"--sweep"}).exit, 0);
  const auto feed = FeedOf(db_);
  ASSERT_EQ(Play(events_, {"--sweep", "--batch", "1"}).exit, 0);
  EXPECT_EQ(FeedOf(db_), feed);
}

TEST_F(Sweeping, DoesNotFollowAnEventThatIsRefused) {
  const std::string far = Lesson("z1", "ana", "2999-01-01T00:00:00Z");
  const Ended ended = Play(absl::StrCat(far, events_), {"--sweep"});
  EXPECT_THAT(ended.err, Not(HasSubstr("stopped")));
  EXPECT_EQ(DivisionOf("ana"), "silver");
  EXPECT_THAT(RunLoyalty({"verify", "--db", db_}).err, IsEmpty());
}

}  // namespace
}  // namespace loyalty::command
