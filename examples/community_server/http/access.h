// SPDX-License-Identifier: Apache-2.0
//
// Access: who calls, by the bearer token of the request. Members have tokens
// from signing in, machines those that the host was started with. Of all of
// them only hashes are kept, here and on disk.
#ifndef COMMUNITY_HTTP_ACCESS_H_
#define COMMUNITY_HTTP_ACCESS_H_

#include <string>
#include <string_view>
#include <vector>

#include "content/content.h"

namespace community {

// What a caller may do. A route names those of which one is enough.
enum Grant : unsigned {
  kNobody = 0,
  kMember = 1,   // act and look as the member who signed in
  kRead = 2,     // look at everything
  kWrite = 4,    // send events
  kAdmin = 8,    // the rest
  kSigned = 16,  // nobody's: what is sent bears a signature, which its handler
                 // checks
};

struct Caller {
  unsigned grants = kNobody;
  std::string member = {};  // who signed in; "" for a machine
  std::string token_hash = {};

  bool Has(unsigned any_of) const { return (grants & any_of) != 0; }
};

// Tokens of machines, in the clear or as "sha256:" and 64 digits; "": none.
struct MachineTokens {
  std::string read = {};
  std::string write = {};
  std::string admin = {};
};

// Thread-safe.
class Access {
 public:
  // THROWS: std::invalid_argument for a token that is too short to be one.
  Access(const MachineTokens& tokens, const Content& content);

  // Who has the token; nobody, for one that is unknown or no longer good.
  Caller Of(std::string_view bearer) const;

 private:
  struct Machine {
    std::string hash;
    unsigned grants;
  };
  std::vector<Machine> machines_;
  const Content& content_;
};

}  // namespace community

#endif  // COMMUNITY_HTTP_ACCESS_H_
