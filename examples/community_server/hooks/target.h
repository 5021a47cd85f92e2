// SPDX-License-Identifier: Apache-2.0
//
// Where webhooks may go. Whoever may name a URL could otherwise have this
// server call what only this server reaches: the machine itself, the network
// behind it, a cloud's metadata.
#ifndef COMMUNITY_HOOKS_TARGET_H_
#define COMMUNITY_HOOKS_TARGET_H_

#include <set>
#include <string>

namespace community {

// A URL taken apart.
struct Target {
  bool is_tls = false;
  std::string host = {};  // without brackets
  int port = 0;
  std::string path = {};  // with its query

  // "host:port", as in a list of those that are allowed.
  std::string Name() const;
};

// THROWS: Refusal 400 for what is no http or https URL, or names a user.
Target TargetOf(const std::string& url);

// The address to connect to, of what the host's name means now: it has to be
// used as it is, as the name may mean another the next time.
//
// With `allowed` ("host" or "host:port") these alone may be targets, wherever
// they are. Without, all that are public, by https.
//
// THROWS: Refusal 400 for what may not be a target, 503 if nothing is known of
//         the name.
std::string AddressToCall(const Target& target,
                          const std::set<std::string>& allowed);

// Whether an address is on the public internet; false for what is none.
bool IsPublicAddress(const std::string& address);

}  // namespace community

#endif  // COMMUNITY_HOOKS_TARGET_H_
