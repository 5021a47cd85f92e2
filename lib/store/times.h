// SPDX-License-Identifier: Apache-2.0
//
// Times as the file has them: microseconds since 1970. The infinite ones are
// the ends of int64.
#ifndef LOYALTY_LIB_STORE_TIMES_H_
#define LOYALTY_LIB_STORE_TIMES_H_

#include <absl/time/time.h>

#include <cstdint>
#include <limits>

namespace loyalty::store {

inline int64_t MicrosOf(absl::Time time) {
  if (time == absl::InfinitePast()) return std::numeric_limits<int64_t>::min();
  if (time == absl::InfiniteFuture()) {
    return std::numeric_limits<int64_t>::max();
  }
  return absl::ToUnixMicros(time);
}

inline absl::Time TimeOf(int64_t micros) {
  if (micros == std::numeric_limits<int64_t>::min()) {
    return absl::InfinitePast();
  }
  if (micros == std::numeric_limits<int64_t>::max()) {
    return absl::InfiniteFuture();
  }
  return absl::FromUnixMicros(micros);
}

}  // namespace loyalty::store

#endif  // LOYALTY_LIB_STORE_TIMES_H_
