// SPDX-License-Identifier: Apache-2.0
//
// See digest.h.
#include "base/digest.h"

#include <absl/status/status.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>

namespace loyalty::base {
namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string BytesOf(const Digest& digest, unsigned int size) {
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

std::string Sha256(std::string_view bytes) {
  Digest digest;
  unsigned int size = 0;
  EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(),
             nullptr);
  return BytesOf(digest, size);
}

std::string HmacSha256(std::string_view key, std::string_view bytes) {
  Digest digest;
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
       digest.data(), &size);
  return BytesOf(digest, size);
}

absl::StatusOr<std::string> RandomBytes(size_t count) {
  std::string bytes(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()),
                 static_cast<int>(count)) != 1) {
    return absl::UnavailableError("no random numbers can be had");
  }
  return bytes;
}

}  // namespace loyalty::base
