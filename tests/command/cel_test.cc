// SPDX-License-Identifier: Apache-2.0
//
// `loyalty cel`: trying an expression, and running a conformance file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using ::testing::HasSubstr;

TEST(Cel, SaysWhatAnExpressionGives) {
  const Ended ended =
      RunLoyalty({"cel", "x + 1 > 1", "--bindings", R"({"x": 1})"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(ended.out, "true\n");
}

TEST(Cel, PointsAtWhatIsWrongWithOne) {
  const Ended ended = RunLoyalty({"cel", "1 +"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.err, HasSubstr("1:4"));
}

TEST(Cel, CountsWhatOfAConformanceFilePasses) {
  const store::TemporaryFolder folder;
  const std::string file = folder.File("tests.jsonl");
  Write(
      file,
      R"({"file":"a","section":"b","name":"right","expr":"1 + 1","profile":"core","expected":{"type":"int","value":"2"}})"
      "\n"
      R"({"file":"a","section":"b","name":"wrong","expr":"1 + 1","profile":"core","expected":{"type":"int","value":"3"}})"
      "\n");
  const Ended ended = RunLoyalty({"cel", "--conformance", file});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_THAT(ended.out, HasSubstr("1 passed, 1 failed"));
  EXPECT_THAT(ended.out + ended.err, HasSubstr("wrong"));
}

TEST(Cel, DoesNotPassAProfileThatNoTestHas) {
  const store::TemporaryFolder folder;
  const std::string file = folder.File("tests.jsonl");
  Write(
      file,
      R"({"file":"a","section":"b","name":"right","expr":"1 + 1","profile":"core","expected":{"type":"int","value":"2"}})"
      "\n");
  const Ended ended =
      RunLoyalty({"cel", "--conformance", file, "--profile", "cor"});
  EXPECT_EQ(ended.exit, 2);
  EXPECT_THAT(ended.err, HasSubstr("no test of profile or extension \"cor\""));
}

TEST(Cel, PassesTheCoreOfThePublicSuite) {
  const std::string file = SharedFile("cel/conformance.jsonl");
  if (file.empty()) GTEST_SKIP() << "the shared folder has no CEL tests here";
  const Ended ended =
      RunLoyalty({"cel", "--conformance", file, "--profile", "core"});
  EXPECT_EQ(ended.exit, 0) << ended.out;
  EXPECT_THAT(ended.out, HasSubstr("661 passed, 0 failed"));
}

}  // namespace
}  // namespace loyalty::command
