// SPDX-License-Identifier: Apache-2.0
//
// Events in the forms of others: CloudEvents, and webhooks that are signed.
#include <absl/time/clock.h>
#include <gtest/gtest.h>

#include <string>

#include "hooks/signature.h"
#include "server/serving.h"

namespace community {
namespace {

constexpr char kEvent[] = "application/cloudevents+json";
constexpr char kEvents[] = "application/cloudevents-batch+json";

Json Kudos(const std::string& id) {
  return {{"specversion", "1.0"},
          {"id", id},
          {"source", "/forum"},
          {"type", "kudos_given"},
          {"time", "2026-03-01T12:00:00+01:00"},
          {"subject", "post-9"},
          {"datacontenttype", "application/json"},
          {"data", {{"actor", "grace"}, {"owner", "ada"}, {"kind", "reply"}}}};
}

class CloudEvents : public testing::Test {
 protected:
  Answer Send(const std::string& body, const std::string& type = kEvent) {
    return machine_.Send("POST", "/api/events", body, {{"Content-Type", type}});
  }
  // The attribute that was wrong.
  std::string Field(const Json& event) {
    const Answer answer = Send(event.dump());
    EXPECT_EQ(answer.status, 400) << answer.text;
    EXPECT_EQ(answer.Header("Content-Type"), "application/problem+json");
    return answer.body.value("field", "");
  }
  // The event as it was recorded.
  Json Recorded(const std::string& id) {
    return serving_.Machine(kAdminToken)
        .Get("/api/explain/" + id)
        .body["event"];
  }

  Serving serving_;
  Client machine_ = serving_.Machine(kWriteToken);
};

TEST_F(CloudEvents, InStructuredModeAreEvents) {
  const Answer answer = Send(Kudos("k1").dump());
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body["event"], "/forum k1");
  const Json event = Recorded("%2Fforum%20k1");
  EXPECT_EQ(event["type"], "kudos_given");
  EXPECT_EQ(event["time"], "2026-03-01T11:00:00Z");
  EXPECT_EQ(event["actor"], "grace");
  EXPECT_EQ(event["target"], "post-9");
  EXPECT_EQ(event["attributes"], (Json{{"kind", "reply"}, {"owner", "ada"}}));
}

TEST_F(CloudEvents, InBinaryModeAreTheSame) {
  httplib::Headers headers = {{"Content-Type", "application/json"},
                              {"ce-specversion", "1.0"},
                              {"ce-id", "k2"},
                              {"ce-source", "/forum"},
                              {"ce-type", "kudos_given"},
                              {"CE-Time", "2026-03-01T12:00:00Z"},
                              {"ce-subject", "caf%C3%A9"},
                              {"ce-actor", "grace"}};
  const std::string body = R"({"owner":"ada"})";
  const Answer answer = machine_.Send("POST", "/api/events", body, headers);
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body["event"], "/forum k2");
  EXPECT_EQ(Recorded("%2Fforum%20k2")["target"], "café");
  headers.find("ce-id")->second = "k3";
  EXPECT_EQ(machine_.Send("POST", "/api/events", "", headers).body["event"],
            "/forum k3");
  headers.erase("ce-type");
  const Answer refused = machine_.Send("POST", "/api/events", body, headers);
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.body["field"], "type");
}

TEST_F(CloudEvents, OfOneSourceAreTheirIdsAndOfTwoAreTwo) {
  EXPECT_EQ(Send(Kudos("k1").dump()).body["repeat"], false);
  EXPECT_EQ(Send(Kudos("k1").dump()).body["repeat"], true);
  Json other = Kudos("k1");
  other["source"] = "/shop";
  EXPECT_EQ(Send(other.dump()).body["repeat"], false);
}

TEST_F(CloudEvents, WithoutATimeAreOfWhenTheyCameFirst) {
  Json event = Kudos("k1");
  event.erase("time");
  const Answer first = Send(event.dump());
  ASSERT_EQ(first.status, 200) << first.text;
  const Answer second = Send(event.dump());
  EXPECT_EQ(second.body["repeat"], true) << second.text;
  EXPECT_EQ(second.body["accepted"], true);
}

TEST_F(CloudEvents, ThatAreNoneAreToldWhichAttributeIsWrong) {
  for (const char* name : {"specversion", "id", "source", "type"}) {
    Json event = Kudos("k1");
    event.erase(name);
    EXPECT_EQ(Field(event), name);
    event[name] = "";
    EXPECT_EQ(Field(event), name);
    event[name] = 1;
    EXPECT_EQ(Field(event), name);
  }
  Json event = Kudos("k1");
  event["specversion"] = "0.3";
  EXPECT_EQ(Field(event), "specversion");
  for (const char* time :
       {"2026-03-01T12:00:00", "2026-03-01", "2026-02-30T12:00:00Z",
        "yesterday", "2026-03-01 12:00:00Z", "infinite-future"}) {
    event = Kudos("k1");
    event["time"] = time;
    EXPECT_EQ(Field(event), "time") << time;
  }
  event = Kudos("k1");
  event["data"] = "text";
  EXPECT_EQ(Field(event), "data");
  event = Kudos("k1");
  event["datacontenttype"] = "text/xml";
  EXPECT_EQ(Field(event), "datacontenttype");
}

