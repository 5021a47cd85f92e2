// SPDX-License-Identifier: Apache-2.0
//
// S15, S17 and S18 of what attackers send.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

#include "server/serving.h"

namespace community {
namespace {

constexpr char kType[] = "Content-Type";
constexpr char kIsJson[] = "application/json";

// A connection on which one says what one likes.
class Line {
 public:
  explicit Line(int port) : socket_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address);
  }
  ~Line() { close(socket_); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  bool Say(const std::string& text) {
    return send(socket_, text.data(), text.size(), MSG_NOSIGNAL) > 0;
  }
  // All until the server ends it, or for so long; `ended` says which.
  std::string Hear(std::chrono::milliseconds most, bool* ended = nullptr) {
    const auto until = std::chrono::steady_clock::now() + most;
    std::string heard;
    char buffer[4096];
    while (std::chrono::steady_clock::now() < until) {
      pollfd waits = {.fd = socket_, .events = POLLIN, .revents = 0};
      if (poll(&waits, 1, 20) <= 0) continue;
      const ssize_t got = recv(socket_, buffer, sizeof buffer, 0);
      if (got <= 0) {
        if (ended != nullptr) *ended = true;
        break;
      }
      heard.append(buffer, static_cast<size_t>(got));
    }
    return heard;
  }

 private:
  const int socket_;
};

// A post whose body has exactly so many bytes.
std::string BodyOf(size_t bytes) {
  std::string body = R"({"text":")";
  body += std::string(bytes - body.size() - 2, 'x');
  return body + "\"}";
}

std::string Nested(int depth) {
  return std::string(static_cast<size_t>(depth), '[') +
         std::string(static_cast<size_t>(depth), ']');
}

class Attack : public testing::Test {
 protected:
  Answer Check(const std::string& body) {
    return admin_.Send("POST", "/api/admin/program/check", body,
                       {{kType, kIsJson}});
  }

  Serving serving_;
  Client admin_ = serving_.Machine(kAdminToken);
  Client ada_ = serving_.Member("ada");
};

TEST_F(Attack, ByABodyOfMoreThanAMebibyteIsRefused) {
  EXPECT_EQ(Check(BodyOf(kMostBodyBytes - 1)).status, 200);
  EXPECT_EQ(Check(BodyOf(kMostBodyBytes)).status, 200);
  EXPECT_EQ(Check(BodyOf(kMostBodyBytes + 1)).status, 413);
}

TEST_F(Attack, ByDepthIsRefused) {
  // The object is a level as well.
  const auto check = [&](int depth) {
    return Check("{\"text\":" + Nested(depth - 1) + "}").body["detail"];
  };
  const std::string not_text = "\"text\" has to be the text of a program";
  EXPECT_EQ(check(kMostDepth - 1), not_text);
  EXPECT_EQ(check(kMostDepth), not_text);
  EXPECT_EQ(check(kMostDepth + 1), "the body is more than 32 levels deep");
  EXPECT_EQ(Check("{\"text\":" + std::string(1'000'000, '[')).status, 400);
}

TEST_F(Attack, ByManyKeysOrOneTwiceIsRefused) {
  std::string keys = "{";
  for (int i = 0; i < 100'000; ++i) {
    keys += (i > 0 ? ",\"" : "\"") + std::to_string(i) + "\":0";
  }
  EXPECT_EQ(Check(keys + "}").body["detail"],
            "an object has more than 100 keys");
  EXPECT_EQ(Check(R"({"text":"a","text":"b"})").body["detail"],
            "the key \"text\" is there twice");
}

TEST_F(Attack, ByABodyOfUnknownLengthOrThatGrowsIsRefused) {
  const std::string head =
      "POST /api/session HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\n";
  Line chunked(serving_.port());
  chunked.Say(head + "Transfer-Encoding: chunked\r\n\r\n5\r\n{    \r\n");
  EXPECT_NE(chunked.Hear(std::chrono::seconds(1)).find("411"),
            std::string::npos);
  Line zipped(serving_.port());
  zipped.Say(head + "Content-Encoding: gzip\r\nContent-Length: 20\r\n\r\n");
  EXPECT_NE(zipped.Hear(std::chrono::seconds(1)).find("415"),
            std::string::npos);
}

// The answer is sent when it is whole; but who asks first whether to send the
// body, waits for that.
TEST(Connection, SaysThatABodyMayComeBeforeItReadsIt) {
  const Serving serving;
  Line line(serving.port());
  line.Say(
      "POST /api/session HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\nContent-Length: 2\r\n"
      "Expect: 100-continue\r\n\r\n");
  EXPECT_NE(line.Hear(std::chrono::seconds(1)).find("100 Continue"),
            std::string::npos);
  line.Say("{}");
  EXPECT_NE(line.Hear(std::chrono::seconds(1)).find("HTTP/1.1 400"),
            std::string::npos);
}

