// SPDX-License-Identifier: Apache-2.0
//
// What a command asks for: the attributes of its event, which is in canonical
// form, so that those that are required are there, and of their types.
#ifndef LOYALTY_LIB_CORE_ASKED_H_
#define LOYALTY_LIB_CORE_ASKED_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "loyalty/event.h"

namespace loyalty::core {

const std::string& AskedText(const Event& event, std::string_view attribute);
int64_t AskedInt(const Event& event, std::string_view attribute,
                 int64_t otherwise);
bool IsAsked(const Event& event, std::string_view attribute);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_ASKED_H_
