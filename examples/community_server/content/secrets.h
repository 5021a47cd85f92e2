// SPDX-License-Identifier: Apache-2.0
//
// Secrets: what of passwords and tokens is kept, and how they are compared.
#ifndef COMMUNITY_CONTENT_SECRETS_H_
#define COMMUNITY_CONTENT_SECRETS_H_

#include <string>
#include <string_view>

namespace community {

// So many random bytes, as twice as many digits 0 to f.
std::string RandomHex(size_t bytes);

// As 64 digits 0 to f. For tokens only, which nobody can guess: a password
// would be found by trying.
std::string Sha256(std::string_view text);

// In a time that says nothing about where they differ.
bool SameSecret(std::string_view a, std::string_view b);

// scrypt, with a salt of its own: "scrypt$16384$8$1$SALT$HASH". At most two at
// a time, in all threads together: each takes 16 MiB and a core.
std::string PasswordHash(std::string_view password);
// Takes as long for "", the hash of nobody, which no password has.
bool IsPassword(std::string_view password, const std::string& hash);

}  // namespace community

#endif  // COMMUNITY_CONTENT_SECRETS_H_
