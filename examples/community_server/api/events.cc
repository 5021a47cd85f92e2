// SPDX-License-Identifier: Apache-2.0
//
// Events of machines: what happens elsewhere and counts here, one at a time, as
// an array, or as lines of JSON; as CloudEvents, and as Activity Streams.
#include <loyalty/json.h>

#include <utility>

#include "api/incoming.h"
#include "formats/cloud_events.h"
#include "rewards/as_json.h"

namespace community {
namespace {

constexpr char kLines[] = "application/x-ndjson";
constexpr char kActivity[] = "application/activity+json";
constexpr char kLinkedData[] = "application/ld+json";

std::string_view Trimmed(std::string_view text) {
  constexpr char kBlanks[] = " \t\r\n";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1);
}

std::vector<std::string_view> LinesOf(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = Trimmed(text.substr(0, end));
    if (!line.empty()) lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// The elements of a JSON array as they are written, so that the reader of
// events sees every digit and every key. What is wrong within one, it finds.
std::vector<std::string_view> ElementsOf(std::string_view array) {
  std::vector<std::string_view> elements;
  int depth = 0;
  bool in_text = false;
  size_t begin = 1;
  const auto end_at = [&](size_t end) {
    elements.push_back(Trimmed(array.substr(begin, end - begin)));
    begin = end + 1;
  };
  for (size_t i = 0; i < array.size(); ++i) {
    const char c = array[i];
    if (in_text) {
      if (c == '\\') ++i;
      if (c == '"') in_text = false;
      continue;
    }
    if (c == '"') in_text = true;
    if (c == '[' || c == '{') ++depth;
    if (c == ',' && depth == 1) end_at(i);
    if (c != ']' && c != '}') continue;
    if (--depth > 0) continue;
    if (!Trimmed(array.substr(begin, i - begin)).empty() || !elements.empty()) {
      end_at(i);
    }
    if (!Trimmed(array.substr(i + 1)).empty()) break;
    return elements;
  }
  throw Refusal(400, "the body begins an array and does not end with it");
}

void SendOne(Community& community, const Call& call,
             const absl::StatusOr<loyalty::Event>& event) {
  call.AnswerText(
      OutcomeText(Recorded(community, call.caller, OrRefuse(event))));
}

// Each has its answer in its place, and one that is none hinders no other.
void SendMany(
    Community& community, const Call& call,
    const std::vector<std::string_view>& texts,
    const std::function<absl::StatusOr<loyalty::Event>(std::string_view)>&
        reader) {
  if (texts.size() > kMostEvents) {
    throw Refusal(
        413, "a batch may have " + std::to_string(kMostEvents) + " events");
  }
  std::vector<loyalty::Event> events;
  std::vector<absl::Status> read;
  for (const std::string_view text : texts) {
    auto event = reader(text);
    absl::Status status =
        event.ok() ? CheckSender(*event, call.caller) : event.status();
    if (status.ok()) events.push_back(*std::move(event));
    read.push_back(std::move(status));
  }
  const auto outcomes = OrRefuse(community.rewards.Process(events));
  Json results = Json::array();
  int64_t accepted = 0;
  int64_t rejected = 0;
  int64_t malformed = 0;
  const auto add_malformed = [&](const absl::Status& status) {
    ++malformed;
    results.push_back({{"malformed", std::string(status.message())}});
  };
  auto next = outcomes.begin();
  for (const absl::Status& status : read) {
    if (!status.ok()) {
      add_malformed(status);
      continue;
    }
    const auto& outcome = *next++;
    if (!outcome.ok()) {
      add_malformed(outcome.status());
      continue;
    }
    ++(outcome->accepted() ? accepted : rejected);
    results.push_back(AsJson(*outcome));
  }
  Metrics& metrics = community.metrics;
  metrics.Count("community_events_total", "answer=\"accepted\"", accepted);
  metrics.Count("community_events_total", "answer=\"rejected\"", rejected);
  metrics.Count("community_events_total", "answer=\"malformed\"", malformed);
  call.Answer({{"accepted", accepted},
               {"rejected", rejected},
               {"malformed", malformed},
               {"results", std::move(results)}});
}

// What is refused within a batch does not end it.
absl::StatusOr<loyalty::Event> EventOfCloudEvent(Community& community,
                                                 std::string_view text) {
  try {
    return EventOf(community, EventOfStructured(ReadObject(text)));
  } catch (const Refusal& refusal) {
    return absl::InvalidArgumentError(refusal.what());
  }
}

// Activity Streams are JSON-LD of that profile; of others nothing is known.
void CheckProfile(const std::string& type) {
  if (type.find("https://www.w3.org/ns/activitystreams") == type.npos) {
    throw Refusal(415,
                  "application/ld+json has to have "
                  "profile=\"https://www.w3.org/ns/activitystreams\"");
  }
}

void Send(Community& community, const Call& call) {
  const std::string type = call.request.get_header_value("Content-Type");
  const std::string name = TypeOf(call.request);
  const std::string_view body = Trimmed(call.request.body);
  loyalty::JsonEventReader reader;
  const auto read = [&](std::string_view text) { return reader.Read(text); };
  if (name == kActivity || name == kLinkedData) {
    if (name == kLinkedData) CheckProfile(type);
    SendActivity(community, call);
  } else if (name == kCloudEvents) {
    if (!body.starts_with('[')) {
      throw Refusal(400, "a batch of CloudEvents has to be an array");
    }
    SendMany(community, call, ElementsOf(body), [&](std::string_view text) {
      return EventOfCloudEvent(community, text);
    });
  } else if (name == kCloudEvent) {
    SendOne(community, call,
            EventOf(community, EventOfStructured(call.Body())));
  } else if (IsBinaryCloudEvent(call.request)) {
    SendOne(community, call, EventOf(community, EventOfBinary(call.request)));
  } else if (name == kLines) {
    SendMany(community, call, LinesOf(body), read);
  } else if (body.starts_with('[')) {
    SendMany(community, call, ElementsOf(body), read);
  } else {
    SendOne(community, call, read(call.request.body));
  }
}

}  // namespace

std::vector<Route> EventRoutes(Community& community) {
  return {
      {"POST",
       "/api/events",
       kWrite,
       {kJson, kLines, kCloudEvent, kCloudEvents, kActivity, kLinkedData},
       [&](const Call& call) { Send(community, call); }},
  };
}

}  // namespace community
