// SPDX-License-Identifier: Apache-2.0
//
// A Redis server of our own, as a peer: in memory, without a file, on a socket
// in a folder of its own. It ends when this does.
#ifndef LOYALTY_BENCH_REDIS_H_
#define LOYALTY_BENCH_REDIS_H_

#include <absl/status/statusor.h>
#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

struct redisContext;

namespace loyalty::bench {

// Not thread-safe.
class Redis {
 public:
  // ERRORS: kNotFound      this was built without hiredis, or there is no
  //                        redis-server in PATH.
  //         kUnavailable   it did not start.
  static absl::StatusOr<std::unique_ptr<Redis>> Start(
      const std::string& folder);
  ~Redis();
  Redis(const Redis&) = delete;
  Redis& operator=(const Redis&) = delete;

  // Sends a command, waits, and gives the items of the answer as text.
  std::vector<std::string> Ask(const std::vector<std::string>& command);
  // Sends all commands, and then waits for all answers.
  void AskAll(const std::vector<std::vector<std::string>>& commands);

 private:
  explicit Redis(std::string socket) : socket_(std::move(socket)) {}

  const std::string socket_;
  pid_t server_ = -1;
  redisContext* context_ = nullptr;
};

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_REDIS_H_
