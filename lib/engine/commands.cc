// SPDX-License-Identifier: Apache-2.0
//
// Commands of a member: what they are about is found in the store and sent to
// the member's leg. See legs.h.
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "base/views.h"
#include "core/asked.h"
#include "core/caught_up.h"
#include "core/counters.h"
#include "core/vouchers.h"
#include "engine/legs.h"

namespace loyalty::engine {
namespace {

// An event of a sweep settles so many members; the engine makes as many events
// as it takes.
constexpr int kMostSwept = 1000;

}  // namespace

// False, and an answer of no, if the actor has no such redemption or hold.
absl::StatusOr<bool> Legs::FindRedemption(std::string_view attribute,
                                          RejectReason unknown,
                                          core::Command& command) {
  const Event& event = event_;
  const std::string& id = core::AskedText(event, attribute);
  ASSIGN_OR_RETURN(const auto recorded, transaction_.FindEvent(id));
  // Also of who they were before.
  if (!recorded.has_value() || recorded->event.type != kRedeem ||
      !recorded->outcome.accepted() ||
      Now(*recorded->event.actor) != event.actor) {
    Reject(unknown, absl::StrCat("this member has no ", base::av(attribute),
                                 " \"", id, "\""));
    return false;
  }
  RETURN_IF_ERROR(
      AddRedemption(*recorded, unknown == RejectReason::kUnknownHold, command));
  if (command.of.empty()) {
    Reject(unknown, absl::StrCat("\"", id, "\" is no ", base::av(attribute)));
    return false;
  }
  return true;
}

// What the command is about is that redemption; or only its holds.
absl::Status Legs::AddRedemption(const model::RecordedEvent& redemption,
                                 bool holds_only, core::Command& command) {
  ASSIGN_OR_RETURN(const auto movements,
                   transaction_.MovementsOfEvent(redemption.seq));
  for (const store::GivenAward& one : movements) {
    using Kind = model::Movement::Kind;
    if (Now(one.movement.member) != Now(*redemption.event.actor)) continue;
    if (one.movement.kind == Kind::kHold ||
        (!holds_only && one.movement.kind == Kind::kRedemption)) {
      command.of.push_back(one.movement);
    }
  }
  ASSIGN_OR_RETURN(const rules::CompiledProgram* const program,
                   ProgramAt(redemption.seq));
  command.redemption = redemption.event.id;
  command.reward = core::AskedText(redemption.event, "reward");
  command.terms = program->FindReward(command.reward);
  if (core::IsAsked(redemption.event, core::kVoucherHash)) {
    command.hashes = core::AskedText(redemption.event, core::kVoucherHash);
  }
  command.quantity = core::AskedInt(redemption.event, "quantity", 1);
  command.time = redemption.event.time;
  return absl::OkStatus();
}

// Who never earns is called by name in a program, which stays as it is: nor
// would a replay know who is meant by the number.
absl::StatusOr<bool> Legs::IsNamedByProgram() {
  std::vector<std::string> names = {*event_.actor};
  for (model::Alias& alias : aliases_.Of(*event_.actor)) {
    names.push_back(std::move(alias.member));
  }
  for (const auto& [number, stored] : programs_.all()) {
    ASSIGN_OR_RETURN(const auto program, programs_.Get(number));
    for (const std::string& name : names) {
      if (!program->never_earns.contains(name)) continue;
      Reject(RejectReason::kUnknownMember,
             absl::StrCat("version \"", program->version,
                          "\" of the program lists \"", name,
                          "\" as one that never earns: that is kept by name"));
      return true;
    }
  }
  return false;
}

absl::Status Legs::RunMemberCommand() {
  const Event& event = event_;
  if (event.type == kSweep) return RunSweep();
  if (event.type == kSeasonEnded) return RunSeasonEnded();
  if (event.type == kCatchUp) return RunCatchUp();
  if (event.type == kShareGoal) return RunShareGoal();
  if (event.type == kUseVoucher) return RunUseVoucher();
  if (event.type == kErase) {
    ASSIGN_OR_RETURN(const bool is_named, IsNamedByProgram());
    if (is_named) return absl::OkStatus();
  }
  if (event.type == kImportVoucher) {
    decision_.messages.push_back({.entity = {},
                                  .what = core::AddCode{},
                                  .actor = nullptr,
                                  .object = nullptr});
    return RunQueue();
  }
  core::Command command{.time = event.time};
  if (event.type == kCaptureHold || event.type == kVoidHold) {
    ASSIGN_OR_RETURN(
        const bool found,
        FindRedemption("hold", RejectReason::kUnknownHold, command));
    if (!found) return absl::OkStatus();
  } else if (event.type == kCancelRedemption || event.type == kFulfil) {
    ASSIGN_OR_RETURN(const bool found,
                     FindRedemption("redemption",
                                    RejectReason::kUnknownRedemption, command));
    if (!found) return absl::OkStatus();
  }
  if (event.type == kGrantBadge || event.type == kRevokeBadge) {
    const rules::Badge* const badge =
        program_.FindBadge(core::AskedText(event, "badge"));
    if (badge != nullptr && badge->per_target) {
      ASSIGN_OR_RETURN(command.grants, GrantsOf(*event.actor, *badge));
    }
  }
  decision_.messages.push_back({.entity = core::EntryOf(event),
                                .what = std::move(command),
                                .actor = nullptr,
                                .object = nullptr});
  RETURN_IF_ERROR(RunQueue());
  return event.type == kMerge ? CountOnceElsewhere() : absl::OkStatus();
}

// Two members become one: where others told both apart, there is one less. Only
// the store knows who those are.
absl::Status Legs::CountOnceElsewhere() {
  if (decision_.rejected != RejectReason::kNone) return absl::OkStatus();
  std::vector<model::Symbol> names;
  for (const rules::MetricTerms& terms : program_.metrics) {
    // A rolling one is counted when it is read.
    if (terms.tells_members && !terms.is_rolling())
      names.push_back(terms.tally);
  }
  if (names.empty()) return absl::OkStatus();
  const model::Entity goes = core::MemberEntity(*event_.actor);
  const model::Entity stays =
      core::MemberEntity(core::AskedText(event_, "into"));
  ASSIGN_OR_RETURN(const auto tallies,
                   transaction_.CountersKeyedBy(goes.id, names));
  const auto load = [&](const model::Entity& entity,
                        model::CounterKey counter) -> absl::StatusOr<int64_t> {
    model::EntityState state;
    RETURN_IF_ERROR(
        transaction_.Load({.entity = entity, .counters = {counter}}, state));
    return state.Counter(counter);
  };
  InOrder<core::Uses> changes;
  for (const auto& [entity, tally] : tallies) {
    if (entity == goes || entity == stays) continue;  // their own leg did it
    model::CounterKey other = tally;
    other.key = stays;
    ASSIGN_OR_RETURN(const int64_t theirs, load(entity, tally));
    ASSIGN_OR_RETURN(const int64_t mine, load(entity, other));
    if (theirs <= 0 || mine <= 0) continue;
    const rules::MetricTerms& metric = *core::TalliedIn(program_, tally.name);
    const model::CounterKey counter =
        core::TallyOf(program_, metric, other).counter;
    core::Uses& of_entity = changes[entity];
    // What is written for who stays is what is counted for both.
    if (!counter.key.empty() && !of_entity.contains(counter)) {
      model::CounterKey before = counter;
      before.key = goes;
      ASSIGN_OR_RETURN(of_entity[counter], load(entity, before));
    }
    of_entity[counter] -= 1;
  }
  std::vector<std::pair<model::Entity, core::CaughtUp>> in_order;
  for (const auto& [entity, counters] : changes) {
    core::CaughtUp& counts =
        in_order.emplace_back(entity, core::CaughtUp{}).second;
    for (const auto& [counter, more] : counters) {
      counts.counts.push_back({.counter = counter, .more = more});
    }
  }
  if (!workspace_.told_before.empty()) {
    const auto& before = workspace_.told_before;
    std::stable_sort(
        in_order.begin(), in_order.end(), [&](const auto& a, const auto& b) {
          return std::find(before.begin(), before.end(), a.first.id) <
                 std::find(before.begin(), before.end(), b.first.id);
        });
  }
  for (auto& [entity, counts] : in_order) SendCounts(entity, std::move(counts));
  return RunQueue();
}

// The program knows whose redemption the code proves, and the member the rest.
absl::Status Legs::RunUseVoucher() {
  decision_.messages.push_back(
      {.entity = {},
       .what = core::PresentCode{.at = delta_.recorded.recorded_at},
       .actor = nullptr,
       .object = nullptr});
  RETURN_IF_ERROR(RunQueue());
  if (decision_.rejected != RejectReason::kNone) return absl::OkStatus();
  ASSIGN_OR_RETURN(auto redemption,
                   transaction_.FindEvent(decision_.presented));
  core::Command command{.code = decision_.presented_code};
  if (redemption.has_value()) command.given = redemption->event.time;
  if (redemption.has_value() && redemption->event.type == kCaptureHold) {
    ASSIGN_OR_RETURN(redemption, transaction_.FindEvent(core::AskedText(
                                     redemption->event, "hold")));
  }
  if (!redemption.has_value() || redemption->event.type != kRedeem ||
      !redemption->event.actor.has_value()) {
    return absl::DataLossError(
        absl::StrCat("entry ", decision_.presented,
                     ", which a code is said to prove, is no redemption"));
  }
  RETURN_IF_ERROR(AddRedemption(*redemption, false, command));
  decision_.messages.push_back(
      {.entity = core::MemberEntity(Now(*redemption->event.actor)),
       .what = std::move(command),
       .actor = nullptr,
       .object = nullptr});
  return RunQueue();
}

// Nothing changes but who decides: what members have stays, and what follows
// from it, levels and offers, is read by the new program from here on.
void Legs::RunSwitch() {
  const std::string& version = core::AskedText(event_, "version");
  const auto before = programs_.all().find(delta_.recorded.program - 1);
  if (version != program_.version || before == programs_.all().end()) {
    return Reject(RejectReason::kOutOfRange,
                  "version: it is not that of the program that comes with it");
  }
  Note(
      std::string(kSwitch),
      absl::StrCat("the program was version \"", before->second.version,
                   "\" before, and is version \"", version, "\" from here on"));
}

absl::Status Legs::RunSweep() {
  ASSIGN_OR_RETURN(std::vector<std::string> members,
                   transaction_.Due(delta_.recorded.event.time, kMostSwept));
  if (!workspace_.told_before.empty()) {
    const auto& before = workspace_.told_before;
    std::stable_sort(members.begin(), members.end(),
                     [&](const std::string& a, const std::string& b) {
                       return std::find(before.begin(), before.end(), a) <
                              std::find(before.begin(), before.end(), b);
                     });
  }
  for (const std::string& member : members) {
    decision_.messages.push_back({.entity = core::MemberEntity(member),
                                  .what = core::Command{},
                                  .actor = nullptr,
                                  .object = nullptr});
  }
  return RunQueue();
}

}  // namespace loyalty::engine
