// SPDX-License-Identifier: Apache-2.0
//
// What a reversal undoes, found in the store and sent to the members it
// concerns. See legs.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string_view>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "core/asked.h"
#include "core/counters.h"
#include "core/membership.h"
#include "core/validate.h"
#include "engine/addressing.h"
#include "engine/legs.h"

namespace loyalty::engine {
namespace {

// Read from the store in pages.
constexpr int kPage = 1000;

bool Concerns(const core::UndoObject& undo, const std::string& rule) {
  if (!undo.rules.empty()) return undo.rules.contains(rule);
  return !undo.keep.contains(rule);
}

// What members do, and what people adjust.
bool MayBeReversed(const std::string& type) {
  return !core::IsReserved(type) || type == kAdjust || type == kCatchUp;
}

std::string Awards(int64_t count) {
  return absl::StrCat(count, count == 1 ? " award" : " awards");
}

}  // namespace

void Legs::Note(const std::string& rule, std::string text) {
  decision_.notes.push_back({rule, std::move(text)});
}

absl::Status Legs::RunCommand() {
  const Event& event = event_;
  if (event.type == kReverseObject) {
    return Undo(core::UndoObject{.rule = std::string(kReverseObject),
                                 .object = core::AskedText(event, "object"),
                                 .rules = {},
                                 .keep = {}});
  }
  if (event.type == kSwitch) {
    RunSwitch();
    return absl::OkStatus();
  }
  if (event.type != kReverse) return RunMemberCommand();
  const std::string& id = core::AskedText(event, "event");
  ASSIGN_OR_RETURN(const auto recorded, transaction_.FindEvent(id));
  if (!recorded.has_value()) {
    Reject(RejectReason::kUnknownEvent,
           absl::StrCat("no event \"", id, "\" is recorded"));
    return absl::OkStatus();
  }
  if (!MayBeReversed(recorded->event.type) || !recorded->outcome.accepted()) {
    Reject(RejectReason::kNotReversible,
           absl::StrCat("event \"", id, "\" is ",
                        recorded->outcome.accepted()
                            ? "a command, which is not reversed"
                            : "a rejected one"));
    return absl::OkStatus();
  }
  if (!core::IsAsked(event, "of")) {
    return UndoRecorded(std::string(kReverse), *recorded);
  }
  const core::Share keep{.part = core::AskedInt(event, "keep", 0),
                         .whole = core::AskedInt(event, "of", 1)};
  if (keep.whole < 1 || keep.part < 0 || keep.part > keep.whole ||
      keep.whole > base::kMaxAmount) {
    Reject(RejectReason::kOutOfRange,
           "keep: 0 or more, and of: at least as many, and 1");
    return absl::OkStatus();
  }
  if (keep.part == 0) return UndoRecorded(std::string(kReverse), *recorded);
  return KeepPart(*recorded, keep);
}

absl::Status Legs::AddTime(const model::Movement& award, core::Undo& undo) {
  if (!program_.has_tiers) return absl::OkStatus();
  if (award.at.seq == delta_.recorded.seq) {
    undo.times[award.at] = delta_.recorded.event.time;
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(const Event* const cause, EventOf(award.at.seq));
  if (cause != nullptr) undo.times[award.at] = cause->time;
  return absl::OkStatus();
}

// Sends each entity what is undone of it, and runs those legs.
absl::Status Legs::RunUndos(InOrder<core::Undo> undos) {
  for (auto& [entity, undo] : undos) {
    decision_.messages.push_back({.entity = entity,
                                  .what = std::move(undo),
                                  .actor = nullptr,
                                  .object = nullptr});
  }
  return RunQueue();
}

// Takes back what is beyond that part of each award. What metrics counted
// stays.
absl::Status Legs::KeepPart(const model::RecordedEvent& recorded,
                            const core::Share& keep) {
  ASSIGN_OR_RETURN(const auto awards,
                   transaction_.MovementsOfEvent(recorded.seq));
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const program,
                   ProgramAt(recorded.seq));
  InOrder<core::Undo> undos;
  for (const store::GivenAward& award : awards) {
    const model::Movement& movement = award.movement;
    if (award.reversed || !model::MayBeUndone(movement.kind) ||
        IsOfKeptBadge(movement)) {
      continue;
    }
    core::Undo& undo = undos[core::MemberEntity(Now(movement.member))];
    RETURN_IF_ERROR(AddTime(movement, undo));
    undo.keep = keep;
    undo.is_limited |= core::IsCounted(*program, movement);
    undo.awards.push_back(movement);
  }
  RETURN_IF_ERROR(RunUndos(std::move(undos)));
  RETURN_IF_ERROR(AskBudgetsAgain());
  if (decision_.movements.empty()) {
    Note(std::string(kReverse),
         "no more of it was there to take back than was taken before");
  }
  return absl::OkStatus();
}

absl::Status Legs::Undo(const core::UndoEvent& undo) {
  ASSIGN_OR_RETURN(const auto recorded, transaction_.FindEvent(undo.event_id));
  if (!recorded.has_value()) {
    Note(undo.rule, absl::StrCat("it fired; no event \"", undo.event_id,
                                 "\" is recorded to take back"));
    return absl::OkStatus();
  }
  if (!MayBeReversed(recorded->event.type) || !recorded->outcome.accepted()) {
    Note(undo.rule, absl::StrCat("it fired; event \"", undo.event_id,
                                 "\" cannot be taken back"));
    return absl::OkStatus();
  }
  return UndoRecorded(undo.rule, *recorded);
}

absl::Status Legs::UndoRecorded(const std::string& rule,
                                const model::RecordedEvent& recorded) {
  const auto& done = delta_.reversed_events;
  ASSIGN_OR_RETURN(bool before, transaction_.IsReversed(recorded.seq));
  before |= std::find(done.begin(), done.end(), recorded.seq) != done.end();
  if (before) {
    Note(rule, absl::StrCat("event \"", recorded.event.id,
                            "\" had been taken back before"));
    return absl::OkStatus();
  }
  delta_.reversed_events.push_back(recorded.seq);
  if (recorded.event.type == kCatchUp && !core::IsAsked(recorded.event, "of")) {
    return UndoAllOf(rule, recorded);
  }
  InOrder<core::Undo> undos;
  ASSIGN_OR_RETURN(const Event event, Then(recorded));
  // What it counted, it counted by the program of its time.
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const program,
                   ProgramAt(recorded.seq));
  const core::Cause cause(*program, event, recorded.seq);
  RETURN_IF_ERROR(AddMetrics(recorded, undos));
  // Their leg sees to it that they are referred no more.
  if (cause.type != nullptr && cause.type->referrer >= 0 &&
      event.actor.has_value()) {
    undos[core::MemberEntity(Now(*event.actor))];
  }
  ASSIGN_OR_RETURN(const auto awards,
                   transaction_.MovementsOfEvent(recorded.seq));
  ASSIGN_OR_RETURN(const int64_t undone,
                   UndoAwards(awards, std::move(undos), recorded.seq));
  RETURN_IF_ERROR(LoseWithEvent(awards));
  RETURN_IF_ERROR(recorded.event.type == kCatchUp ? UndoCatchUp(recorded)
                                                  : UndoBrought(recorded));
  Note(rule, absl::StrCat("it took back event \"", recorded.event.id, "\", ",
                          Awards(undone)));
  const bool took_back =
      std::any_of(awards.begin(), awards.end(), [](const auto& one) {
        return one.movement.kind == model::Movement::Kind::kReversal;
      });
  if (took_back) {
    Note(rule, absl::StrCat("what event \"", recorded.event.id,
                            "\" took back itself stays so"));
  }
  return absl::OkStatus();
}

