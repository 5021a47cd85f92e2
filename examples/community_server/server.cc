// SPDX-License-Identifier: Apache-2.0
//
// See server.h.
#include "server.h"

#include <absl/time/clock.h>

#include <condition_variable>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <thread>
#include <utility>

#include "acts/acts.h"
#include "api/api.h"
#include "content/content.h"
#include "content/secrets.h"
#include "formats/activity_map.h"
#include "hooks/signature.h"
#include "rewards/feed.h"
#include "rewards/figures.h"
#include "rewards/rewards.h"

namespace community {
namespace {

constexpr int kMostWaiting = 128;  // connections

loyalty::Program ProgramOf(const std::string& file) {
  return OrRefuse(loyalty::Program::FromFile(file));
}

// `folder`, which is there then, for its owner alone.
std::string MadeFolder(const std::string& folder) {
  if (std::filesystem::create_directories(folder)) {
    std::filesystem::permissions(folder, std::filesystem::perms::owner_all);
  }
  return folder;
}

void CheckAddress(const ServerOptions& options) {
  const MachineTokens& tokens = options.tokens;
  if (IsLoopback(options.host) ||
      !(tokens.read.empty() || tokens.write.empty() || tokens.admin.empty())) {
    return;
  }
  throw std::invalid_argument(
      options.host +
      " is an address that others reach: give a read, a write and an admin "
      "token first (--help says how), or stay on 127.0.0.1");
}

ActivityMap ActivitiesOf(const std::string& file) {
  if (file.empty()) return ActivityMap();
  try {
    return ActivityMap(FileText(file));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(file + ": " + error.what());
  }
}

void CheckSourceSecrets(const ServerOptions& options) {
  for (const auto& [source, secrets] : options.source_secrets) {
    for (const std::string& secret : secrets) {
      if (IsHookSecret(secret)) continue;
      throw std::invalid_argument(
          "a secret of the webhooks of " + source +
          " has to be \"whsec_\" and 24 to 64 bytes in base64");
    }
    if (secrets.empty()) {
      throw std::invalid_argument("the webhooks of " + source +
                                  " have no secret");
    }
  }
}

}  // namespace

struct CommunityServer::Parts {
  explicit Parts(const ServerOptions& options)
      : content(MadeFolder(options.folder) + "/content.db"),
        rewards(options.folder + "/rewards.db", ProgramOf(options.program_file),
                {.voucher_key = options.voucher_key}),
        acts(content, rewards, metrics),
        feed(rewards),
        figures(rewards, content),
        sign_ins(options.router.sign_ins, options.router.sign_ins_at_once),
        hooks(options.folder + "/hooks.db", rewards, feed, metrics,
              options.hooks),
        activities(ActivitiesOf(options.activities_file)),
        community{.content = content,
                  .rewards = rewards,
                  .acts = acts,
                  .feed = feed,
                  .figures = figures,
                  .metrics = metrics,
                  .sign_ins = sign_ins,
                  .hooks = hooks,
                  .activities = activities,
                  .source_secrets = options.source_secrets,
                  .program_text = FileText(options.program_file),
                  .program_name = options.program_file,
                  .voucher_key = options.voucher_key,
                  .most_streams = options.streams,
                  .heartbeat = options.heartbeat},
        access(options.tokens, content),
        router(AllRoutes(community), access, Guard(options.names),
               options.router, metrics),
        http(options.times) {
    http.new_task_queue = [threads = options.threads] {
      return new httplib::ThreadPool(static_cast<size_t>(threads));
    };
    http.set_tcp_nodelay(true);
    // Told to clients, who then come on new connections; there is no bound.
    http.set_keep_alive_max_count(1'000'000);
    http.set_payload_max_length(kMostBodyBytes);
    if (!options.page_folder.empty()) {
      http.set_mount_point("/", options.page_folder);
    }
    // A page without it has tables alone.
    if (!options.chart_folder.empty()) {
      http.set_mount_point("/vendor", options.chart_folder);
    }
    router.Serve(http);
    port = options.port == 0 ? http.bind_to_any_port(options.host)
           : http.bind_to_port(options.host, options.port) ? options.port
                                                           : -1;
    if (port < 0) {
      throw std::runtime_error("cannot listen on " + options.host + " port " +
                               std::to_string(options.port) +
                               "; is it taken? --port chooses another");
    }
    http.LetWait(kMostWaiting);
  }

