// SPDX-License-Identifier: Apache-2.0
//
// A server that is killed under load, again and again, has in the end every act
// that it acknowledged, once, as content and as an event.
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "command/running.h"
#include "server/serving.h"

extern char** environ;

namespace community {
namespace {

constexpr char kPassword[] = "correct horse";
constexpr int kMembers = 4;

// The program, as one would start it; its address is in a file.
class Process {
 public:
  explicit Process(const std::string& folder) : out_(folder + ".out") {
    const std::string program =
        std::string(std::getenv("LOYALTY_BIN")) + "/community_server";
    std::vector<std::string> words = {program,  folder + ".d", "--port", "0",
                                      "--rate", "0",           "--quiet"};
    for (int i = 0; i < kMembers; ++i) {
      words.push_back("--sign-in");
      words.push_back("m" + std::to_string(i) + ":" + kPassword);
    }
    std::vector<char*> argv;
    for (std::string& word : words) argv.push_back(word.data());
    argv.push_back(nullptr);
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, out_.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    EXPECT_EQ(posix_spawn(&id_, program.c_str(), &files, nullptr, argv.data(),
                          environ),
              0);
    posix_spawn_file_actions_destroy(&files);
    for (int i = 0; i < 3000 && port_ == 0; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      std::ifstream file(out_);
      std::string line;
      if (std::getline(file, line) && !file.eof()) {
        port_ = std::atoi(line.substr(line.rfind(':') + 1).c_str());
      }
    }
  }
  // The exit code, or 128 and the signal.
  int End(int signal_number) {
    kill(id_, signal_number);
    return loyalty::command::WaitFor(id_);
  }
  int port() const { return port_; }

 private:
  const std::string out_;
  pid_t id_ = -1;
  int port_ = 0;
};

// Posts ideas with keys of its own until the server is gone, and sends what was
// not acknowledged once more to the next one.
class Author {
 public:
  explicit Author(int number) : id_("m" + std::to_string(number)) {}

  void Write(int port, const std::atomic<bool>& stops, std::atomic<int>& acts) {
    Client client(port, "");
    const Answer session =
        client.Post("/api/session", {{"member", id_}, {"password", kPassword}});
    client = Client(
        port, session.body.is_object() ? session.body.value("token", "") : "");
    while (!stops) {
      const std::string key = id_ + "-" + std::to_string(next_);
      const Answer answer = client.Send(
          "POST", "/api/posts",
          Json{{"kind", "idea"}, {"title", key}, {"text", "x"}}.dump(),
          {{"Content-Type", "application/json"}, {"Idempotency-Key", key}});
      if (answer.status != 200 && answer.status != 201) return;
      acknowledged_[key] = answer.body.value("event", "");
      ++next_;
      ++acts;
    }
  }
  const std::map<std::string, std::string>& acknowledged() const {
    return acknowledged_;
  }
  const std::string& id() const { return id_; }

 private:
  const std::string id_;
  int next_ = 0;
  std::map<std::string, std::string> acknowledged_ = {};
};

TEST(AKilledServer, HasEveryAcknowledgedActOnce) {
  const loyalty::store::TemporaryFolder folder;
  const std::string community = folder.File("community");
  std::vector<Author> authors;
  for (int i = 0; i < kMembers; ++i) authors.emplace_back(i);
  for (int kills = 0; kills < 4; ++kills) {
    Process process(community);
    ASSERT_NE(process.port(), 0);
    std::atomic<bool> stops = false;
    std::atomic<int> acts = 0;
    std::vector<std::thread> threads;
    for (Author& author : authors) {
      threads.emplace_back([&] { author.Write(process.port(), stops, acts); });
    }
    for (int i = 0; i < 3000 && acts < 15 + 5 * kills; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(process.End(SIGKILL), 128 + SIGKILL);
    stops = true;
    for (std::thread& thread : threads) thread.join();
  }
  // Once more, to the end, and gracefully.
  Process last(community);
  size_t all = 0;
  for (const Author& author : authors) {
    Client client(last.port(), "");
    const Answer session = client.Post(
        "/api/session", {{"member", author.id()}, {"password", kPassword}});
    ASSERT_EQ(session.status, 201) << session.text;
    client = Client(last.port(), session.body.value("token", ""));
    std::map<std::string, int> seen;
    for (std::string before; true;) {
      const Json page =
          client
              .Get("/api/posts?kind=idea&limit=100&author=" + author.id() +
                   "&before=" + before)
              .body;
      for (const Json& post : page["posts"]) {
        ++seen[post["title"].get<std::string>()];
      }
      if (page["before"].is_null()) break;
      before = page["before"].get<std::string>();
    }
    for (const auto& [title, count] : seen) EXPECT_EQ(count, 1) << title;
    for (const auto& [key, event] : author.acknowledged()) {
      EXPECT_EQ(seen[key], 1) << key;
      const Answer told = client.Get("/api/explain/" + event);
      EXPECT_EQ(told.status, 200) << key << told.text;
    }
    // Every post was counted once by the engine: no more, no fewer.
    EXPECT_EQ(client.Get("/api/members/me").body["metrics"].value("ideas", 0),
              static_cast<int>(seen.size()));
    all += author.acknowledged().size();
  }
  EXPECT_GE(all, 60u) << "there was no load to speak of";
  EXPECT_EQ(last.End(SIGTERM), 0);
  EXPECT_EQ(loyalty::command::RunLoyalty(
                {"verify", "--db", community + ".d/rewards.db"})
                .exit,
            0);
}

}  // namespace
}  // namespace community
