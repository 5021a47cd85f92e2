// SPDX-License-Identifier: Apache-2.0
//
// Plays scenarios through the command. Those that must fail say in their first
// lines how it has to end and what it has to print:
//
//   # exits 1
//   # prints TEXT
//   # never prints TEXT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using testing::HasSubstr;
using testing::Not;

std::vector<std::string> ScenariosIn(const std::string& folder) {
  std::vector<std::string> files;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(SourceFile(folder))) {
    if (entry.path().extension() == ".scenario") {
      files.push_back(entry.path().string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// What stands behind `head` in the lines of `text` that begin with it.
std::vector<std::string> Behind(const std::string& head,
                                const std::string& text) {
  std::vector<std::string> found;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with(head)) found.push_back(line.substr(head.size()));
  }
  return found;
}

void ExpectToFailAsItSays(const std::string& file) {
  const std::string text = Read(file);
  const Ended ended = RunLoyalty({"test", file});
  const std::vector<std::string> exits = Behind("# exits ", text);
  ASSERT_EQ(exits.size(), 1u);
  EXPECT_EQ(std::to_string(ended.exit), exits.front());
  EXPECT_EQ(ended.err, "");
  const std::vector<std::string> prints = Behind("# prints ", text);
  EXPECT_FALSE(prints.empty());
  for (const std::string& part : prints)
    EXPECT_THAT(ended.out, HasSubstr(part));
  for (const std::string& part : Behind("# never prints ", text)) {
    EXPECT_THAT(ended.out, Not(HasSubstr(part)));
  }
}

TEST(Scenarios, HoldOnEveryStoreInEveryWay) {
  constexpr size_t kAtLeast = 25;
  EXPECT_GE(ScenariosIn("tests/scenarios").size(), kAtLeast);
  const Ended ended = RunLoyalty({"test", SourceFile("tests/scenarios")});
  EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
  EXPECT_THAT(ended.out, HasSubstr(", 0 failed\n"));
  EXPECT_THAT(ended.out, Not(HasSubstr("warning"))) << "nothing asserted?";
}

TEST(Scenarios, SayInTheirFirstLineWhatTheyAreAbout) {
  for (const std::string& file : ScenariosIn("tests/scenarios")) {
    EXPECT_TRUE(Read(file).starts_with("# ")) << file;
  }
}

TEST(Scenarios, ThatAreWrongFailAsTheySay) {
  const std::vector<std::string> files =
      ScenariosIn("tests/scenarios_that_fail");
  EXPECT_FALSE(files.empty());
  for (const std::string& file : files) {
    SCOPED_TRACE(file);
    ExpectToFailAsItSays(file);
  }
}

TEST(Readme, ShowsAScenarioAndWhatItPrints) {
  const std::string readme = Read(SourceFile("README.md"));
  const std::string file = "examples/scenarios/kudos_from_one_member.scenario";
  const std::string scenario = Read(SourceFile(file));
  EXPECT_THAT(readme, HasSubstr("\n```\n" + scenario + "```\n"));
  const Ended right = RunLoyalty({"test", SourceFile(file)});
  EXPECT_EQ(right.exit, 0) << right.out;
  EXPECT_THAT(readme, HasSubstr(file + "\n" + right.out + "```\n"));

  // And with the line that it speaks of.
  const store::TemporaryFolder folder;
  std::filesystem::create_directories(folder.File("examples/scenarios"));
  const std::string cut = "cut    ana  points  4  limit        #";
  std::string wrong = scenario;
  const size_t at = wrong.find(cut);
  ASSERT_NE(at, std::string::npos);
  wrong.replace(at, cut.size(), "award  ana  points  4  #");
  Write(folder.File(file), wrong);
  Ended ended = RunLoyalty(
      {"test", ExampleProgram("brand_community.textproto"), folder.File(file)});
  ASSERT_TRUE(ended.out.starts_with(folder.File("")));
  ended.out.erase(0, folder.File("").size());
  EXPECT_THAT(readme, HasSubstr("\n```\n" + ended.out + "```\n"));
}

TEST(LoyaltyTest, TakesAProgramInPlaceOfTheOneThatIsNamed) {
  const store::TemporaryFolder folder;
  const std::string scenario = folder.File("visit.scenario");
  Write(scenario,
        "program nowhere.textproto\n"
        "event v1 visit ana d1\n"
        "  award ana points 5\n"
        "  cut - points 0 no_recipient\n");
  const std::string program =
      SourceFile("tests/scenarios_that_fail/small.textproto");
  const Ended ended = RunLoyalty({"test", program, scenario});
  EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
  EXPECT_EQ(ended.out, "1 scenario, 1 event, 2 assertions, 0 failed\n");
}

TEST(LoyaltyTest, StopsAtAProgramWithErrors) {
  const store::TemporaryFolder folder;
  Write(folder.File("p.textproto"), "name: \"p\" versoin: \"1\"");
  const Ended ended =
      RunLoyalty({"test", folder.File("p.textproto"), "a.scenario"});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr("p.textproto:1:11: error: "));
  EXPECT_EQ(RunLoyalty({"test", "nowhere.textproto", "a.scenario"}).exit, 3);
}

