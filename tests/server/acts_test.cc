// SPDX-License-Identifier: Apache-2.0
//
// What members do is kept, is an event, and is answered with what it was worth.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/serving.h"

namespace community {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

std::string Written(Client& client, const Json& post) {
  const Answer answer = client.Post("/api/posts", post);
  EXPECT_EQ(answer.status, 201) << answer.text;
  return answer.body.value("id", "");
}

std::string Asked(Client& client) {
  return Written(
      client,
      {{"kind", "question"}, {"title", "How?"}, {"text", "How does it work?"}});
}

std::string Replied(Client& client, const std::string& question) {
  return Written(
      client,
      {{"kind", "reply"}, {"thread", question}, {"text", "Like this."}});
}

std::vector<std::string> Notices(const Answer& answer) {
  std::vector<std::string> texts;
  if (!answer.body.contains("notices")) return {answer.text};
  for (const Json& notice : answer.body["notices"]) {
    texts.push_back(notice["text"].get<std::string>());
  }
  return texts;
}

int64_t Balance(Client& client, const std::string& currency) {
  const Answer profile = client.Get("/api/members/me");
  for (const Json& held : profile.body["currencies"]) {
    if (held["currency"] == currency) return held["balance"].get<int64_t>();
  }
  return -1;
}

TEST(Joining, IsAnIntroductionThatOthersWelcome) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client grace = serving.Member("grace");
  const Answer hello = grace.Get("/api/posts/hello-ada");
  EXPECT_EQ(hello.body["kind"], "introduction");
  const Answer welcome = grace.Post(
      "/api/posts",
      {{"kind", "welcome"}, {"thread", "hello-ada"}, {"text", "Welcome!"}});
  EXPECT_THAT(Notices(welcome),
              Contains("+2 points, +5 welcome, +1 coins: a welcome"));
}

TEST(Joining, UnderANameThatIsTakenIsRefused) {
  Serving serving;
  serving.Member("ada");
  const Answer again = serving.Nobody().Post(
      "/api/members",
      {{"id", "ada"}, {"name", "Ada"}, {"password", "correct horse"}});
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.Header("Content-Type"), "application/problem+json");
}

TEST(ABlog, IsRewardedWhenItIsLongEnough) {
  Serving serving;
  Client ada = serving.Member("ada");
  const auto write = [&](int words) {
    return ada.Post(
        "/api/posts",
        {{"kind", "blog"}, {"title", "How I did it"}, {"text", Words(words)}});
  };
  EXPECT_THAT(Notices(write(299)), IsEmpty());
  EXPECT_THAT(Notices(write(300)),
              Contains("+10 points, +10 expert, +5 coins: a solution blog"));
}

TEST(ASolution, IsAcceptedByWhoAskedAndOnce) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client grace = serving.Member("grace");
  const std::string question = Asked(ada);
  const std::string reply = Replied(grace, question);
  const std::string accepted = "/api/posts/" + reply + "/accepted";
  EXPECT_EQ(grace.Put(accepted).status, 403);
  EXPECT_THAT(Notices(ada.Put(accepted)),
              ElementsAre("+2 points: accepted solution"));
  EXPECT_EQ(ada.Put(accepted).status, 409);
  EXPECT_EQ(Balance(grace, "expert"), 15);
  EXPECT_EQ(grace.Get("/api/members/me").body["badges"]["first_solution"], 1);
}

TEST(Kudos, AreGivenOnceHoweverOftenTheyAreSent) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client grace = serving.Member("grace");
  const std::string kudos = "/api/posts/" + Asked(ada) + "/kudos";
  const int64_t before = Balance(ada, "points");
  const Answer first = grace.Put(kudos);
  const Answer second = grace.Put(kudos);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body["seq"], first.body["seq"]);
  EXPECT_EQ(Balance(ada, "points"), before + 4);
}

TEST(Kudos, ThatAreTakenBackTakeBackWhatTheyGave) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client grace = serving.Member("grace");
  const std::string kudos = "/api/posts/" + Asked(ada) + "/kudos";
  const int64_t before = Balance(ada, "points");
  grace.Put(kudos);
  EXPECT_THAT(Notices(grace.Delete(kudos)),
              ElementsAre("-2 points, -1 welcome: kudos taken back"));
  EXPECT_EQ(Balance(ada, "points"), before);
  EXPECT_EQ(grace.Delete(kudos).status, 404);
  EXPECT_EQ(grace.Put(kudos).status, 201);
  EXPECT_EQ(Balance(ada, "points"), before + 4);
}

TEST(AVote, IsForAnIdea) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client grace = serving.Member("grace");
  const std::string idea =
      Written(ada, {{"kind", "idea"}, {"title", "Dark"}, {"text", "A mode."}});
  EXPECT_THAT(Notices(grace.Put("/api/posts/" + idea + "/vote")),
              Contains("+1 points: a vote on an idea"));
  EXPECT_EQ(grace.Put("/api/posts/" + Asked(ada) + "/vote").status, 409);
  EXPECT_EQ(grace.Get("/api/posts/" + idea).body["my_vote"], true);
}

