// SPDX-License-Identifier: Apache-2.0
//
// Codes from the command line: given, imported, taken and shown, with the key
// in a file of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;

constexpr char kBakery[] = R"(
name: "bakery" version: "1"
currency { id: "points" spendable: true }
event_type { id: "earn" }
rule { id: "earn" on: "earn" award { currency: "points" units: "100" }
       limit { per: EVER times: 1 } }
reward { id: "bread" cost { currency: "points" units: 10 }
         voucher { valid_for: "7d" } }
reward { id: "cinema" cost { currency: "points" units: 20 }
         voucher { imported: true } }
)";

class Till : public testing::Test {
 protected:
  Till() {
    Write(folder_.File("bakery.textproto"), kBakery);
    Write(key_, "0123456789abcdef0123456789abcdef\n");
    Write(folder_.File("events.jsonl"),
          R"({"id":"e1","type":"earn","time":"2026-03-01T12:00:00Z",)"
          R"("actor":"ana"})"
          "\n");
    Write(folder_.File("codes.txt"), "KINO-17\r\n\nKINO-18\nKINO-17\n");
    const Ended ran = Run({"--voucher-key", key_});
    EXPECT_EQ(ran.exit, 0) << ran.err;
  }
  Ended Run(Arguments more) {
    Arguments arguments = {
        "run",  "--program", folder_.File("bakery.textproto"),
        "--db", db_,         folder_.File("events.jsonl")};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunLoyalty(arguments);
  }
  Ended AskWithoutKey(Arguments arguments) {
    arguments.insert(arguments.end(), {"--db", db_});
    return RunLoyalty(arguments);
  }
  Ended Ask(Arguments arguments) {
    arguments.insert(arguments.end(), {"--voucher-key", key_});
    return AskWithoutKey(arguments);
  }

  store::TemporaryFolder folder_;
  const std::string db_ = folder_.File("bakery.db");
  const std::string key_ = folder_.File("key");
};

TEST_F(Till, TakesACodeOnce) {
  const Ended text = Ask({"redeem", "ana", "bread", "--id", "r1"});
  EXPECT_EQ(text.exit, 0) << text.err;
  EXPECT_THAT(text.out, AllOf(HasSubstr("ana spent 10 points on bread.\n"),
                              HasSubstr("The code that proves it: ")));
  const Json json =
      Json::parse(Ask({"redeem", "ana", "bread", "--id", "r1", "--json"}).out);
  const std::string code = json.at("vouchers").at(0);
  EXPECT_THAT(text.out, HasSubstr(code));
  const Arguments use = {"vouchers", "use", code, "--by", "till"};
  const auto with = [&](const std::string& id) {
    Arguments arguments = use;
    arguments.insert(arguments.end(), {"--id", id});
    return Ask(arguments);
  };
  EXPECT_EQ(with("u1").out, "bread was handed over to ana.\n");
  const Ended twice = with("u2");
  EXPECT_EQ(twice.exit, 1);
  EXPECT_EQ(twice.out, "Rejected: the code was used before.\n");
  EXPECT_THAT(with("u1").out, HasSubstr("As answered before:"));
  EXPECT_THAT(AskWithoutKey({"feed"}).out,
              AllOf(HasSubstr("\"r1\""), Not(HasSubstr(code))));
  EXPECT_EQ(AskWithoutKey({"verify"}).exit, 0);
}

TEST_F(Till, FindsTheKeyInTheEnvironmentAndACodeOnStandardInput) {
  ASSERT_EQ(setenv("LOYALTY_VOUCHER_KEY", key_.c_str(), 1), 0);
  const Ended redeemed =
      AskWithoutKey({"redeem", "ana", "bread", "--id", "r1", "--json"});
  ASSERT_EQ(redeemed.exit, 0) << redeemed.err;
  const std::string code = Json::parse(redeemed.out).at("vouchers").at(0);
  const Ended used = RunLoyalty(
      {"vouchers", "use", "-", "--by", "till", "--id", "u1", "--db", db_},
      code + "\n");
  unsetenv("LOYALTY_VOUCHER_KEY");
  EXPECT_EQ(used.exit, 0) << used.err;
  EXPECT_EQ(used.out, "bread was handed over to ana.\n");
}

TEST_F(Till, ImportsAFileOfCodes) {
  const std::string codes = folder_.File("codes.txt");
  const Arguments import = {"vouchers", "import", "cinema",
                            codes,      "--id",   "kino"};
  const Ended first = Ask(import);
  EXPECT_EQ(first.exit, 0) << first.err;
  EXPECT_EQ(first.out,
            "Imported 2 codes for cinema; 0 were imported by this before, 1 "
            "were known, and 0 were refused.\n");
  Arguments as_json = import;
  as_json.emplace_back("--json");
  const Json again = Json::parse(Ask(as_json).out);
  EXPECT_EQ(again.at("added"), 0);
  EXPECT_EQ(again.at("repeated"), 2);
  const Ended wrong =
      Ask({"vouchers", "import", "bread", codes, "--id", "bread"});
  EXPECT_EQ(wrong.exit, 1);
  EXPECT_THAT(wrong.err,
              AllOf(HasSubstr("codes.txt:1: \"bread\" gives no codes that are "
                              "imported"),
                    Not(HasSubstr("KINO"))));
  EXPECT_THAT(Ask({"redeem", "ana", "cinema", "--id", "c1"}).out,
              HasSubstr("The code that proves it: KINO-17\n"));
  EXPECT_THAT(Ask({"vouchers", "show", "ana"}).out,
              AllOf(HasSubstr("issued"), HasSubstr("KINO-17")));
  const Ended hidden = AskWithoutKey({"vouchers", "show", "ana"});
  EXPECT_EQ(hidden.exit, 0) << hidden.err;
  EXPECT_THAT(hidden.out, AllOf(HasSubstr("c1"), HasSubstr("(no key)"),
                                Not(HasSubstr("KINO-17"))));
  EXPECT_EQ(
      Json::parse(Ask({"vouchers", "show", "ana", "--json"}).out).at("code"),
      "KINO-17");
}

TEST_F(Till, SaysWhatToDoWithoutAKey) {
  const Ended run = Run({});
  EXPECT_EQ(run.exit, 3);
  EXPECT_THAT(run.err, AllOf(HasSubstr("voucher_key is missing"),
                             HasSubstr("give it with --voucher-key FILE")));
  EXPECT_EQ(AskWithoutKey({"redeem", "ana", "bread", "--id", "r1"}).exit, 2);
  const Ended nowhere =
      AskWithoutKey({"redeem", "ana", "bread", "--id", "r1", "--voucher-key",
                     folder_.File("nowhere")});
  EXPECT_EQ(nowhere.exit, 3);
  EXPECT_THAT(nowhere.err, HasSubstr("nowhere: No such file"));
  EXPECT_EQ(Ask({"vouchers"}).exit, 2);
  EXPECT_EQ(Ask({"vouchers", "use", "code", "--id", "u1"}).exit, 2);
}

}  // namespace
}  // namespace loyalty::command
