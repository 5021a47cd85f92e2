// SPDX-License-Identifier: Apache-2.0
//
// The catalogue: what points buy, what is left of it, and whether a member can
// have it, decided by what decides redemptions (core/offer.h).
#include <algorithm>
#include <utility>

#include "core/membership.h"
#include "core/offer.h"
#include "core/vouchers.h"
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
model::Lots HeldAt(const rules::Reward& reward, const model::EntityState& stock,
                   absl::Time at) {
  model::Lots held;
  const auto found = stock.lots.find(reward.stock_counter);
  if (found != stock.lots.end()) held = found->second;
  ledger::Came came;
  ledger::Settle(held, std::max(held.clock, at), came);
  return held;
}

// Of stock and codes, what there is less of; nullopt: any number.
std::optional<int64_t> LeftAt(const rules::Reward& reward,
                              const model::EntityState& stock, absl::Time at) {
  std::optional<int64_t> left;
  const model::Lots held = HeldAt(reward, stock, at);
  if (reward.stock > 0) {
    left = core::LeftInStock(
        reward, stock.Counter({.name = reward.stock_counter}), held);
  }
  if (reward.voucher.has_value() && reward.voucher->imported) {
    const int64_t codes = core::LeftInPool(
        stock.Counter({.name = reward.voucher->imported_counter}),
        stock.Counter({.name = reward.voucher->given_counter}), held);
    left = std::min(left.value_or(codes), codes);
  }
  if (left.has_value()) left = std::max<int64_t>(*left, 0);
  return left;
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
    std::optional<core::Refusal> refusal;
    if (member == nullptr) {
      refusal = core::WhyNotOffered(program, reward, at);
    } else if (member->Counter(core::SuspendedCounter()) != 0) {
      // As whoever redeems is told before all else.
      refusal = {RejectReason::kMemberSuspended, core::kIsSuspended};
    } else {
      refusal = core::WhyRefused(cause, reward, 1, *member, held);
    }
    offer.left = LeftAt(reward, stock, at);
    if (offer.left.has_value()) {
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
