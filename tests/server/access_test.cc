// SPDX-License-Identifier: Apache-2.0
//
// S16: nobody gets in where they do not belong.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "command/running.h"
#include "server/serving.h"

namespace community {
namespace {

using loyalty::command::Ended;
using loyalty::command::RunProgram;

// "/api/posts/{post}" with something for each name; "me" is who calls.
std::string Filled(std::string path) {
  const size_t member = path.find("{member}");
  if (member != path.npos) path.replace(member, 8, "me");
  for (size_t at = path.find('{'); at != path.npos; at = path.find('{')) {
    path.replace(at, path.find('}') - at + 1, "x");
  }
  return path;
}

Answer Try(Client client, const Route& route) {
  const bool has_body = !route.body.empty();
  return client.Send(
      route.method, Filled(route.path), has_body ? "{}" : "",
      has_body ? httplib::Headers{{"Content-Type", *route.body.begin()}}
               : httplib::Headers{});
}

TEST(Access, IsRefusedWithoutATokenOnEveryRouteButHealthAndSigningIn) {
  Serving serving;
  int refused = 0;
  for (const Route& route : serving.server().routes()) {
    if (route.needs == kNobody) continue;
    for (const char* token :
         {"", "wrong",
          "0000000000000000000000000000000000000000000000000000"}) {
      const Answer answer = Try(Client(serving.port(), token), route);
      EXPECT_EQ(answer.status, 401) << route.method << " " << route.path;
      EXPECT_EQ(answer.Header("WWW-Authenticate"), "Bearer");
    }
    ++refused;
  }
  EXPECT_GT(refused, 25);
}

TEST(Access, OfEachTokenIsToWhatItIsForAlone) {
  Serving serving;
  const Client member = serving.Member("ada");
  for (const Route& route : serving.server().routes()) {
    if (route.needs == kNobody || route.needs == kSigned ||
        route.path == "/api/session" || route.path == "/api/feed") {
      continue;
    }
    const auto is_let_in = [&](const Client& client) {
      return Try(client, route).status != 403;
    };
    SCOPED_TRACE(route.method + " " + route.path);
    EXPECT_EQ(is_let_in(serving.Machine(kReadToken)),
              (route.needs & kRead) != 0);
    EXPECT_EQ(is_let_in(serving.Machine(kWriteToken)),
              (route.needs & kWrite) != 0);
    EXPECT_EQ(is_let_in(serving.Machine(kAdminToken)),
              (route.needs & (kRead | kWrite | kAdmin)) != 0);
    EXPECT_EQ(is_let_in(member), (route.needs & kMember) != 0);
  }
}

TEST(Access, EndsWithSigningOut) {
  Serving serving;
  Client ada = serving.Member("ada");
  EXPECT_EQ(ada.Get("/api/members/me").status, 200);
  EXPECT_EQ(ada.Delete("/api/session").status, 204);
  EXPECT_EQ(ada.Get("/api/members/me").status, 401);
}

TEST(Access, OutlivesARestart) {
  Serving serving;
  const std::string token = serving.Member("ada").token();
  serving.Restart();
  EXPECT_EQ(Client(serving.port(), token).Get("/api/members/me").status, 200);
}

TEST(Access, NeedsThePasswordAndSaysNotWhoThereIs) {
  Serving serving;
  serving.Member("ada");
  const Answer wrong = serving.Nobody().Post(
      "/api/session", {{"member", "ada"}, {"password", "wrong"}});
  const Answer absent = serving.Nobody().Post(
      "/api/session", {{"member", "grace"}, {"password", "wrong"}});
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(wrong.text, absent.text);
}

TEST(Access, IsTriedSoManyTimesAndNoMore) {
  ServerOptions options = OptionsFor("");
  options.router.sign_ins = 0.01;
  options.router.sign_ins_at_once = 5;
  Serving serving(options);
  int statuses[6] = {};
  for (int& status : statuses) {
    status = serving.Nobody()
                 .Post("/api/session", {{"member", "ada"}, {"password", "x"}})
                 .status;
  }
  EXPECT_EQ(statuses[4], 401);
  EXPECT_EQ(statuses[5], 429);
}

TEST(Access, OfAMemberHasARate) {
  ServerOptions options = OptionsFor("");
  options.router.per_member = 0.01;
  options.router.at_once = 20;
  Serving serving(options);
  Client ada = serving.Member("ada");
  Answer last;
  for (int i = 0; i < 21; ++i) last = ada.Get("/api/leaderboards");
  EXPECT_EQ(last.status, 429);
  EXPECT_NE(last.Header("Retry-After"), "");
  EXPECT_EQ(serving.Machine(kReadToken).Get("/api/leaderboards").status, 200);
}

TEST(Access, FromElsewhereNeedsTokensFirst) {
  ServerOptions options = OptionsFor("/nowhere");
  options.host = "0.0.0.0";
  options.tokens.write = "";
  EXPECT_THROW(CommunityServer server(options), std::invalid_argument);

  const loyalty::store::TemporaryFolder folder;
  const Ended ended = RunProgram("community_server",
                                 {folder.File("c"), "--address", "0.0.0.0"});
  EXPECT_EQ(ended.exit, 1);
  EXPECT_NE(ended.err.find("is an address that others reach"),
            std::string::npos)
      << ended.err;
}

TEST(Tokens, HaveToBeLongAndDifferent) {
  ServerOptions options = OptionsFor("");
  options.tokens.read = "short";
  EXPECT_THROW(Serving{options}, std::invalid_argument);
  options.tokens.read = options.tokens.write;
  EXPECT_THROW(Serving{options}, std::invalid_argument);
}

TEST(Tokens, MayBeGivenAsTheirHashes) {
  ServerOptions options = OptionsFor("");
  // printf %s read-0123456789abcdef0123456789 | sha256sum
  options.tokens.read =
      "sha256:"
      "f8324356f1a300d7534909eed31bbccf2278c662556c22336d94f05b6a64ba16";
  Serving serving(options);
  EXPECT_EQ(serving.Machine(kReadToken).Get("/api/leaderboards").status, 200);
  EXPECT_EQ(serving.Machine(options.tokens.read.c_str())
                .Get("/api/leaderboards")
                .status,
            401);
}

}  // namespace
}  // namespace community
