// SPDX-License-Identifier: Apache-2.0
//
// Events of machines: what happens elsewhere and counts here, one at a time, as
// an array, or as lines of JSON.
#include <loyalty/json.h>

#include <utility>

#include "api/api.h"
#include "rewards/as_json.h"

namespace community {
namespace {

constexpr char kLines[] = "application/x-ndjson";
constexpr std::string_view kReserved = "loyalty.";

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

// What a machine may not send, whatever the program says of it.
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

void SendOne(Community& community, const Call& call) {
  loyalty::JsonEventReader reader;
  const loyalty::Event event = OrRefuse(reader.Read(call.request.body));
  OrRefuse(CheckSender(event, call.caller));
  const loyalty::Outcome outcome = OrRefuse(community.rewards.Process(event));
  community.metrics.Count(
      "community_events_total",
      outcome.accepted() ? "answer=\"accepted\"" : "answer=\"rejected\"");
  call.Answer(AsJson(outcome));
}

// Each has its answer in its place, and one that is none hinders no other.
void SendMany(Community& community, const Call& call,
              const std::vector<std::string_view>& texts) {
  if (texts.size() > kMostEvents) {
    throw Refusal(
        413, "a batch may have " + std::to_string(kMostEvents) + " events");
  }
  loyalty::JsonEventReader reader;
  std::vector<loyalty::Event> events;
  std::vector<absl::Status> read;
  for (const std::string_view text : texts) {
    auto event = reader.Read(text);
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

void Send(Community& community, const Call& call) {
  const std::string type = call.request.get_header_value("Content-Type");
  const std::string_view body = Trimmed(call.request.body);
  if (type.starts_with(kLines)) {
    SendMany(community, call, LinesOf(body));
  } else if (body.starts_with('[')) {
    SendMany(community, call, ElementsOf(body));
  } else {
    SendOne(community, call);
  }
}

}  // namespace

std::vector<Route> EventRoutes(Community& community) {
  return {
      {"POST",
       "/api/events",
       kWrite,
       {kJson, kLines},
       [&](const Call& call) { Send(community, call); }},
  };
}

}  // namespace community
