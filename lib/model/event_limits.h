// SPDX-License-Identifier: Apache-2.0
//
// How large an event may be. Longer ids and texts are refused, never cut.
#ifndef LOYALTY_LIB_MODEL_EVENT_LIMITS_H_
#define LOYALTY_LIB_MODEL_EVENT_LIMITS_H_

#include <cstddef>

namespace loyalty::model {

inline constexpr size_t kMaxIdBytes = 256;
inline constexpr size_t kMaxTextBytes = 4096;
inline constexpr size_t kMaxAttributes = 256;
inline constexpr size_t kMaxItems = 1000;  // of a list or an object
inline constexpr int kMaxDepth = 32;

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_EVENT_LIMITS_H_