TEST(LoyaltyTest, AnswersInJsonOneObjectALine) {
  const std::string file =
      SourceFile("tests/scenarios_that_fail/units_that_differ.scenario");
  const Ended ended = RunLoyalty({"test", "--json", file});
  EXPECT_EQ(ended.exit, 1);
  const std::vector<Json> lines = JsonLines(ended.out);
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(lines[0].at("kind"), "failure");
  EXPECT_EQ(lines[0].at("file"), file);
  EXPECT_EQ(lines[0].at("line"), 9);
  EXPECT_EQ(lines[0].at("expected"), Json({"line 10: award ana points 6"}));
  EXPECT_EQ(lines[0].at("came"), Json({"award ana points 5 rule=visit"}));
  EXPECT_EQ(lines[0].at("runs").size(), 4u);
  EXPECT_EQ(lines[1], Json::parse(R"({"kind":"scenario","file":")" + file +
                                  R"(","events":2,"assertions":5,)"
                                  R"("runs":4,"failed":1})"));
  EXPECT_EQ(lines[2], Json::parse(R"({"kind":"summary","scenarios":1,
      "events":2,"assertions":5,"failed":1,"not_played":0})"));
}

TEST(LoyaltyTest, PlaysWhatHasSweepsWithoutThemToo) {
  const Ended ended = RunLoyalty(
      {"test", "--json",
       SourceFile(
           "tests/scenarios/boards/a_rank_follows_what_was_earned.scenario")});
  EXPECT_EQ(JsonLines(ended.out).front().at("runs"), 8);
}

TEST(LoyaltyTest, RefusesWhatIsNoScenario) {
  const std::string program = ExampleProgram("likes_only.textproto");
  const Ended none = RunLoyalty({"test", program});
  EXPECT_EQ(none.exit, 2);
  EXPECT_THAT(none.err, HasSubstr("there is no scenario to test"));
  const Ended two = RunLoyalty({"test", "a.scenario", program});
  EXPECT_EQ(two.exit, 2);
  EXPECT_THAT(two.err, HasSubstr("\"" + program + "\" is no scenario"));
  const Ended gone = RunLoyalty({"test", "b.textproto"});
  EXPECT_EQ(gone.exit, 3);
  EXPECT_THAT(gone.err, HasSubstr("b.textproto: there is no such file"));
  EXPECT_EQ(RunLoyalty({"test"}).exit, 2);
}

TEST(LoyaltyTest, GoesOnBehindAFileThatCannotBeRead) {
  const Ended ended = RunLoyalty(
      {"test", "nowhere.scenario",
       SourceFile("tests/scenarios/boards/equals_share_a_rank.scenario")});
  EXPECT_EQ(ended.exit, 3);
  EXPECT_THAT(ended.err, HasSubstr("nowhere.scenario: No such file"));
  EXPECT_THAT(ended.out, HasSubstr("1 scenario, 6 events, 6 assertions, 0 "
                                   "failed; 1 scenario could not be played"));
}

}  // namespace
}  // namespace loyalty::command
