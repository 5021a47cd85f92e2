// SPDX-License-Identifier: Apache-2.0
//
// A member's standing, lines and offers. See as_json.h.
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

Json TierAsJson(const loyalty::TierOutlook& tier) {
  return {{"units", tier.units},
          {"to_keep", tier.to_keep},
          {"review", FiniteOrNull(tier.review)},
          {"at_review", tier.at_review},
          {"until", FiniteOrNull(tier.until)},
          {"then", tier.then},
          {"by_hand", tier.by_hand}};
}

int64_t EarnedOf(const loyalty::MemberProfile& profile,
                 const loyalty::LadderStanding& standing) {
  for (const loyalty::CurrencyBalance& held : profile.currencies) {
    if (held.currency == standing.currency) return held.earned;
  }
  const auto metric = profile.metrics.find(standing.metric);
  return metric != profile.metrics.end() ? metric->second : 0;
}

Json LadderAsJson(const loyalty::MemberProfile& profile,
                  const loyalty::LadderStanding& standing) {
  const int64_t have = EarnedOf(profile, standing);
  Json json = {
      {"ladder", standing.ladder},      {"currency", standing.currency},
      {"metric", standing.metric},      {"index", standing.index},
      {"level", standing.level},        {"next_level", nullptr},
      {"to_next", standing.to_next},    {"have", have},
      {"want", have + standing.to_next}};
  if (standing.next_level.has_value()) {
    json["next_level"] = *standing.next_level;
  }
  if (standing.tier.has_value()) json["tier"] = TierAsJson(*standing.tier);
  return json;
}

Json StreakAsJson(const loyalty::StreakStanding& streak) {
  return {
      {"streak", streak.streak},  {"describe", streak.describe},
      {"length", streak.length},  {"longest", streak.longest},
      {"acted", streak.acted},    {"act_before", TimeOrNull(streak.act_before)},
      {"freezes", streak.freezes}};
}

Json QuestAsJson(const loyalty::QuestStanding& quest) {
  Json json = {
      {"quest", quest.quest},           {"describe", quest.describe},
      {"state", Name(quest.state)},     {"on_request", quest.on_request},
      {"times_done", quest.times_done}, {"end", TimeOrNull(quest.end)},
      {"steps", Json::array()}};
  for (const loyalty::StepStanding& step : quest.steps) {
    json["steps"].push_back({{"step", step.step},
                             {"describe", step.describe},
                             {"progress", step.progress},
                             {"goal", step.goal}});
  }
  return json;
}

Json BalanceAsJson(const loyalty::CurrencyBalance& held) {
  Json json = {{"currency", held.currency}, {"balance", held.balance},
               {"earned", held.earned},     {"pending", held.pending},
               {"held", held.held},         {"debt", held.debt},
               {"expiring", Json::array()}};
  for (const loyalty::ExpiringUnits& units : held.expiring) {
    json["expiring"].push_back(
        {{"expires", Rfc3339(units.expires)}, {"units", units.units}});
  }
  return json;
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

Json ShownAsJson(const loyalty::MemberProfile& profile) {
  Json json = {{"member", profile.member},
               {"since", FiniteOrNull(profile.since)},
               {"ladders", Json::array()},
               {"privileges", profile.privileges},
               {"badges", profile.badges}};
  for (const loyalty::LadderStanding& standing : profile.ladders) {
    json["ladders"].push_back(LadderAsJson(profile, standing));
  }
  return json;
}

Json AsJson(const loyalty::MemberProfile& profile) {
  Json json = ShownAsJson(profile);
  json["currencies"] = Json::array();
  for (const loyalty::CurrencyBalance& held : profile.currencies) {
    json["currencies"].push_back(BalanceAsJson(held));
  }
  json["metrics"] = profile.metrics;
  json["streaks"] = Json::array();
  for (const loyalty::StreakStanding& streak : profile.streaks) {
    json["streaks"].push_back(StreakAsJson(streak));
  }
  json["quests"] = Json::array();
  for (const loyalty::QuestStanding& quest : profile.quests) {
    json["quests"].push_back(QuestAsJson(quest));
  }
  return json;
}

Json AsJson(const loyalty::StatementLine& line) {
  Json json = {{"seq", line.seq},
               {"n", line.n},
               {"time", Rfc3339(line.time)},
               {"event", line.event_id},
               {"event_type", line.event_type},
               {"kind", Name(line.kind)},
               {"currency", line.currency},
               {"rule", line.rule},
               {"why", line.rule_says},
               {"target", nullptr},
               {"asked", line.asked},
               {"units", line.units},
               {"cut", nullptr},
               {"balance", line.balance},
               {"available_from", FiniteOrNull(line.available_from)},
               {"expires", FiniteOrNull(line.expires)}};
  if (line.target.has_value()) json["target"] = *line.target;
  if (line.cut != loyalty::CutReason::kNone) json["cut"] = Name(line.cut);
  return json;
}

Json AsJson(const loyalty::NextGoal& goal) {
  Json json = {{"kind", Name(goal.kind)},
               {"id", goal.id},
               {"ladder", goal.ladder},
               {"describe", goal.describe},
               {"sentence", goal.sentence},
               {"needs", Json::array()},
               {"privileges", goal.privileges},
               {"awards", Json::array()},
               {"before", TimeOrNull(goal.before)},
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
