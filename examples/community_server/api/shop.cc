// SPDX-License-Identifier: Apache-2.0
//
// What points buy.
#include "api/api.h"
#include "rewards/as_json.h"

namespace community {
namespace {

void ListRewards(Community& community, const Call& call) {
  Json body = {{"rewards", Json::array()}};
  for (const loyalty::RewardOffer& offer :
       OrRefuse(community.rewards.Look()->Rewards(call.caller.member,
                                                  absl::Now()))) {
    body["rewards"].push_back(AsJson(offer));
  }
  call.Answer(body);
}

void RedeemReward(Community& community, const Call& call) {
  const Json body = call.Body();
  OnlyHas(body, {"quantity"});
  AnswerDone(
      call,
      community.acts.Redeem(call.caller.member, call.names[0],
                            NumberOr(body, "quantity", 1),
                            call.request.get_header_value("Idempotency-Key")),
      201);
}

}  // namespace

std::vector<Route> ShopRoutes(Community& community) {
  return {
      {"GET",
       "/api/rewards",
       kLooks,
       {},
       [&](const Call& call) { ListRewards(community, call); }},
      {"POST",
       "/api/rewards/{reward}/redemptions",
       kMember,
       {kJson},
       [&](const Call& call) { RedeemReward(community, call); }},
  };
}

}  // namespace community
