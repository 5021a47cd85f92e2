// SPDX-License-Identifier: Apache-2.0
//
// Incoming: what comes from elsewhere, in whatever form, becomes an event here
// and is recorded.
#ifndef COMMUNITY_API_INCOMING_H_
#define COMMUNITY_API_INCOMING_H_

#include "api/api.h"

namespace community {

// The event of JSON in the form that POST /api/events takes. Without a time it
// is of now; sent again, of when it came first.
absl::StatusOr<loyalty::Event> EventOf(Community& community, Json json);

// What a machine may not send, whatever the program says of it.
absl::Status CheckSender(const loyalty::Event& event, const Caller& caller);

// Records it, and counts how it was answered. THROWS: Refusal.
loyalty::Outcome Recorded(Community& community, const Caller& caller,
                          const loyalty::Event& event);

// activities.cc: POST /api/events of an Activity Streams document.
void SendActivity(Community& community, const Call& call);

}  // namespace community

#endif  // COMMUNITY_API_INCOMING_H_
