// SPDX-License-Identifier: Apache-2.0
//
// How the command is asked, and its exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;

TEST(Usage, IsSaidOnStandardErrorWhenNothingIsAsked) {
  const Ended ended = RunLoyalty({});
  EXPECT_EQ(ended.exit, 2);
  EXPECT_THAT(ended.out, IsEmpty());
  EXPECT_THAT(ended.err, HasSubstr("simulate-community"));
}

TEST(Usage, IsDataWhenItIsAskedFor) {
  const Ended ended = RunLoyalty({"--help"});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_THAT(ended.out, HasSubstr("Exit codes"));
  EXPECT_EQ(RunLoyalty({"run", "--help"}).exit, 0);
}

TEST(Usage, KnowsTheVersion) {
  const Ended ended = RunLoyalty({"--version"});
  EXPECT_EQ(ended.exit, 0);
  EXPECT_THAT(ended.out, MatchesRegex("loyalty [0-9.]+\n"));
}

TEST(Usage, GuessesWhichCommandWasMeant) {
  const Ended ended = RunLoyalty({"verfy", "--db", "x"});
  EXPECT_EQ(ended.exit, 2);
  EXPECT_THAT(ended.err, HasSubstr("Did you mean \"verify\"?"));
}

TEST(Usage, SaysWhichOptionIsNoneBeforeWhatIsMissing) {
  const Ended ended = RunLoyalty({"verify", "--bd", "x"});
  EXPECT_EQ(ended.exit, 2);
  EXPECT_THAT(ended.err, HasSubstr("`verify` has no option \"--bd\""));
  EXPECT_THAT(RunLoyalty({"vouchers", "use", "C", "--bye=ana"}).err,
              HasSubstr("\"--bye\". Did you mean \"--by\"?"));
  EXPECT_THAT(RunLoyalty({"verify"}).err, HasSubstr("--db is required"));
}

TEST(Usage, SaysThatAFolderIsMissing) {
  const store::TemporaryFolder folder;
  const Ended ended =
      RunLoyalty({"run", "--program", ExampleProgram("corner_shop.textproto"),
                  "--db", folder.File("missing/shop.db"), "-"},
                 "{}\n");
  EXPECT_EQ(ended.exit, 3);
  EXPECT_THAT(ended.err, HasSubstr("cannot make "));
  EXPECT_THAT(ended.err, HasSubstr("missing/shop.db: there is no such folder"));
}

TEST(Usage, IsWrongWithUnknownOrMissingOrSillyOptions) {
  for (const Arguments& arguments : std::initializer_list<Arguments>{
           {"verify"},
           {"verify", "--db", "x", "--what"},
           {"run", "--program", "p", "--db", "x"},
           {"run", "--program", "p", "--db", "x", "--batch", "0", "e"},
           {"run", "--program", "p", "--db", "x", "--batch", "many", "e"},
           {"run", "--program", "p", "--db", "x", "--param", "points", "e"},
           {"run", "--program", "p", "--db", "x", "--param", "=5", "e"},
           {"rebuild"},
           {"backup", "--db", "x"},
           {"check"},
           {"check", "p", "--param", "a=1", "--param", "a=2"},
           {"leaderboard", "--db", "x", "--around", "ana"},
           {"leaderboard", "--db", "x", "--currency", "c", "--ladder", "l"},
           {"leaderboard", "--db", "x", "--currency", "c", "--offset", "-1"},
           {"leaderboard", "--db", "x", "--currency", "c", "--offset", "1",
            "--around", "ada"},
           {"feed", "--db", "x", "--after", "-1"},
           {"simulate-community", "--members", "0", "--days", "1", "--seed",
            "1"},
       }) {
    const Ended ended = RunLoyalty(arguments);
    EXPECT_EQ(ended.exit, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(ended.out, IsEmpty());
    EXPECT_THAT(ended.err, HasSubstr("loyalty: "));
  }
}

TEST(Parameters, ThatTheProgramLacksAreFindingsOfCheck) {
  const std::string program = ExampleProgram("stack_exchange.textproto");
  EXPECT_EQ(
      RunLoyalty({"check", program, "--param", "question_upvote_points=5"})
          .exit,
      0);
  const Ended unknown =
      RunLoyalty({"check", program, "--param", "question_upvote_point=5"});
  EXPECT_EQ(unknown.exit, 1);
  EXPECT_THAT(unknown.out,
              HasSubstr("Did you mean \"question_upvote_points\"?"));
  const Ended no_number =
      RunLoyalty({"check", program, "--param", "question_upvote_points=five"});
  EXPECT_EQ(no_number.exit, 1);
  EXPECT_THAT(no_number.out, HasSubstr("question_upvote_points"));
}

TEST(Check, SaysOnceThatAValueCannotBeRead) {
  const store::TemporaryFolder folder;
  const std::string path = folder.File("prize.textproto");
  std::ofstream(path) << R"(name: "p" version: "1"
currency { id: "points" }
event_type { id: "act" }
rule { id: "act" on: "act" award { currency: "points" units: "1" }
       limit { per: DAY times: 1 } }
leaderboard { id: "top" currency: "points" period: MONTH
  prize { ranks: "1" award { currency: "points" units: "100" } } }
)";
  const Ended ended = RunLoyalty({"check", path});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.out, HasSubstr("is a whole number, not the text \"100\""));
  EXPECT_THAT(ended.out, HasSubstr(": 1 error\n"));
}

TEST(Progress, IsSilentInAPipe) {
  const store::TemporaryFolder folder;
  const Ended ended = RunLoyalty(
      {"run", "--program", ExampleProgram("brand_community.textproto"), "--db",
       folder.File("community.db"), "-"},
      EventLine("e1", "idea_posted", R"(,"actor":"ada")"));
  EXPECT_EQ(ended.exit, 0);
  EXPECT_EQ(ended.err, "");
}

}  // namespace
}  // namespace loyalty::command
