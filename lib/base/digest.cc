// SPDX-License-Identifier: Apache-2.0
//
// See digest.h.
#include "base/digest.h"

#include <absl/status/status.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
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
  // Likewise.
  static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  static thread_local const std::unique_ptr<EVP_MAC_CTX, void (*)(EVP_MAC_CTX*)>
      context(EVP_MAC_CTX_new(algorithm), EVP_MAC_CTX_free);
  static thread_local const bool knows_hash = [] {
    std::string name = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, name.data(), 0),
        OSSL_PARAM_construct_end()};
    return EVP_MAC_CTX_set_params(context.get(), parameters.data()) == 1;
  }();
  Digest digest;
  size_t size = 0;
  if (knows_hash) {
    EVP_MAC_init(context.get(),
                 reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                 nullptr);
    EVP_MAC_update(context.get(),
                   reinterpret_cast<const unsigned char*>(bytes.data()),
                   bytes.size());
    EVP_MAC_final(context.get(), digest.data(), &size, digest.size());
  }
  return BytesOf(digest, static_cast<unsigned int>(size));
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
