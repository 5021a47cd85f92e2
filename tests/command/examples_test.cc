// SPDX-License-Identifier: Apache-2.0
//
// That what we ship as examples is sound and says what it claims to say.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "command/running.h"

namespace loyalty::command {
namespace {

using testing::HasSubstr;

class Programs : public testing::TestWithParam<const char*> {};

TEST_P(Programs, HaveNoErrors) {
  const std::string file =
      ExampleProgram(std::string(GetParam()) + ".textproto");
  const Ended ended = RunLoyalty({"check", file});
  EXPECT_EQ(ended.exit, 0) << ended.out << ended.err;
  const Json json = Json::parse(RunLoyalty({"check", file, "--json"}).out);
  EXPECT_EQ(json.at("name"), GetParam());
}

TEST_P(Programs, SayWhereTheirNumbersComeFrom) {
  EXPECT_THAT(Read(ExampleProgram(std::string(GetParam()) + ".textproto")),
              HasSubstr("\n# Where the numbers come from:"));
}

INSTANTIATE_TEST_SUITE_P(
    Shipped, Programs,
    testing::Values("stack_exchange", "brand_community", "coffee_shop",
                    "corner_shop", "daily_habit", "travel_club", "likes_only"),
    [](const auto& program) { return std::string(program.param); });

TEST(BrandCommunity, GivesNoCauseForWarnings) {
  const Json json = Json::parse(
      RunLoyalty(
          {"check", ExampleProgram("brand_community.textproto"), "--json"})
          .out);
  for (const Json& finding : json.at("diagnostics")) {
    // Somebody's arrival is known, and welcomed by others.
    EXPECT_THAT(finding.at("message").get<std::string>(),
                HasSubstr("\"member_joined\""));
  }
}

TEST(Quickstart, PrintsWhatItsReadersAreTold) {
  const Ended ended = RunProgram("quickstart", {});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_EQ(ended.out, Read(SourceFile("examples/quickstart/expected.txt")));
}

}  // namespace
}  // namespace loyalty::command
