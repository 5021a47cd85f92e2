// SPDX-License-Identifier: Apache-2.0
//
// See serving.h.
#include "server/serving.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <utility>

namespace community {
namespace {

constexpr char kPassword[] = "correct horse";

Answer AnswerOf(const httplib::Result& result) {
  if (!result) return {};
  Answer answer{.status = result->status,
                .text = result->body,
                .headers = result->headers};
  answer.body = Json::parse(result->body, nullptr, false);
  return answer;
}

}  // namespace

Client::Client(int port, std::string token)
    : token_(std::move(token)),
      http_(std::make_shared<httplib::Client>("127.0.0.1", port)) {
  http_->set_keep_alive(true);
  http_->set_tcp_nodelay(true);
  http_->set_read_timeout(60);
}

Answer Client::Send(const std::string& method, const std::string& path,
                    const std::string& body, const httplib::Headers& headers) {
  httplib::Request request;
  request.method = method;
  request.path = path;
  request.body = body;
  request.headers = headers;
  if (!token_.empty() && headers.count("Authorization") == 0) {
    request.set_header("Authorization", "Bearer " + token_);
  }
  return AnswerOf(http_->send(request));
}

Answer Client::Get(const std::string& path) {
  return Send("GET", path, "", {});
}
Answer Client::Delete(const std::string& path) {
  return Send("DELETE", path, "", {});
}
Answer Client::Put(const std::string& path) {
  return Send("PUT", path, "", {});
}
Answer Client::Post(const std::string& path, const Json& body) {
  return Send("POST", path, body.dump(),
              {{"Content-Type", "application/json"}});
}

ServerOptions OptionsFor(const std::string& folder) {
  ServerOptions options{
      .folder = folder,
      .program_file = SourceFile("examples/programs/brand_community.textproto"),
      .port = 0,
      .tokens = {.read = kReadToken,
                 .write = kWriteToken,
                 .admin = kAdminToken},
      .threads = 24,
      .streams = 6,
      .heartbeat = std::chrono::milliseconds(200)};
  options.router = {.log = false, .per_member = 0, .sign_ins = 0};
  return options;
}

Serving::Serving() : options_(OptionsFor(folder_.File("community"))) {
  Start();
}

Serving::Serving(ServerOptions options) : options_(std::move(options)) {
  if (options_.folder.empty()) options_.folder = folder_.File("community");
  Start();
}

Serving::~Serving() { End(); }

void Serving::Start() {
  server_ = std::make_unique<CommunityServer>(options_);
  thread_ = std::thread([this] { server_->Serve(); });
  Client client = Nobody();
  for (int i = 0; i < 500 && client.Get("/readyz").status != 200; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

void Serving::End() {
  server_->Stop();
  thread_.join();
  server_.reset();
}

void Serving::Restart() {
  End();
  Start();
}

Client Serving::Member(const std::string& id) {
  Client client = Nobody();
  const Answer joined = client.Post(
      "/api/members", {{"id", id}, {"name", id}, {"password", kPassword}});
  EXPECT_EQ(joined.status, 201) << joined.text;
  const Answer session =
      client.Post("/api/session", {{"member", id}, {"password", kPassword}});
  EXPECT_EQ(session.status, 201) << session.text;
  return Client(port(), session.body.value("token", ""));
}

Client Serving::Admin() {
  server_->SetPassword("boss", "Boss", kPassword, true);
  const Answer session = Nobody().Post(
      "/api/session", {{"member", "boss"}, {"password", kPassword}});
  EXPECT_EQ(session.status, 201) << session.text;
  return Client(port(), session.body.value("token", ""));
}

std::string Words(int count) {
  std::string words;
  for (int i = 0; i < count; ++i) words += "word ";
  return words;
}

std::string SourceFile(const std::string& path) {
  const char* const source = std::getenv("LOYALTY_SOURCE");
  return (source != nullptr ? std::string(source) : ".") + "/" + path;
}

}  // namespace community
