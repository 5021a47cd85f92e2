// SPDX-License-Identifier: Apache-2.0
//
// See certificates.h.
#include "server/certificates.h"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <utility>

namespace community {
namespace {

constexpr long kAgo = -3600;

// Writes to the file what `write` does.
template <typename Write>
void WritePem(const std::string& path, Write write) {
  FILE* const file = std::fopen(path.c_str(), "wb");
  ASSERT_NE(file, nullptr) << path;
  EXPECT_EQ(write(file), 1) << path;
  std::fclose(file);
}

void SetName(X509_NAME* name, const std::string& text) {
  X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(text.c_str()), -1, -1, 0);
}

void AddExtension(X509* certificate, int what, const std::string& value) {
  X509_EXTENSION* const extension =
      X509V3_EXT_conf_nid(nullptr, nullptr, what, value.c_str());
  ASSERT_NE(extension, nullptr) << value;
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

Authority::Authority(std::string folder, std::string name)
    : path_(std::move(folder) + "/" + name),
      name_(std::move(name)),
      key_(EVP_EC_gen("P-256"), EVP_PKEY_free),
      own_(nullptr, X509_free),
      file_(path_ + ".pem") {
  own_ = Sign(key_.get(), name_, "", 24 * 3600);
  WritePem(file_, [&](FILE* file) { return PEM_write_X509(file, own_.get()); });
}

Certificate Authority::Issue(const std::string& host, long seconds) {
  const std::string path = path_ + "-" + std::to_string(++issued_);
  const Certificate issued{.certificate = path + ".pem", .key = path + ".key"};
  const Key key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const Signed certificate = Sign(key.get(), host, "DNS:" + host, seconds);
  WritePem(issued.certificate,
           [&](FILE* file) { return PEM_write_X509(file, certificate.get()); });
  WritePem(issued.key, [&](FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr,
                                nullptr);
  });
  return issued;
}

Authority::Signed Authority::Sign(EVP_PKEY* key, const std::string& subject,
                                  const std::string& alternative,
                                  long seconds) {
  Signed certificate(X509_new(), X509_free);
  X509* const made = certificate.get();
  X509_set_version(made, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made), issued_ + 1);
  X509_gmtime_adj(X509_getm_notBefore(made), kAgo);
  X509_gmtime_adj(X509_getm_notAfter(made), kAgo + seconds);
  SetName(X509_get_subject_name(made), subject);
  SetName(X509_get_issuer_name(made), name_);
  X509_set_pubkey(made, key);
  AddExtension(made, NID_basic_constraints,
               alternative.empty() ? "critical,CA:TRUE" : "CA:FALSE");
  if (!alternative.empty()) {
    AddExtension(made, NID_subject_alt_name, alternative);
  }
  EXPECT_GT(X509_sign(made, key_.get(), EVP_sha256()), 0);
  return certificate;
}

}  // namespace community
