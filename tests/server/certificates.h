// SPDX-License-Identifier: Apache-2.0
//
// Certificates for tests of https, by authorities that nobody else knows.
#ifndef LOYALTY_TESTS_SERVER_CERTIFICATES_H_
#define LOYALTY_TESTS_SERVER_CERTIFICATES_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>

namespace community {

// Files in PEM.
struct Certificate {
  std::string certificate = {};
  std::string key = {};
};

class Authority {
 public:
  // What it makes is in `folder`, in files whose names begin with `name`.
  Authority(std::string folder, std::string name);

  // Its own, which whoever trusts it has.
  const std::string& file() const { return file_; }

  // For that host, valid from an hour ago for so many seconds.
  Certificate Issue(const std::string& host, long seconds = 24 * 3600);

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  using Signed = std::unique_ptr<X509, decltype(&X509_free)>;

  Signed Sign(EVP_PKEY* key, const std::string& subject,
              const std::string& alternative, long seconds);

  const std::string path_;
  const std::string name_;
  Key key_;
  Signed own_;
  std::string file_;
  int issued_ = 0;
};

}  // namespace community

#endif  // LOYALTY_TESTS_SERVER_CERTIFICATES_H_
