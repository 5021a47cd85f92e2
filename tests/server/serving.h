// SPDX-License-Identifier: Apache-2.0
//
// Serving: a community server in this process, on a free port, gone at the end
// of the test; and clients of it.
#ifndef LOYALTY_TESTS_SERVER_SERVING_H_
#define LOYALTY_TESTS_SERVER_SERVING_H_

#include <httplib.h>

#include <memory>
#include <string>
#include <thread>

#include "http/json.h"
#include "server.h"
#include "store/temporary_folder.h"

namespace community {

inline constexpr char kReadToken[] = "read-0123456789abcdef0123456789";
inline constexpr char kWriteToken[] = "write-0123456789abcdef0123456789";
inline constexpr char kAdminToken[] = "admin-0123456789abcdef0123456789";

// An answer: its status, and its body where that is JSON.
struct Answer {
  int status = 0;
  Json body = {};
  std::string text = {};
  httplib::Headers headers = {};
  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found != headers.end() ? found->second : "";
  }
};

// Somebody who sends requests, each with their token.
class Client {
 public:
  Client(int port, std::string token);

  Answer Get(const std::string& path);
  Answer Delete(const std::string& path);
  Answer Put(const std::string& path);
  Answer Post(const std::string& path, const Json& body);
  // As it is, with these headers besides.
  Answer Send(const std::string& method, const std::string& path,
              const std::string& body, const httplib::Headers& headers);

  const std::string& token() const { return token_; }

 private:
  std::string token_;
  std::shared_ptr<httplib::Client> http_;
};

// Options for a test: quiet, a program of examples/, and no rates.
ServerOptions OptionsFor(const std::string& folder);

class Serving {
 public:
  Serving();
  // `options.folder` is taken as it is, if it is not "".
  explicit Serving(ServerOptions options);
  ~Serving();

  int port() const { return server_->port(); }
  CommunityServer& server() { return *server_; }
  // Ends it and starts another in the same folder.
  void Restart();

  Client Nobody() { return Client(port(), ""); }
  Client Machine(const char* token) { return Client(port(), token); }
  // Somebody who has just joined and signed in.
  Client Member(const std::string& id);
  Client Admin();

 private:
  void Start();
  void End();

  const loyalty::store::TemporaryFolder folder_ =
      loyalty::store::TemporaryFolder();
  ServerOptions options_;
  std::unique_ptr<CommunityServer> server_;
  std::thread thread_;
};

// So many words.
std::string Words(int count);

// A file of this repository.
std::string SourceFile(const std::string& path);

}  // namespace community

#endif  // LOYALTY_TESTS_SERVER_SERVING_H_
