// SPDX-License-Identifier: Apache-2.0
//
// See incoming.h.
#include "api/incoming.h"

#include <absl/time/clock.h>
#include <loyalty/json.h>

namespace community {
namespace {

constexpr std::string_view kReserved = "loyalty.";

}  // namespace

absl::StatusOr<loyalty::Event> EventOf(Community& community, Json json) {
  if (!json.contains("time")) {
    const std::string id = json.value("id", "");
    const auto before = community.rewards.Look()->Explain(id);
    json["time"] = Rfc3339(before.ok() ? before->event.time : absl::Now());
  }
  return loyalty::JsonEventReader().Read(Text(json));
}

absl::Status CheckSender(const loyalty::Event& event, const Caller& caller) {
  if (event.id.starts_with(kActPrefix)) {
    return absl::InvalidArgumentError(
        "\"id\": those that begin with \"act-\" are of acts in the community");
  }
  if (event.type.starts_with(kReserved) && !caller.Has(kAdmin)) {
    return absl::InvalidArgumentError(
        "\"type\": those that begin with \"loyalty.\" need the admin token");
  }
  return absl::OkStatus();
}

loyalty::Outcome Recorded(Community& community, const Caller& caller,
                          const loyalty::Event& event) {
  OrRefuse(CheckSender(event, caller));
  loyalty::Outcome outcome = OrRefuse(community.rewards.Process(event));
  community.metrics.Count(
      "community_events_total",
      outcome.accepted() ? "answer=\"accepted\"" : "answer=\"rejected\"");
  return outcome;
}

}  // namespace community
