// SPDX-License-Identifier: Apache-2.0
//
// Protobuf prints a line of its own where stored bytes are no UTF-8. A library
// prints nothing: the caller is told by a status.
#ifndef LOYALTY_LIB_WIRE_QUIET_H_
#define LOYALTY_LIB_WIRE_QUIET_H_

#include <google/protobuf/stubs/common.h>
#if GOOGLE_PROTOBUF_VERSION < 4022000
#include <google/protobuf/stubs/logging.h>
#endif

namespace loyalty::wire {

// Protobuf prints nothing while one exists. Thread-safe.
#if GOOGLE_PROTOBUF_VERSION < 4022000
using QuietProtobuf = google::protobuf::LogSilencer;
#else
struct QuietProtobuf {  // logs by absl, whose settings are the host's
  QuietProtobuf() {}
};
#endif

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_QUIET_H_
