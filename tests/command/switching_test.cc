// SPDX-License-Identifier: Apache-2.0
//
// loyalty switch, and run --switch: a file goes on with a changed program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "command/running.h"
#include "store/temporary_folder.h"

namespace loyalty::command {
namespace {

using ::testing::HasSubstr;

constexpr char kEvent[] =
    R"({"id":"ID","type":"post","time":"2026-01-0DT12:00:00Z","actor":"ada"})";

class Switch : public ::testing::Test {
 protected:
  Switch() {
    Write("1.textproto", Program("1", "points", 10));
    Write("2.textproto", Program("2", "points", 3));
    Write("bad.textproto", Program("3", "stars", 3));
    Write("e1.jsonl", EventOn("e1", 1));
    Write("e2.jsonl", EventOn("e2", 3));
    EXPECT_EQ(Run("1.textproto", "e1.jsonl").exit, 0);
  }

  static std::string Program(const std::string& version,
                             const std::string& currency, int units) {
    return "name: 'forum' version: '" + version + "' currency { id: '" +
           currency + "' } event_type { id: 'post' } rule { id: 'posts' " +
           "on: 'post' award { currency: '" + currency + "' units: '" +
           std::to_string(units) + "' } }\n";
  }

  static std::string EventOn(const std::string& id, int day) {
    std::string line = kEvent;
    line.replace(line.find("ID"), 2, id);
    line.replace(line.find("0D"), 2, "0" + std::to_string(day));
    return line + "\n";
  }

  void Write(const std::string& name, const std::string& text) const {
    std::ofstream(folder_.File(name)) << text;
  }

  Ended Run(const std::string& program, const std::string& events,
            const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"run", "--program",
                                          folder_.File(program), "--db", db_};
    arguments.insert(arguments.end(), more.begin(), more.end());
    arguments.push_back(folder_.File(events));
    return RunLoyalty(arguments);
  }

  Ended To(const std::string& program,
           const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments = {"switch", "--db", db_, "--program",
                                          folder_.File(program)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return RunLoyalty(arguments);
  }

  const store::TemporaryFolder folder_;
  const std::string db_ = folder_.File("c.db");
};

TEST_F(Switch, LetsTheNewProgramDecide) {
  const Ended refused = Run("2.textproto", "e2.jsonl");
  EXPECT_EQ(refused.exit, 3);
  EXPECT_THAT(refused.err, HasSubstr("rule \"posts\" was changed"));
  EXPECT_THAT(refused.err, HasSubstr("loyalty switch"));
  const Ended ended = To("2.textproto", {"--id", "s1"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("version 2 of the program decides"));
  EXPECT_THAT(To("2.textproto", {"--id", "s1"}).out,
              HasSubstr("As answered before"));
  EXPECT_EQ(Run("2.textproto", "e2.jsonl").exit, 0);
  EXPECT_EQ(RunLoyalty({"verify", "--db", db_}).exit, 0);
  EXPECT_EQ(Run("1.textproto", "e1.jsonl").exit, 3);
}

TEST_F(Switch, IsPreviewedWithoutBeingDone) {
  const Ended ended = To("2.textproto", {"--preview", "--json"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  const Json preview = Json::parse(ended.out);
  EXPECT_EQ(preview.at("from"), "1");
  EXPECT_EQ(preview.at("differences").at(0).at("id"), "posts");
  EXPECT_TRUE(preview.at("reasons_against").empty());
  EXPECT_THAT(To("bad.textproto", {"--preview"}).out,
              HasSubstr("currency \"points\" is gone"));
  EXPECT_EQ(To("bad.textproto", {"--preview"}).exit, 1);
  EXPECT_EQ(Run("1.textproto", "e1.jsonl").exit, 0);
}

TEST_F(Switch, IsRefusedWithReasons) {
  const Ended ended = To("bad.textproto");
  EXPECT_NE(ended.exit, 0);
  EXPECT_THAT(ended.err, HasSubstr("currency \"points\" is gone"));
}

TEST_F(Switch, ComesFirstWhereARunAsksForIt) {
  const Ended ended = Run("2.textproto", "e2.jsonl", {"--switch"});
  EXPECT_EQ(ended.exit, 0) << ended.err;
  // Run again, there is nothing to switch to.
  EXPECT_EQ(Run("2.textproto", "e2.jsonl", {"--switch"}).exit, 0);
  const Ended feed = RunLoyalty({"feed", "--db", db_});
  EXPECT_THAT(feed.out, HasSubstr("!switch-2"));
  EXPECT_EQ(Run("bad.textproto", "e2.jsonl", {"--switch"}).exit, 3);
}

}  // namespace
}  // namespace loyalty::command
