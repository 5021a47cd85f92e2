// SPDX-License-Identifier: Apache-2.0
//
// See legs.h.
#include "engine/legs.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>

#include "base/status_macros.h"
#include "core/asked.h"
#include "core/counters.h"
#include "core/offer.h"
#include "core/plan.h"
#include "core/referral.h"
#include "core/validate.h"
#include "core/vouchers.h"

namespace loyalty::engine {

Legs::Legs(const rules::CompiledProgram& program,
           store::Transaction& transaction, Workspace& workspace)
    : program_(program),
      transaction_(transaction),
      workspace_(workspace),
      delta_(workspace.delta),
      decision_(workspace.decision),
      cause_(program, delta_.recorded.event, delta_.recorded.seq) {
  Outcome& outcome = delta_.recorded.outcome;
  outcome.event_id = delta_.recorded.event.id;
  outcome.seq = delta_.recorded.seq;
  outcome.recorded_at = delta_.recorded.recorded_at;
}

absl::Status Legs::Run() {
  const Event& event = delta_.recorded.event;
  if (event.time > delta_.recorded.recorded_at + program_.max_ahead) {
    Reject(RejectReason::kAhead,
           absl::StrCat("it lies more than ",
                        absl::FormatDuration(program_.max_ahead),
                        " in the future"));
  } else {
    RETURN_IF_ERROR(RunAll());
    RETURN_IF_ERROR(RunReviews());
    if (decision_.rejected != RejectReason::kNone) TakeBackAll();
  }
  Finish();
  return absl::OkStatus();
}

// From what was decided to what is to be written. The host keeps the outcome,
// so that its lists are made as long as they need be.
void Legs::Finish() {
  if (delta_.recorded.event.type == kTransferUnits) {
    delta_.member_attributes = {"to"};
  } else if (delta_.recorded.event.type == kSuspend) {
    delta_.personal_attributes = {"reason"};
  } else if (cause_.type != nullptr) {
    delta_.member_attributes = cause_.type->member_attributes;
    delta_.personal_attributes = cause_.type->personal_attributes;
  }
  if (delta_.recorded.event.type == kErase &&
      delta_.recorded.outcome.accepted()) {
    delta_.erased_member = delta_.recorded.event.actor;
  }
  delta_.movements.swap(decision_.movements);
  workspace_.touched.TakeTo(delta_.states);
  Outcome& outcome = delta_.recorded.outcome;
  outcome.effects.assign(std::make_move_iterator(decision_.effects.begin()),
                         std::make_move_iterator(decision_.effects.end()));
  outcome.notes.assign(std::make_move_iterator(decision_.notes.begin()),
                       std::make_move_iterator(decision_.notes.end()));
}

// The answer is no: nothing else came of it, unless the last leg says that what
// it counted stays.
void Legs::TakeBackAll() {
  Reject(decision_.rejected, std::move(decision_.reason));
  delta_.reversed_events.clear();
  workspace_.touched.Clear();
  if (decision_.counted_all_the_same) {
    workspace_.touched.Keep(decision_.after);
  }
  decision_.Clear();
}

absl::Status Legs::RunAll() {
  if (core::IsReserved(delta_.recorded.event.type)) return RunCommand();
  if (cause_.type == nullptr) {
    return absl::InternalError("an event of unknown type reached its legs");
  }
  decision_.messages.push_back(core::EnterMessage(cause_));
  RETURN_IF_ERROR(RunQueue());
  // What an event takes back comes after what it gives.
  const auto undo = std::move(decision_.undo);
  for (const auto& one : undo) {
    RETURN_IF_ERROR(
        std::visit([this](const auto& what) { return Undo(what); }, one));
  }
  return absl::OkStatus();
}

void Legs::Reject(RejectReason reason, std::string sentence) {
  delta_.recorded.outcome.rejected = reason;
  delta_.recorded.outcome.reason = std::move(sentence);
}

// Breadth first, in the order in which the messages were made.
absl::Status Legs::RunQueue() {
  std::vector<core::Message>& queue = decision_.messages;
  for (size_t next = 0; next < queue.size(); ++next) {
    // Out of the queue, which a leg makes longer.
    const core::Message message = std::move(queue[next]);
    RETURN_IF_ERROR(RunOne(message));
    if (decision_.rejected != RejectReason::kNone) break;
  }
  queue.clear();
  return absl::OkStatus();
}

absl::Status Legs::RunOne(const core::Message& message) {
  RETURN_IF_ERROR(Load(message));
  const size_t first_movement = decision_.movements.size();
  RETURN_IF_ERROR(core::Apply(cause_, workspace_.state, message, decision_));
  Keep(first_movement);
  return absl::OkStatus();
}

// Sets the workspace's state to what the leg of `message` reads.
absl::Status Legs::Load(const core::Message& message) {
  core::State& state = workspace_.state;
  core::Plan(cause_, message, workspace_.wanted);
  RETURN_IF_ERROR(transaction_.Load(workspace_.wanted, state.entity));
  state.found.reset();
  if (!program_.quests.empty() &&
      std::holds_alternative<core::Review>(message.what)) {
    state.found = state.entity;
  }
  if (const model::EntityState* const now =
          workspace_.touched.Find(message.entity)) {
    state.entity.exists = now->exists;
    state.entity.since = now->since;
    state.entity.holdings = now->holdings;
    state.entity.lots = now->lots;
    state.entity.counters.Assign(now->counters);
  }
  RETURN_IF_ERROR(LoadReferrer(state.entity));
  state.history.clear();
  state.relimits = false;
  state.limits.clear();
  state.budgets.clear();
  RETURN_IF_ERROR(LoadHolds(message));
  RETURN_IF_ERROR(LoadBroughtCode(message));
  return LoadHistory(message);
}

// What a member holds of rewards counts for their limits.
absl::Status Legs::LoadHolds(const core::Message& message) {
  core::State& state = workspace_.state;
  state.held.clear();
  if (delta_.recorded.event.type != kRedeem ||
      !std::holds_alternative<core::Command>(message.what)) {
    return absl::OkStatus();
  }
  const rules::Reward* const reward =
      program_.FindReward(core::AskedText(delta_.recorded.event, "reward"));
  if (reward == nullptr || reward->limits.empty()) return absl::OkStatus();
  for (const int64_t seq : core::EntriesOfHolds(state.entity)) {
    ASSIGN_OR_RETURN(const auto redemption, transaction_.FindEvent(seq));
    if (redemption.has_value()) {
      core::AddHeld(state.entity, *redemption, state.held);
    }
  }
  return absl::OkStatus();
}

absl::Status Legs::LoadBroughtCode(const core::Message& message) {
  core::State& state = workspace_.state;
  state.brought = {};
  const auto* give = std::get_if<core::GiveCode>(&message.what);
  if (give == nullptr) return absl::OkStatus();
  const rules::Reward& reward = *program_.FindReward(give->reward);
  const int64_t seq =
      state.entity.Counter(core::PoolCounter(*reward.voucher, give->number));
  ASSIGN_OR_RETURN(const auto brought, transaction_.FindEvent(seq));
  if (!brought.has_value() || brought->event.type != kImportVoucher) {
    return absl::DataLossError(absl::StrCat("code ", give->number,
                                            " of the pool of \"", give->reward,
                                            "\" is not in the journal"));
  }
  state.brought = {.seq = seq, .code = core::AskedText(brought->event, "code")};
  return absl::OkStatus();
}

absl::Status Legs::LoadReferrer(model::EntityState& member) {
  if (!program_.has_referrals) return absl::OkStatus();
  const int64_t seq = member.Counter(core::ReferrerCounter());
  // What this event says counts from the next one on.
  if (seq == 0 || seq == delta_.recorded.seq) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto said, transaction_.FindEvent(seq));
  if (said.has_value()) {
    member.referrer = core::ReferrerIn(program_, said->event);
  }
  return absl::OkStatus();
}

