// SPDX-License-Identifier: Apache-2.0
//
// For who runs the server.
#include <absl/strings/str_cat.h>

#include "api/api.h"

namespace community {
namespace {

void AnswerHealth(const Call& call) { call.Answer({{"alive", true}}); }

void AnswerReadiness(Community& community, const Call& call) {
  if (!community.is_ready || community.rewards.is_broken()) {
    throw Refusal(503, community.is_ready
                           ? "the engine has to be opened again: restart"
                           : "starting or stopping");
  }
  call.Answer({{"ready", true}});
}

void AnswerMetrics(Community& community, const Call& call) {
  const std::string text = community.metrics.Text(
      {{"community_streams", community.streams},
       {"community_streams_most", community.most_streams},
       {"community_acts_pending", community.content.CountPending()},
       {"community_journal_seq", community.feed.Newest()}});
  call.response.set_content(text, "text/plain; version=0.0.4");
}

}  // namespace

std::vector<Route> OperationRoutes(Community& community) {
  return {
      {"GET",
       "/healthz",
       kNobody,
       {},
       [](const Call& call) { AnswerHealth(call); }},
      {"GET",
       "/readyz",
       kNobody,
       {},
       [&](const Call& call) { AnswerReadiness(community, call); }},
      {"GET",
       "/metrics",
       kRead | kAdmin,
       {},
       [&](const Call& call) { AnswerMetrics(community, call); }},
  };
}

std::vector<Route> AllRoutes(Community& community) {
  std::vector<Route> all;
  for (const auto& routes :
       {OperationRoutes, SessionRoutes, MemberRoutes, PostRoutes,
        StandingRoutes, BoardRoutes, ProgramRoutes, ShopRoutes, EventRoutes,
        FeedRoutes, AdminRoutes, HookRoutes}) {
    for (Route& route : routes(community)) all.push_back(std::move(route));
  }
  return all;
}

}  // namespace community
