// SPDX-License-Identifier: Apache-2.0
//
// Receiver: somebody who is told by webhook, in this process.
#ifndef LOYALTY_TESTS_SERVER_RECEIVER_H_
#define LOYALTY_TESTS_SERVER_RECEIVER_H_

#include <gtest/gtest.h>
#include <httplib.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace community {

inline constexpr std::chrono::seconds kPatience{30};

// Keeps what comes, and answers as it is set to.
class Receiver {
 public:
  struct Message {
    std::string id = {};
    std::string timestamp = {};
    std::string signature = {};
    std::string body = {};
  };

  // On a free port of loopback, or on that port of another address.
  explicit Receiver(std::unique_ptr<httplib::Server> http =
                        std::make_unique<httplib::Server>(),
                    const std::string& address = "127.0.0.1", int port = 0)
      : http_(std::move(http)) {
    http_->Post("/.*", [this](const httplib::Request& request,
                              httplib::Response& response) {
      const std::lock_guard lock(mutex_);
      messages_.push_back({request.get_header_value("webhook-id"),
                           request.get_header_value("webhook-timestamp"),
                           request.get_header_value("webhook-signature"),
                           request.body});
      response.status = status_;
      if (status_ == 302) response.set_redirect("/elsewhere");
      come_.notify_all();
    });
    port_ = port;
    if (port == 0) {
      port_ = http_->bind_to_any_port(address);
    } else {
      EXPECT_TRUE(http_->bind_to_port(address, port)) << address << " " << port;
    }
    thread_ = std::thread([this] { http_->listen_after_bind(); });
    while (!http_->is_running()) std::this_thread::yield();
  }
  ~Receiver() {
    http_->stop();
    thread_.join();
  }
  Receiver(const Receiver&) = delete;
  Receiver& operator=(const Receiver&) = delete;

  // So many at least, in the order in which they came.
  std::vector<Message> Await(size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(come_.wait_for(lock, kPatience,
                               [&] { return messages_.size() >= count; }))
        << messages_.size() << " of " << count;
    return messages_;
  }
  // Whether what an event did comes, whatever else does.
  bool AwaitEvent(const std::string& id) {
    std::unique_lock lock(mutex_);
    return come_.wait_for(lock, kPatience, [&] {
      return std::any_of(
          messages_.begin(), messages_.end(), [&](const Message& message) {
            return nlohmann::json::parse(message.body)["data"]["event"] == id;
          });
    });
  }
  size_t count() {
    const std::lock_guard lock(mutex_);
    return messages_.size();
  }
  void AnswerFromNowOn(int status) { status_ = status; }
  int port() const { return port_; }
  std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/told";
  }

 private:
  const std::unique_ptr<httplib::Server> http_;
  int port_ = 0;
  std::thread thread_;
  std::atomic<int> status_ = 204;
  std::mutex mutex_;
  std::condition_variable come_;
  std::vector<Message> messages_ = {};
};

}  // namespace community

#endif  // LOYALTY_TESTS_SERVER_RECEIVER_H_
