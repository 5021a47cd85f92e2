// SPDX-License-Identifier: Apache-2.0
//
// CloudEvents 1.0 as events of the program, in the form that POST /api/events
// takes as JSON:
//
//   id          `source`, a blank, and `id`: the two together are unique
//   type        `type`
//   time        `time`; absent if it is
//   actor       the extension `actor`, or else `data.actor`
//   target      `subject`
//   channel     the extension `channel`
//   attributes  `data`, which is a JSON object, but its `actor`
#ifndef COMMUNITY_FORMATS_CLOUD_EVENTS_H_
#define COMMUNITY_FORMATS_CLOUD_EVENTS_H_

#include <httplib.h>

#include "http/json.h"

namespace community {

inline constexpr char kCloudEvent[] = "application/cloudevents+json";
inline constexpr char kCloudEvents[] = "application/cloudevents-batch+json";

// Whether the request is one in binary mode: attributes are ce- headers.
bool IsBinaryCloudEvent(const httplib::Request& request);

// In binary and in structured mode. THROWS: 400; "field" is the attribute.
Json EventOfBinary(const httplib::Request& request);
Json EventOfStructured(const Json& cloud_event);

}  // namespace community

#endif  // COMMUNITY_FORMATS_CLOUD_EVENTS_H_
