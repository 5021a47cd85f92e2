// SPDX-License-Identifier: Apache-2.0
//
// See signature.h.
#include "hooks/signature.h"

#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_split.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>

#include "content/secrets.h"
#include "http/json.h"

namespace community {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::string_view kVersion = "v1,";
constexpr absl::Duration kTolerance = absl::Minutes(5);
constexpr size_t kMostSignatures = 16;

// "" if it is none.
std::string KeyOf(const std::string& secret) {
  std::string key;
  if (!secret.starts_with(kSecretPrefix) ||
      !absl::Base64Unescape(secret.substr(kSecretPrefix.size()), &key)) {
    return "";
  }
  return key;
}

std::string SignatureBy(const std::string& secret, const Signed& message) {
  const std::string key = KeyOf(secret);
  const std::string text =
      message.id + "." + message.timestamp + "." + std::string(message.body);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash = {};
  unsigned length = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(),
       hash.data(), &length);
  return std::string(kVersion) +
         absl::Base64Escape(
             {reinterpret_cast<const char*>(hash.data()), length});
}

}  // namespace

std::string NewHookSecret() {
  return std::string(kSecretPrefix) +
         absl::Base64Escape(absl::HexStringToBytes(RandomHex(32)));
}

bool IsHookSecret(const std::string& secret) {
  const size_t bytes = KeyOf(secret).size();
  return bytes >= 24 && bytes <= 64;
}

std::string SignatureOf(const Signed& message,
                        const std::vector<std::string>& secrets) {
  std::string all;
  for (const std::string& secret : secrets) {
    all += (all.empty() ? "" : " ") + SignatureBy(secret, message);
  }
  return all;
}

void CheckSignature(const Signed& message,
                    const std::vector<std::string>& secrets, absl::Time now) {
  if (message.id.empty() || message.timestamp.empty() ||
      message.signature.empty()) {
    throw Refusal(401,
                  "a webhook has to have the headers webhook-id, "
                  "webhook-timestamp and webhook-signature");
  }
  // Ids without a dot, so that none can end where another's time begins.
  if (message.id.find('.') != std::string::npos) {
    throw Refusal(401, "webhook-id may not have a \".\"", {{"field", kHookId}});
  }
  int64_t seconds = 0;
  if (!absl::SimpleAtoi(message.timestamp, &seconds) || seconds < 0) {
    throw Refusal(401, "webhook-timestamp has to be seconds since 1970",
                  {{"field", kHookTimestamp}});
  }
  const absl::Duration age = now - absl::FromUnixSeconds(seconds);
  if (absl::AbsDuration(age) > kTolerance) {
    throw Refusal(401,
                  "webhook-timestamp is more than five minutes from now; was "
                  "it sent again, or is a clock wrong?",
                  {{"field", kHookTimestamp}});
  }
  const std::vector<std::string> given =
      absl::StrSplit(message.signature, ' ', absl::SkipEmpty());
  if (given.size() > kMostSignatures) {
    throw Refusal(401, "webhook-signature has too many signatures",
                  {{"field", kHookSignature}});
  }
  bool is_good = false;
  for (const std::string& secret : secrets) {
    const std::string good = SignatureBy(secret, message);
    for (const std::string& one : given) is_good |= SameSecret(one, good);
  }
  if (!is_good) {
    throw Refusal(401,
                  "webhook-signature is not of this id, time and body by the "
                  "secret of this source",
                  {{"field", kHookSignature}});
  }
}

}  // namespace community
