// SPDX-License-Identifier: Apache-2.0
//
// See sealing.h.
#include "base/sealing.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <openssl/evp.h>

#include <memory>

#include "base/digest.h"

namespace loyalty::base {
namespace {

constexpr size_t kNonceBytes = 12;
constexpr size_t kTagBytes = 16;

using Context = std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)>;

const unsigned char* In(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* Out(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

// Nobody needs to have both uses of one key in mind.
std::string Derived(std::string_view key, std::string_view use) {
  return HmacSha256(key, use);
}

Context Begun(std::string_view key, std::string_view nonce, bool seals) {
  Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  if (context == nullptr ||
      EVP_CipherInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, In(key),
                        In(nonce), seals ? 1 : 0) != 1) {
    return Context(nullptr, EVP_CIPHER_CTX_free);
  }
  return context;
}

}  // namespace

absl::StatusOr<std::string> Seal(std::string_view key, std::string_view text) {
  const std::string cipher_key = Derived(key, "cipher");
  const std::string nonce =
      HmacSha256(Derived(key, "nonce"), text).substr(0, kNonceBytes);
  if (cipher_key.size() != 32 || nonce.size() != kNonceBytes) {
    return absl::InternalError("libcrypto has no HMAC-SHA-256");
  }
  const Context context = Begun(cipher_key, nonce, true);
  std::string hidden(text.size(), '\0');
  std::string tag(kTagBytes, '\0');
  int size = 0;
  if (context == nullptr ||
      EVP_CipherUpdate(context.get(), Out(hidden), &size, In(text),
                       static_cast<int>(text.size())) != 1 ||
      EVP_CipherFinal_ex(context.get(), Out(hidden) + size, &size) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                          tag.data()) != 1) {
    return absl::InternalError("libcrypto could not seal a text");
  }
  return absl::StrCat(nonce, hidden, tag);
}

absl::StatusOr<std::string> Unseal(std::string_view key,
                                   std::string_view sealed) {
  const auto error = [] {
    return absl::DataLossError(
        "what was sealed cannot be read: the key is another, or it was "
        "changed");
  };
  if (sealed.size() < kNonceBytes + kTagBytes) return error();
  const std::string_view nonce = sealed.substr(0, kNonceBytes);
  const std::string_view hidden =
      sealed.substr(kNonceBytes, sealed.size() - kNonceBytes - kTagBytes);
  std::string tag(sealed.substr(sealed.size() - kTagBytes));
  const std::string cipher_key = Derived(key, "cipher");
  if (cipher_key.size() != 32) return error();
  const Context context = Begun(cipher_key, nonce, false);
  std::string text(hidden.size(), '\0');
  int size = 0;
  if (context == nullptr ||
      EVP_CipherUpdate(context.get(), Out(text), &size, In(hidden),
                       static_cast<int>(hidden.size())) != 1 ||
      EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes,
                          tag.data()) != 1 ||
      EVP_CipherFinal_ex(context.get(), Out(text) + size, &size) != 1) {
    return error();
  }
  return text;
}

}  // namespace loyalty::base
