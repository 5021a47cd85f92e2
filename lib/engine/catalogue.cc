// SPDX-License-Identifier: Apache-2.0
//
// The catalogue: what points buy, what is left of it, and whether a member can
// have it, decided by what decides redemptions (core/offer.h).
#include <algorithm>
#include <utility>

#include "core/offer.h"
#include "engine/file_queries.h"
#include "ledger/lots.h"

namespace loyalty::engine {
namespace {

RewardOffer Shown(const rules::CompiledProgram& program,
                  const rules::Reward& reward) {
  RewardOffer offer{.reward = reward.id,
                    .describe = reward.describe,
                    .from = reward.from,
                    .until = reward.until,
                    .is_held = reward.hold_for.has_value()};
  for (const rules::Cost& cost : reward.costs) {
    offer.cost.push_back({program.currencies[cost.currency].id, cost.units});
  }
  return offer;
}

// Holds that have ended by then count no more.
int64_t LeftAt(const rules::Reward& reward, const model::EntityState& stock,
               absl::Time at) {
  model::Lots held;
  const auto found = stock.lots.find(reward.stock_counter);
  if (found != stock.lots.end()) held = found->second;
  ledger::Came came;
  ledger::Settle(held, std::max(held.clock, at), came);
  return core::LeftInStock(reward,
                           stock.Counter({.name = reward.stock_counter}), held);
}

}  // namespace

std::vector<RewardOffer> CatalogueOf(const rules::CompiledProgram& program,
                                     const model::EntityState& stock,
                                     const model::EntityState* member,
                                     const std::vector<core::HeldReward>& held,
                                     absl::Time at) {
  std::vector<RewardOffer> offers;
  for (const rules::Reward& reward : program.rewards) {
    // As if the member asked for one.
    Event event{.type = std::string(kRedeem),
                .time = at,
                .attributes = {{"reward", reward.id}}};
    if (member != nullptr) event.actor = member->entity.id;
    const core::Cause cause(program, event);
    if (member != nullptr && !core::MaySee(cause, reward, *member)) continue;
    RewardOffer offer = Shown(program, reward);
    std::optional<core::Refusal> refusal =
        member != nullptr ? core::WhyRefused(cause, reward, 1, *member, held)
                          : core::WhyNotOffered(program, reward, at);
    if (reward.stock > 0) {
      offer.left = std::max<int64_t>(LeftAt(reward, stock, at), 0);
      if (!refusal.has_value()) {
        refusal = core::WhyOutOfStock(reward, *offer.left, 1);
      }
    }
    if (refusal.has_value()) {
      offer.available = false;
      offer.why = refusal->reason;
      offer.reason = std::move(refusal->sentence);
    }
    offers.push_back(std::move(offer));
  }
  return offers;
}

}  // namespace loyalty::engine
