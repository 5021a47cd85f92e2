// SPDX-License-Identifier: Apache-2.0
//
// Activity Streams 2.0 documents: what is an activity that the program has an
// event for is recorded, and whatever else is a good document is taken, and
// answered with why nothing came of it.
#include <algorithm>

#include "api/incoming.h"
#include "rewards/as_json.h"

namespace community {
namespace {

Json OrNull(const std::optional<std::string>& text) {
  return text.has_value() ? Json(*text) : Json();
}

Json ActivityAsJson(const Activity& activity) {
  return {{"type", activity.type},
          {"id", OrNull(activity.id)},
          {"time", OrNull(activity.time)},
          {"actor", OrNull(activity.actor)},
          {"object", OrNull(activity.object)},
          {"target", OrNull(activity.target)}};
}

// 202: taken, and nothing came of it.
void AnswerNoEvent(const Call& call, const Json& activity,
                   const std::string& why) {
  call.Answer({{"activity", activity}, {"event", nullptr}, {"no_event", why}},
              202);
}

}  // namespace

void SendActivity(Community& community, const Call& call) {
  const Json document = call.Body();
  const std::optional<Activity> activity = ReadActivity(document);
  if (!activity.has_value()) {
    return AnswerNoEvent(call, nullptr, "the document is no activity");
  }
  const Json shown = ActivityAsJson(*activity);
  Json json = community.activities.EventOf(*activity, document);
  const std::string type = json["type"];
  const auto& known = community.rewards.program().event_types();
  if (std::find(known.begin(), known.end(), type) == known.end()) {
    return AnswerNoEvent(
        call, shown,
        "the program has no event for " + activity->type +
            (activity->object_type.empty() ? ""
                                           : " of " + activity->object_type));
  }
  const auto event = EventOf(community, std::move(json));
  // A good document all the same: what the event lacks the program asks for.
  if (!event.ok()) {
    return AnswerNoEvent(call, shown, std::string(event.status().message()));
  }
  std::optional<loyalty::Outcome> outcome;
  try {
    outcome = Recorded(community, call.caller, *event);
  } catch (const Refusal& refusal) {
    if (refusal.status() != 400) throw;
    return AnswerNoEvent(call, shown, refusal.what());
  }
  call.Answer({{"activity", shown},
               {"event", AsJson(*outcome)},
               {"no_event", nullptr}});
}

}  // namespace community
