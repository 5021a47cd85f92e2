// SPDX-License-Identifier: Apache-2.0
//
// Hashes, and bytes that nobody can guess.
#ifndef LOYALTY_LIB_BASE_DIGEST_H_
#define LOYALTY_LIB_BASE_DIGEST_H_

#include <absl/status/statusor.h>

#include <cstddef>
#include <string>
#include <string_view>

namespace loyalty::base {

// 32 bytes: SHA-256 of FIPS 180-4, and HMAC with it (RFC 2104).
std::string Sha256(std::string_view bytes);
std::string HmacSha256(std::string_view key, std::string_view bytes);

// ERRORS: kUnavailable if the system has no randomness to give.
absl::StatusOr<std::string> RandomBytes(size_t count);

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_DIGEST_H_