TEST(APostThatIsDeleted, TakesAlongWhatItGaveItsAuthor) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client grace = serving.Member("grace");
  const int64_t before = Balance(ada, "points");
  const std::string post = "/api/posts/" + Asked(ada);
  grace.Put(post + "/kudos");
  EXPECT_EQ(grace.Delete(post).status, 403);
  EXPECT_EQ(ada.Delete(post).status, 200);
  EXPECT_EQ(Balance(ada, "points"), before);
  EXPECT_EQ(ada.Get(post).status, 404);
  EXPECT_EQ(ada.Delete(post).status, 404);
}

TEST(AWelcomeThatIsDeleted, TakesBackItsOwn) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client grace = serving.Member("grace");
  const std::string welcome = Written(
      grace,
      {{"kind", "welcome"}, {"thread", "hello-ada"}, {"text", "Hello!"}});
  EXPECT_EQ(Balance(grace, "welcome"), 5);
  EXPECT_EQ(grace.Delete("/api/posts/" + welcome).status, 200);
  EXPECT_EQ(Balance(grace, "welcome"), 0);
}

TEST(AnAdmin, DeletesWhatOthersWrote) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client admin = serving.Admin();
  const std::string post = "/api/posts/" + Asked(ada);
  const Answer comment = ada.Post(post + "/comments", {{"text", "Me too."}});
  EXPECT_EQ(
      admin.Delete("/api/comments/" + comment.body["id"].get<std::string>())
          .status,
      200);
  EXPECT_EQ(admin.Delete(post).status, 200);
  EXPECT_EQ(ada.Get(post).status, 404);
}

TEST(APost, ThatIsSentAgainWithItsKeyIsThereOnce) {
  Serving serving;
  Client ada = serving.Member("ada");
  const auto send = [&](const std::string& title) {
    return ada.Send(
        "POST", "/api/posts",
        Json{{"kind", "idea"}, {"title", title}, {"text", "x"}}.dump(),
        {{"Content-Type", "application/json"}, {"Idempotency-Key", "once"}});
  };
  const Answer first = send("Dark");
  const Answer second = send("Dark");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(second.status, 200);
  EXPECT_EQ(second.body["id"], first.body["id"]);
  EXPECT_EQ(second.body["notices"], first.body["notices"]);
  EXPECT_EQ(ada.Get("/api/posts?kind=idea").body["posts"].size(), 1u);
}

TEST(APost, WithTheKeyOfSomethingElseIsRefusedAndNotKept) {
  Serving serving;
  Client ada = serving.Member("ada");
  const auto send = [&](const std::string& kind) {
    return ada
        .Send(
            "POST", "/api/posts",
            Json{{"kind", kind}, {"title", "x"}, {"text", "y"}}.dump(),
            {{"Content-Type", "application/json"}, {"Idempotency-Key", "once"}})
        .status;
  };
  EXPECT_EQ(send("idea"), 201);
  EXPECT_EQ(send("question"), 409);
  EXPECT_EQ(ada.Get("/api/posts?kind=question").body["posts"].size(), 0u);
}

TEST(ARedemption, IsRefusedForWhoHasTooLittle) {
  Serving serving;
  Client ada = serving.Member("ada");
  const Answer answer =
      ada.Post("/api/rewards/stickers/redemptions", Json::object());
  EXPECT_EQ(answer.status, 409);
  EXPECT_EQ(answer.body["rejected"], "insufficient_balance");
}

TEST(ARedemption, ThatIsSentAgainWithItsKeyCostsOnce) {
  Serving serving;
  Client ada = serving.Member("ada");
  Client admin = serving.Machine(kAdminToken);
  admin.Post("/api/events", {{"id", "gift"},
                             {"type", "loyalty.adjust"},
                             {"time", Rfc3339(absl::Now())},
                             {"actor", "ada"},
                             {"attributes",
                              {{"currency", "coins"},
                               {"units", 100},
                               {"by", "boss"},
                               {"reason", "a test"}}}});
  const auto redeem = [&](const std::string& reward) {
    return ada.Send(
        "POST", "/api/rewards/" + reward + "/redemptions", "{}",
        {{"Content-Type", "application/json"}, {"Idempotency-Key", "once"}});
  };
  EXPECT_EQ(redeem("stickers").status, 201);
  EXPECT_EQ(redeem("stickers").status, 200);
  EXPECT_EQ(Balance(ada, "coins"), 60);
  EXPECT_EQ(redeem("t_shirt").status, 409);
}

TEST(AnAct, ThatTheBodyDoesNotSayIsRefusedByName) {
  Serving serving;
  Client ada = serving.Member("ada");
  const Answer answer =
      ada.Post("/api/posts", {{"kind", "poll"}, {"title", "x"}, {"text", "y"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.body["detail"],
            "\"kind\" has to be question, reply, idea, blog or welcome");
  EXPECT_EQ(
      ada.Post("/api/posts", {{"kind", "idea"}, {"txt", "y"}}).body["detail"],
      "the body has \"txt\", which means nothing here; it may have: "
      "kind, title, text, thread");
}

}  // namespace
}  // namespace community
