// SPDX-License-Identifier: Apache-2.0
//
// See connection.h.
#include "http/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

namespace community {
namespace {

using std::chrono::milliseconds;

// What is left of a request that was refused is taken off the line for so long,
// as a reset would make the client lose the answer.
constexpr milliseconds kLinger{200};
constexpr size_t kMostLingering = size_t{4} << 20;

// An answer is sent when it is all there, unless it is larger than this: its
// head and its body come by one call, and in one packet if they fit.
constexpr size_t kMostHeld = 16'384;

thread_local Connection* current = nullptr;

// Whether `events` come before `deadline`.
bool WaitFor(socket_t socket, short events, Clock::time_point deadline) {
  while (true) {
    const auto left = std::chrono::duration_cast<milliseconds>(std::min(
        deadline - Clock::now(), Clock::duration(milliseconds{60'000})));
    if (left.count() < 0) return false;
    pollfd waits = {.fd = socket, .events = events, .revents = 0};
    const int ready = poll(&waits, 1, static_cast<int>(left.count()));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
    if (Clock::now() >= deadline) return false;
  }
}

using AsksAddress = int (*)(int, sockaddr*, socklen_t*);

Connection::Address AddressOf(socket_t socket, AsksAddress ask) {
  sockaddr_storage any = {};
  socklen_t length = sizeof any;
  ask(socket, reinterpret_cast<sockaddr*>(&any), &length);
  char text[INET6_ADDRSTRLEN] = {};
  int port = 0;
  if (any.ss_family == AF_INET) {
    sockaddr_in in = {};
    std::memcpy(&in, &any, sizeof in);
    inet_ntop(AF_INET, &in.sin_addr, text, sizeof text);
    port = ntohs(in.sin_port);
  } else if (any.ss_family == AF_INET6) {
    sockaddr_in6 in = {};
    std::memcpy(&in, &any, sizeof in);
    inet_ntop(AF_INET6, &in.sin6_addr, text, sizeof text);
    port = ntohs(in.sin6_port);
  }
  return {text, port};
}

}  // namespace

Connection::Connection(socket_t socket, const ConnectionTimes& times)
    : socket_(socket),
      times_(times),
      remote_(AddressOf(socket, getpeername)),
      local_(AddressOf(socket, getsockname)) {}

Connection& Connection::Current() { return *current; }

bool Connection::AwaitRequest(const std::function<bool()>& stops) {
  const auto idle_until = Clock::now() + times_.idle_time;
  while (begin_ == end_) {
    if (stops()) return false;
    const auto slice = std::min(idle_until, Clock::now() + milliseconds{250});
    if (WaitFor(socket_, POLLIN, slice)) break;
    if (Clock::now() >= idle_until) return false;
  }
  request_by_ = Clock::now() + times_.request_time;
  answer_by_ = request_by_ + times_.answer_time;
  return true;
}

bool Connection::IsGone() const {
  char byte = 0;
  const ssize_t got = recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
}

bool Connection::is_readable() const {
  return begin_ < end_ || WaitFor(socket_, POLLIN, request_by_);
}

// To wait is for write and Flush.
bool Connection::is_writable() const { return true; }

ssize_t Connection::Receive(char* to, size_t size) {
  if (Clock::now() >= request_by_) return -1;
  while (true) {
    const ssize_t got = recv(socket_, to, size, MSG_DONTWAIT);
    if (got >= 0 || (errno != EAGAIN && errno != EINTR)) return got;
    if (!WaitFor(socket_, POLLIN, request_by_)) return -1;
  }
}

ssize_t Connection::Send(const char* from, size_t size) {
  while (true) {
    const ssize_t sent = send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0 || (errno != EAGAIN && errno != EINTR)) return sent;
    const auto until = std::min(answer_by_, Clock::now() + milliseconds{5'000});
    if (!WaitFor(socket_, POLLOUT, until)) return -1;
  }
}

bool Connection::Flush() {
  size_t sent = 0;
  while (sent < held_.size()) {
    const ssize_t now = Send(held_.data() + sent, held_.size() - sent);
    if (now < 0) break;
    sent += static_cast<size_t>(now);
  }
  const bool is_sent = sent == held_.size();
  held_.clear();
  return is_sent;
}

ssize_t Connection::read(char* to, size_t size) {
  if (begin_ == end_) {
    // Who asked whether to go on waits for the answer to that.
    if (!Flush()) return -1;
    // What is large goes past the buffer.
    if (size >= sizeof buffer_) return Receive(to, size);
    const ssize_t got = Receive(buffer_, sizeof buffer_);
    if (got <= 0) return got;
    begin_ = 0;
    end_ = static_cast<size_t>(got);
  }
  const size_t taken = std::min(size, end_ - begin_);
  std::memcpy(to, buffer_ + begin_, taken);
  begin_ += taken;
  return static_cast<ssize_t>(taken);
}

ssize_t Connection::write(const char* from, size_t size) {
  const bool is_stream = answer_by_ == Clock::time_point::max();
  if (!is_stream && held_.size() + size <= kMostHeld) {
    held_.append(from, size);
    return static_cast<ssize_t>(size);
  }
  return Flush() ? Send(from, size) : -1;
}

void Connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip = remote_.ip;
  port = remote_.port;
}

void Connection::get_local_ip_and_port(std::string& ip, int& port) const {
  ip = local_.ip;
  port = local_.port;
}

void ConnectionServer::LetWait(int connections) {
  ::listen(svr_sock_, connections);
}

void ConnectionServer::End() {
  const std::lock_guard lock(ending_);
  stops_ = true;
  if (is_running() && svr_sock_ != INVALID_SOCKET) stop();
}

bool ConnectionServer::process_and_close_socket(socket_t socket) {
  Connection connection(socket, times_);
  current = &connection;
  const auto stops = [this] { return stops_.load(); };
  bool served = false;
  bool closes = false;
  while (!closes && connection.AwaitRequest(stops)) {
    served = process_request(connection, stops(), closes,
                             [](httplib::Request& request) {
                               // Nothing here is large enough to be asked for
                               // in parts, and parts are a way to ask for more
                               // than there is.
                               request.ranges.clear();
                             });
    served = connection.Flush() && served;
    closes = closes || !served || stops() || connection.ends_with_answer();
  }
  current = nullptr;
  shutdown(socket, SHUT_WR);
  if (connection.ends_with_answer()) {
    const auto until = Clock::now() + kLinger;
    char rest[4096];
    size_t taken = 0;
    while (taken < kMostLingering && WaitFor(socket, POLLIN, until)) {
      const ssize_t got = recv(socket, rest, sizeof rest, 0);
      if (got <= 0) break;
      taken += static_cast<size_t>(got);
    }
  }
  close(socket);
  return served;
}

}  // namespace community
