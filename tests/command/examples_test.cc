// SPDX-License-Identifier: Apache-2.0
//
// That what we ship as examples is sound and says what it claims to say.
#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using testing::ContainsRegex;
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

// Twice in the same folder: what it did before is answered as before.
TEST(EmbedMinimal, PrintsWhatItsReadersAreTold) {
  const store::TemporaryFolder folder;
  for (int time = 0; time < 2; ++time) {
    const Ended ended = RunProgram("embed_minimal", {}, "", folder.File(""));
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(ended.out,
              Read(SourceFile("examples/embed_minimal/expected.txt")));
  }
}

TEST(EmbedMinimal, IsTheFirstScreenOfTheReadme) {
  const std::string code =
      Read(SourceFile("examples/embed_minimal/embed_minimal.cc"));
  const std::string output =
      Read(SourceFile("examples/embed_minimal/expected.txt"));
  EXPECT_THAT(Read(SourceFile("README.md")),
              HasSubstr("```cpp\n" + code.substr(code.find('\n') + 1) +
                        "```\n\n```\n" + output + "```\n"));
}

class BrandApp : public testing::Test {
 protected:
  Ended Run(Arguments arguments) {
    arguments.insert(arguments.begin(),
                     {"--db", folder_.File("community.db"), "--program",
                      ExampleProgram("brand_community.textproto"), "--at",
                      "2026-03-03T12:00:00Z"});
    return RunProgram("brand_app", arguments);
  }

  // Five welcomes on the second of March, from ana to somebody each.
  void SetUp() override {
    for (const char* n : {"1", "2", "3", "4", "5"}) {
      const Ended ended =
          Run({"record",
               absl::StrCat(R"({"id":"w)", n, R"(","type":"welcome_posted",)",
                            R"("time":"2026-03-02T1)", n, R"(:00:00Z",)",
                            R"("actor":"ana","target":"hello-)", n,
                            R"(","attributes":{"newcomer":"n)", n, R"("}})")});
      ASSERT_EQ(ended.exit, 0) << ended.err;
      EXPECT_THAT(ended.out,
                  HasSubstr("ana: +5 welcome (welcome_a_newcomer)\n"));
    }
    ASSERT_EQ(
        Run({"record", R"({"id":"a1","type":"loyalty.adjust","actor":"ana",)"
                       R"("time":"2026-03-02T18:00:00Z","attributes":{)"
                       R"("currency":"coins","units":200,"by":"mia",)"
                       R"("reason":"from the old forum"}})"})
            .exit,
        0);
  }

  store::TemporaryFolder folder_;
};

TEST_F(BrandApp, ShowsAMembersCard) {
  const Ended ended = Run({"card", "ana"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("ana, here since 2026-03-02\n"));
  EXPECT_THAT(ended.out,
              ContainsRegex("welcomer +member +#####\\.+  75 to greeter\n"));
}

TEST_F(BrandApp, SaysWhatToDoNext) {
  const Ended ended = Run({"next", "ana"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("vote for two ideas"));
}

TEST_F(BrandApp, RedeemsAnOfferOnceForEachWish) {
  EXPECT_THAT(Run({"offers", "ana"}).out, HasSubstr("stickers"));
  for (int time = 0; time < 2; ++time) {
    const Ended ended = Run({"redeem", "ana", "stickers", "--id", "wish-1"});
    EXPECT_EQ(ended.exit, 0) << ended.err;
    EXPECT_EQ(ended.out, "ana: 40 coins redeemed for stickers\n");
  }
  EXPECT_THAT(Run({"card", "ana"}).out, ContainsRegex("coins +165,"));
}

TEST_F(BrandApp, SaysWhyNot) {
  const Ended ended = Run({"redeem", "ana", "t_shirt", "--id", "wish-1"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_EQ(ended.out, "");
  EXPECT_THAT(ended.err, HasSubstr("brand_app: "));
}

}  // namespace
}  // namespace loyalty::command
