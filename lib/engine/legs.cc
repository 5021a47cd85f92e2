// SPDX-License-Identifier: Apache-2.0
//
// See legs.h.
#include "engine/legs.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <iterator>

#include "base/status_macros.h"
#include "core/plan.h"
#include "core/validate.h"

namespace loyalty::engine {

Legs::Legs(const rules::CompiledProgram& program,
           store::Transaction& transaction, model::RecordedEvent header)
    : program_(program),
      transaction_(transaction),
      delta_{.recorded = std::move(header)},
      cause_(program, delta_.recorded.event) {
  Outcome& outcome = delta_.recorded.outcome;
  outcome.event_id = delta_.recorded.event.id;
  outcome.seq = delta_.recorded.seq;
  outcome.recorded_at = delta_.recorded.recorded_at;
}

absl::StatusOr<store::Delta> Legs::Run() {
  const Event& event = delta_.recorded.event;
  if (event.time > delta_.recorded.recorded_at + program_.max_ahead) {
    Reject(RejectReason::kAhead,
           absl::StrCat("it lies more than ",
                        absl::FormatDuration(program_.max_ahead),
                        " in the future"));
  } else {
    RETURN_IF_ERROR(RunAll());
  }
  if (cause_.type != nullptr) {
    for (const rules::Attribute& attribute : cause_.type->attributes) {
      if (attribute.type == model::Type::kMember) {
        delta_.member_attributes.push_back(attribute.name);
      }
      if (attribute.personal) {
        delta_.personal_attributes.push_back(attribute.name);
      }
    }
  }
  for (auto& [entity, state] : touched_) {
    delta_.states.push_back(std::move(state));
  }
  return std::move(delta_);
}

absl::Status Legs::RunAll() {
  if (core::IsReserved(delta_.recorded.event.type)) return RunCommand();
  if (cause_.type == nullptr) {
    return absl::InternalError("an event of unknown type reached its legs");
  }
  queue_.push_back(core::EnterMessage(cause_));
  RETURN_IF_ERROR(RunQueue());
  // What an event takes back comes after what it gives.
  const auto undo = std::move(undo_);
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
  for (size_t next = 0; next < queue_.size(); ++next) {
    const core::Message message = std::move(queue_[next]);
    RETURN_IF_ERROR(RunOne(message));
  }
  queue_.clear();
  return absl::OkStatus();
}

absl::Status Legs::RunOne(const core::Message& message) {
  ASSIGN_OR_RETURN(const core::State state, Load(message));
  ASSIGN_OR_RETURN(core::Decision decision,
                   core::Apply(cause_, state, message));
  Keep(std::move(decision));
  return absl::OkStatus();
}

absl::StatusOr<core::State> Legs::Load(const core::Message& message) {
  core::State state;
  ASSIGN_OR_RETURN(state.entity,
                   transaction_.Load(core::Plan(cause_, message)));
  if (const auto found = touched_.find(message.entity);
      found != touched_.end()) {
    const model::EntityState& now = found->second;
    state.entity.exists = now.exists;
    state.entity.since = now.since;
    state.entity.holdings = now.holdings;
    state.entity.counters.Assign(now.counters);
  }
  const auto* undo = std::get_if<core::Undo>(&message.what);
  if (undo == nullptr) return state;
  for (const model::Movement& award : undo->awards) {
    if (state.history.contains(award.currency)) continue;
    ASSIGN_OR_RETURN(state.history[award.currency],
                     History(message.entity.id, award.currency, award.at));
  }
  return state;
}

// Where the member's history has to be re-added from, to undo the award at
// `from`. What was recorded before it still stands, unless a later reversal
// undid an award from before: then from there, and so on.
absl::StatusOr<model::Position> Legs::StartOfHistory(
    const std::string& member, const std::string& currency,
    model::Position from) {
  // What this event reversed before is not in the store yet.
  for (const model::Movement& movement : delta_.movements) {
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

// All awards of a member and currency from there on.
absl::StatusOr<std::vector<model::GivenAward>> Legs::History(
    const std::string& member, const std::string& currency,
    model::Position from) {
  ASSIGN_OR_RETURN(from, StartOfHistory(member, currency, from));
  ASSIGN_OR_RETURN(std::vector<model::GivenAward> history,
                   transaction_.History(member, currency, from));
  for (model::GivenAward& past : history) {
    past.reversed |= undone_.contains(past.movement.at);
  }
  for (const model::Movement& movement : delta_.movements) {
    if (movement.kind == model::Movement::Kind::kAward &&
        movement.member == member && movement.currency.text() == currency) {
      history.push_back({.movement = movement, .reversed = false});
    }
  }
  return history;
}

void Legs::Keep(core::Decision decision) {
  for (model::Movement& movement : decision.movements) {
    movement.at = {.seq = delta_.recorded.seq,
                   .n = static_cast<int32_t>(delta_.movements.size())};
    undone_.insert(movement.reverses.begin(), movement.reverses.end());
    delta_.movements.push_back(std::move(movement));
  }
  Outcome& outcome = delta_.recorded.outcome;
  std::move(decision.effects.begin(), decision.effects.end(),
            std::back_inserter(outcome.effects));
  std::move(decision.notes.begin(), decision.notes.end(),
            std::back_inserter(outcome.notes));
  std::move(decision.messages.begin(), decision.messages.end(),
            std::back_inserter(queue_));
  std::move(decision.undo.begin(), decision.undo.end(),
            std::back_inserter(undo_));
  if (!decision.changed) return;
  model::EntityState& kept = touched_[decision.after.entity];
  model::Counters counters = std::move(kept.counters);
  counters.Assign(decision.after.counters);
  kept = std::move(decision.after);
  kept.counters = std::move(counters);
}

}  // namespace loyalty::engine
