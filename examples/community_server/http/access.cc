// SPDX-License-Identifier: Apache-2.0
//
// See access.h.
#include "http/access.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "content/secrets.h"

namespace community {
namespace {

constexpr size_t kShortestToken = 24;
constexpr std::string_view kHashed = "sha256:";

std::string HashOf(const std::string& token, const char* name) {
  if (token.starts_with(kHashed)) {
    const std::string hash = token.substr(kHashed.size());
    const bool is_hash =
        hash.size() == 64 &&
        hash.find_first_not_of("0123456789abcdef") == std::string::npos;
    if (!is_hash) {
      throw std::invalid_argument(
          std::string("the ") + name +
          " token has \"sha256:\" and then no 64 digits 0 to f; make one with\n"
          "  printf %s \"$TOKEN\" | sha256sum");
    }
    return hash;
  }
  if (token.size() < kShortestToken) {
    throw std::invalid_argument(std::string("the ") + name +
                                " token is shorter than " +
                                std::to_string(kShortestToken) +
                                " characters; make one with\n"
                                "  openssl rand -hex 32");
  }
  return Sha256(token);
}

}  // namespace

Access::Access(const MachineTokens& tokens, const Content& content)
    : content_(content) {
  const auto add = [&](const std::string& token, const char* name,
                       unsigned grants) {
    if (!token.empty()) machines_.push_back({HashOf(token, name), grants});
  };
  add(tokens.read, "read", kRead);
  add(tokens.write, "write", kWrite);
  add(tokens.admin, "admin", kRead | kWrite | kAdmin);
  for (const Machine& a : machines_) {
    for (const Machine& b : machines_) {
      if (&a != &b && a.hash == b.hash) {
        throw std::invalid_argument(
            "two of the tokens are the same; each has to be another one");
      }
    }
  }
}

Caller Access::Of(std::string_view bearer) const {
  Caller caller;
  if (bearer.empty()) return caller;
  caller.token_hash = Sha256(bearer);
  // All of them, in constant time each, whichever it is.
  for (const Machine& machine : machines_) {
    if (SameSecret(machine.hash, caller.token_hash)) {
      caller.grants |= machine.grants;
    }
  }
  if (caller.grants != kNobody) return caller;
  const std::optional<Session> session =
      content_.FindSession(caller.token_hash);
  if (!session.has_value()) return caller;
  caller.member = session->member;
  caller.grants = kMember | (session->is_admin ? kRead | kAdmin : kNobody);
  return caller;
}

}  // namespace community
