// SPDX-License-Identifier: Apache-2.0
//
// The distribution's Abseil has a string_view of its own, which does not
// convert to or from std::string_view. These two do; where the types are one,
// they do nothing.
#ifndef LOYALTY_LIB_BASE_VIEWS_H_
#define LOYALTY_LIB_BASE_VIEWS_H_

#include <absl/strings/string_view.h>

#include <string_view>

namespace loyalty::base {

inline absl::string_view av(std::string_view s) { return {s.data(), s.size()}; }
inline std::string_view sv(absl::string_view s) { return {s.data(), s.size()}; }

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_VIEWS_H_
