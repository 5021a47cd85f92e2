// SPDX-License-Identifier: Apache-2.0
//
// loyalty rewards: what points buy, what is left of it, and whether a member
// can have it.
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "at.h"
#include "command.h"
#include "loyalty/queries.h"
#include "output.h"

namespace loyalty::command {
namespace {

using Align = Table::Align;

std::string CostText(const RewardOffer& offer) {
  std::string text;
  for (const RewardCost& cost : offer.cost) {
    if (!text.empty()) text += " and ";
    text += Grouped(cost.units) + " " + cost.currency;
  }
  return text.empty() ? "nothing" : text;
}

std::string StockText(const RewardOffer& offer) {
  if (!offer.left.has_value()) return "";
  return *offer.left == 0 ? "none left" : Grouped(*offer.left) + " left";
}

void PrintOffers(const std::vector<RewardOffer>& offers, bool for_member) {
  if (offers.empty()) return Print("There are no rewards.\n");
  Table table({Align::kLeft, Align::kLeft, Align::kLeft, Align::kLeft});
  for (const RewardOffer& offer : offers) {
    const char* const yes = for_member ? "can be had" : "";
    table.Add({offer.reward, CostText(offer), StockText(offer),
               offer.available ? yes : Printable(offer.reason)});
    if (!offer.describe.empty()) table.Add({"", Printable(offer.describe)});
  }
  table.Print(0);
}

Json OfferAsJson(const RewardOffer& offer) {
  Json json = {{"reward", offer.reward}, {"describe", offer.describe},
               {"cost", Json::array()},  {"left", nullptr},
               {"from", nullptr},        {"until", nullptr},
               {"held", offer.is_held},  {"available", offer.available},
               {"why", nullptr},         {"reason", nullptr}};
  for (const RewardCost& cost : offer.cost) {
    json["cost"].push_back(
        {{"currency", cost.currency}, {"units", cost.units}});
  }
  if (offer.left.has_value()) json["left"] = *offer.left;
  if (offer.from.has_value()) json["from"] = Rfc3339(*offer.from);
  if (offer.until.has_value()) json["until"] = Rfc3339(*offer.until);
  if (!offer.available) {
    json["why"] = Name(offer.why);
    json["reason"] = offer.reason;
  }
  return json;
}

}  // namespace

Exit Rewards(const RewardsOptions& options) {
  const absl::StatusOr<std::unique_ptr<Queries>> queries =
      Queries::Open(options.db);
  if (!queries.ok()) return DbFailed(options.db, queries.status());
  const absl::StatusOr<absl::Time> at = TimeAskedOfNow(**queries, options.at);
  if (!at.ok()) return QueryFailed(at.status());
  const absl::StatusOr<std::vector<RewardOffer>> offers =
      (*queries)->Rewards(options.member, *at);
  if (!offers.ok()) return QueryFailed(offers.status());
  if (options.json) {
    for (const RewardOffer& offer : *offers) PrintJson(OfferAsJson(offer));
  } else {
    PrintOffers(*offers, !options.member.empty());
  }
  return Finished(Exit::kDone);
}

}  // namespace loyalty::command
