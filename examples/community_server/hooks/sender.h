// SPDX-License-Identifier: Apache-2.0
//
// HookSender: tells what the engine recorded to the endpoints that admins
// named, signed (signature.h).
//
// Each endpoint has a thread and a cursor into the feed, which moves on when
// the endpoint has taken a message: so it is told everything, in order, at
// least once, and a message that comes again has the id that it had. One that
// takes none is tried again ever later, and in the end no more, until an admin
// tests it with success; then it goes on where it was.
#ifndef COMMUNITY_HOOKS_SENDER_H_
#define COMMUNITY_HOOKS_SENDER_H_

#include <absl/time/time.h>
#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "content/database.h"
#include "http/json.h"
#include "http/metrics.h"
#include "rewards/feed.h"
#include "rewards/rewards.h"

namespace community {

struct HookOptions {
  std::set<std::string> hosts = {};  // see target.h
  absl::Duration first_retry = absl::Seconds(5);
  absl::Duration longest_retry = absl::Hours(1);
  int most_tries = 12;  // of one message: some two hours
  absl::Duration patience = absl::Seconds(10);
  // For so long after the secret was exchanged the former one signs as well.
  absl::Duration rotation = absl::Hours(24);
};

// Thread-safe. All may throw Refusal and ContentError.
class HookSender {
 public:
  HookSender(const std::string& path, Rewards& rewards, Feed& feed,
             Metrics& metrics, HookOptions options);
  ~HookSender();
  HookSender(const HookSender&) = delete;
  HookSender& operator=(const HookSender&) = delete;

  void Start();
  // Ends what is being sent; it is sent again after the next start. To be
  // called once the rewards are closed, which ends the waiting for more.
  void Stop();

  Json List();
  // The endpoint with its secret, which is told only here and by Rotate. It is
  // sent what comes from now on.
  Json Add(const std::string& url);
  void Remove(const std::string& id);
  Json Rotate(const std::string& id);
  // Sends it a message of the type "test". If it takes that, it goes on.
  Json Test(const std::string& id);

 private:
  struct Endpoint {
    std::string id = {};
    std::string url = {};
    std::string secret = {};
    std::string former_secret = {};
    absl::Time former_until = {};
    int64_t cursor = 0;  // seq of the last outcome that it took
    int64_t tries = 0;   // of the next one, so far
    absl::Time next_try = {};
    bool is_stopped = false;
    std::string error = {};  // of the last try
    absl::Time since = {};
  };
  // How a message was answered: "" or what went wrong.
  struct Attempt {
    std::string error = {};
    bool is_final = false;  // the endpoint wants no more
  };

  std::vector<Endpoint> All();
  std::optional<Endpoint> Find(const std::string& id);
  Endpoint Existing(const std::string& id);
  Json AsJson(const Endpoint& endpoint, int64_t newest) const;

  void StartWorker(const std::string& id);
  void Work(const std::string& id);
  // Sends what is next; false if there is nothing to do for now.
  bool Go(const Endpoint& endpoint);
  void NoteTaken(const Endpoint& endpoint, int64_t seq);
  void NoteFailed(const Endpoint& endpoint, int64_t tries,
                  const Attempt& attempt);
  Attempt Send(const Endpoint& endpoint, const std::string& message,
               const std::string& body);
  std::string Call(const Endpoint& endpoint, const httplib::Headers& headers,
                   const std::string& body, int* status);
  void Pause(absl::Duration time);

  Rewards& rewards_;
  Feed& feed_;
  Metrics& metrics_;
  const HookOptions options_;
  std::mutex database_mutex_;
  Database database_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::atomic<bool> is_stopping_ = false;
  std::map<std::string, std::thread> workers_;  // by their endpoint
  std::set<std::string> ended_;                 // of removed ones, to be joined
  std::set<httplib::Client*> calls_;            // under way
};

}  // namespace community

#endif  // COMMUNITY_HOOKS_SENDER_H_
