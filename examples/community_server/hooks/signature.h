// SPDX-License-Identifier: Apache-2.0
//
// Signatures of webhooks, by https://www.standardwebhooks.com: HMAC-SHA256 over
// id, time and body, the same for what is sent and what comes in.
#ifndef COMMUNITY_HOOKS_SIGNATURE_H_
#define COMMUNITY_HOOKS_SIGNATURE_H_

#include <absl/time/time.h>

#include <string>
#include <string_view>
#include <vector>

namespace community {

inline constexpr char kHookId[] = "webhook-id";
inline constexpr char kHookTimestamp[] = "webhook-timestamp";
inline constexpr char kHookSignature[] = "webhook-signature";

// What is signed, and stands in those headers.
struct Signed {
  std::string id = {};
  std::string timestamp = {};  // seconds since 1970
  std::string signature = {};  // "v1,.. v1,..": one of them is enough
  std::string_view body = {};
};

// "whsec_" and 32 random bytes in base64.
std::string NewHookSecret();
// Whether it is of that form, with 24 to 64 bytes.
bool IsHookSecret(const std::string& secret);

// By each of the secrets, in their order. REQUIRES: all are good ones.
std::string SignatureOf(const Signed& message,
                        const std::vector<std::string>& secrets);

// Whether one of its signatures is by one of the secrets, and its time within
// five minutes of `now`. THROWS: 401, saying what is wrong with it.
void CheckSignature(const Signed& message,
                    const std::vector<std::string>& secrets, absl::Time now);

}  // namespace community

#endif  // COMMUNITY_HOOKS_SIGNATURE_H_
