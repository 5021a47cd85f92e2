// SPDX-License-Identifier: Apache-2.0
//
// What a member holds, and what there is for them. See as_json.h; how they
// stand is in profile_text.cc.
#include <loyalty/json.h>

#include <string>
#include <utility>

#include "rewards/as_json.h"

namespace community {
namespace {

Json TimeOrNull(const std::optional<absl::Time>& time) {
  return time.has_value() ? Json(Rfc3339(*time)) : Json(nullptr);
}

// Of a time that may be never.
Json FiniteOrNull(absl::Time time) {
  const bool is_finite =
      time > absl::InfinitePast() && time < absl::InfiniteFuture();
  return is_finite ? Json(Rfc3339(time)) : Json(nullptr);
}

Json StepAsJson(const loyalty::NextStep& step) {
  Json json = {{"rule", step.rule},
               {"describe", step.describe},
               {"event_type", step.example.type},
               {"by_member", step.by_member},
               {"times", step.times},
               {"time", Rfc3339(step.time)},
               {"units", step.units},
               {"left", nullptr},
               {"sentence", step.sentence}};
  if (step.left.has_value()) json["left"] = *step.left;
  return json;
}

}  // namespace

Json AsJson(const loyalty::NextGoal& goal) {
  Json json = {{"kind", Name(goal.kind)},   {"id", goal.id},
               {"ladder", goal.ladder},     {"describe", goal.describe},
               {"sentence", goal.sentence}, {"together", goal.together},
               {"needs", Json::array()},    {"privileges", goal.privileges},
               {"awards", Json::array()},   {"before", TimeOrNull(goal.before)},
               {"ways", Json::array()}};
  for (const loyalty::NextNeed& need : goal.needs) {
    json["needs"].push_back(
        {{"what", need.what}, {"have", need.have}, {"want", need.want}});
  }
  for (const loyalty::NextGoal::Award& award : goal.awards) {
    json["awards"].push_back(
        {{"currency", award.currency}, {"units", award.units}});
  }
  for (const loyalty::NextWay& way : goal.ways) {
    Json steps = Json::array();
    for (const loyalty::NextStep& step : way.steps) {
      steps.push_back(StepAsJson(step));
    }
    json["ways"].push_back({{"sentence", way.sentence},
                            {"acts", way.acts},
                            {"days", way.days},
                            {"left_to_others", way.left_to_others},
                            {"steps", std::move(steps)}});
  }
  return json;
}

Json AsJson(const loyalty::HeldBadge& badge) {
  Json json = {{"badge", badge.badge},       {"describe", badge.describe},
               {"class", badge.badge_class}, {"time", Rfc3339(badge.time)},
               {"object", nullptr},          {"event", badge.event_id}};
  if (badge.object.has_value()) json["object"] = *badge.object;
  return json;
}

Json AsJson(const loyalty::RewardOffer& offer) {
  Json json = {{"reward", offer.reward},
               {"describe", offer.describe},
               {"cost", Json::array()},
               {"left", nullptr},
               {"from", TimeOrNull(offer.from)},
               {"until", TimeOrNull(offer.until)},
               {"held", offer.is_held},
               {"available", offer.available},
               {"why", nullptr},
               {"reason", nullptr}};
  for (const loyalty::RewardCost& cost : offer.cost) {
    json["cost"].push_back(
        {{"currency", cost.currency}, {"units", cost.units}});
  }
  if (offer.left.has_value()) json["left"] = *offer.left;
  if (!offer.available) {
    json["why"] = Name(offer.why);
    json["reason"] = offer.reason;
  }
  return json;
}

Json AsJson(const loyalty::MemberVoucher& voucher) {
  Json json = {{"redemption", voucher.redemption},
               {"reward", voucher.reward},
               {"issued", FiniteOrNull(voucher.issued)},
               {"good_until", FiniteOrNull(voucher.good_until)},
               {"state", Name(voucher.state)},
               {"code", nullptr}};
  if (!voucher.code.empty()) json["code"] = voucher.code;
  return json;
}

Json AsJson(const loyalty::LeaderboardRow& row) {
  Json json = {{"rank", row.rank},
               {"member", row.member},
               {"earned", row.earned},
               {"then", row.then}};
  if (!row.listed) json["hidden"] = true;
  return json;
}

}  // namespace community
