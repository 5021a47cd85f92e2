// SPDX-License-Identifier: Apache-2.0
//
// See router.h. cpp-httplib finds routes by regular expressions, one after the
// other, and after it has read the body. Here all but the handler comes before
// the body, so that who may not send one is not listened to.
#include "http/router.h"

#include <absl/strings/str_split.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <exception>
#include <utility>

#include "http/connection.h"
#include "http/json.h"

namespace community {
namespace {

// What Admit found out, for the handler and the log; a connection has one
// thread, and a thread one request at a time.
struct Admitted {
  const Route* route = nullptr;
  Caller caller = {};
  std::vector<std::string> names = {};
  Clock::time_point since = {};
};
thread_local Admitted admitted;

// "a%2Fb" as "a/b". THROWS: 400.
std::string Decoded(const std::string& segment) {
  std::string decoded;
  for (size_t i = 0; i < segment.size(); ++i) {
    if (segment[i] != '%') {
      decoded += segment[i];
      continue;
    }
    unsigned byte = 0;
    const char* const from = segment.data() + i + 1;
    const char* const to = from + std::min<size_t>(2, segment.size() - i - 1);
    if (to != from + 2 || std::from_chars(from, to, byte, 16).ptr != to ||
        byte == 0) {
      throw Refusal(400, "the address has a % that means nothing");
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

// The segments of a path, between its slashes. Split before they are decoded,
// as an id may hold a slash.
std::vector<std::string> SegmentsOf(const std::string& target) {
  const std::string path = target.substr(0, target.find_first_of("?#"));
  std::vector<std::string> segments = absl::StrSplit(path.substr(1), '/');
  for (std::string& segment : segments) segment = Decoded(segment);
  return segments;
}

bool IsName(const std::string& segment) { return segment.starts_with('{'); }

bool HasBody(const httplib::Request& request) {
  return request.has_header("Transfer-Encoding") ||
         (request.has_header("Content-Length") &&
          request.get_header_value("Content-Length") != "0");
}

std::string BearerOf(const httplib::Request& request) {
  constexpr std::string_view kBearer = "Bearer ";
  const std::string header = request.get_header_value("Authorization");
  return header.starts_with(kBearer) ? header.substr(kBearer.size()) : "";
}

}  // namespace

Router::Router(std::vector<Route> routes, const Access& access, Guard guard,
               const RouterOptions& options, Metrics& metrics)
    : routes_(std::move(routes)),
      access_(access),
      guard_(std::move(guard)),
      log_(options.log),
      rates_(options.per_member, options.at_once),
      sign_ins_(options.sign_ins, options.sign_ins_at_once),
      metrics_(metrics) {
  for (const Route& route : routes_) {
    segments_.push_back(SegmentsOf(route.path));
  }
}

void Router::Serve(httplib::Server& server) {
  using Response = httplib::Server::HandlerResponse;
  server.set_default_headers(Guard::SafeHeaders());
  server.set_pre_routing_handler(
      [this](const httplib::Request& request, httplib::Response& response) {
        admitted = {.since = Clock::now()};
        const bool goes_on = Guarded(response, [&] { Admit(request); });
        if (!goes_on && HasBody(request)) {
          response.set_header("Connection", "close");
          Connection::Current().EndWithAnswer();
        }
        // Files of the page, and what has a body to be read first.
        if (goes_on &&
            (admitted.route == nullptr || !admitted.route->body.empty())) {
          return Response::Unhandled;
        }
        if (goes_on) Run(request, response);
        return Response::Handled;
      });
  const auto run = [this](const httplib::Request& request,
                          httplib::Response& response) {
    if (admitted.route != nullptr) return Run(request, response);
    AnswerProblem(response, 404, "");
  };
  // What is not here is refused by Admit, so any path that comes so far is one
  // of ours.
  server.Post("/.*", run);
  server.Put("/.*", run);
  server.set_error_handler(
      [](const httplib::Request&, httplib::Response& response) {
        if (!response.body.empty()) return;
        AnswerProblem(response, response.status, "");
      });
  server.set_exception_handler(
      [](const httplib::Request&, httplib::Response& response,
         std::exception_ptr) { AnswerProblem(response, 500, ""); });
  server.set_logger(
      [this](const httplib::Request& request,
             const httplib::Response& response) { Log(request, response); });
}

Router::Match Router::Find(const std::string& method,
                           const Segments& asked) const {
  std::string methods;
  for (size_t r = 0; r < routes_.size(); ++r) {
    const Route& route = routes_[r];
    const Segments& wanted = segments_[r];
    if (wanted.size() != asked.size()) continue;
    Match match{.route = &route};
    bool fits = true;
    for (size_t i = 0; fits && i < wanted.size(); ++i) {
      if (IsName(wanted[i])) {
        fits = !asked[i].empty();
        match.names.push_back(asked[i]);
      } else {
        fits = wanted[i] == asked[i];
      }
    }
    if (!fits) continue;
    if (route.method == method) return match;
    methods += (methods.empty() ? "" : ", ") + route.method;
  }
  if (!methods.empty()) {
    throw Refusal(405, "here one may " + methods, {{"allow", methods}});
  }
  return {};
}

bool Router::Guarded(httplib::Response& response,
                     const std::function<void()>& step) {
  try {
    step();
    return true;
  } catch (const Refusal& refusal) {
    AnswerProblem(response, refusal.status(), refusal.what(), refusal.more());
  } catch (const ContentError& error) {
    std::fprintf(stderr, "%s\n",
                 Text({{"level", "error"}, {"error", error.what()}}).c_str());
    AnswerProblem(response, 503, "the community could not be read or written",
                  {{"retry_after", 1}});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n",
                 Text({{"level", "error"}, {"error", error.what()}}).c_str());
    AnswerProblem(response, 500, "");
  }
  return false;
}

void Router::Admit(const httplib::Request& request) {
  constexpr size_t kLongestTarget = 2048;
  guard_.CheckOrigin(request);
  if (request.target.size() > kLongestTarget ||
      !request.target.starts_with('/')) {
    throw Refusal(414, "an address may have " + std::to_string(kLongestTarget) +
                           " bytes");
  }
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  Match match = Find(method, SegmentsOf(request.target));
  if (match.route == nullptr) {
    const bool is_page = method == "GET" && !request.path.starts_with("/api/");
    if (!is_page) throw Refusal(404, "there is nothing of that name");
    Guard::CheckBody(request, {});
    return;
  }
  admitted.route = match.route;
  admitted.names = std::move(match.names);
  admitted.caller = access_.Of(BearerOf(request));
  const Route& route = *match.route;
  CheckRates(route, admitted.caller, request);
  if (route.needs != kNobody && route.needs != kSigned &&
      !admitted.caller.Has(route.needs)) {
    if (admitted.caller.grants != kNobody) {
      throw Refusal(403, "that is not for who has this token");
    }
    throw Refusal(401, "send a good token: Authorization: Bearer TOKEN");
  }
  Guard::CheckBody(request, route.body);
}

void Router::CheckRates(const Route& route, const Caller& caller,
                        const httplib::Request& request) {
  const bool signs_in = route.needs == kNobody && !route.body.empty();
  // Machines are trusted with as much as they can send.
  if (!signs_in && caller.grants != kNobody && caller.member.empty()) return;
  const std::string who = caller.member.empty()
                              ? "address " + request.remote_addr
                              : "member " + caller.member;
  const int wait = std::max(rates_.Take(who),
                            signs_in ? sign_ins_.Take(request.remote_addr) : 0);
  if (wait == 0) return;
  metrics_.Count("community_rate_limited_total",
                 signs_in ? "what=\"sign_in\"" : "what=\"request\"");
  throw Refusal(
      429,
      "that was too much at once; try again in " + std::to_string(wait) + " s",
      {{"retry_after", wait}});
}

void Router::Run(const httplib::Request& request, httplib::Response& response) {
  Guarded(response, [&] {
    admitted.route->handler(
        {request, response, admitted.caller, admitted.names});
  });
}

void Router::Log(const httplib::Request& request,
                 const httplib::Response& response) {
  const std::chrono::duration<double> took = Clock::now() - admitted.since;
  const std::string route =
      admitted.route != nullptr ? admitted.route->path : "none";
  const std::string member = admitted.caller.member;
  // What cannot be read as a request at all is logged without having come this
  // way, and must not be taken for the one before.
  admitted = {.since = Clock::now()};
  metrics_.Answered(route, response.status, took.count());
  if (!log_) return;
  Json line = {{"time", Rfc3339(absl::Now())},
               {"level", response.status >= 500 ? "error" : "info"},
               {"method", request.method},
               {"path", request.path},
               {"route", route},
               {"status", response.status},
               {"ms", static_cast<int64_t>(took.count() * 1e6) / 1e3},
               {"bytes", response.body.size()},
               {"address", request.remote_addr}};
  if (!member.empty()) line["member"] = member;
  // One write, so that lines of several threads do not mix.
  const std::string text = Text(line) + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace community
