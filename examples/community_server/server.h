// SPDX-License-Identifier: Apache-2.0
//
// CommunityServer: the whole of it. Start here: what it is made of is in the
// constructor, in the order in which one needs the other.
#ifndef COMMUNITY_SERVER_H_
#define COMMUNITY_SERVER_H_

#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "hooks/sender.h"
#include "http/access.h"
#include "http/connection.h"
#include "http/router.h"

namespace community {

struct ServerOptions {
  std::string folder = {};        // of both files; made if it is not there
  std::string program_file = {};  // the program, as text
  std::string page_folder = {};   // files of the page; "": none
  std::string chart_folder = {};  // of Chart.js, for the page; "": none
  std::string host = "127.0.0.1";
  int port = 8080;                   // 0: any that is free
  std::set<std::string> names = {};  // that a Host may have besides
  MachineTokens tokens = {};
  std::string voucher_key = {};
  std::string activities_file = {};  // a map (activity_map.h); "": none
  // Of who sends webhooks here, by their name in the path.
  std::map<std::string, std::vector<std::string>> source_secrets = {};
  HookOptions hooks = {};
  int threads = 128;  // one for each connection
  int streams = 48;   // of these, at most, for the feed
  ConnectionTimes times = {};
  std::chrono::milliseconds heartbeat{15'000};
  RouterOptions router = {};
};

// Thread-safe.
class CommunityServer {
 public:
  // Opens both files, tells the engine what a server that was killed had not
  // told it, and takes the port.
  //
  // THROWS: std::exception, with what to do about it. On another address than
  //         loopback, for want of tokens: std::invalid_argument.
  explicit CommunityServer(const ServerOptions& options);
  // Stops, if it serves still.
  ~CommunityServer();
  CommunityServer(const CommunityServer&) = delete;
  CommunityServer& operator=(const CommunityServer&) = delete;

  int port() const;

  // Serves until Stop, or until the engine has to be opened again; false then.
  bool Serve();
  // Ends all streams, answers what was asked, and returns from Serve.
  void Stop();

  // The table of routes, for who holds it against its description.
  const std::vector<Route>& routes() const;

  // A member who can sign in, or a new password for one who is there.
  void SetPassword(const std::string& id, const std::string& name,
                   const std::string& password, bool is_admin);

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

// Whether only this machine reaches it.
bool IsLoopback(const std::string& host);

// The whole file. THROWS: std::runtime_error, naming it.
std::string FileText(const std::string& path);

}  // namespace community

#endif  // COMMUNITY_SERVER_H_