TEST_F(Attack, ByWhatIsNotReadIsNotTheNextRequest) {
  // What is refused before its body would otherwise be read as a request.
  Line line(serving_.port());
  const std::string smuggled =
      "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
  line.Say(
      "POST /api/posts HTTP/1.1\r\nHost: localhost\r\n"
      "Content-Type: application/json\r\nContent-Length: " +
      std::to_string(smuggled.size()) + "\r\n\r\n" + smuggled);
  const std::string heard = line.Hear(std::chrono::seconds(2));
  EXPECT_NE(heard.find("401"), std::string::npos);
  EXPECT_EQ(heard.find("alive"), std::string::npos);
}

TEST(SlowLoris, LosesItsConnection) {
  ServerOptions options = OptionsFor("");
  options.times.request_time = std::chrono::milliseconds(600);
  Serving serving(options);
  Line line(serving.port());
  const std::string request = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: ";
  const auto since = std::chrono::steady_clock::now();
  bool ended = false;
  // A byte now and then, each well within what one read may take.
  for (int i = 0; i < 200 && !ended; ++i) {
    line.Say(i < static_cast<int>(request.size())
                 ? request.substr(static_cast<size_t>(i), 1)
                 : "x");
    line.Hear(std::chrono::milliseconds(50), &ended);
  }
  EXPECT_TRUE(ended);
  EXPECT_LT(std::chrono::steady_clock::now() - since, std::chrono::seconds(4));
}

TEST_F(Attack, FromAPageOfAnotherSiteIsRefused) {
  const std::string body = R"({"kind":"idea","title":"x","text":"y"})";
  const auto post = [&](httplib::Headers headers) {
    headers.emplace(kType, kIsJson);
    return ada_.Send("POST", "/api/posts", body, headers).status;
  };
  const std::string own = "127.0.0.1:" + std::to_string(serving_.port());
  EXPECT_EQ(post({{"Origin", "http://" + own}}), 201);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "same-origin"}}), 201);
  EXPECT_EQ(post({{"Origin", "null"}}), 403);
  EXPECT_EQ(post({{"Origin", "https://evil.example"}}), 403);
  EXPECT_EQ(post({{"Origin", "http://127.0.0.1:1"}}), 403);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "cross-site"}}), 403);
  EXPECT_EQ(post({{"Sec-Fetch-Site", "same-site"}}), 403);
}

TEST_F(Attack, ByAnotherNameForThisAddressIsRefused) {
  for (const char* host : {"evil.example", "127.0.0.1.evil.example", "",
                           "localhost@evil.example"}) {
    EXPECT_EQ(ada_.Send("GET", "/api/posts", "", {{"Host", host}}).status, 403)
        << host;
  }
  EXPECT_EQ(
      ada_.Send("GET", "/api/posts", "", {{"Host", "LOCALHOST:9"}}).status,
      200);
}

TEST_F(Attack, ByAFormIsRefused) {
  for (const char* type :
       {"application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "text/plain", "application/jsonx", ""}) {
    EXPECT_EQ(ada_.Send("POST", "/api/posts", "{}", {{kType, type}}).status,
              415)
        << type;
  }
}

TEST_F(Attack, ByMarkupIsGivenBackAsTextThatNoBrowserRuns) {
  const std::string markup = "</script><img src=x onerror=alert(1)>";
  const Answer written = ada_.Post(
      "/api/posts", {{"kind", "idea"}, {"title", markup}, {"text", markup}});
  const Answer read =
      ada_.Get("/api/posts/" + written.body["id"].get<std::string>());
  EXPECT_EQ(read.body["title"], markup);
  EXPECT_EQ(read.Header("Content-Type"), "application/json");
  EXPECT_EQ(read.Header("X-Content-Type-Options"), "nosniff");
  const std::string policy = read.Header("Content-Security-Policy");
  EXPECT_EQ(policy.find("default-src 'none'; script-src 'self'"), 0u);
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
}

TEST_F(Attack, ByCharactersThatTurnWhatFollowsIsRefused) {
  for (const char* name : {"a\x01"
                           "b",
                           "a\xE2\x80\xAE"
                           "b",
                           "a\xE2\x81\xA6"
                           "b"}) {
    const Answer joined = serving_.Nobody().Post(
        "/api/members",
        {{"id", "mallory"}, {"name", name}, {"password", "correct horse"}});
    EXPECT_EQ(joined.status, 400);
  }
  for (const char* id : {"Admin",
                         "\xD0\xB0"
                         "dmin",
                         "me", "a b", "../x"}) {
    EXPECT_EQ(
        serving_.Nobody()
            .Post("/api/members",
                  {{"id", id}, {"name", "x"}, {"password", "correct horse"}})
            .status,
        400)
        << id;
  }
}

TEST_F(Attack, ByAPathLeadsNowhereElse) {
  for (const char* path :
       {"/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/api/../healthz/x",
        "/api//posts", "/api/posts/%zz", "/api/posts/%00"}) {
    const int status = ada_.Get(path).status;
    EXPECT_TRUE(status == 404 || status == 400) << path << " " << status;
  }
  EXPECT_EQ(ada_.Get("/api/posts?before=" + std::string(3000, 'x')).status,
            414);
}

}  // namespace
}  // namespace community
