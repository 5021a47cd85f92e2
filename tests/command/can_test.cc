// SPDX-License-Identifier: Apache-2.0
//
// loyalty can, and how loyalty member shows a tier.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using ::testing::HasSubstr;

class Airline : public ::testing::Test {
 protected:
  void SetUp() override {
    const std::string events = temporary_.File("flights.jsonl");
    std::ofstream file(events);
    for (const char* const id : {"f1", "f2", "f3", "f4"}) {
      file << R"({"id":")" << id
           << R"(","type":"flight","time":"2025-03-01T00:00:00Z",)"
           << R"("actor":"ana","attributes":{"miles":10000}})" << '\n';
    }
    file.close();
    const Ended run =
        RunLoyalty({"run", "--program", ExampleProgram("airline.textproto"),
                    "--db", db_, events});
    ASSERT_EQ(run.exit, 0) << run.err;
  }

  store::TemporaryFolder temporary_;
  const std::string db_ = temporary_.File("airline.db");
};

TEST_F(Airline, AnswersWhoMayWithAnExitCode) {
  const Ended yes = RunLoyalty({"can", "ana", "second_bag", "--db", db_});
  EXPECT_EQ(yes.exit, 0);
  EXPECT_EQ(yes.out, "yes\n");
  const Ended no = RunLoyalty({"can", "ana", "lounge", "--db", db_, "--json"});
  EXPECT_EQ(no.exit, 1);
  EXPECT_EQ(Json::parse(no.out).at("can"), false);
  const Ended later = RunLoyalty({"can", "ana", "second_bag", "--db", db_,
                                  "--at", "2027-03-01T00:00:00Z"});
  EXPECT_EQ(later.exit, 1);
}

TEST_F(Airline, GuessesWhichPrivilegeWasMeant) {
  const Ended ended = RunLoyalty({"can", "ana", "secondbag", "--db", db_});
  EXPECT_NE(ended.exit, 0);
  EXPECT_THAT(ended.err, HasSubstr("Did you mean \"second_bag\"?"));
}

TEST_F(Airline, SaysUntilWhenATierIsHeld) {
  const Ended ended = RunLoyalty({"member", "ana", "--db", db_});
  EXPECT_THAT(ended.out, HasSubstr("status: silver until "));
  const Ended json = RunLoyalty({"member", "ana", "--db", db_, "--json"});
  const Json tier = Json::parse(json.out).at("ladders").at(0).at("tier");
  EXPECT_EQ(tier.at("until"), "2027-03-01T00:00:00Z");
  EXPECT_EQ(tier.at("then"), "member");
  EXPECT_EQ(tier.at("to_keep"), 0);
  EXPECT_EQ(tier.at("also"), Json::parse(R"([{"of": "flights", "units": 4,
                                "to_keep": 0, "to_next": 0}])"));
}

TEST_F(Airline, SaysWhatIsMissingOfEachThingThatATierAsks) {
  const Ended next = RunLoyalty(
      {"member", "ana", "--db", db_, "--at", "2026-06-01T00:00:00Z"});
  EXPECT_THAT(next.out,
              HasSubstr("100,000 status_miles and 4 flights to gold"));
  EXPECT_THAT(next.out, HasSubstr("; 35,000 and 4 flights to keep it"));
}

}  // namespace
}  // namespace loyalty::command
