// SPDX-License-Identifier: Apache-2.0
//
// Webhooks to others: signed, in order, again until they are taken, and only to
// where they may go.
#include <absl/time/clock.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "hooks/signature.h"
#include "hooks/target.h"
#include "server/receiver.h"
#include "server/serving.h"

namespace community {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// THROWS: if it is not by the secret.
void Check(const Receiver::Message& message, const std::string& secret) {
  CheckSignature({.id = message.id,
                  .timestamp = message.timestamp,
                  .signature = message.signature,
                  .body = message.body},
                 {secret}, absl::Now());
}

ServerOptions Options() {
  ServerOptions options = OptionsFor("");
  options.hooks = {.hosts = {"127.0.0.1"},
                   .first_retry = absl::Milliseconds(20),
                   .longest_retry = absl::Milliseconds(80),
                   .most_tries = 8,
                   .patience = absl::Seconds(5)};
  return options;
}

class Webhooks : public testing::Test {
 protected:
  Json Add() {
    const Answer answer =
        admin_.Post("/api/admin/webhooks", {{"url", receiver_.url()}});
    EXPECT_EQ(answer.status, 201) << answer.text;
    return answer.body;
  }
  void Record(const std::string& id) {
    const Answer answer =
        serving_.Machine(kWriteToken)
            .Post("/api/events", {{"id", id},
                                  {"type", "idea_posted"},
                                  {"time", "2026-03-01T12:00:00Z"},
                                  {"actor", "ada"},
                                  {"target", "i-" + id}});
    EXPECT_EQ(answer.status, 200) << answer.text;
  }
  Json Only() {
    const Answer list =
        serving_.Machine(kAdminToken).Get("/api/admin/webhooks");
    EXPECT_EQ(list.body.size(), 1u) << list.text;
    return list.body[0];
  }
  // The only endpoint, once it is shown so.
  Json Await(const std::string& name, const Json& value) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    Json only = Only();
    while (only[name] != value && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      only = Only();
    }
    EXPECT_EQ(only[name], value) << only;
    return only;
  }

  Receiver receiver_;
  Serving serving_{Options()};
  Client admin_ = serving_.Machine(kAdminToken);
};

TEST_F(Webhooks, AreToldWhatIsRecordedInOrderAndSigned) {
  Record("before");
  const Json hook = Add();
  for (const char* id : {"e1", "e2", "e3"}) Record(id);
  const auto messages = receiver_.Await(3);
  std::vector<std::string> events;
  for (const Receiver::Message& message : messages) {
    EXPECT_NO_THROW(Check(message, hook["secret"]));
    EXPECT_THROW(Check(message, NewHookSecret()), Refusal);
    const Json body = Json::parse(message.body);
    EXPECT_EQ(body["type"], "outcome");
    EXPECT_EQ(message.id, "outcome-" + body["data"]["seq"].dump());
    events.push_back(body["data"]["event"]);
  }
  EXPECT_THAT(events, ElementsAre("e1", "e2", "e3"));
}

TEST_F(Webhooks, AreTriedAgainWithTheSameIdAndBody) {
  Add();
  receiver_.AnswerFromNowOn(503);
  Record("e1");
  Record("e2");
  receiver_.Await(2);
  receiver_.AnswerFromNowOn(200);
  const auto messages = receiver_.Await(4);
  EXPECT_EQ(messages[1].id, messages[0].id);
  EXPECT_EQ(messages[1].body, messages[0].body);
  const Json last = Json::parse(messages.back().body);
  EXPECT_EQ(last["data"]["event"], "e2");
}

TEST_F(Webhooks, AreGivenUpAndShownAndGoOnAfterAGoodTest) {
  const std::string id = Add()["id"];
  receiver_.AnswerFromNowOn(500);
  Record("e1");
  const Json stopped = Await("state", "stopped");
  EXPECT_EQ(stopped["tries"], 8);
  EXPECT_EQ(stopped["waiting"], 1);
  EXPECT_EQ(stopped["error"], "it answered 500");
  EXPECT_FALSE(stopped.contains("secret"));
  const std::string test = "/api/admin/webhooks/" + id + "/test";
  const Answer failed = admin_.Send("POST", test, "", {});
  EXPECT_EQ(failed.body["taken"], false) << failed.text;
  EXPECT_EQ(Only()["state"], "stopped");
  receiver_.AnswerFromNowOn(200);
  EXPECT_EQ(admin_.Send("POST", test, "", {}).body["taken"], true);
  const auto messages = receiver_.Await(11);
  EXPECT_EQ(Json::parse(messages[9].body)["type"], "test");
  EXPECT_EQ(messages[10].id, messages[0].id);
}

TEST_F(Webhooks, FollowNoRedirect) {
  Add();
  receiver_.AnswerFromNowOn(302);
  Record("e1");
  EXPECT_THAT(Await("state", "stopped")["error"].get<std::string>(),
              HasSubstr("redirects are not followed"));
  EXPECT_EQ(receiver_.Await(8).size(), 8u);
}

TEST_F(Webhooks, ThatAreGoneAreNotTriedAgain) {
  Add();
  receiver_.AnswerFromNowOn(410);
  Record("e1");
  EXPECT_EQ(Await("state", "stopped")["tries"], 1);
}

