// SPDX-License-Identifier: Apache-2.0
//
// From a Tree to a protobuf message and the places of its parts: which fields
// there are, and what may be written in each, by the message's descriptor.
#ifndef LOYALTY_LIB_WIRE_BIND_H_
#define LOYALTY_LIB_WIRE_BIND_H_

#include <google/protobuf/message.h>

#include <map>
#include <vector>

#include "model/finding.h"
#include "model/spec.h"
#include "wire/program_reader.h"
#include "wire/tree.h"

namespace loyalty::wire {

// Where one value is written.
struct Written {
  model::Place at;
  std::vector<model::Jump> jumps;  // of a text
};

// Where the parts of one message are written: by field number, and for each
// field in the order of its items.
struct Places {
  model::Place at;  // of the message: its name, or in a list its brace
  std::map<int, std::vector<Written>> values;
  std::map<int, std::vector<Places>> messages;
  bool unread = false;  // a value of it makes no sense, which a finding says
};

// After so many errors the rest is not looked at.
inline constexpr size_t kMostFindings = 100;

// Fills `message` and `places` with what `root` says as far as it makes sense,
// and adds a finding for everything that does not.
//
// REQUIRES: root.kind == kMessage; all fields of `message` are texts, int64,
//           bool, enums and messages of such.
void Bind(const Node& root, Format format, google::protobuf::Message& message,
          Places& places, model::Findings& findings);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_BIND_H_
