// SPDX-License-Identifier: Apache-2.0
//
// See activity_map.h.
#include "formats/activity_map.h"

#include <algorithm>
#include <stdexcept>

#include "content/secrets.h"

namespace community {
namespace {

constexpr size_t kLongestWord = 256;

}  // namespace

ActivityMap::Line ActivityMap::LineOf(const Json& json) {
  OnlyHas(json, {"activity", "object", "event", "target", "attributes"});
  Line line{.activity = TextOf(json, "activity", 1, kLongestWord),
            .object = TextOr(json, "object", kLongestWord),
            .event = TextOf(json, "event", 1, kLongestWord)};
  if (json.contains("target")) {
    line.target = TextOf(json, "target", 1, kLongestWord);
  }
  const Json attributes = json.value("attributes", Json::object());
  for (const auto& [name, path] : attributes.items()) {
    line.attributes.emplace_back(name,
                                 TextOf(attributes, name, 1, kLongestWord));
  }
  return line;
}

ActivityMap::ActivityMap(const std::string& text) {
  try {
    const Json json = ReadObject(text);
    OnlyHas(json, {"members", "events"});
    members_ = TextOr(json, "members", kLongestWord);
    for (const Json& line : json.value("events", Json::array())) {
      lines_.push_back(LineOf(line));
    }
  } catch (const Refusal& refusal) {
    throw std::invalid_argument("the map of activities, after " +
                                std::to_string(lines_.size()) +
                                " good events: " + refusal.what());
  }
}

Json ActivityMap::WithoutPrefix(Json value) const {
  if (!value.is_string() || members_.empty()) return value;
  const auto& text = value.get_ref<const std::string&>();
  return text.starts_with(members_) && text.size() > members_.size()
             ? Json(text.substr(members_.size()))
             : value;
}

Json ActivityMap::EventOf(const Activity& activity,
                          const Json& document) const {
  const auto found =
      std::find_if(lines_.begin(), lines_.end(), [&](const Line& line) {
        return line.activity == activity.type &&
               (line.object.empty() || line.object == activity.object_type);
      });
  const Line line = found != lines_.end() ? *found
                                          : Line{.activity = activity.type,
                                                 .event = activity.type};
  // The same document is the same event, however often it comes.
  Json event = {
      {"id", activity.id.value_or("activity " + Sha256(document.dump()))},
      {"type", line.event}};
  if (activity.time.has_value()) {
    event["time"] = Rfc3339(TimeOf(*activity.time));
  }
  event["actor"] = WithoutPrefix(FollowPath(document, "actor"));
  event["target"] = FollowPath(document, line.target);
  event["attributes"] = Json::object();
  for (const auto& [name, path] : line.attributes) {
    event["attributes"][name] = WithoutPrefix(FollowPath(document, path));
  }
  return event;
}

}  // namespace community
