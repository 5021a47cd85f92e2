// SPDX-License-Identifier: Apache-2.0
//
// How every act is done. See acts.h.
#include "acts/acts.h"

#include <cstdio>
#include <utility>
#include <vector>

#include "content/secrets.h"
#include "http/json.h"

namespace community {
namespace {

constexpr char kNotYet[] =
    "it was kept, and will be rewarded as soon as that is possible";

}  // namespace

loyalty::Event NewEvent(std::string_view type, const std::string& member,
                        const std::string& key) {
  const std::string id =
      key.empty() ? RandomHex(12) : Sha256(member + '\0' + key).substr(0, 24);
  // The engine keeps times to the microsecond.
  return {.id = std::string(kActPrefix) + id,
          .type = std::string(type),
          .time = absl::FromUnixMicros(absl::ToUnixMicros(absl::Now())),
          .actor = member,
          .channel = "web"};
}

std::mutex& Acts::LockOf(const std::string& object) {
  return locks_[std::hash<std::string>{}(object) % locks_.size()];
}

Post Acts::Existing(const std::string& post) const {
  std::optional<Post> found = content_.FindPost(post);
  if (!found.has_value() || found->is_deleted) {
    throw Refusal(404, "there is no such post");
  }
  return *std::move(found);
}

Done Acts::Act(const loyalty::Event& event,
               const std::function<void()>& change) {
  OrRefuse(rewards_.program().Check(event));
  content_.Act(event, change);
  for (loyalty::Outcome& outcome : Tell(event.target.value_or(""))) {
    if (outcome.event_id == event.id) {
      return {.event_type = event.type, .outcome = std::move(outcome)};
    }
  }
  // Whoever tells all that is pending was faster.
  return Repeated("", event.id, event.target.value_or(""));
}

Done Acts::Repeated(const std::string& id, const std::string& event_id,
                    const std::string& target) {
  Tell(target);
  loyalty::Explanation told = OrRefuse(rewards_.Look()->Explain(event_id));
  told.outcome.repeat = true;
  return {.id = id,
          .event_type = std::move(told.event.type),
          .outcome = std::move(told.outcome)};
}

void Acts::CheckIsNew(const std::string& event_id) {
  if (rewards_.Look()->Explain(event_id).ok()) {
    throw Refusal(409, "that Idempotency-Key was for something else");
  }
}

std::vector<loyalty::Outcome> Acts::Tell(const std::string& target) {
  const std::vector<loyalty::Event> events = content_.Pending(target);
  if (events.empty()) return {};
  auto outcomes = rewards_.Process(events);
  if (!outcomes.ok()) {
    is_behind_ = true;
    metrics_.Count("community_acts_total", "answer=\"not_yet\"");
    throw Refusal(503, kNotYet, {{"retry_after", 1}});
  }
  std::vector<loyalty::Outcome> answers;
  std::vector<std::string> told;
  for (size_t i = 0; i < events.size(); ++i) {
    told.push_back(events[i].id);
    auto& outcome = (*outcomes)[i];
    if (!outcome.ok()) {
      // Each was checked before it was kept; another program may have come
      // since, and would refuse it for ever.
      const Json line = {{"level", "error"},
                         {"error", outcome.status().ToString()},
                         {"event", events[i].id}};
      std::fprintf(stderr, "%s\n", Text(line).c_str());
      metrics_.Count("community_acts_total", "answer=\"malformed\"");
      continue;
    }
    metrics_.Count("community_acts_total", outcome->accepted()
                                               ? "answer=\"accepted\""
                                               : "answer=\"rejected\"");
    answers.push_back(*std::move(outcome));
  }
  content_.Forget(told);
  return answers;
}

bool Acts::TellAll() {
  is_behind_ = false;
  try {
    while (!Tell("").empty()) {
    }
  } catch (const Refusal&) {
    return false;
  }
  return true;
}

}  // namespace community
