// SPDX-License-Identifier: Apache-2.0
//
// Signing in and out.
#include "api/api.h"
#include "content/secrets.h"

namespace community {
namespace {

void SignIn(Community& community, const Call& call) {
  const Json body = call.Body();
  OnlyHas(body, {"member", "password"});
  const std::string id = TextOf(body, "member", 1, 64);
  const std::string password = TextOf(body, "password", 1, 256);
  if (const int wait = community.sign_ins.Take(id); wait > 0) {
    throw Refusal(429, "too many have tried to sign in as that member",
                  {{"retry_after", wait}});
  }
  const std::optional<Member> member = community.content.FindMember(id);
  // Takes as long and says the same whether or not there is such a member.
  const std::string hash = member.has_value() ? member->password_hash : "";
  if (!IsPassword(password, hash)) {
    community.metrics.Count("community_sign_ins_total", "answer=\"no\"");
    throw Refusal(401, "there is no such member with that password");
  }
  community.metrics.Count("community_sign_ins_total", "answer=\"yes\"");
  const std::string token = RandomHex(32);
  const absl::Time expires = absl::Now() + community.session_time;
  community.content.OpenSession(
      Sha256(token),
      {.member = member->id, .is_admin = member->is_admin, .expires = expires});
  call.Answer({{"token", token},
               {"member", member->id},
               {"name", member->name},
               {"admin", member->is_admin},
               {"expires", Rfc3339(expires)}},
              201);
}

void SignOut(Community& community, const Call& call) {
  community.content.CloseSession(call.caller.token_hash);
  call.Answer({}, 204);
}

}  // namespace

std::vector<Route> SessionRoutes(Community& community) {
  return {
      {"POST",
       "/api/session",
       kNobody,
       {kJson},
       [&](const Call& call) { SignIn(community, call); }},
      {"DELETE",
       "/api/session",
       kMember,
       {},
       [&](const Call& call) { SignOut(community, call); }},
  };
}

}  // namespace community
