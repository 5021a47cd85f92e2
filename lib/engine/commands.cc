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
#include "core/counters.h"
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
  ASSIGN_OR_RETURN(const auto movements,
                   transaction_.MovementsOfEvent(recorded->seq));
  const bool wants_hold = unknown == RejectReason::kUnknownHold;
  for (const store::GivenAward& one : movements) {
    using Kind = model::Movement::Kind;
    if (Now(one.movement.member) != event.actor) continue;
    if (one.movement.kind == Kind::kHold ||
        (!wants_hold && one.movement.kind == Kind::kRedemption)) {
      command.of.push_back(one.movement);
    }
  }
  if (command.of.empty()) {
    Reject(unknown, absl::StrCat("\"", id, "\" is no ", base::av(attribute)));
    return false;
  }
  command.reward = core::AskedText(recorded->event, "reward");
  command.quantity = core::AskedInt(recorded->event, "quantity", 1);
  command.time = recorded->event.time;
  return true;
}

absl::Status Legs::RunMemberCommand() {
  const Event& event = event_;
  if (event.type == kSweep) return RunSweep();
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
  decision_.messages.push_back({.entity = core::EntryOf(event),
                                .what = std::move(command),
                                .actor = nullptr,
                                .object = nullptr});
  return RunQueue();
}

absl::Status Legs::RunSweep() {
  ASSIGN_OR_RETURN(std::vector<std::string> members,
                   transaction_.Due(delta_.recorded.event.time, kMostSwept));
  if (!workspace_.swept_before.empty()) {
    const auto& before = workspace_.swept_before;
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
