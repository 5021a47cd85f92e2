// SPDX-License-Identifier: Apache-2.0
//
// Events and outcomes to and from the bytes the store keeps
// (proto/loyalty/v1/event.proto, outcome.proto).
//
// Encode is a function: the same value gives the same bytes, everywhere.
#ifndef LOYALTY_LIB_WIRE_CODEC_H_
#define LOYALTY_LIB_WIRE_CODEC_H_

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

#include "loyalty/event.h"
#include "loyalty/outcome.h"

namespace loyalty::wire {

std::string EncodeEvent(const Event& event);
std::string EncodeOutcome(const Outcome& outcome);

// ERRORS: kDataLoss if the bytes are not what Encode wrote.
absl::StatusOr<Event> DecodeEvent(std::string_view bytes);
absl::StatusOr<Outcome> DecodeOutcome(std::string_view bytes);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_CODEC_H_