absl::Status Legs::Undo(const core::UndoObject& undo) {
  // All of them first: a member's history is re-added once, however many of the
  // awards are theirs.
  std::vector<store::GivenAward> concerned;
  model::Position after{.seq = 0, .n = -1};
  while (true) {
    ASSIGN_OR_RETURN(const auto page,
                     transaction_.AwardsOfObject(undo.object, after, kPage));
    for (const store::GivenAward& award : page) {
      if (!award.reversed && Concerns(undo, award.movement.rule)) {
        concerned.push_back(award);
      }
    }
    if (page.size() < kPage) break;
    after = page.back().movement.at;
  }
  ASSIGN_OR_RETURN(const int64_t undone, UndoAwards(concerned, {}, 0));
  Note(undo.rule, absl::StrCat("it took back what ", undo.object, " gave, ",
                               Awards(undone)));
  return absl::OkStatus();
}

// Whether the entry counted at somebody who is another by now.
absl::StatusOr<bool> Legs::WasCounted(const model::Entity& entity,
                                      int64_t seq) {
  model::EntityState state;
  RETURN_IF_ERROR(transaction_.Load(
      {.entity = entity, .counters = {core::EnrolledCounter()}}, state));
  return state.Counter(core::EnrolledCounter()) < seq;
}

// `undos` has what metrics counted of entry `seq`; the awards, and what they
// used of limits and budgets, are added here.
absl::StatusOr<int64_t> Legs::UndoAwards(
    const std::vector<store::GivenAward>& awards, InOrder<core::Undo> undos,
    int64_t seq) {
  for (auto& [entity, undo] : undos) undo.seq = seq;
  std::map<model::Position, core::Uses> budgets;
  for (const store::GivenAward& award : awards) {
    if (award.reversed || undone_.contains(award.movement.at) ||
        !model::MayBeUndone(award.movement.kind) ||
        IsOfKeptBadge(award.movement)) {
      continue;
    }
    core::Uses& spent = budgets[award.movement.at];
    const model::Entity member = core::MemberEntity(Now(award.movement.member));
    ASSIGN_OR_RETURN(const rules::CompiledProgram* const program,
                     ProgramAt(award.movement.at.seq));
    if (award.movement.kind == model::Movement::Kind::kCaughtUp) {
      ASSIGN_OR_RETURN(const Used used, UsedBy(award.movement));
      AddTo(undos[member].uses, used.limits);
      AddTo(spent, used.budgets);
    }
    if (core::IsCounted(*program, award.movement)) {
      ASSIGN_OR_RETURN(const Event* const then, EventOf(award.movement.at.seq));
      if (then != nullptr) {
        for (const auto& [counter, used] :
             core::LimitUses(*program, award.movement, *then)) {
          undos[member].uses[engine::Now(counter, aliases_)] += used;
        }
        if (award.movement.limited > 0) {
          for (const core::BudgetUse& budget :
               core::BudgetsOf(*program, award.movement, then->time)) {
            spent[budget.counter] += award.movement.limited;
          }
        }
      }
    }
    RETURN_IF_ERROR(AddTime(award.movement, undos[member]));
    undos[member].awards.push_back(award.movement);
  }
  RETURN_IF_ERROR(RunUndos(std::move(undos)));
  // A member may have kept some of them, as they had been spent.
  core::Undo pool;
  for (const auto& [award, uses] : budgets) {
    if (!undone_.contains(award)) continue;
    for (const auto& [budget, units] : uses) pool.counted[budget] += units;
  }
  if (!pool.counted.empty()) {
    decision_.messages.push_back({.entity = {},
                                  .what = std::move(pool),
                                  .actor = nullptr,
                                  .object = nullptr});
    RETURN_IF_ERROR(RunQueue());
  }
  RETURN_IF_ERROR(AskBudgetsAgain());
  return std::count_if(budgets.begin(), budgets.end(), [&](const auto& one) {
    return undone_.contains(one.first);
  });
}

// What limits give back asks for what budgets have left once all else is
// undone, one member after another.
absl::Status Legs::AskBudgetsAgain() {
  std::vector<core::Message> asked = std::move(decision_.asked_again);
  decision_.asked_again.clear();
  for (core::Message& ask : asked) {
    if (decision_.rejected != RejectReason::kNone) break;
    decision_.messages.push_back(std::move(ask));
    RETURN_IF_ERROR(RunQueue());
  }
  return absl::OkStatus();
}

}  // namespace loyalty::engine
