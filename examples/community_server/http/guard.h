// SPDX-License-Identifier: Apache-2.0
//
// Guard: what is refused before anybody asks who calls. A page elsewhere on the
// web can make a browser send requests to this server: from a name that an
// attacker has pointed at it (DNS rebinding), or with a form (CSRF). So the
// Host has to be one of ours, what changes something has to come from a page of
// ours or from no page, and bodies have to be JSON, which no form sends.
#ifndef COMMUNITY_HTTP_GUARD_H_
#define COMMUNITY_HTTP_GUARD_H_

#include <httplib.h>

#include <set>
#include <string>

namespace community {

class Guard {
 public:
  // Names that a Host may have, besides those of loopback, in lower case.
  explicit Guard(std::set<std::string> hosts);

  // THROWS: 403 for a foreign Host, or a write from a foreign page.
  void CheckOrigin(const httplib::Request& request) const;

  // THROWS: 411, 413, 415 for a body that is not one of the `types`, is too
  // long, compressed, or of unknown length.
  static void CheckBody(const httplib::Request& request,
                        const std::set<std::string>& types);

  // What a browser is told to hold our pages to.
  static httplib::Headers SafeHeaders();

 private:
  bool IsOurs(const std::string& host_and_port) const;

  std::set<std::string> hosts_;
};

// "application/json" of "application/json; charset=utf-8".
std::string TypeOf(const httplib::Request& request);

}  // namespace community

#endif  // COMMUNITY_HTTP_GUARD_H_
