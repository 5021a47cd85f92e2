// SPDX-License-Identifier: Apache-2.0
//
// See cloud_events.h.
#include "formats/cloud_events.h"

#include <absl/strings/ascii.h>
#include <absl/time/time.h>

#include <algorithm>

namespace community {
namespace {

constexpr std::string_view kHeaderPrefix = "ce-";

[[noreturn]] void RefuseAttribute(const std::string& name,
                                  const std::string& what) {
  throw Refusal(400, "\"" + name + "\" " + what, {{"field", name}});
}

// The attribute, or "" if it is not there. An empty one is none either.
std::string AttributeOf(const Json& cloud_event, const std::string& name) {
  const auto found = cloud_event.find(name);
  if (found == cloud_event.end() || found->is_null()) return "";
  if (!found->is_string() || found->get_ref<const std::string&>().empty()) {
    RefuseAttribute(name, "has to be a text that is not empty");
  }
  return found->get<std::string>();
}

std::string NeededAttribute(const Json& cloud_event, const std::string& name) {
  std::string value = AttributeOf(cloud_event, name);
  if (value.empty()) {
    RefuseAttribute(name, "is missing, and a CloudEvent has to have it");
  }
  return value;
}

void CheckTime(const std::string& time) {
  absl::Time parsed;
  // The parser would also take a blank for the T, and "infinite-future".
  if (time.size() < 20 || (time[10] != 'T' && time[10] != 't') ||
      !absl::ParseTime(absl::RFC3339_full, time, &parsed, nullptr)) {
    RefuseAttribute("time",
                    "has to be a time with its zone, as 2026-03-01T12:00:00Z");
  }
}

bool IsJsonType(const std::string& type) {
  const std::string name(absl::StripAsciiWhitespace(
      absl::AsciiStrToLower(type.substr(0, type.find(';')))));
  return name.ends_with("/json") || name.ends_with("+json");
}

// The attributes of the event, and its actor if they have one.
Json DataOf(const Json& cloud_event) {
  if (cloud_event.contains("data_base64")) {
    RefuseAttribute("data_base64",
                    "cannot be read here: send JSON as \"data\"");
  }
  const std::string type = AttributeOf(cloud_event, "datacontenttype");
  if (!type.empty() && !IsJsonType(type)) {
    RefuseAttribute("datacontenttype",
                    "has to be application/json, as data is attributes");
  }
  const auto data = cloud_event.find("data");
  if (data == cloud_event.end() || data->is_null()) return Json::object();
  if (!data->is_object()) {
    RefuseAttribute("data",
                    "has to be a JSON object: the attributes of the event");
  }
  return *data;
}

}  // namespace

bool IsBinaryCloudEvent(const httplib::Request& request) {
  return std::any_of(
      request.headers.begin(), request.headers.end(), [](const auto& header) {
        return absl::AsciiStrToLower(header.first).starts_with(kHeaderPrefix);
      });
}

Json EventOfBinary(const httplib::Request& request) {
  Json cloud_event = Json::object();
  for (const auto& [header, value] : request.headers) {
    const std::string name = absl::AsciiStrToLower(header);
    if (!name.starts_with(kHeaderPrefix)) continue;
    const std::string attribute = name.substr(kHeaderPrefix.size());
    if (cloud_event.contains(attribute)) {
      RefuseAttribute(attribute, "is there twice");
    }
    // Percent-decoded by the HTTP library, as the binding asks for.
    cloud_event[attribute] = value;
  }
  cloud_event["datacontenttype"] = request.get_header_value("Content-Type");
  if (!request.body.empty()) cloud_event["data"] = ReadObject(request.body);
  return EventOfStructured(cloud_event);
}

Json EventOfStructured(const Json& cloud_event) {
  const std::string version = NeededAttribute(cloud_event, "specversion");
  if (version != "1.0") {
    RefuseAttribute("specversion", "has to be \"1.0\"");
  }
  const std::string id = NeededAttribute(cloud_event, "id");
  const std::string source = NeededAttribute(cloud_event, "source");
  if (source.find(' ') != source.npos) {
    RefuseAttribute("source", "has to be a URI reference, without blanks");
  }
  Json event = {{"id", source + " " + id},
                {"type", NeededAttribute(cloud_event, "type")}};
  if (const auto time = AttributeOf(cloud_event, "time"); !time.empty()) {
    CheckTime(time);
    event["time"] = absl::AsciiStrToUpper(time);
  }
  Json data = DataOf(cloud_event);
  if (const auto actor = AttributeOf(cloud_event, "actor"); !actor.empty()) {
    event["actor"] = actor;
  } else if (data.contains("actor")) {
    event["actor"] = data["actor"];
  }
  data.erase("actor");
  for (const auto& [name, of] :
       {std::pair("subject", "target"), std::pair("channel", "channel")}) {
    if (auto value = AttributeOf(cloud_event, name); !value.empty()) {
      event[of] = std::move(value);
    }
  }
  event["attributes"] = std::move(data);
  return event;
}

}  // namespace community
