// SPDX-License-Identifier: Apache-2.0
//
// Child: work done in a process of its own, and what it comes to.
#ifndef LOYALTY_BENCH_CHILD_H_
#define LOYALTY_BENCH_CHILD_H_

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <type_traits>
#include <vector>

namespace loyalty::bench {

// Runs `work` in a copy of this process; what it puts into `answer`, of `size`
// bytes, is there when this returns.
//
// REQUIRES: this process has one thread.
// ERRORS: kInternal  it did not come to its end; what it had to say is on
//                    stderr.
absl::Status InChild(absl::FunctionRef<void()> work, void* answer, size_t size);

template <typename T>
absl::StatusOr<T> InChild(absl::FunctionRef<T()> work) {
  static_assert(std::is_trivially_copyable_v<T>);
  T answer = {};
  const absl::Status status =
      InChild([&] { answer = work(); }, &answer, sizeof(answer));
  if (!status.ok()) return status;
  return answer;
}

struct Ran {
  std::string out = {};  // what it printed to stdout
  double seconds = 0;    // from its start to its end
  double processor_us = 0;
  double memory_mb = 0;  // the most it held
};

// Runs another program to its end. ERRORS: kInternal  it failed.
absl::StatusOr<Ran> RunProgram(const std::vector<std::string>& arguments);

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_CHILD_H_
