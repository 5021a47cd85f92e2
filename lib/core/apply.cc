// SPDX-License-Identifier: Apache-2.0
//
// See apply.h: the flow of one leg, in order.
#include "core/apply.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/status_macros.h"
#include "core/boards.h"
#include "core/counters.h"
#include "core/goals.h"
#include "core/groups.h"
#include "core/holders.h"
#include "core/leg.h"
#include "core/membership.h"
#include "core/merge.h"
#include "core/referral.h"

namespace loyalty::core {
namespace {

template <typename... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <typename... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

void GiveEach(Leg& leg, const ReachMember& reach, const rules::Frame& frame) {
  for (const ReachMember::Ask& ask : reach.asks) {
    GiveAward(leg, frame, leg.cause.type->rules[ask.rule], ask.award);
  }
}

// The award's own conditions and formulas are the recipient's to answer.
void AnswerAsks(Leg& leg, const ReachMember& reach) {
  if (!ReadsFrame(*leg.cause.type, reach)) {
    return GiveEach(leg, reach, *leg.cause.frame);
  }
  rules::Frame frame = *leg.cause.frame;
  if (leg.message.actor != nullptr) frame.SetActor(*leg.message.actor);
  if (leg.message.object != nullptr) frame.SetObject(*leg.message.object);
  frame.SetMember(leg.before());
  GiveEach(leg, reach, frame);
}

void EnterHere(Leg& leg, const Enter& enter) {
  if (!IsAdmitted(leg)) return;
  Begin(leg);
  RememberReferrer(leg);
  EnterGroups(leg, enter);
  Count(leg);
  AskRules(leg);
  SendToGoals(leg);
}

absl::Status CommandHere(Leg& leg, const Command& command) {
  const std::string& type = leg.event.type;
  // What fell due is posted, whoever it is; and who is asked about only does
  // not come to be by that.
  if (type != kSweep && !IsAdmitted(leg)) return absl::OkStatus();
  const bool only_notes = type == kSuspend || type == kResume ||
                          type == kErase || type == kHide || type == kShow;
  if (type == kMerge) {
    SettleLots(leg);
  } else if (type != kSweep && !only_notes) {
    Begin(leg);
  }
  return RunCommand(leg, command);
}

}  // namespace

void Begin(Leg& leg) {
  BeginMember(leg);
  SettleLots(leg);
}

void Decision::Clear() {
  // What few events have is out of the way of the others.
  const auto clear_rare = [](auto&... lists) {
    const auto clear = [](auto& list) {
      if (!list.empty()) [[unlikely]]
        list.clear();
    };
    (clear(lists), ...);
  };
  after.Restart({});
  changed = false;
  movements.clear();
  effects.clear();
  messages.clear();
  clear_rare(notes, undo, reviews, asked_again, lost, goals);
  rules_asked = 0;
  rejected = RejectReason::kNone;
  reason.clear();
  counted_all_the_same = false;
  presented = 0;
}

Leg::Leg(const Cause& c, const State& s, const Message& m, Decision& d)
    : cause(c),
      program(*c.program),
      event(*c.event),
      message(m),
      state(s),
      decision(d),
      now(d.after),
      first_movement(d.movements.size()),
      first_effect(d.effects.size()),
      first_message(d.messages.size()) {
  StartAsBefore();
}

void Leg::StartAsBefore() {
  const model::EntityState& was = state.entity;
  now.entity = was.entity;
  now.exists = was.exists;
  now.since = was.since;
  now.referrer = was.referrer;
  now.holdings = was.holdings;
  if (!now.lots.empty() || !was.lots.empty()) now.lots = was.lots;
  now.counters.clear();
}

void Leg::StartAgain() {
  StartAsBefore();
  begun.reset();
  const auto drop = [](auto& list, size_t first) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(first), list.end());
  };
  drop(decision.movements, first_movement);
  drop(decision.effects, first_effect);
  drop(decision.messages, first_message);
}

void Leg::BeginHere() {
  begun = now;
  begun->counters = state.entity.counters;
}

void Leg::Move(model::Movement& movement) { Move(movement, movement.units); }

void Leg::Move(model::Movement& movement, int64_t earned) {
  Move(now.holdings[movement.currency], movement, earned);
}

void Leg::Move(model::Holding& held, model::Movement& movement,
               int64_t earned) {
  held.balance += movement.units;
  held.earned += earned;
  movement.member = now.entity.id;
  movement.balance = held.balance;
  movement.earned = held.earned;
  if (!program.earned_feeds.empty()) CountEarned(*this, movement, earned);
}

Message EnterMessage(const Cause& cause) {
  // Whose first kind is Enter.
  return {.entity = EntryOf(*cause.event),
          .what = {},
          .actor = nullptr,
          .object = nullptr};
}

