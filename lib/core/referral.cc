// SPDX-License-Identifier: Apache-2.0
//
// See referral.h.
#include "core/referral.h"

#include <variant>

#include "core/leg.h"

namespace loyalty::core {
namespace {

constexpr char kReferral[] = "referral";

}  // namespace

model::CounterKey ReferrerCounter() {
  static const model::Symbol name("member:referrer");
  return {.name = name};
}

std::string ReferrerIn(const rules::CompiledProgram& program,
                       const Event& event) {
  const rules::EventType* const type = program.FindEventType(event.type);
  if (type == nullptr || type->referrer < 0) return "";
  const auto found =
      event.attributes.find(type->attributes[type->referrer].name);
  if (found == event.attributes.end()) return "";
  const auto* id = std::get_if<std::string>(&found->second.get());
  return id == nullptr ? "" : *id;
}

void RememberReferrer(Leg& leg) {
  if (leg.cause.type->referrer < 0 || !leg.IsMember() || !leg.now.exists) {
    return;
  }
  const std::string referrer = ReferrerIn(leg.program, leg.event);
  if (referrer.empty() || leg.EarnsNothing(referrer)) return;
  if (referrer == leg.now.entity.id) {
    return leg.Note(kReferral, "nobody refers themselves");
  }
  if (leg.Counter(ReferrerCounter()) != 0) {
    return leg.Note(kReferral, "somebody has referred the member before");
  }
  leg.SetCounter(ReferrerCounter(), leg.cause.seq);
}

void ForgetReferrer(Leg& leg, int64_t seq) {
  if (seq == 0 || leg.Counter(ReferrerCounter()) != seq) return;
  leg.SetCounter(ReferrerCounter(), 0);
}

}  // namespace loyalty::core
