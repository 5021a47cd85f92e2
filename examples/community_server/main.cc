// SPDX-License-Identifier: Apache-2.0
//
// community_server: the command line, and the signals that stop it.
#include <signal.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "content/database.h"
#include "import.h"
#include "server.h"

namespace {

// Of a file, or else of the environment; without the new line at its end.
std::string Secret(const std::string& file, const char* variable) {
  std::string secret;
  if (!file.empty()) {
    secret = community::FileText(file);
  } else if (const char* const value = std::getenv(variable)) {
    secret = value;
  }
  while (!secret.empty() && (secret.back() == '\n' || secret.back() == '\r')) {
    secret.pop_back();
  }
  return secret;
}

struct Arguments {
  community::ServerOptions server = {};
  std::string read_file = {};
  std::string write_file = {};
  std::string admin_file = {};
  std::string voucher_file = {};
  std::string import_log = {};
  std::vector<std::string> sign_ins = {};  // ID:PASSWORD
  std::vector<std::string> admins = {};
  std::vector<std::string> names = {};
  std::vector<std::string> hook_hosts = {};
  std::vector<std::string> hook_sources = {};  // NAME=FILE
  bool quiet = false;
};

void AddOptions(CLI::App& app, Arguments& a) {
  app.add_option("FOLDER", a.server.folder, "where the community is kept")
      ->required();
  app.add_option("--program", a.server.program_file, "the rules, as text")
      ->default_val(COMMUNITY_PROGRAM);
  app.add_option("--page", a.server.page_folder, "files of the page")
      ->default_val(COMMUNITY_PUBLIC);
  app.add_option("--charts", a.server.chart_folder,
                 "of Chart.js, as the distribution has it")
      ->default_val("/usr/share/javascript/chart.js");
  app.add_option("--address", a.server.host,
                 "to listen on; others than loopback need all three tokens")
      ->default_val(a.server.host);
  app.add_option("--port", a.server.port, "0: any that is free")
      ->default_val(a.server.port)
      ->check(CLI::Range(0, 65535));
  app.add_option("--host", a.names,
                 "a name that requests may have as their Host, besides those "
                 "of loopback");
  app.add_option("--read-token-file", a.read_file,
                 "a token, or \"sha256:\" and its hash; else COMMUNITY_READ_"
                 "TOKEN of the environment");
  app.add_option("--write-token-file", a.write_file,
                 "likewise, or COMMUNITY_WRITE_TOKEN");
  app.add_option("--admin-token-file", a.admin_file,
                 "likewise, or COMMUNITY_ADMIN_TOKEN");
  app.add_option("--voucher-key-file", a.voucher_file,
                 "the key of voucher codes, or COMMUNITY_VOUCHER_KEY");
  app.add_option("--activities", a.server.activities_file,
                 "which activities of Activity Streams are which events")
      ->default_val(COMMUNITY_ACTIVITIES);
  app.add_option("--webhook-host", a.hook_hosts,
                 "HOST or HOST:PORT that webhooks may be sent to, wherever it "
                 "is; without, all that are public, by https");
  app.add_option("--webhook-source", a.hook_sources,
                 "NAME=FILE: takes webhooks at /hooks/NAME, signed by a secret "
                 "of FILE, which has one a line");
  app.add_option("--import", a.import_log,
                 "fill FOLDER, which is empty, from a log of events, and end");
  app.add_option("--sign-in", a.sign_ins,
                 "ID:PASSWORD of a member, made if there is none");
  app.add_option("--admin", a.admins, "ID:PASSWORD of an admin, likewise");
  app.add_option("--threads", a.server.threads, "one for each connection")
      ->default_val(a.server.threads)
      ->check(CLI::Range(4, 4096));
  app.add_option("--streams", a.server.streams,
                 "of these, at most, for the feed")
      ->default_val(a.server.streams)
      ->check(CLI::Range(0, 4000));
  app.add_option("--rate", a.server.router.per_member,
                 "requests a second of a member or address; 0: any number")
      ->default_val(a.server.router.per_member)
      ->check(CLI::NonNegativeNumber);
  app.add_flag("--quiet", a.quiet, "no log of requests");
}

void SetPasswords(community::CommunityServer& server,
                  const std::vector<std::string>& pairs, bool is_admin) {
  for (const std::string& pair : pairs) {
    const size_t colon = pair.find(':');
    if (colon == pair.npos || pair.size() - colon < 9) {
      throw std::invalid_argument(
          "write a sign-in as ID:PASSWORD, with 8 characters or more");
    }
    const std::string id = pair.substr(0, colon);
    server.SetPassword(id, id, pair.substr(colon + 1), is_admin);
  }
}

void ReadHookSources(Arguments& a) {
  for (const std::string& pair : a.hook_sources) {
    const size_t equals = pair.find('=');
    if (equals == pair.npos || equals == 0) {
      throw std::invalid_argument("write a source of webhooks as NAME=FILE");
    }
    std::istringstream lines(community::FileText(pair.substr(equals + 1)));
    auto& secrets = a.server.source_secrets[pair.substr(0, equals)];
    for (std::string secret; lines >> secret;) secrets.push_back(secret);
  }
}

void ImportLog(const Arguments& a) {
  const auto imported =
      community::Import(a.server.folder, a.server.program_file, a.import_log);
  std::cerr << "community_server: " << imported.events << " events, "
            << imported.malformed << " malformed, " << imported.rejected
            << " rejected\n";
}

int Run(Arguments a) {
  if (!a.import_log.empty()) {
    ImportLog(a);
    return 0;
  }
  // Before any thread, so that all have them blocked and one waits for them.
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  signal(SIGPIPE, SIG_IGN);

  a.server.tokens = {.read = Secret(a.read_file, "COMMUNITY_READ_TOKEN"),
                     .write = Secret(a.write_file, "COMMUNITY_WRITE_TOKEN"),
                     .admin = Secret(a.admin_file, "COMMUNITY_ADMIN_TOKEN")};
  a.server.voucher_key = Secret(a.voucher_file, "COMMUNITY_VOUCHER_KEY");
  a.server.names.insert(a.names.begin(), a.names.end());
  a.server.hooks.hosts.insert(a.hook_hosts.begin(), a.hook_hosts.end());
  ReadHookSources(a);
  a.server.router.log = !a.quiet;
  if (a.server.streams >= a.server.threads) {
    throw std::invalid_argument(
        "--streams has to be less than --threads: a stream holds a thread");
  }
  community::CommunityServer server(a.server);
  SetPasswords(server, a.sign_ins, false);
  SetPasswords(server, a.admins, true);
  const bool is_v6 = a.server.host.find(':') != std::string::npos;
  std::cout << "http://" << (is_v6 ? "[" : "") << a.server.host
            << (is_v6 ? "]" : "") << ":" << server.port() << std::endl;

  std::thread stopper([&] {
    int signal_number = 0;
    sigwait(&stops, &signal_number);
    server.Stop();
  });
  const bool done = server.Serve();
  // It waits still if the server stopped by itself.
  pthread_kill(stopper.native_handle(), SIGTERM);
  stopper.join();
  if (done) return 0;
  std::cerr << "community_server: the engine has to be opened again; start it "
               "once more, and what was kept is told\n";
  return 3;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("A community that rewards what its members do, over HTTP.");
  app.set_help_flag("--help", "print this");
  Arguments arguments;
  AddOptions(app, arguments);
  CLI11_PARSE(app, argc, argv);
  community::LetSqliteCountNothing();
  try {
    return Run(std::move(arguments));
  } catch (const std::invalid_argument& error) {
    std::cerr << "community_server: " << error.what() << '\n';
    return 1;
  } catch (const std::exception& error) {
    std::cerr << "community_server: " << error.what() << '\n';
    return 3;
  }
}
