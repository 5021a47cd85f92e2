// SPDX-License-Identifier: Apache-2.0
//
// See sender.h. Nothing is sent while a lock or a transaction is held.
#include "hooks/sender.h"

#include <absl/time/clock.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <utility>

#include "content/secrets.h"
#include "hooks/signature.h"
#include "hooks/target.h"
#include "rewards/as_json.h"

namespace community {
namespace {

constexpr size_t kMostEndpoints = 16;  // each has a thread
constexpr int kOutcomesAtOnce = 50;
constexpr size_t kMostAnswerBytes = size_t{64} << 10;
constexpr int kGone = 410;

constexpr char kEndpointTable[] =
    "CREATE TABLE IF NOT EXISTS endpoint ("
    "  id TEXT PRIMARY KEY, url TEXT NOT NULL, secret TEXT NOT NULL,"
    "  former_secret TEXT NOT NULL DEFAULT '',"
    "  former_until INTEGER NOT NULL DEFAULT 0, cursor INTEGER NOT NULL,"
    "  tries INTEGER NOT NULL DEFAULT 0, next_try INTEGER NOT NULL DEFAULT 0,"
    "  is_stopped INTEGER NOT NULL DEFAULT 0, error TEXT NOT NULL DEFAULT '',"
    "  since INTEGER NOT NULL) STRICT";

constexpr char kSelectEndpoints[] =
    "SELECT id, url, secret, former_secret, former_until, cursor, tries, "
    "next_try, is_stopped, error, since FROM endpoint ORDER BY since, id";

// Twice as long each time, and by chance up to half less, so that endpoints
// that failed together do not all come back together.
absl::Duration DelayAfter(int64_t tries, const HookOptions& options) {
  thread_local std::mt19937_64 random{std::random_device{}()};
  absl::Duration delay = options.first_retry;
  for (int64_t i = 1; i < tries && delay < options.longest_retry; ++i) {
    delay *= 2;
  }
  return std::min(delay, options.longest_retry) *
         std::uniform_real_distribution<double>(0.5, 1.0)(random);
}

std::string SchemeHostPort(const Target& target) {
  const bool is_v6 = target.host.find(':') != std::string::npos;
  return std::string(target.is_tls ? "https://" : "http://") +
         (is_v6 ? "[" + target.host + "]" : target.host) + ":" +
         std::to_string(target.port);
}

void LogHook(const std::string& endpoint, const std::string& error) {
  std::fprintf(
      stderr, "%s\n",
      Text({{"level", "warning"}, {"webhook", endpoint}, {"error", error}})
          .c_str());
}

}  // namespace

HookSender::HookSender(const std::string& path, Rewards& rewards, Feed& feed,
                       Metrics& metrics, HookOptions options)
    : rewards_(rewards),
      feed_(feed),
      metrics_(metrics),
      options_(std::move(options)),
      database_(path) {
  database_.Script(kEndpointTable);
}

HookSender::~HookSender() { Stop(); }

void HookSender::Start() {
  for (const Endpoint& endpoint : All()) StartWorker(endpoint.id);
}

void HookSender::Stop() {
  std::map<std::string, std::thread> workers;
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
    for (httplib::Client* const call : calls_) call->stop();
    workers.swap(workers_);
  }
  changed_.notify_all();
  for (auto& [id, worker] : workers) worker.join();
}

std::vector<HookSender::Endpoint> HookSender::All() {
  std::vector<Endpoint> all;
  const std::lock_guard lock(database_mutex_);
  database_.Ask(kSelectEndpoints, {}, [&](const Row& row) {
    all.push_back({.id = row.Text(0),
                   .url = row.Text(1),
                   .secret = row.Text(2),
                   .former_secret = row.Text(3),
                   .former_until = absl::FromUnixMicros(row.Number(4)),
                   .cursor = row.Number(5),
                   .tries = row.Number(6),
                   .next_try = absl::FromUnixMicros(row.Number(7)),
                   .is_stopped = row.Number(8) != 0,
                   .error = row.Text(9),
                   .since = absl::FromUnixMicros(row.Number(10))});
  });
  return all;
}

std::optional<HookSender::Endpoint> HookSender::Find(const std::string& id) {
  for (Endpoint& endpoint : All()) {
    if (endpoint.id == id) return std::move(endpoint);
  }
  return std::nullopt;
}

HookSender::Endpoint HookSender::Existing(const std::string& id) {
  std::optional<Endpoint> endpoint = Find(id);
  if (!endpoint.has_value()) throw Refusal(404, "there is no such webhook");
  return *std::move(endpoint);
}

Json HookSender::AsJson(const Endpoint& endpoint, int64_t newest) const {
  Json json = {{"id", endpoint.id},
               {"url", endpoint.url},
               {"since", Rfc3339(endpoint.since)},
               {"state", endpoint.is_stopped  ? "stopped"
                         : endpoint.tries > 0 ? "retrying"
                                              : "sending"},
               {"taken", endpoint.cursor},
               {"waiting", std::max<int64_t>(0, newest - endpoint.cursor)},
               {"tries", endpoint.tries},
               {"next_try", nullptr},
               {"error", nullptr}};
  if (endpoint.tries > 0 && !endpoint.is_stopped) {
    json["next_try"] = Rfc3339(endpoint.next_try);
  }
  if (!endpoint.error.empty()) json["error"] = endpoint.error;
  return json;
}