  // Until it is stopped: tells what could not be told, and does what time
  // brings.
  void KeepHouse() {
    constexpr absl::Duration kSweepEvery = absl::Minutes(10);
    absl::Time sweep_at = absl::Now();
    std::unique_lock lock(mutex);
    while (!stopped.wait_for(lock, std::chrono::seconds(1),
                             [&] { return is_stopping; })) {
      lock.unlock();
      try {
        if (acts.is_behind()) acts.TellAll();
        if (absl::Now() >= sweep_at) {
          OrRefuse(rewards.Sweep(absl::Now()));
          content.CloseExpiredSessions(absl::Now());
          sweep_at = absl::Now() + kSweepEvery;
        }
      } catch (const std::exception& error) {
        std::fprintf(
            stderr, "%s\n",
            Text({{"level", "error"}, {"error", error.what()}}).c_str());
      }
      if (rewards.is_broken()) End();
      lock.lock();
    }
    // It may have been stopped before it began to listen.
    while (!stopped.wait_for(lock, std::chrono::milliseconds(20),
                             [&] { return has_listened; })) {
      End();
    }
  }

  // Streams, and listening.
  void End() {
    community.is_ready = false;
    rewards.Close();
    http.End();
  }

  Content content;
  Rewards rewards;
  Metrics metrics;
  Acts acts;
  Feed feed;
  Figures figures;
  Rates sign_ins;
  HookSender hooks;
  ActivityMap activities;
  Community community;
  Access access;
  Router router;
  ConnectionServer http;
  int port = -1;
  std::mutex mutex;
  std::condition_variable stopped;
  bool is_stopping = false;
  bool has_listened = false;
};

CommunityServer::CommunityServer(const ServerOptions& options) {
  CheckAddress(options);
  CheckSourceSecrets(options);
  parts_ = std::make_unique<Parts>(options);
  if (!parts_->acts.TellAll()) {
    throw std::runtime_error(
        "what was kept before the last stop cannot be recorded now; is the "
        "disk full?");
  }
  parts_->community.is_ready = true;
}

CommunityServer::~CommunityServer() { Stop(); }

int CommunityServer::port() const { return parts_->port; }

bool CommunityServer::Serve() {
  parts_->hooks.Start();
  std::thread keeper([this] { parts_->KeepHouse(); });
  const bool listened = parts_->http.listen_after_bind();
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->has_listened = true;
  }
  Stop();
  keeper.join();
  parts_->hooks.Stop();
  // All threads have ended: nothing is under way, and both files are closed by
  // the destructor.
  return listened && !parts_->rewards.is_broken();
}

void CommunityServer::Stop() {
  {
    const std::lock_guard lock(parts_->mutex);
    parts_->is_stopping = true;
  }
  parts_->stopped.notify_all();
  parts_->End();
}

const std::vector<Route>& CommunityServer::routes() const {
  return parts_->router.routes();
}

void CommunityServer::SetPassword(const std::string& id,
                                  const std::string& name,
                                  const std::string& password, bool is_admin) {
  const std::string hash = PasswordHash(password);
  if (!parts_->content.FindMember(id).has_value()) {
    parts_->acts.Join(
        {.id = id,
         .name = name,
         .is_admin = is_admin,
         .joined = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()))},
        "");
  }
  parts_->content.Change(
      [&] { parts_->content.SetPassword(id, hash, is_admin); });
}

bool IsLoopback(const std::string& host) {
  return host == "localhost" || host == "::1" || host.starts_with("127.");
}

std::string FileText(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw std::runtime_error(path + ": cannot be read");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace community
