// SPDX-License-Identifier: Apache-2.0
//
// Keeping a text so that only who has the key can read it.
#ifndef LOYALTY_LIB_BASE_SEALING_H_
#define LOYALTY_LIB_BASE_SEALING_H_

#include <absl/status/statusor.h>

#include <string>
#include <string_view>

namespace loyalty::base {

// AES-256-GCM (NIST SP 800-38D) under `key`, 32 bytes: nonce, what became of
// `text`, and a tag of 16 bytes. The nonce is an HMAC of the text, so that the
// same text is sealed the same way: who sees two such sees that they are equal,
// and no more.
//
// ERRORS: kInternal if libcrypto fails.
absl::StatusOr<std::string> Seal(std::string_view key, std::string_view text);

// ERRORS: kDataLoss if `sealed` is not what Seal made with that key.
absl::StatusOr<std::string> Unseal(std::string_view key,
                                   std::string_view sealed);

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_SEALING_H_
