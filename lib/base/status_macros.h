// SPDX-License-Identifier: Apache-2.0
//
// RETURN_IF_ERROR and ASSIGN_OR_RETURN: passing an absl::Status on to the
// caller in one line.
#ifndef LOYALTY_LIB_BASE_STATUS_MACROS_H_
#define LOYALTY_LIB_BASE_STATUS_MACROS_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <utility>

#define LOYALTY_CONCAT_INNER(a, b) a##b
#define LOYALTY_CONCAT(a, b) LOYALTY_CONCAT_INNER(a, b)

// An error is rare: the compiler puts what it takes out of the way of the rest.
#define RETURN_IF_ERROR(expr)                                        \
  do {                                                               \
    if (absl::Status status_ = (expr); !status_.ok()) [[unlikely]] { \
      return ::loyalty::base::Passed(std::move(status_));            \
    }                                                                \
  } while (false)

#define ASSIGN_OR_RETURN(lhs, expr) \
  LOYALTY_ASSIGN_OR_RETURN(LOYALTY_CONCAT(status_or_, __LINE__), lhs, expr)

#define LOYALTY_ASSIGN_OR_RETURN(name, lhs, expr)             \
  auto name = (expr);                                         \
  if (!name.ok()) [[unlikely]] {                              \
    return ::loyalty::base::Passed(std::move(name).status()); \
  }                                                           \
  lhs = *std::move(name)

namespace loyalty::base {

// The status itself. Whatever calls something cold is compiled as cold.
[[gnu::cold, gnu::noinline]] inline absl::Status Passed(absl::Status status) {
  return status;
}

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_STATUS_MACROS_H_
