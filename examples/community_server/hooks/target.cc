// SPDX-License-Identifier: Apache-2.0
//
// See target.h.
#include "hooks/target.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <memory>
#include <vector>

#include "http/json.h"

namespace community {
namespace {

constexpr size_t kLongestUrl = 2048;

struct Network {
  std::array<unsigned char, 4> first;
  unsigned bits;
};

// All of IANA's registry of special addresses that nobody on the internet has,
// multicast, and what is reserved.
constexpr Network kSpecial[] = {
    {{0, 0, 0, 0}, 8},      {{10, 0, 0, 0}, 8},     {{100, 64, 0, 0}, 10},
    {{127, 0, 0, 0}, 8},    {{169, 254, 0, 0}, 16}, {{172, 16, 0, 0}, 12},
    {{192, 0, 0, 0}, 24},   {{192, 0, 2, 0}, 24},   {{192, 88, 99, 0}, 24},
    {{192, 168, 0, 0}, 16}, {{198, 18, 0, 0}, 15},  {{198, 51, 100, 0}, 24},
    {{203, 0, 113, 0}, 24}, {{224, 0, 0, 0}, 3},
};

bool IsPublic4(const unsigned char* address) {
  const auto number = [](const unsigned char* a) {
    return uint32_t{a[0]} << 24 | uint32_t{a[1]} << 16 | uint32_t{a[2]} << 8 |
           uint32_t{a[3]};
  };
  for (const Network& network : kSpecial) {
    const uint32_t mask = ~uint32_t{0} << (32 - network.bits);
    if ((number(address) & mask) == number(network.first.data())) return false;
  }
  return true;
}

bool IsPublic6(const unsigned char* address) {
  constexpr unsigned char kMapped[12] = {0, 0, 0, 0, 0,    0,
                                         0, 0, 0, 0, 0xFF, 0xFF};
  if (std::memcmp(address, kMapped, sizeof kMapped) == 0) {
    return IsPublic4(address + 12);
  }
  // What is global is 2000::/3, but for protocols (2001::/23), documentation
  // (2001:db8::/32, 3fff::/20) and what leads to any IPv4 address (2002::/16).
  const unsigned first = unsigned{address[0]} << 8 | address[1];
  const unsigned second = unsigned{address[2]} << 8 | address[3];
  if ((first & 0xE000) != 0x2000) return false;
  if (first == 0x2001 && (second < 0x0200 || second == 0x0DB8)) return false;
  if (first == 0x3FFF && (second & 0xF000) == 0) return false;
  return first != 0x2002;
}

// All that the name means. Numbers are addresses in any of their spellings, as
// 2130706433 and 0x7f.1 are of loopback.
std::vector<std::string> AddressesOf(const std::string& host) {
  addrinfo hints = {};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> all(found,
                                                               freeaddrinfo);
  std::vector<std::string> addresses;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    char text[NI_MAXHOST] = {};
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr,
                    0, NI_NUMERICHOST) == 0) {
      addresses.emplace_back(text);
    }
  }
  return addresses;
}

[[noreturn]] void RefuseUrl(const std::string& what) {
  throw Refusal(400, "\"url\" " + what, {{"field", "url"}});
}

}  // namespace

std::string Target::Name() const { return host + ":" + std::to_string(port); }

Target TargetOf(const std::string& url) {
  Target target;
  std::string_view rest = url;
  if (rest.starts_with("https://")) {
    target.is_tls = true;
  } else if (!rest.starts_with("http://")) {
    RefuseUrl("has to begin with https:// or http://");
  }
  rest.remove_prefix(rest.find("//") + 2);
  if (url.size() > kLongestUrl) RefuseUrl("is too long");
  for (const char c : url) {
    if (static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '\\' ||
        c == '#' || (c & 0x80) != 0) {
      RefuseUrl("may not have blanks, controls, \\, # or letters beyond ASCII");
    }
  }
  const size_t end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view authority = rest.substr(0, end);
  target.path = std::string(rest.substr(end));
  if (!target.path.starts_with('/')) target.path.insert(0, "/");
  if (authority.find('@') != authority.npos) RefuseUrl("may not name a user");
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.rfind(':');
  target.port = target.is_tls ? 443 : 80;
  if (colon != authority.npos &&
      (bracket == authority.npos || colon > bracket)) {
    if (!absl::SimpleAtoi(std::string(authority.substr(colon + 1)),
                          &target.port) ||
        target.port < 1 || target.port > 65535) {
      RefuseUrl("has to have a port from 1 to 65535");
    }
    authority = authority.substr(0, colon);
  }
  if (authority.starts_with('[') && authority.ends_with(']')) {
    authority = authority.substr(1, authority.size() - 2);
  } else if (authority.find_first_of("[]:%") != authority.npos) {
    RefuseUrl("has to name a host");
  }
  target.host = absl::AsciiStrToLower(std::string(authority));
  if (target.host.empty() || target.host.find('%') != std::string::npos) {
    RefuseUrl("has to name a host");
  }
  return target;
}

std::string AddressToCall(const Target& target,
                          const std::set<std::string>& allowed) {
  const bool is_allowed =
      allowed.contains(target.host) || allowed.contains(target.Name());
  if (!allowed.empty() && !is_allowed) {
    RefuseUrl("has to be one of those that the server was started with: " +
              target.Name() + " is not");
  }
  if (!is_allowed && !target.is_tls) {
    RefuseUrl("has to begin with https://");
  }
  const std::vector<std::string> addresses = AddressesOf(target.host);
  if (addresses.empty()) {
    throw Refusal(503, "nothing is known of the host " + target.host);
  }
  // All of them: one that is not public is an attempt, or a mistake.
  for (const std::string& address : addresses) {
    if (is_allowed || IsPublicAddress(address)) continue;
    RefuseUrl("leads to " + address +
              ", which is not on the public internet; start the server with "
              "--webhook-host " +
              target.Name() + " if it should be called");
  }
  return addresses[0];
}

bool IsPublicAddress(const std::string& address) {
  unsigned char bytes[16] = {};
  if (inet_pton(AF_INET, address.c_str(), bytes) == 1) return IsPublic4(bytes);
  // One with a scope ("fe80::1%eth0") is no address here, and not public.
  return inet_pton(AF_INET6, address.c_str(), bytes) == 1 && IsPublic6(bytes);
}

}  // namespace community
