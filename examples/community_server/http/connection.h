// SPDX-License-Identifier: Apache-2.0
//
// Connection and ConnectionServer: cpp-httplib's server, with a bound on how
// long a request may take to arrive and an answer to be taken.
//
// cpp-httplib bounds each read and each write, so that a client that sends a
// byte now and then would hold its thread for ever, and a connection is a
// thread. Here a whole request has to come within `request_time`, and its
// answer to be taken within `answer_time`; streams alone are free of the
// latter.
#ifndef COMMUNITY_HTTP_CONNECTION_H_
#define COMMUNITY_HTTP_CONNECTION_H_

#include <httplib.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <mutex>
#include <string>

namespace community {

using Clock = std::chrono::steady_clock;

struct ConnectionTimes {
  std::chrono::milliseconds request_time{10'000};
  std::chrono::milliseconds answer_time{30'000};
  std::chrono::milliseconds idle_time{5'000};  // between two requests
};

// One client's connection, while its thread serves it.
class Connection final : public httplib::Stream {
 public:
  struct Address {
    std::string ip = {};
    int port = 0;
  };

  Connection(socket_t socket, const ConnectionTimes& times);

  // The one that the calling thread serves.
  static Connection& Current();

  // The request was refused before its body was read: the connection ends with
  // the answer, as what is left of the body is not the next request.
  void EndWithAnswer() { ends_ = true; }
  bool ends_with_answer() const { return ends_; }
  // What follows may take as long as it likes.
  void AnswerForEver() { answer_by_ = Clock::time_point::max(); }
  // Whether the client has left.
  bool IsGone() const;

  // Sends what is left of an answer; false if it cannot.
  bool Flush();

  // Waits for the first byte of a request, and starts its time; false if none
  // comes, or `stops` becomes true.
  bool AwaitRequest(const std::function<bool()>& stops);

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, size_t size) override;
  ssize_t write(const char* from, size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  // Some of it, as soon as that can be; -1 if it cannot in time.
  ssize_t Receive(char* to, size_t size);
  ssize_t Send(const char* from, size_t size);

  const socket_t socket_;
  const ConnectionTimes times_;
  const Address remote_;
  const Address local_;
  Clock::time_point request_by_ = {};
  Clock::time_point answer_by_ = {};
  bool ends_ = false;
  char buffer_[4096] = {};
  size_t begin_ = 0;
  size_t end_ = 0;
  std::string held_ = {};  // to be sent
};

class ConnectionServer final : public httplib::Server {
 public:
  explicit ConnectionServer(const ConnectionTimes& times) : times_(times) {}

  // Once it is bound: how many connections may wait to be accepted. The library
  // lets five; beyond that the system drops them, and clients try again after
  // a second.
  void LetWait(int connections);

  // No longer listens; idle connections end, and all others with their answer.
  // Does nothing before it listens, so it may have to be called again.
  // Thread-safe, other than stop().
  void End();

 private:
  bool process_and_close_socket(socket_t socket) override;

  const ConnectionTimes times_;
  std::atomic<bool> stops_ = false;
  std::mutex ending_;
};

}  // namespace community

#endif  // COMMUNITY_HTTP_CONNECTION_H_
