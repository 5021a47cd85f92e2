// SPDX-License-Identifier: Apache-2.0
//
// See digest.h.
#include "base/digest.h"

#include <absl/status/status.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <memory>

namespace loyalty::base {
namespace {

using Digest = std::array<unsigned char, EVP_MAX_MD_SIZE>;

std::string BytesOf(const Digest& digest, unsigned int size) {
  return {reinterpret_cast<const char*>(digest.data()), size};
}

}  // namespace

std::string Sha256(std::string_view bytes) {
  // Looking the algorithm up takes longer than hashing a few hundred bytes.
  static const EVP_MD* const algorithm =
      EVP_MD_fetch(nullptr, "SHA256", nullptr);
  static thread_local const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)>
      context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  Digest digest;
  unsigned int size = 0;
  EVP_DigestInit_ex(context.get(), algorithm, nullptr);
  EVP_DigestUpdate(context.get(), bytes.data(), bytes.size());
  EVP_DigestFinal_ex(context.get(), digest.data(), &size);
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