absl::Status Apply(const Cause& cause, const State& state,
                   const Message& message, Decision& decision) {
  Leg leg(cause, state, message, decision);
  SettleTiers(leg);
  RETURN_IF_ERROR(std::visit(Overloaded{[&](const Enter& enter) {
                                          EnterHere(leg, enter);
                                          return absl::OkStatus();
                                        },
                                        [&](const ReachObject&) {
                                          Count(leg);
                                          AskRules(leg);
                                          return absl::OkStatus();
                                        },
                                        [&](const ReachMember& reach) {
                                          Begin(leg);
                                          if (reach.named) Count(leg);
                                          AnswerAsks(leg, reach);
                                          return absl::OkStatus();
                                        },
                                        [&](const Undo& undo) {
                                          SettleLots(leg);
                                          return UndoAwards(leg, undo);
                                        },
                                        [&](const AskBudgets& ask) {
                                          AnswerForBudgets(leg, ask);
                                          return absl::OkStatus();
                                        },
                                        [&](const AskAgain& ask) {
                                          AnswerAgain(leg, ask);
                                          return absl::OkStatus();
                                        },
                                        [&](const Granted& granted) {
                                          GiveGranted(leg, granted);
                                          return absl::OkStatus();
                                        },
                                        [&](const Command& command) {
                                          return CommandHere(leg, command);
                                        },
                                        [&](const TakeStock& take) {
                                          ChangeStock(leg, take);
                                          return absl::OkStatus();
                                        },
                                        [&](const GiveCode& give) {
                                          GiveImportedCode(leg, give);
                                          return absl::OkStatus();
                                        },
                                        [&](const AddCode&) {
                                          AddImportedCode(leg);
                                          return absl::OkStatus();
                                        },
                                        [&](const PresentCode& present) {
                                          CheckCode(leg, present);
                                          return absl::OkStatus();
                                        },
                                        [&](const Receive& receive) {
                                          Begin(leg);
                                          ReceiveUnits(leg, receive);
                                          return absl::OkStatus();
                                        },
                                        [&](const Review& review) {
                                          ReviewBadges(leg, review);
                                          return absl::OkStatus();
                                        },
                                        [&](const HoldingChanged& change) {
                                          ChangeHolding(leg, change);
                                          return absl::OkStatus();
                                        },
                                        [&](const AskCohort& ask) {
                                          FindCohort(leg, ask);
                                          return absl::OkStatus();
                                        },
                                        [&](const JoinCohort& join) {
                                          EnterCohort(leg, join);
                                          return absl::OkStatus();
                                        },
                                        [&](const NumberGroup& group) {
                                          GiveNumber(leg, group);
                                          return absl::OkStatus();
                                        },
                                        [&](const SeasonOver& over) {
                                          EndSeason(leg, over);
                                          return absl::OkStatus();
                                        },
                                        [&](const Won& won) {
                                          SettleLots(leg);
                                          WinPrizes(leg, won);
                                          return absl::OkStatus();
                                        },
                                        [&](const CatchUp& catch_up) {
                                          BringUp(leg, *catch_up.what);
                                          return absl::OkStatus();
                                        },
                                        [&](const ActForGoal&) {
                                          CountForGoals(leg);
                                          return absl::OkStatus();
                                        },
                                        [&](const ShareGoal& share) {
                                          GiveShare(leg, share);
                                          return absl::OkStatus();
                                        },
                                        [&](const LoseBadge& lose) {
                                          TakeBadge(leg, lose);
                                          return absl::OkStatus();
                                        },
                                        [&](const Absorb& absorb) {
                                          SettleLots(leg);
                                          AbsorbMember(leg, absorb);
                                          return absl::OkStatus();
                                        }},
                             message.what));
  if (decision.rejected != RejectReason::kNone) return absl::OkStatus();
  StepLevels(leg);
  if (!leg.program.goals.empty() && !leg.IsMember()) StepGoals(leg);
  RETURN_IF_ERROR(CheckInvariants(leg));
  decision.changed =
      leg.now.exists != state.entity.exists || !leg.now.counters.empty() ||
      (leg.HasMoved() && leg.now.holdings != state.entity.holdings) ||
      leg.now.lots != state.entity.lots || leg.now.since != state.entity.since;
  if (cause.type != nullptr && !cause.type->badges.empty()) CallReviews(leg);
  return absl::OkStatus();
}

absl::StatusOr<Decision> Apply(const Cause& cause, const State& state,
                               const Message& message) {
  Decision decision;
  RETURN_IF_ERROR(Apply(cause, state, message, decision));
  return decision;
}

}  // namespace loyalty::core
