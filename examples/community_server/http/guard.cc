// SPDX-License-Identifier: Apache-2.0
//
// See guard.h.
#include "http/guard.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>

#include <utility>

#include "http/json.h"

namespace community {
namespace {

std::string WithoutPort(const std::string& host_and_port) {
  const size_t colon = host_and_port.rfind(':');
  const size_t bracket = host_and_port.rfind(']');
  const bool has_port = colon != std::string::npos &&
                        (bracket == std::string::npos || bracket < colon);
  return has_port ? host_and_port.substr(0, colon) : host_and_port;
}

bool OnlyReads(const std::string& method) {
  return method == "GET" || method == "HEAD";
}

}  // namespace

std::string TypeOf(const httplib::Request& request) {
  const std::string type = request.get_header_value("Content-Type");
  return absl::AsciiStrToLower(
      std::string(absl::StripAsciiWhitespace(type.substr(0, type.find(';')))));
}

Guard::Guard(std::set<std::string> hosts) : hosts_(std::move(hosts)) {
  hosts_.insert({"localhost", "127.0.0.1", "[::1]"});
}

bool Guard::IsOurs(const std::string& host_and_port) const {
  return hosts_.contains(absl::AsciiStrToLower(WithoutPort(host_and_port)));
}

void Guard::CheckOrigin(const httplib::Request& request) const {
  if (request.get_header_value_count("Host") != 1 ||
      !IsOurs(request.get_header_value("Host"))) {
    throw Refusal(403,
                  "this server does not go by that Host; start it with "
                  "--host NAME if it should");
  }
  if (OnlyReads(request.method)) return;
  // Absent from what is no browser; "none" is a person who typed the address.
  const std::string site = request.get_header_value("Sec-Fetch-Site");
  if (!site.empty() && site != "same-origin" && site != "none") {
    throw Refusal(403, "a page of another site may not change anything here");
  }
  if (!request.has_header("Origin")) return;
  const std::string origin = request.get_header_value("Origin");
  const size_t scheme = origin.find("://");
  // Not only one of our names: the very one that was called, port and all.
  if (scheme == std::string::npos ||
      absl::AsciiStrToLower(origin.substr(scheme + 3)) !=
          absl::AsciiStrToLower(request.get_header_value("Host"))) {
    throw Refusal(403, "a page of another origin may not change anything here");
  }
}

void Guard::CheckBody(const httplib::Request& request,
                      const std::set<std::string>& types) {
  if (request.has_header("Transfer-Encoding")) {
    throw Refusal(411, "a body has to come with its Content-Length");
  }
  const std::string text = request.get_header_value("Content-Length");
  uint64_t length = 0;
  if (request.get_header_value_count("Content-Length") > 1 ||
      (!text.empty() && !absl::SimpleAtoi(text, &length))) {
    throw Refusal(400, "Content-Length has to be one number");
  }
  if (length > kMostBodyBytes) {
    throw Refusal(413, "a body may have " + std::to_string(kMostBodyBytes) +
                           " bytes at most");
  }
  if (types.empty()) {
    if (length > 0)
      throw Refusal(413, "there is nothing to say in a body here");
    return;
  }
  if (request.has_header("Content-Encoding")) {
    throw Refusal(415, "a body may not be compressed");
  }
  if (!types.contains(TypeOf(request))) {
    std::string all;
    for (const std::string& type : types) {
      all += (all.empty() ? "" : " or ") + type;
    }
    throw Refusal(415, "the Content-Type has to be " + all);
  }
  // A CloudEvent in binary mode is its headers, and may have no data.
  if (length == 0 && !request.has_header("ce-specversion")) {
    throw Refusal(400, "the body is missing");
  }
}

httplib::Headers Guard::SafeHeaders() {
  return {
      {"Content-Security-Policy",
       "default-src 'none'; script-src 'self'; style-src 'self'; "
       "img-src 'self'; font-src 'self'; connect-src 'self'; "
       "manifest-src 'self'; base-uri 'none'; form-action 'none'; "
       "frame-ancestors 'none'"},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "no-referrer"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"X-Frame-Options", "DENY"},
  };
}

}  // namespace community
