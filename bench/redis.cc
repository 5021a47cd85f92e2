// SPDX-License-Identifier: Apache-2.0
#include "redis.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <absl/time/clock.h>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <utility>

#ifdef LOYALTY_BENCH_HIREDIS
#include <hiredis/hiredis.h>
#endif

namespace loyalty::bench {

#ifdef LOYALTY_BENCH_HIREDIS
namespace {

[[noreturn]] void GiveUp(const std::string& why) {
  std::cerr << "nothing was measured: Redis: " << why << '\n';
  std::exit(3);
}

void AddItems(const redisReply& reply, std::vector<std::string>& items) {
  if (reply.type == REDIS_REPLY_ERROR) GiveUp(reply.str);
  if (reply.type == REDIS_REPLY_ARRAY) {
    for (size_t i = 0; i < reply.elements; ++i) {
      AddItems(*reply.element[i], items);
    }
  } else if (reply.type == REDIS_REPLY_INTEGER) {
    items.push_back(absl::StrCat(reply.integer));
  } else if (reply.str != nullptr) {
    items.emplace_back(reply.str, reply.len);
  }
}

struct Arguments {
  explicit Arguments(const std::vector<std::string>& command) {
    for (const std::string& word : command) {
      words.push_back(word.data());
      lengths.push_back(word.size());
    }
  }
  int count() const { return static_cast<int>(words.size()); }

  std::vector<const char*> words = {};
  std::vector<size_t> lengths = {};
};

}  // namespace

absl::StatusOr<std::unique_ptr<Redis>> Redis::Start(const std::string& folder) {
  const std::string own = absl::StrCat(folder, "/redis-", getpid());
  std::filesystem::create_directories(own);
  std::unique_ptr<Redis> redis(new Redis(own + "/socket"));
  redis->server_ = fork();
  if (redis->server_ == 0) {
    // Also if this process is killed.
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    dup2(nowhere, STDOUT_FILENO);
    execlp("redis-server", "redis-server", "--port", "0", "--unixsocket",
           redis->socket_.c_str(), "--dir", own.c_str(), "--save", "",
           "--appendonly", "no", "--daemonize", "no", nullptr);
    _exit(127);
  }
  for (int i = 0; i < 100; ++i) {
    int status = 0;
    if (waitpid(redis->server_, &status, WNOHANG) != 0) {
      redis->server_ = -1;
      return WIFEXITED(status) && WEXITSTATUS(status) == 127
                 ? absl::NotFoundError("there is no redis-server in PATH")
                 : absl::UnavailableError("redis-server ended at once");
    }
    redis->context_ = redisConnectUnix(redis->socket_.c_str());
    if (redis->context_ != nullptr && redis->context_->err == 0) return redis;
    redisFree(redis->context_);
    redis->context_ = nullptr;
    absl::SleepFor(absl::Milliseconds(100));
  }
  return absl::UnavailableError("redis-server does not answer");
}

Redis::~Redis() {
  if (context_ != nullptr) redisFree(context_);
  if (server_ > 0) {
    kill(server_, SIGTERM);
    waitpid(server_, nullptr, 0);
  }
  std::filesystem::remove_all(std::filesystem::path(socket_).parent_path());
}

std::vector<std::string> Redis::Ask(const std::vector<std::string>& command) {
  Arguments sent(command);
  auto* const reply = static_cast<redisReply*>(redisCommandArgv(
      context_, sent.count(), sent.words.data(), sent.lengths.data()));
  if (reply == nullptr) GiveUp(context_->errstr);
  std::vector<std::string> items;
  AddItems(*reply, items);
  freeReplyObject(reply);
  return items;
}

void Redis::AskAll(const std::vector<std::vector<std::string>>& commands) {
  for (const auto& command : commands) {
    Arguments sent(command);
    redisAppendCommandArgv(context_, sent.count(), sent.words.data(),
                           sent.lengths.data());
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    void* reply = nullptr;
    if (redisGetReply(context_, &reply) != REDIS_OK) GiveUp(context_->errstr);
    freeReplyObject(reply);
  }
}

#else

absl::StatusOr<std::unique_ptr<Redis>> Redis::Start(const std::string&) {
  return absl::NotFoundError("this was built without hiredis");
}
Redis::~Redis() = default;
std::vector<std::string> Redis::Ask(const std::vector<std::string>&) {
  return {};
}
void Redis::AskAll(const std::vector<std::vector<std::string>>&) {}

#endif

}  // namespace loyalty::bench
