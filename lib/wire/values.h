// SPDX-License-Identifier: Apache-2.0
//
// Values of attributes to and from protobuf, and messages to and from bytes.
#ifndef LOYALTY_LIB_WIRE_VALUES_H_
#define LOYALTY_LIB_WIRE_VALUES_H_

#include <google/protobuf/message.h>

#include <optional>
#include <string>
#include <string_view>

#include "loyalty/event.h"
#include "loyalty/v1/value.pb.h"

namespace loyalty::wire {

void PutValue(const Value& value, v1::Value& out);

// nullopt for a kind this version does not know, for a member's number, and for
// a digest.
std::optional<Value> TakeValue(const v1::Value& in);

// The same message gives the same bytes, everywhere.
std::string BytesOf(const google::protobuf::Message& message);
void AppendBytes(const google::protobuf::Message& message, std::string& bytes);

// False if the bytes are none of such a message. Never prints.
bool ParseBytes(std::string_view bytes, google::protobuf::Message& message);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_VALUES_H_