// What undoes, or gives back, is told what moved the units since.
absl::Status Legs::LoadHistory(const core::Message& message) {
  core::State& state = workspace_.state;
  const auto load = [&](const std::vector<model::Movement>& of,
                        bool since_then) -> absl::Status {
    for (const model::Movement& movement : of) {
      if (state.history.contains(movement.currency)) continue;
      ASSIGN_OR_RETURN(state.history[movement.currency],
                       History(message.entity.id, movement.currency,
                               since_then ? movement.at : model::Position{}));
    }
    return absl::OkStatus();
  };
  if (const auto* command = std::get_if<core::Command>(&message.what)) {
    const bool reworks = delta_.recorded.event.type == kCancelRedemption;
    if (reworks && state.entity.Counter(core::CutCounter()) != 0) {
      return LoadLimits(state);
    }
    return load(command->of, !reworks);
  }
  if (const auto* undo = std::get_if<core::Undo>(&message.what)) {
    if (state.entity.Counter(core::CutCounter()) != 0) return LoadLimits(state);
    return load(undo->awards, true);
  }
  return absl::OkStatus();
}

// All awards of a member whom limits have cut, and what those limits count in.
// They depend on each other across currencies, and on those that were cut and
// came back, so that nothing less will do.
absl::Status Legs::LoadLimits(core::State& state) {
  state.relimits = true;
  const std::string& member = state.entity.entity.id;
  for (const rules::Currency& currency : program_.currencies) {
    if (currency.is_badge) continue;
    ASSIGN_OR_RETURN(std::vector<model::GivenAward> history,
                     HistoryFrom(member, currency.id, {}));
    for (const model::GivenAward& past : history) {
      if (past.reversed) continue;
      RETURN_IF_ERROR(AddLimits(past.movement, state));
    }
    if (!history.empty()) state.history[currency.id] = std::move(history);
  }
  return absl::OkStatus();
}

