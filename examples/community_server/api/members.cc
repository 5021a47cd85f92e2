// SPDX-License-Identifier: Apache-2.0
//
// Joining.
#include "api/api.h"
#include "content/secrets.h"
#include "rewards/as_json.h"

namespace community {
namespace {

// Ids are compared byte for byte and shown as they are, so they are of few
// characters, of which no two look alike to the computer alone.
void CheckId(const std::string& id) {
  constexpr char kAllowed[] = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  if (id == "me" || id.find_first_not_of(kAllowed) != std::string::npos) {
    throw Refusal(400,
                  "\"id\" may have a to z, 0 to 9, - and _, and is not \"me\"");
  }
}

void JoinIn(Community& community, const Call& call) {
  const Json body = call.Body();
  OnlyHas(body, {"id", "name", "password", "introduction"});
  Member member{.id = TextOf(body, "id", 2, 40),
                .name = TextOf(body, "name", 1, 80)};
  CheckId(member.id);
  member.password_hash = PasswordHash(TextOf(body, "password", 8, 256));
  member.joined = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now()));
  AnswerDone(call,
             community.acts.Join(member, TextOr(body, "introduction", 4000)),
             201);
}

}  // namespace

void AnswerDone(const Call& call, const Done& done, int status) {
  // A program's no to a redemption, say: an answer, and not what was asked for.
  if (!done.outcome.accepted()) {
    throw Refusal(409, done.outcome.reason,
                  {{"rejected", Name(done.outcome.rejected)},
                   {"event", done.outcome.event_id}});
  }
  Json body = AsJsonFor(done.outcome, call.caller.member, done.event_type);
  if (!done.outcome.vouchers.empty()) body["vouchers"] = done.outcome.vouchers;
  if (!done.id.empty()) body["id"] = done.id;
  call.Answer(body, done.outcome.repeat ? 200 : status);
}

std::vector<Route> MemberRoutes(Community& community) {
  return {
      {"POST",
       "/api/members",
       kNobody,
       {kJson},
       [&](const Call& call) { JoinIn(community, call); }},
  };
}

}  // namespace community
