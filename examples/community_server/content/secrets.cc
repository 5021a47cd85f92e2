// SPDX-License-Identifier: Apache-2.0
//
// See secrets.h.
#include "content/secrets.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_split.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <semaphore>
#include <stdexcept>
#include <vector>

namespace community {
namespace {

constexpr uint64_t kCost = 16384;
constexpr uint64_t kBlock = 8;
constexpr uint64_t kParallel = 1;
constexpr size_t kHashBytes = 32;

std::counting_semaphore<2> scrypts(2);

std::string Scrypt(std::string_view password, const std::string& salt) {
  std::array<unsigned char, kHashBytes> hash = {};
  scrypts.acquire();
  const int done = EVP_PBE_scrypt(
      password.data(), password.size(),
      reinterpret_cast<const unsigned char*>(salt.data()), salt.size(), kCost,
      kBlock, kParallel, size_t{64} << 20, hash.data(), hash.size());
  scrypts.release();
  if (done != 1) throw std::runtime_error("scrypt has no memory");
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(hash.data()), hash.size()});
}

std::string Written(const std::string& salt, const std::string& hash) {
  return "scrypt$" + std::to_string(kCost) + "$" + std::to_string(kBlock) +
         "$" + std::to_string(kParallel) + "$" + salt + "$" + hash;
}

}  // namespace

std::string RandomHex(size_t bytes) {
  std::string random(bytes, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(random.data()),
                 static_cast<int>(bytes)) != 1) {
    throw std::runtime_error("the system has no random bytes");
  }
  return absl::BytesToHexString(random);
}

std::string Sha256(std::string_view text) {
  // To look it up takes longer than to hash a token.
  static const EVP_MD* const kSha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::array<unsigned char, SHA256_DIGEST_LENGTH> hash = {};
  if (EVP_Digest(text.data(), text.size(), hash.data(), nullptr, kSha256,
                 nullptr) != 1) {
    throw std::runtime_error("SHA-256 cannot be computed");
  }
  return absl::BytesToHexString(
      {reinterpret_cast<const char*>(hash.data()), hash.size()});
}

bool SameSecret(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string PasswordHash(std::string_view password) {
  const std::string salt = RandomHex(16);
  return Written(salt, Scrypt(password, salt));
}

bool IsPassword(std::string_view password, const std::string& hash) {
  const std::vector<std::string> parts = absl::StrSplit(hash, '$');
  const bool is_hash = parts.size() == 6;
  const std::string salt = is_hash ? parts[4] : "nobody";
  const std::string written = Written(salt, Scrypt(password, salt));
  return is_hash && SameSecret(written, hash);
}

}  // namespace community