absl::Status Legs::AddLimits(const model::Movement& award, core::State& state) {
  if (award.kind != model::Movement::Kind::kAward ||
      !core::IsCounted(program_, award)) {
    return absl::OkStatus();
  }
  const auto add = [&](const Event& cause) {
    state.limits[award.at] = core::LimitsOf(program_, award, cause);
    state.budgets[award.at] = core::BudgetsOf(program_, award, cause.time);
  };
  if (award.at.seq == delta_.recorded.seq) {
    add(delta_.recorded.event);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const auto cause, transaction_.FindEvent(award.at.seq));
  if (cause.has_value()) add(cause->event);
  return absl::OkStatus();
}

// Where the member's history has to be re-added from, to undo the award at
// `from`. What was recorded before it still stands, unless a later reversal
// undid an award from before: then from there, and so on.
absl::StatusOr<model::Position> Legs::StartOfHistory(
    const std::string& member, const std::string& currency,
    model::Position from) {
  // What this event reversed before is not in the store yet.
  for (const model::Movement& movement : decision_.movements) {
    if (movement.member != member || movement.currency.text() != currency)
      continue;
    for (const model::Position& at : movement.reverses) {
      from = std::min(from, at);
    }
  }
  while (true) {
    ASSIGN_OR_RETURN(const std::optional<model::Position> first,
                     transaction_.FirstReversedSince(member, currency, from));
    if (!first.has_value() || *first >= from) return from;
    from = *first;
  }
}

// All movements of a member and currency from there on.
absl::StatusOr<std::vector<model::GivenAward>> Legs::History(
    const std::string& member, const std::string& currency,
    model::Position from) {
  const rules::Currency* const terms =
      program_.FindCurrency(model::Symbol(currency));
  const bool undoes = delta_.recorded.event.type == kReverse ||
                      delta_.recorded.event.type == kReverseObject ||
                      !core::IsReserved(delta_.recorded.event.type);
  if (undoes && terms != nullptr && terms->has_lots) {
    from = {};  // lots follow from all of it
  } else if (undoes) {
    ASSIGN_OR_RETURN(from, StartOfHistory(member, currency, from));
  }
  return HistoryFrom(member, currency, from);
}

absl::StatusOr<std::vector<model::GivenAward>> Legs::HistoryFrom(
    const std::string& member, const std::string& currency,
    model::Position from) {
  ASSIGN_OR_RETURN(std::vector<model::GivenAward> history,
                   transaction_.History(member, currency, from));
  for (model::GivenAward& past : history) {
    past.reversed |= undone_.contains(past.movement.at);
  }
  for (const model::Movement& movement : decision_.movements) {
    if (movement.member == member && movement.currency.text() == currency) {
      history.push_back({.movement = movement, .reversed = false});
    }
  }
  return history;
}

// What the last leg decided, from its first movement on.
void Legs::Keep(size_t first_movement) {
  for (size_t n = first_movement; n < decision_.movements.size(); ++n) {
    model::Movement& movement = decision_.movements[n];
    movement.at = {.seq = delta_.recorded.seq, .n = static_cast<int32_t>(n)};
    undone_.insert(movement.reverses.begin(), movement.reverses.end());
  }
  if (decision_.changed) workspace_.touched.Keep(decision_.after);
}

}  // namespace loyalty::engine