TEST_F(CloudEvents, InABatchHaveEachTheirAnswer) {
  Json bad = Kudos("k2");
  bad.erase("source");
  const Answer answer =
      Send(Json{Kudos("k1"), bad, Kudos("k3")}.dump(), kEvents);
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body["accepted"], 2);
  EXPECT_EQ(answer.body["malformed"], 1);
  EXPECT_NE(answer.body["results"][1]["malformed"].get<std::string>().find(
                "\"source\""),
            std::string::npos);
  EXPECT_EQ(Send("{}", kEvents).status, 400);
}

TEST_F(CloudEvents, MayNotBeReservedOnes) {
  Json event = Kudos("k1");
  event["type"] = "loyalty.adjust";
  EXPECT_EQ(Send(event.dump()).status, 400);
  event = Kudos("k1");
  event["source"] = "act-1";
  EXPECT_EQ(Send(event.dump()).status, 400);
}

class HooksIn : public testing::Test {
 protected:
  // As a sender would, who is `age` late.
  Answer Send(const std::string& id, absl::Duration age = {},
              const std::string& source = "shop",
              const std::vector<std::string>& secrets = {Secret()}) {
    Signed message{
        .id = id,
        .timestamp = std::to_string(absl::ToUnixSeconds(absl::Now() - age)),
        .body = body_};
    message.signature = SignatureOf(message, secrets);
    return Post(message, source);
  }
  Answer Post(const Signed& message, const std::string& source = "shop") {
    return serving_.Nobody().Send("POST", "/hooks/" + source,
                                  std::string(message.body),
                                  {{"Content-Type", "application/json"},
                                   {"webhook-id", message.id},
                                   {"webhook-timestamp", message.timestamp},
                                   {"webhook-signature", message.signature}});
  }
  Signed Good() {
    Signed message{
        .id = "m1",
        .timestamp = std::to_string(absl::ToUnixSeconds(absl::Now())),
        .body = body_};
    message.signature = SignatureOf(message, {Secret()});
    return message;
  }

  static const std::string& Secret() {
    static const std::string secret = NewHookSecret();
    return secret;
  }
  static ServerOptions Options() {
    ServerOptions options = OptionsFor("");
    options.source_secrets = {{"shop", {Secret()}},
                              {"forum", {NewHookSecret(), NewHookSecret()}}};
    return options;
  }

  const std::string body_ =
      R"({"type":"kudos_given","time":"2026-03-01T12:00:00Z","actor":"grace",)"
      R"("target":"r1","attributes":{"owner":"ada"}})";
  Serving serving_{Options()};
};

TEST_F(HooksIn, AreEventsOfTheirSource) {
  const Answer answer = Send("m1");
  ASSERT_EQ(answer.status, 200) << answer.text;
  EXPECT_EQ(answer.body["event"], "shop m1");
  EXPECT_EQ(answer.body["accepted"], true);
}

TEST_F(HooksIn, HaveNoEffectWhenTheyAreSentAgain) {
  const Answer first = Send("m1");
  const Answer second = Send("m1");
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body["repeat"], true) << second.text;
  EXPECT_EQ(second.body["seq"], first.body["seq"]);
}

TEST_F(HooksIn, AreRefusedWithAnythingElseThanWhatWasSigned) {
  ASSERT_EQ(Post(Good()).status, 200);
  Signed message = Good();
  message.id = "m2";
  EXPECT_EQ(Post(message).status, 401);
  message = Good();
  message.timestamp = std::to_string(std::stoll(message.timestamp) + 1);
  EXPECT_EQ(Post(message).status, 401);
  message = Good();
  const std::string other = body_ + " ";
  message.body = other;
  EXPECT_EQ(Post(message).status, 401);
  message = Good();
  message.signature[10] = message.signature[10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(Post(message).status, 401);
  for (const char* signature : {"v1", "v1,", "v1,AAAA", "v2,AAAA", "v1a,"}) {
    message = Good();
    message.signature = signature;
    EXPECT_EQ(Post(message).status, 401) << signature;
  }
}

TEST_F(HooksIn, AreRefusedTooLateAndTooEarly) {
  EXPECT_EQ(Send("m1", absl::Minutes(6)).status, 401);
  EXPECT_EQ(Send("m1", absl::Minutes(-6)).status, 401);
  EXPECT_EQ(Send("m1", absl::Minutes(4)).status, 200);
  Signed message = Good();
  message.timestamp = "soon";
  message.signature = SignatureOf(message, {Secret()});
  EXPECT_EQ(Post(message).status, 401);
}

TEST_F(HooksIn, AreRefusedWithoutOneOfTheirHeaders) {
  for (const auto part :
       {&Signed::id, &Signed::timestamp, &Signed::signature}) {
    Signed message = Good();
    message.*part = "";
    EXPECT_EQ(Post(message).status, 401);
  }
}

TEST_F(HooksIn, NeedOneGoodSignatureOfSeveral) {
  EXPECT_EQ(Send("m1", {}, "shop", {NewHookSecret(), Secret()}).status, 200);
  EXPECT_EQ(Send("m2", {}, "shop", {NewHookSecret(), NewHookSecret()}).status,
            401);
}

TEST_F(HooksIn, AreSignedByTheSecretOfTheirOwnSource) {
  EXPECT_EQ(Send("m1", {}, "forum").status, 401);
  EXPECT_EQ(Send("m1", {}, "nobody").status, 401);
}

}  // namespace
}  // namespace community