TEST_F(Webhooks, AreSignedByBothSecretsWhileOneIsExchanged) {
  const Json hook = Add();
  const std::string id = hook["id"];
  const Answer rotated =
      admin_.Send("POST", "/api/admin/webhooks/" + id + "/secret", "", {});
  ASSERT_EQ(rotated.status, 200) << rotated.text;
  EXPECT_NE(rotated.body["secret"], hook["secret"]);
  Record("e1");
  const auto message = receiver_.Await(1)[0];
  EXPECT_NO_THROW(Check(message, hook["secret"]));
  EXPECT_NO_THROW(Check(message, rotated.body["secret"]));
}

TEST_F(Webhooks, GoOnWhereTheyWereAfterARestart) {
  Add();
  Record("e1");
  receiver_.Await(1);
  Await("waiting", 0);
  serving_.Restart();
  Record("e2");
  const auto messages = receiver_.Await(2);
  Await("waiting", 0);
  EXPECT_EQ(Json::parse(messages[1].body)["data"]["event"], "e2");
  EXPECT_EQ(receiver_.Await(2).size(), 2u);
}

TEST_F(Webhooks, ThatWereRemovedAreToldNothing) {
  const std::string id = Add()["id"];
  EXPECT_EQ(admin_.Delete("/api/admin/webhooks/" + id).status, 204);
  EXPECT_EQ(admin_.Delete("/api/admin/webhooks/" + id).status, 404);
  Add();
  Record("e1");
  EXPECT_EQ(receiver_.Await(1).size(), 1u);
  Await("waiting", 0);
  EXPECT_EQ(receiver_.Await(1).size(), 1u);
}

TEST_F(Webhooks, AreForAdminsAlone) {
  for (const char* token : {kReadToken, kWriteToken}) {
    EXPECT_EQ(serving_.Machine(token).Get("/api/admin/webhooks").status, 403);
  }
  EXPECT_EQ(serving_.Member("ada")
                .Post("/api/admin/webhooks", {{"url", receiver_.url()}})
                .status,
            403);
}

TEST_F(Webhooks, GoNowhereButWhereTheServerWasToldTheyMay) {
  const Answer answer =
      admin_.Post("/api/admin/webhooks", {{"url", "https://example.com/"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body["field"], "url");
}

int StatusOf(const std::string& url, const std::set<std::string>& allowed) {
  try {
    AddressToCall(TargetOf(url), allowed);
    return 200;
  } catch (const Refusal& refusal) {
    return refusal.status();
  }
}

TEST(Targets, AreOnThePublicInternet) {
  for (const char* url : {"https://127.0.0.1/",
                          "https://127.1/",
                          "https://2130706433/",
                          "https://0x7f000001/",
                          "https://0177.0.0.1/",
                          "https://localhost/",
                          "https://0.0.0.0/",
                          "https://10.1.2.3/",
                          "https://172.31.0.1/",
                          "https://192.168.0.1/",
                          "https://169.254.169.254/latest/meta-data",
                          "https://100.64.0.1/",
                          "https://224.0.0.1/",
                          "https://255.255.255.255/",
                          "https://[::1]/",
                          "https://[::]/",
                          "https://[::ffff:127.0.0.1]/",
                          "https://[::ffff:a9fe:a9fe]/",
                          "https://[fe80::1]/",
                          "https://[fd00::1]/",
                          "https://[64:ff9b::7f00:1]/",
                          "https://[2002:7f00:1::]/",
                          "https://[2001:db8::1]/"}) {
    EXPECT_EQ(StatusOf(url, {}), 400) << url;
  }
  EXPECT_EQ(StatusOf("https://8.8.8.8/", {}), 200);
  EXPECT_EQ(StatusOf("https://[2606:4700::1111]/", {}), 200);
  EXPECT_EQ(StatusOf("http://8.8.8.8/", {}), 400);
}

TEST(Targets, ThatAreAllowedAreThoseAlone) {
  EXPECT_EQ(StatusOf("http://127.0.0.1:99/", {"127.0.0.1:99"}), 200);
  EXPECT_EQ(StatusOf("http://127.0.0.1:98/", {"127.0.0.1:99"}), 400);
  EXPECT_EQ(StatusOf("http://LOCALHOST/", {"localhost"}), 200);
  EXPECT_EQ(StatusOf("http://2130706433/", {"127.0.0.1"}), 400);
  EXPECT_EQ(StatusOf("https://8.8.8.8/", {"127.0.0.1"}), 400);
}

TEST(Targets, AreUrlsWithoutTricks) {
  for (const char* url :
       {"", "ftp://8.8.8.8/", "file:///etc/passwd", "https://", "https:///x",
        "https://me@8.8.8.8/", "https://8.8.8.8:0/", "https://8.8.8.8:65536/",
        "https://8.8.8.8:80:80/", "https://8.8.8.8/#x", "https://8.8.8.8\\x/",
        "https://8.8.8.8/ x", "https://%31%32%37.0.0.1/", "https://[::1/",
        "https://exämple.org/", "https://8.8.8.8/\r\nHost: x"}) {
    EXPECT_EQ(StatusOf(url, {}), 400) << url;
  }
  const Target target = TargetOf("https://Example.org?a=b");
  EXPECT_EQ(target.Name(), "example.org:443");
  EXPECT_EQ(target.path, "/?a=b");
}

// The example of https://www.standardwebhooks.com's own libraries.
TEST(Signatures, AreThoseOfStandardWebhooks) {
  EXPECT_EQ(SignatureOf({.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                         .timestamp = "1614265330",
                         .body = R"({"test": 2432232314})"},
                        {"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  EXPECT_TRUE(IsHookSecret(NewHookSecret()));
  EXPECT_FALSE(IsHookSecret("whsec_c2hvcnQ="));
}

}  // namespace
}  // namespace community