Json HookSender::List() {
  Json list = Json::array();
  const int64_t newest = feed_.Newest();
  for (const Endpoint& endpoint : All()) {
    list.push_back(AsJson(endpoint, newest));
  }
  return list;
}

Json HookSender::Add(const std::string& url) {
  AddressToCall(TargetOf(url), options_.hosts);
  if (All().size() >= kMostEndpoints) {
    throw Refusal(409, "there may be " + std::to_string(kMostEndpoints) +
                           " webhooks; remove one first");
  }
  const Endpoint endpoint{.id = "hook-" + RandomHex(8),
                          .url = url,
                          .secret = NewHookSecret(),
                          .cursor = feed_.Newest(),
                          .since = absl::Now()};
  {
    const std::lock_guard lock(database_mutex_);
    database_.Change(true, [&] {
      database_.Do(
          "INSERT INTO endpoint (id, url, secret, cursor, since) "
          "VALUES (?1, ?2, ?3, ?4, ?5)",
          {endpoint.id, endpoint.url, endpoint.secret, endpoint.cursor,
           absl::ToUnixMicros(endpoint.since)});
    });
  }
  StartWorker(endpoint.id);
  Json json = AsJson(endpoint, endpoint.cursor);
  json["secret"] = endpoint.secret;
  return json;
}

void HookSender::Remove(const std::string& id) {
  Existing(id);
  {
    const std::lock_guard lock(database_mutex_);
    database_.Change(true, [&] {
      database_.Do("DELETE FROM endpoint WHERE id = ?1", {id});
    });
  }
  changed_.notify_all();
}

Json HookSender::Rotate(const std::string& id) {
  Endpoint endpoint = Existing(id);
  const std::string secret = NewHookSecret();
  const absl::Time until = absl::Now() + options_.rotation;
  {
    const std::lock_guard lock(database_mutex_);
    database_.Change(true, [&] {
      database_.Do(
          "UPDATE endpoint SET former_secret = secret, secret = ?2, "
          "former_until = ?3 WHERE id = ?1",
          {id, secret, absl::ToUnixMicros(until)});
    });
  }
  return {
      {"id", id}, {"secret", secret}, {"former_secret_until", Rfc3339(until)}};
}

Json HookSender::Test(const std::string& id) {
  const Endpoint endpoint = Existing(id);
  const Json message = {{"type", "test"},
                        {"timestamp", Rfc3339(absl::Now())},
                        {"data", Json::object()}};
  const Attempt attempt = Send(endpoint, "test-" + RandomHex(8), Text(message));
  if (!attempt.error.empty()) {
    return {{"taken", false}, {"error", attempt.error}};
  }
  {
    const std::lock_guard lock(database_mutex_);
    database_.Change(false, [&] {
      database_.Do(
          "UPDATE endpoint SET is_stopped = 0, tries = 0, next_try = 0, "
          "error = '' WHERE id = ?1",
          {id});
    });
  }
  changed_.notify_all();
  return {{"taken", true}, {"error", nullptr}};
}

void HookSender::StartWorker(const std::string& id) {
  const std::lock_guard lock(mutex_);
  if (is_stopping_) return;
  for (const std::string& ended : ended_) {
    workers_.extract(ended).mapped().join();
  }
  ended_.clear();
  workers_.emplace(id, [this, id] {
    Work(id);
    const std::lock_guard ending(mutex_);
    ended_.insert(id);
  });
}

void HookSender::Work(const std::string& id) {
  constexpr absl::Duration kLook = absl::Seconds(1);
  while (!is_stopping_ && !rewards_.is_closed()) {
    try {
      const std::optional<Endpoint> endpoint = Find(id);
      if (!endpoint.has_value()) return;
      const absl::Duration wait = endpoint->next_try - absl::Now();
      if (endpoint->is_stopped || wait > absl::ZeroDuration()) {
        Pause(endpoint->is_stopped ? kLook : std::min(wait, kLook));
        continue;
      }
      const int64_t version = rewards_.version();
      if (!Go(*endpoint)) {
        rewards_.AwaitNews(version, std::chrono::steady_clock::now() +
                                        absl::ToChronoMilliseconds(kLook));
      }
    } catch (const std::exception& error) {
      // The engine or the file could not be read; what was sent may be sent
      // again.
      LogHook(id, error.what());
      Pause(kLook);
    }
  }
}

