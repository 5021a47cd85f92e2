// SPDX-License-Identifier: Apache-2.0
//
// Webhooks: endpoints that are told what happens here, for admins; and what
// happens elsewhere, signed by who sends it.
#include <absl/time/clock.h>

#include "api/incoming.h"
#include "hooks/signature.h"
#include "rewards/as_json.h"

namespace community {
namespace {

void AddHook(Community& community, const Call& call) {
  const Json body = call.Body();
  OnlyHas(body, {"url"});
  call.Answer(community.hooks.Add(TextOf(body, "url", 1, 2048)), 201);
}

void RemoveHook(Community& community, const Call& call) {
  community.hooks.Remove(call.names[0]);
  call.Answer({}, 204);
}

// An event as POST /api/events takes it, whose id may be left to the webhook's.
// Ids are of their source, so that none can take another's.
void TakeHook(Community& community, const Call& call) {
  const std::string& source = call.names[0];
  // A source that is not there has no secret, and nobody learns which are.
  const auto found = community.source_secrets.find(source);
  const auto secrets = found != community.source_secrets.end()
                           ? found->second
                           : std::vector<std::string>();
  const httplib::Request& request = call.request;
  const Signed message{.id = request.get_header_value(kHookId),
                       .timestamp = request.get_header_value(kHookTimestamp),
                       .signature = request.get_header_value(kHookSignature),
                       .body = request.body};
  CheckSignature(message, secrets, absl::Now());
  Json event = call.Body();
  event["id"] =
      source + " " +
      (event.contains("id") ? TextOf(event, "id", 1, 256) : message.id);
  call.AnswerText(OutcomeText(Recorded(
      community, call.caller, OrRefuse(EventOf(community, std::move(event))))));
}

}  // namespace

std::vector<Route> HookRoutes(Community& community) {
  return {
      {"GET",
       "/api/admin/webhooks",
       kAdmin,
       {},
       [&](const Call& call) { call.Answer(community.hooks.List()); }},
      {"POST",
       "/api/admin/webhooks",
       kAdmin,
       {kJson},
       [&](const Call& call) { AddHook(community, call); }},
      {"DELETE",
       "/api/admin/webhooks/{webhook}",
       kAdmin,
       {},
       [&](const Call& call) { RemoveHook(community, call); }},
      {"POST",
       "/api/admin/webhooks/{webhook}/secret",
       kAdmin,
       {},
       [&](const Call& call) {
         call.Answer(community.hooks.Rotate(call.names[0]));
       }},
      {"POST",
       "/api/admin/webhooks/{webhook}/test",
       kAdmin,
       {},
       [&](const Call& call) {
         call.Answer(community.hooks.Test(call.names[0]));
       }},
      {"POST",
       "/hooks/{source}",
       kSigned,
       {kJson},
       [&](const Call& call) { TakeHook(community, call); }},
  };
}

}  // namespace community
