// SPDX-License-Identifier: Apache-2.0
//
// loyalty catch-up, and backtest: what is new in a program for what came
// before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using ::testing::HasSubstr;

constexpr char kEvents[] =
    R"({"id":"a1","type":"answer","time":"2026-01-01T12:00:00Z","actor":"ada"}
{"id":"a2","type":"answer","time":"2026-01-02T12:00:00Z","actor":"ada"}
{"id":"a3","type":"answer","time":"2026-01-02T12:00:00Z","actor":"bob"}
)";

constexpr char kBefore[] = R"(name: "forum" version: "1"
currency { id: "points" } event_type { id: "answer" }
)";

constexpr char kAfter[] = R"(name: "forum" version: "2"
currency { id: "points" } event_type { id: "answer" }
metric { id: "answers" on: "answer" }
rule { id: "answering" on: "answer" award { currency: "points" units: "10" } }
badge { id: "helper" when: "metric.answers >= 2" }
)";

class CatchUp : public ::testing::Test {
 protected:
  CatchUp() {
    Write("1.textproto", kBefore);
    Write("2.textproto", kAfter);
    Write("e.jsonl", kEvents);
    Expect0({"run", "--program", File("1.textproto"), "--db", db_,
             File("e.jsonl")});
    Expect0({"switch", "--program", File("2.textproto"), "--db", db_});
  }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(File(name)) << text;
  }
  std::string File(const std::string& name) const { return folder_.File(name); }

  static Ended Expect0(const std::vector<std::string>& arguments) {
    Ended ended = RunLoyalty(arguments);
    EXPECT_EQ(ended.exit, 0) << ended.err;
    return ended;
  }

  std::vector<std::string> Asked(const std::vector<std::string>& more) const {
    std::vector<std::string> arguments = {"catch-up", "--db",      db_,
                                          "--rule",   "answering", "--badge",
                                          "helper",   "--metric",  "answers"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }

  const store::TemporaryFolder folder_;
  const std::string db_ = folder_.File("c.db");
};

TEST_F(CatchUp, IsPreviewedAndThenDone) {
  const Ended preview = Expect0(Asked({"--preview"}));
  EXPECT_THAT(preview.out, HasSubstr("What version 2 would bring"));
  EXPECT_THAT(preview.out, HasSubstr("+30 points  to 2  for 3 events"));
  EXPECT_THAT(preview.out, HasSubstr("2 members gain"));
  const Json json = Json::parse(Expect0(Asked({"--preview", "--json"})).out);
  EXPECT_EQ(json.at("most").at(0).at("member"), "ada");
  EXPECT_EQ(json.at("totals").at(0).at("units"), 30);
  EXPECT_EQ(json.at("entries"), 0);

  EXPECT_THAT(Expect0(Asked({"--id", "c"})).out,
              HasSubstr("It is in 2 entries"));
  EXPECT_THAT(Expect0(Asked({"--id", "c"})).out,
              HasSubstr("Nothing is missing"));
  EXPECT_THAT(Expect0({"statement", "ada", "--db", db_}).out,
              HasSubstr("answering, for what came before"));
  EXPECT_THAT(Expect0({"explain", "c/1", "--db", db_}).out,
              HasSubstr("for 2 events that came before it"));
  Expect0({"verify", "--db", db_});
}

TEST_F(CatchUp, SaysWhatIsWrong) {
  const Ended no_id = RunLoyalty(Asked({}));
  EXPECT_EQ(no_id.exit, 2);
  EXPECT_THAT(no_id.err, HasSubstr("--id"));
  const Ended unknown =
      RunLoyalty({"catch-up", "--db", db_, "--rule", "answring", "--preview"});
  EXPECT_EQ(unknown.exit, 2);
  EXPECT_THAT(unknown.err, HasSubstr("\"answering\""));
  Expect0(Asked({"--id", "c"}));
  const Ended other =
      RunLoyalty({"catch-up", "--db", db_, "--rule", "answering", "--id", "c"});
  EXPECT_EQ(other.exit, 1);
  EXPECT_THAT(other.err, HasSubstr("another attributes"));
}

TEST_F(CatchUp, BacktestSaysWhoGains) {
  const std::vector<std::string> asked = {"backtest",          "--program",
                                          File("2.textproto"), "--against",
                                          File("1.textproto"), File("e.jsonl")};
  const Ended ended = Expect0(asked);
  EXPECT_THAT(ended.out, HasSubstr("Version 2 against version 1: of 2 members "
                                   "2 only gain, and 0 only lose."));
  std::vector<std::string> as_json = asked;
  as_json.emplace_back("--json");
  const Json json = Json::parse(Expect0(as_json).out);
  EXPECT_EQ(json.at("earned").at("points").at("net"), 30);
  EXPECT_EQ(json.at("badges").at("helper").at("gain"), 1);
  EXPECT_EQ(json.at("most_gained").at(0).at("member"), "ada");
  const Ended missing = RunLoyalty(
      {"backtest", "--program", File("none.textproto"), File("e.jsonl")});
  EXPECT_EQ(missing.exit, 3);
}

}  // namespace
}  // namespace loyalty::command
