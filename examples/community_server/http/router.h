// SPDX-License-Identifier: Apache-2.0
//
// Router: the table of routes, and the one way that every request goes through
// it: guard, route, who calls, rates, body, handler, log. So a route cannot
// forget one of them.
#ifndef COMMUNITY_HTTP_ROUTER_H_
#define COMMUNITY_HTTP_ROUTER_H_

#include <httplib.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "http/access.h"
#include "http/call.h"
#include "http/guard.h"
#include "http/metrics.h"
#include "http/rates.h"

namespace community {

struct Route {
  std::string method;
  std::string path;                 // "/api/posts/{id}"; a {..} is one segment
  unsigned needs = kNobody;         // any of these grants; kNobody: open to all
  std::set<std::string> body = {};  // its media types; none: no body
  std::function<void(const Call&)> handler = {};
};

struct RouterOptions {
  bool log = true;  // a line of JSON a request, to standard error
  // Tokens of machines have no rate.
  double per_member = 20;  // requests a second, for members and by address
  double at_once = 100;
  double sign_ins = 0.1;  // a second, of one address or for one member
  double sign_ins_at_once = 10;
};

class Router {
 public:
  Router(std::vector<Route> routes, const Access& access, Guard guard,
         const RouterOptions& options, Metrics& metrics);

  // Has `server` ask this table. Both have to live as long as it runs.
  void Serve(httplib::Server& server);

  const std::vector<Route>& routes() const { return routes_; }

 private:
  using Segments = std::vector<std::string>;
  struct Match {
    const Route* route = nullptr;
    std::vector<std::string> names = {};
  };
  Match Find(const std::string& method, const Segments& path) const;
  // Runs `step`, and makes a refusal, or anything else it throws, the answer;
  // false then.
  bool Guarded(httplib::Response& response, const std::function<void()>& step);
  // All that can be said before the body is read.
  void Admit(const httplib::Request& request);
  void CheckRates(const Route& route, const Caller& caller,
                  const httplib::Request& request);
  void Run(const httplib::Request& request, httplib::Response& response);
  void Log(const httplib::Request& request, const httplib::Response& response);

  const std::vector<Route> routes_;
  std::vector<Segments> segments_ = {};  // of each route's path
  const Access& access_;
  const Guard guard_;
  const bool log_;
  Rates rates_;
  Rates sign_ins_;
  Metrics& metrics_;
};

}  // namespace community

#endif  // COMMUNITY_HTTP_ROUTER_H_
