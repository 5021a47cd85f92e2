// SPDX-License-Identifier: Apache-2.0
//
// Who takes part: enrolment, and suspension. Both hold from one entry of the
// journal to another, whatever times the events have.
#include "core/membership.h"

#include <absl/strings/str_cat.h>

#include <string>

#include "core/counters.h"
#include "core/goals.h"
#include "core/leg.h"

namespace loyalty::core {
namespace {

// What a member asks for themselves. Giving up a hold, or handing back what
// was redeemed, only ends what there is.
bool IsOwnCommand(std::string_view type) {
  return type == kRedeem || type == kTransferUnits || type == kCaptureHold;
}

bool IsKnown(Leg& leg) {
  if (leg.now.exists) return true;
  leg.Reject(RejectReason::kUnknownMember, "there is no such member");
  return false;
}

}  // namespace

model::CounterKey SuspendedCounter() {
  static const model::Symbol name("member:suspended");
  return {.name = name};
}

model::CounterKey ErasedCounter() {
  static const model::Symbol name("member:erased");
  return {.name = name};
}

model::CounterKey EnrolledCounter() {
  static const model::Symbol name("member:enrolled");
  return {.name = name};
}

// Each award asks, and nothing but a command changes it.
bool IsSuspended(Leg& leg) {
  if (!leg.suspended.has_value()) {
    leg.suspended = leg.state.entity.Counter(SuspendedCounter()) != 0;
  }
  return *leg.suspended;
}

bool IsAdmitted(Leg& leg) {
  if (!leg.IsMember() || leg.EarnsNothing(leg.now.entity.id)) return true;
  const std::string& type = leg.event.type;
  if (type == kErase) return true;
  if (!leg.now.exists && leg.program.enrolment_required && type != kEnroll) {
    leg.Reject(RejectReason::kMemberNotEnrolled, "the member is not enrolled");
    return false;
  }
  if (IsOwnCommand(type) && IsSuspended(leg)) {
    leg.Reject(RejectReason::kMemberSuspended, kIsSuspended);
    return false;
  }
  return true;
}

bool IsReachable(Leg& leg) {
  if (!leg.now.exists) {
    leg.Reject(RejectReason::kMemberNotEnrolled,
               "who is to receive it is not enrolled");
  } else if (IsSuspended(leg)) {
    leg.Reject(RejectReason::kMemberSuspended,
               "who is to receive it is suspended");
  }
  return leg.decision.rejected == RejectReason::kNone;
}

bool WasCounted(const Leg& leg, int64_t seq) {
  return leg.Counter(EnrolledCounter()) < seq;
}

void Enroll(Leg& leg) {
  if (leg.EarnsNothing(leg.now.entity.id)) {
    return leg.Reject(RejectReason::kUnknownMember,
                      "the program lists it as one that never earns");
  }
  if (leg.state.entity.exists) {
    leg.Note(leg.event.type, "the member had been enrolled before");
  }
}

void Suspend(Leg& leg) {
  if (!IsKnown(leg)) return;
  if (IsSuspended(leg)) {
    return leg.Note(leg.event.type, "the member was suspended already");
  }
  leg.SetCounter(SuspendedCounter(), 1);
}

// The name is the store's to forget: nothing that is kept here depends on it.
void Erase(Leg& leg) {
  if (!leg.now.exists) {
    return leg.Note(leg.event.type, "there was no such member");
  }
  leg.SetCounter(ErasedCounter(), 1);
}

void Resume(Leg& leg) {
  if (!IsKnown(leg)) return;
  if (!IsSuspended(leg)) {
    return leg.Note(leg.event.type, "the member was not suspended");
  }
  leg.SetCounter(SuspendedCounter(), 0);
  LookAtShares(leg, leg.state.entity);
}

}  // namespace loyalty::core
