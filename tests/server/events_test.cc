// SPDX-License-Identifier: Apache-2.0
//
// Events of machines: one, an array, lines.
#include <gtest/gtest.h>

#include <string>

#include "server/serving.h"

namespace community {
namespace {

Json Kudos(const std::string& id) {
  return {{"id", id},
          {"type", "kudos_given"},
          {"time", "2026-03-01T12:00:00Z"},
          {"actor", "grace"},
          {"target", "r1"},
          {"attributes", {{"owner", "ada"}, {"kind", "reply"}}}};
}

std::string Lines(int count) {
  std::string lines;
  for (int i = 0; i < count; ++i) {
    lines += R"({"id":"e)" + std::to_string(i) +
             R"(","type":"x","time":"2026-03-01T12:00:00Z"})" + "\n";
  }
  return lines;
}

class Events : public testing::Test {
 protected:
  Answer SendLines(const std::string& lines) {
    return machine_.Send("POST", "/api/events", lines,
                         {{"Content-Type", "application/x-ndjson"}});
  }

  Serving serving_;
  Client machine_ = serving_.Machine(kWriteToken);
};

TEST_F(Events, AreAnsweredWithTheirOutcome) {
  const Answer first = machine_.Post("/api/events", Kudos("k1"));
  EXPECT_EQ(first.status, 200) << first.text;
  EXPECT_EQ(first.body["accepted"], true);
  EXPECT_EQ(first.body["effects"][0]["kind"], "awarded");
  const Answer second = machine_.Post("/api/events", Kudos("k1"));
  EXPECT_EQ(second.body["repeat"], true);
  EXPECT_EQ(second.body["effects"], first.body["effects"]);
}

TEST_F(Events, InAnArrayHaveEachTheirAnswer) {
  Json bad = Kudos("k2");
  bad["typ"] = "x";
  Json reused = Kudos("k1");
  reused["target"] = "r2";
  const Answer answer =
      machine_.Post("/api/events", {Kudos("k1"), bad, reused, Kudos("k3")});
  EXPECT_EQ(answer.body["accepted"], 2);
  EXPECT_EQ(answer.body["malformed"], 1);
  EXPECT_EQ(answer.body["rejected"], 1);
  const Json& results = answer.body["results"];
  EXPECT_EQ(results[0]["event"], "k1");
  EXPECT_NE(results[1]["malformed"].get<std::string>().find("typ"),
            std::string::npos);
  EXPECT_EQ(results[2]["rejected"], "event_id_reused");
  EXPECT_EQ(results[3]["event"], "k3");
}

TEST_F(Events, InLinesAreTheSame) {
  const Answer answer =
      SendLines(Kudos("k1").dump() + "\n\nnonsense\r\n" + Kudos("k3").dump());
  EXPECT_EQ(answer.body["accepted"], 2) << answer.text;
  EXPECT_EQ(answer.body["malformed"], 1);
}

TEST_F(Events, InAnArrayMayHoldBracketsInTexts) {
  Json odd = Kudos("k,1]\"}[");
  odd["channel"] = "a\\\"],[";
  const Answer answer = machine_.Post("/api/events", {odd, Kudos("k2")});
  EXPECT_EQ(answer.body["accepted"], 2) << answer.text;
  EXPECT_EQ(answer.body["results"][0]["event"], "k,1]\"}[");
}

TEST_F(Events, InAnArrayThatDoesNotEndAreRefusedTogether) {
  for (const char* body : {"[", "[{}", "[{}]]", "[{}] x"}) {
    const Answer answer = machine_.Send("POST", "/api/events", body,
                                        {{"Content-Type", "application/json"}});
    EXPECT_EQ(answer.status, 400) << body << answer.text;
  }
  EXPECT_EQ(machine_.Post("/api/events", Json::array()).body["accepted"], 0);
}

TEST_F(Events, AreSoManyAtOnceAndNoMore) {
  EXPECT_EQ(SendLines(Lines(9'999)).status, 200);
  EXPECT_EQ(SendLines(Lines(10'000)).body["malformed"], 10'000);
  EXPECT_EQ(SendLines(Lines(10'001)).status, 413);
}

TEST_F(Events, MayNotBeWhatOnlyTheServerOrAnAdminSends) {
  Json adjust = {{"id", "a1"},
                 {"type", "loyalty.adjust"},
                 {"time", "2026-03-01T12:00:00Z"},
                 {"actor", "ada"},
                 {"attributes",
                  {{"currency", "coins"},
                   {"units", 100},
                   {"by", "boss"},
                   {"reason", "x"}}}};
  EXPECT_EQ(machine_.Post("/api/events", adjust).status, 400);
  EXPECT_EQ(serving_.Machine(kAdminToken).Post("/api/events", adjust).status,
            200);
  EXPECT_EQ(machine_.Post("/api/events", Kudos("act-1")).status, 400);
}

TEST_F(Events, WithNumbersThatAreNoneAreMalformed) {
  for (const char* words :
       {"NaN", "1e400", "0x10", "9223372036854775808", "\"5\"", "1.5", "01"}) {
    const std::string event =
        R"({"id":"b1","type":"solution_blog","time":"2026-03-01T12:00:00Z",)"
        R"("actor":"ada","target":"b","attributes":{"words":)" +
        std::string(words) + "}}";
    const Answer answer =
        machine_.Send("POST", "/api/events", "[" + event + "]",
                      {{"Content-Type", "application/json"}});
    EXPECT_EQ(answer.body["malformed"], 1) << words << answer.text;
  }
}

}  // namespace
}  // namespace community
