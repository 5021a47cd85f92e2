// SPDX-License-Identifier: Apache-2.0
//
// Whether a member can have a reward: asked when they redeem it, and by whoever
// shows the catalogue, so that what is shown is what will be answered.
#ifndef LOYALTY_LIB_CORE_OFFER_H_
#define LOYALTY_LIB_CORE_OFFER_H_

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/cause.h"
#include "core/message.h"
#include "loyalty/outcome.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

// An answer of no.
struct Refusal {
  RejectReason reason = RejectReason::kNone;
  std::string sentence = {};
};

// What one redemption may be of.
inline constexpr int64_t kMostAtOnce = 1'000'000;

// What a limit of the reward counts in at that time, at the member.
model::CounterKey CounterOf(const rules::CompiledProgram& program,
                            const rules::RewardLimit& limit, absl::Time when);

// Why nobody can have the reward at `now`: it is too early, or too late.
std::optional<Refusal> WhyNotOffered(const rules::CompiledProgram& program,
                                     const rules::Reward& reward,
                                     absl::Time now);

// Whether the member is among those who may see the reward at all.
//
// REQUIRES: as WhyRefused.
bool MaySee(const Cause& cause, const rules::Reward& reward,
            const model::EntityState& member);

// Why the member cannot have so many of the reward; nullopt if they can, as far
// as they are concerned: what is in stock is another question.
//
// REQUIRES: `cause` is of an event "loyalty.redeem", whose time counts;
//           `member` is settled to it, and has the counters that the reward's
//           condition and limits read; `held` are their holds, open or not.
std::optional<Refusal> WhyRefused(const Cause& cause,
                                  const rules::Reward& reward, int64_t quantity,
                                  const model::EntityState& member,
                                  const std::vector<HeldReward>& held);

// The entries that made the member's holds, each once; and what such an entry
// says of them, behind `held`.
std::vector<int64_t> EntriesOfHolds(const model::EntityState& member);
void AddHeld(const model::EntityState& member,
             const model::RecordedEvent& redemption,
             std::vector<HeldReward>& held);

// The reward that says how many there are: as it is now or, where it has no
// stock now, as it was when it was asked for.
//
// REQUIRES: `take` has terms.
const rules::Reward& StockOf(const rules::CompiledProgram& program,
                             const TakeStock& take);

// How many are left, once `taken` were taken for good and `held` are the holds
// of others.
int64_t LeftInStock(const rules::Reward& reward, int64_t taken,
                    const model::Lots& held);

// Why so many cannot be had where `left` are; nullopt if they can.
std::optional<Refusal> WhyOutOfStock(const rules::Reward& reward, int64_t left,
                                     int64_t quantity);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_OFFER_H_