bool HookSender::Go(const Endpoint& endpoint) {
  const auto items = feed_.After(endpoint.cursor, kOutcomesAtOnce);
  Endpoint now = endpoint;
  for (const Feed::Item& item : items) {
    if (is_stopping_) break;
    const Json message = {{"type", "outcome"},
                          {"timestamp", Rfc3339(item->recorded_at)},
                          {"data", community::AsJson(*item)}};
    const Attempt attempt =
        Send(now, "outcome-" + std::to_string(item->seq), Text(message));
    if (!attempt.error.empty()) {
      // Whoever stopped it does not count as a failure of the endpoint.
      if (!is_stopping_) NoteFailed(now, now.tries + 1, attempt);
      break;
    }
    NoteTaken(now, item->seq);
    // It may have another secret by now, or be gone.
    const std::optional<Endpoint> next = Find(endpoint.id);
    if (!next.has_value()) break;
    now = *next;
  }
  return !items.empty();
}

void HookSender::NoteTaken(const Endpoint& endpoint, int64_t seq) {
  metrics_.Count("community_webhooks_total", "answer=\"taken\"");
  const std::lock_guard lock(database_mutex_);
  // Not at once on disk: to be told again does no harm.
  database_.Change(false, [&] {
    database_.Do(
        "UPDATE endpoint SET cursor = ?2, tries = 0, next_try = 0, error = '' "
        "WHERE id = ?1",
        {endpoint.id, seq});
  });
}

void HookSender::NoteFailed(const Endpoint& endpoint, int64_t tries,
                            const Attempt& attempt) {
  metrics_.Count("community_webhooks_total", "answer=\"failed\"");
  const bool is_stopped = attempt.is_final || tries >= options_.most_tries;
  LogHook(endpoint.id, attempt.error + (is_stopped ? "; given up" : ""));
  const absl::Time next_try = absl::Now() + DelayAfter(tries, options_);
  const std::lock_guard lock(database_mutex_);
  database_.Change(false, [&] {
    database_.Do(
        "UPDATE endpoint SET tries = ?2, next_try = ?3, is_stopped = ?4, "
        "error = ?5 WHERE id = ?1",
        {endpoint.id, tries, absl::ToUnixMicros(next_try), is_stopped,
         attempt.error});
  });
}

HookSender::Attempt HookSender::Send(const Endpoint& endpoint,
                                     const std::string& message,
                                     const std::string& body) {
  const absl::Time now = absl::Now();
  std::vector<std::string> secrets = {endpoint.secret};
  if (!endpoint.former_secret.empty() && now < endpoint.former_until) {
    secrets.push_back(endpoint.former_secret);
  }
  Signed signed_message{.id = message,
                        .timestamp = std::to_string(absl::ToUnixSeconds(now)),
                        .body = body};
  signed_message.signature = SignatureOf(signed_message, secrets);
  int status = 0;
  const std::string error = Call(endpoint,
                                 {{kHookId, signed_message.id},
                                  {kHookTimestamp, signed_message.timestamp},
                                  {kHookSignature, signed_message.signature},
                                  {"Content-Type", "application/json"},
                                  {"User-Agent", "loyalty-community-server"}},
                                 body, &status);
  if (!error.empty()) return {.error = error};
  if (status >= 200 && status < 300) return {};
  std::string why = "it answered " + std::to_string(status);
  if (status >= 300 && status < 400) why += ", and redirects are not followed";
  return {.error = why, .is_final = status == kGone};
}

std::string HookSender::Call(const Endpoint& endpoint,
                             const httplib::Headers& headers,
                             const std::string& body, int* status) {
  try {
    const Target target = TargetOf(endpoint.url);
    const std::string address = AddressToCall(target, options_.hosts);
    httplib::Client client(SchemeHostPort(target));
    // What was checked is what is called, and not what the name means next.
    client.set_hostname_addr_map({{target.host, address}});
    client.set_follow_location(false);
    const auto patience = absl::ToChronoMilliseconds(options_.patience);
    client.set_connection_timeout(patience);
    client.set_read_timeout(patience);
    client.set_write_timeout(patience);
    httplib::Request request;
    request.method = "POST";
    request.path = target.path;
    request.headers = headers;
    request.body = body;
    size_t taken = 0;
    request.content_receiver = [&taken](const char*, size_t length, uint64_t,
                                        uint64_t) {
      taken += length;
      return taken <= kMostAnswerBytes;
    };
    {
      const std::lock_guard lock(mutex_);
      if (is_stopping_) return "the server stops";
      calls_.insert(&client);
    }
    const httplib::Result result = client.send(request);
    {
      const std::lock_guard lock(mutex_);
      calls_.erase(&client);
    }
    if (result.error() == httplib::Error::SSLServerVerification) {
      return "its certificate is not for " + target.host +
             ", is out of date, or is by nobody whom this machine trusts "
             "(SSL_CERT_FILE)";
    }
    if (!result) {
      return "it could not be told: " + httplib::to_string(result.error());
    }
    *status = result->status;
    return "";
  } catch (const Refusal& refusal) {
    return refusal.what();
  }
}

void HookSender::Pause(absl::Duration time) {
  std::unique_lock lock(mutex_);
  if (is_stopping_) return;
  changed_.wait_for(
      lock, absl::ToChronoMilliseconds(time) + std::chrono::milliseconds(1));
}

}  // namespace community
