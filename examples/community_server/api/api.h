// SPDX-License-Identifier: Apache-2.0
//
// The HTTP API: what openapi.yaml describes, a file of routes for each of its
// tags. A handler reads what was asked, calls one thing, and answers.
#ifndef COMMUNITY_API_API_H_
#define COMMUNITY_API_API_H_

#include <absl/time/time.h>

#include <atomic>
#include <map>
#include <string>
#include <vector>

#include "acts/acts.h"
#include "content/content.h"
#include "formats/activity_map.h"
#include "hooks/sender.h"
#include "http/metrics.h"
#include "http/rates.h"
#include "http/router.h"
#include "rewards/feed.h"
#include "rewards/figures.h"
#include "rewards/rewards.h"

namespace community {

// What handlers share. All of it outlives them.
struct Community {
  Content& content;
  Rewards& rewards;
  Acts& acts;
  Feed& feed;
  Figures& figures;
  Metrics& metrics;
  Rates& sign_ins;  // by the member they are for
  HookSender& hooks;
  const ActivityMap& activities;
  // Of those who send here, by their name in the path; several while one is
  // exchanged for another.
  std::map<std::string, std::vector<std::string>> source_secrets = {};
  std::string program_text = {};
  std::string program_name = {};  // of its file
  std::string voucher_key = {};
  absl::Duration session_time = absl::Hours(24 * 14);
  int most_streams = 48;
  std::chrono::milliseconds heartbeat{15'000};
  std::atomic<int> streams = 0;
  std::atomic<bool> is_ready = false;
};

std::vector<Route> SessionRoutes(Community& community);
std::vector<Route> MemberRoutes(Community& community);
std::vector<Route> PostRoutes(Community& community);
std::vector<Route> StandingRoutes(Community& community);
std::vector<Route> BoardRoutes(Community& community);
std::vector<Route> ProgramRoutes(Community& community);
std::vector<Route> ShopRoutes(Community& community);
std::vector<Route> EventRoutes(Community& community);
std::vector<Route> FeedRoutes(Community& community);
std::vector<Route> AdminRoutes(Community& community);
std::vector<Route> HookRoutes(Community& community);
std::vector<Route> OperationRoutes(Community& community);

// All of them.
std::vector<Route> AllRoutes(Community& community);

// Who may look at what concerns no one member alone.
inline constexpr unsigned kLooks = kMember | kRead;
inline constexpr char kJson[] = "application/json";

// The answer to an act: what it was worth to who did it.
void AnswerDone(const Call& call, const Done& done, int status);

// standing.cc: the member that {..} stands for, "me" being who calls.
// THROWS: 403 where only they themselves and readers may look.
std::string MemberNamed(const Call& call, bool is_private);

}  // namespace community

#endif  // COMMUNITY_API_API_H_
