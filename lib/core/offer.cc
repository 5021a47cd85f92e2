// SPDX-License-Identifier: Apache-2.0
//
// See offer.h.
#include "core/offer.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/window.h"
#include "core/asked.h"
#include "ledger/lots.h"

namespace loyalty::core {
namespace {

Refusal NoSuchReward(const rules::Reward& reward) {
  return {RejectReason::kUnknownReward,
          absl::StrCat("there is no reward \"", reward.id, "\"")};
}

bool MeetsCondition(const Cause& cause, const rules::Reward& reward,
                    const model::EntityState& member) {
  if (!reward.when.has_value()) return true;
  rules::Frame frame = *cause.frame;
  frame.SetActor(member);
  frame.SetMember(member);
  const absl::StatusOr<bool> holds = frame.Bool(*reward.when);
  return holds.ok() && *holds;
}

// " a month"; of all there is, "".
const char* Each(base::Period period) {
  switch (period) {
    case base::Period::kEver: return "";
    case base::Period::kHour: return " an hour";
    case base::Period::kDay: return " a day";
    case base::Period::kWeek: return " a week";
    case base::Period::kMonth: return " a month";
    case base::Period::kQuarter: return " a quarter";
    case base::Period::kYear: return " a year";
  }
  return "";
}

bool IsHeld(const model::EntityState& member, model::Position at) {
  for (const auto& [currency, lots] : member.lots) {
    for (const model::Hold& hold : lots.holds) {
      if (hold.at == at) return true;
    }
  }
  return false;
}

// Of the reward, in the same window of the limit. Asked each time, so that a
// hold that runs out is free again with nobody doing anything.
int64_t HeldOf(const Cause& cause, const rules::Reward& reward,
               const rules::RewardLimit& limit,
               const model::EntityState& member,
               const std::vector<HeldReward>& held) {
  const rules::CompiledProgram& program = *cause.program;
  const auto now = CounterOf(program, limit, cause.event->time);
  int64_t quantity = 0;
  for (const HeldReward& one : held) {
    if (one.reward == reward.id && IsHeld(member, one.at) &&
        CounterOf(program, limit, one.time) == now) {
      quantity += one.quantity;
    }
  }
  return quantity;
}

std::optional<Refusal> WhyTooMany(const Cause& cause,
                                  const rules::Reward& reward, int64_t quantity,
                                  const model::EntityState& member,
                                  const std::vector<HeldReward>& held) {
  for (const rules::RewardLimit& limit : reward.limits) {
    const int64_t had =
        member.Counter(CounterOf(*cause.program, limit, cause.event->time)) +
        HeldOf(cause, reward, limit, member, held);
    if (had + quantity <= limit.most) continue;
    return Refusal{
        RejectReason::kMemberLimit,
        absl::StrCat("a member may have ", limit.most, " of \"", reward.id,
                     "\"", Each(limit.per), ", and this one has had ", had)};
  }
  return std::nullopt;
}

std::optional<Refusal> WhyTooDear(const Cause& cause,
                                  const rules::Reward& reward, int64_t quantity,
                                  const model::EntityState& member) {
  for (const rules::Cost& cost : reward.costs) {
    const rules::Currency& currency = cause.program->currencies[cost.currency];
    const int64_t available = member.Available(currency.symbol);
    // No product leaves the range: at most 10^12 times 10^6.
    if (available >= cost.units * quantity) continue;
    return Refusal{
        RejectReason::kInsufficientBalance,
        absl::StrCat("it costs ", cost.units * quantity, " ", currency.id,
                     ", and ", available, " are available",
                     member.exists ? "" : " to somebody new")};
  }
  return std::nullopt;
}

}  // namespace

model::CounterKey CounterOf(const rules::CompiledProgram& program,
                            const rules::RewardLimit& limit, absl::Time when) {
  return {.name = limit.counter,
          .window = base::WindowStart(when, limit.per, program.time_zone)};
}

std::optional<Refusal> WhyNotOffered(const rules::CompiledProgram& program,
                                     const rules::Reward& reward,
                                     absl::Time now) {
  const auto say = [&](std::string_view when, absl::Time time) {
    return Refusal{RejectReason::kNotOffered,
                   absl::StrCat("\"", reward.id, "\" ", std::string(when), " ",
                                base::ShortTime(time, program.time_zone))};
  };
  if (reward.from.has_value() && now < *reward.from) {
    return say("is offered from", *reward.from);
  }
  if (reward.until.has_value() && now >= *reward.until) {
    return say("was offered until", *reward.until);
  }
  return std::nullopt;
}

bool MaySee(const Cause& cause, const rules::Reward& reward,
            const model::EntityState& member) {
  return !reward.only_for_some || MeetsCondition(cause, reward, member);
}

std::optional<Refusal> WhyRefused(const Cause& cause,
                                  const rules::Reward& reward, int64_t quantity,
                                  const model::EntityState& member,
                                  const std::vector<HeldReward>& held) {
  const bool meets = MeetsCondition(cause, reward, member);
  // Before all else: who may not see it does not learn that it is there.
  if (!meets && reward.only_for_some) return NoSuchReward(reward);
  if (auto refusal = WhyNotOffered(*cause.program, reward, cause.event->time)) {
    return refusal;
  }
  if (!meets) {
    return Refusal{
        RejectReason::kNotOffered,
        absl::StrCat("\"", reward.id, "\" is not offered to this member")};
  }
  if (auto refusal = WhyTooMany(cause, reward, quantity, member, held)) {
    return refusal;
  }
  return WhyTooDear(cause, reward, quantity, member);
}

std::vector<int64_t> EntriesOfHolds(const model::EntityState& member) {
  std::vector<int64_t> entries;
  for (const auto& [currency, lots] : member.lots) {
    for (const model::Hold& hold : lots.holds) entries.push_back(hold.at.seq);
  }
  std::sort(entries.begin(), entries.end());
  entries.erase(std::unique(entries.begin(), entries.end()), entries.end());
  return entries;
}

void AddHeld(const model::EntityState& member,
             const model::RecordedEvent& redemption,
             std::vector<HeldReward>& held) {
  std::optional<model::Position> first;
  for (const auto& [currency, lots] : member.lots) {
    for (const model::Hold& hold : lots.holds) {
      if (hold.at.seq != redemption.seq) continue;
      first = std::min(first.value_or(hold.at), hold.at);
    }
  }
  if (!first.has_value()) return;
  held.push_back({.at = *first,
                  .reward = AskedText(redemption.event, "reward"),
                  .quantity = AskedInt(redemption.event, "quantity", 1),
                  .time = redemption.event.time});
}

const rules::Reward& StockOf(const rules::CompiledProgram& program,
                             const TakeStock& take) {
  const rules::Reward* const now = program.FindReward(take.reward);
  return now == nullptr || now->stock == 0 ? *take.terms : *now;
}

int64_t LeftInStock(const rules::Reward& reward, int64_t taken,
                    const model::Lots& held) {
  return reward.stock - taken - ledger::HeldOf(held);
}

std::optional<Refusal> WhyOutOfStock(const rules::Reward& reward, int64_t left,
                                     int64_t quantity) {
  if (left >= quantity) return std::nullopt;
  return Refusal{RejectReason::kOutOfStock,
                 left <= 0 ? absl::StrCat("no \"", reward.id, "\" is left")
                           : absl::StrCat("only ", left, " of \"", reward.id,
                                          "\" are left")};
}

}  // namespace loyalty::core
