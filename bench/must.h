// SPDX-License-Identifier: Apache-2.0
//
// Must: what cannot fail in a benchmark. If it does there is nothing to
// measure, and it ends with the reason.
#ifndef LOYALTY_BENCH_MUST_H_
#define LOYALTY_BENCH_MUST_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <cstdlib>
#include <iostream>
#include <utility>

namespace loyalty::bench {

inline void Must(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "nothing was measured: " << status << '\n';
  std::exit(3);
}

template <typename T>
T Must(absl::StatusOr<T> value) {
  Must(value.status());
  return *std::move(value);
}

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_MUST_H_
