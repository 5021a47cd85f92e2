// SPDX-License-Identifier: Apache-2.0
//
// Any bytes as an event in JSON: refused as malformed, or an event that is read
// back from what it is written as.
#include <absl/status/statusor.h>

#include <string>

#include "loyalty/json.h"
#include "require.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using loyalty::fuzz::Require;
  static auto& reader = *new loyalty::JsonEventReader;
  const absl::StatusOr<loyalty::Event> event =
      reader.Read(loyalty::fuzz::Text(data, size));
  if (!event.ok()) {
    Require(absl::IsInvalidArgument(event.status()), "it is malformed");
    Require(!event.status().message().empty(), "a refusal says why");
    return 0;
  }
  const std::string json = loyalty::ToJson(*event);
  Require(json.find('\n') == std::string::npos, "JSON is one line");
  const absl::StatusOr<loyalty::Event> again = reader.Read(json);
  Require(again.ok(), "what is written can be read: " + json);
  Require(*again == *event, "what is read is what was written: " + json);
  Require(loyalty::ToJson(*again) == json, "one event has one text: " + json);
  return 0;
}
