// SPDX-License-Identifier: Apache-2.0
//
// Any value as JSON, in one line: maps in the order of their names.
#ifndef LOYALTY_LIB_WIRE_JSON_VALUE_H_
#define LOYALTY_LIB_WIRE_JSON_VALUE_H_

#include <string>

#include "loyalty/event.h"

namespace loyalty::wire {

std::string JsonOf(const Value& value);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_JSON_VALUE_H_
