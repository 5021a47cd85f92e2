// SPDX-License-Identifier: Apache-2.0
//
// Is a text UTF-8?
#ifndef LOYALTY_LIB_BASE_UTF8_H_
#define LOYALTY_LIB_BASE_UTF8_H_

#include <string_view>

namespace loyalty::base {

// As the Unicode standard's table 3-7 has it: no surrogates, no overlong forms,
// nothing above U+10FFFF.
bool IsUtf8(std::string_view text);

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_UTF8_H_
