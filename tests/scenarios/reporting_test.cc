// SPDX-License-Identifier: Apache-2.0
//
// What is said of failures that only some runs have: no scenario can bring one
// about while all stores agree.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "scenario_player.h"
#include "scenario_readings.h"
#include "scenario_report.h"
#include "scenario_runs.h"

namespace loyalty::command {
namespace {

Script SomeScript() {
  return {.program = *Program::FromText(
              "name: \"p\" version: \"1\" currency { id: \"c\" } event_type { "
              "id: \"e\" }",
              "p.textproto"),
          .events = 2,
          .assertions = 1};
}

std::string ReportOf(const PlayedInRuns& played, Exit exit) {
  testing::internal::CaptureStdout();
  ScenarioReport report(/*json=*/false);
  report.Add("a.scenario", SomeScript(), played);
  report.PrintSummary();
  EXPECT_EQ(report.exit(), exit);
  std::fflush(stdout);
  return testing::internal::GetCapturedStdout();
}

const Failure kFailure = {.line = 3,
                          .what = "it differs",
                          .expected = {"line 4: one", "line 5: two"},
                          .came = {"three\x1b[2J"}};

TEST(AFailure, OfAllRunsIsToldOnce) {
  EXPECT_EQ(ReportOf({.failures = {{.failure = kFailure, .runs = {"a", "b"}}},
                      .runs = 2},
                     Exit::kNo),
            "a.scenario:3:1: failed: it differs\n"
            "  expected  line 4: one\n"
            "            line 5: two\n"
            "  came      three\\x1b[2J\n"
            "1 scenario, 2 events, 1 assertion, 1 failed\n");
}

TEST(AFailure, OfSomeRunsNamesThem) {
  const command::Setup setup = {.db = "x.db", .batch = 1000, .sweeps = false};
  EXPECT_EQ(
      ReportOf({.failures = {{.failure = kFailure, .runs = {NameOf(setup)}}},
                .runs = 4},
               Exit::kNo),
      "a.scenario:3:1: failed: it differs\n"
      "  expected  line 4: one\n"
      "            line 5: two\n"
      "  came      three\\x1b[2J\n"
      "  only in   sqlite, batches of 1,000, without its sweeps\n"
      "1 scenario, 2 events, 1 assertion, 1 failed\n");
}

TEST(ARun, ThatCouldNotGoOnIsNoAnswer) {
  EXPECT_EQ(ReportOf({.failures = {{.failure = {.what = "the disk is full"},
                                    .runs = {"a", "b"}}},
                      .runs = 2,
                      .could_not = true},
                     Exit::kCouldNot),
            "a.scenario: failed: the disk is full\n"
            "1 scenario, 2 events, 1 assertion, 1 failed; 1 scenario could not "
            "be played\n");
}

TEST(Failures, ThatAreTheSameInSeveralRunsAreOne) {
  Failure later = kFailure;
  later.line = 9;
  Failure other = kFailure;
  other.came = {"four"};
  const PlayedInRuns all = Gathered({{"a", {.failures = {later, kFailure}}},
                                     {"b", {.failures = {kFailure, other}}}},
                                    9);
  EXPECT_EQ(all.runs, 2u);
  ASSERT_EQ(all.failures.size(), 3u);
  EXPECT_EQ(all.failures[0].failure, kFailure);
  EXPECT_EQ(all.failures[0].runs, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(all.failures[1].failure, other);
  EXPECT_EQ(all.failures[1].runs, (std::vector<std::string>{"b"}));
  EXPECT_EQ(all.failures[2].failure, later);
}

TEST(Runs, InWhichMembersStandOtherwiseFail) {
  const PlayedInRuns all =
      Gathered({{"a", {.status = absl::UnavailableError("the disk is full")}},
                {"b", {.readings = {"ana 1", "bob 2"}}},
                {"c", {.readings = {"ana 1", "bob 3"}}},
                {"d", {.readings = {"ana 1", "bob 2"}}}},
               7);
  EXPECT_TRUE(all.could_not);
  ASSERT_EQ(all.failures.size(), 2u);
  EXPECT_EQ(all.failures[0].failure.what,
            "it could not be played: the disk is full");
  const Failure& stands = all.failures[1].failure;
  EXPECT_EQ(stands.line, 7);
  EXPECT_EQ(stands.what,
            "in the end, members stand otherwise than in the run \"b\"");
  EXPECT_EQ(stands.expected, (std::vector<std::string>{"bob 2"}));
  EXPECT_EQ(stands.came, (std::vector<std::string>{"bob 3"}));
  EXPECT_EQ(all.failures[1].runs, (std::vector<std::string>{"c"}));
}

TEST(ADifference, IsTheFirstOneAlsoWhereOneEnds) {
  EXPECT_TRUE(FirstDifference({"a", "b"}, {"a", "b"}).is_none());
  EXPECT_EQ(FirstDifference({"a", "b", "c"}, {"a", "x", "y"}).there, "x");
  EXPECT_EQ(FirstDifference({"a"}, {"a", "b"}).here, "(nothing more)");
}

}  // namespace
}  // namespace loyalty::command
