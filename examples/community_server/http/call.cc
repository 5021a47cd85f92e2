// SPDX-License-Identifier: Apache-2.0
//
// See call.h.
#include "http/call.h"

#include <absl/strings/numbers.h>

#include <utility>

namespace community {
namespace {

const char* TitleOf(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 409: return "Conflict";
    case 411: return "Length Required";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 415: return "Unsupported Media Type";
    case 416: return "Range Not Satisfiable";
    case 429: return "Too Many Requests";
    case 503: return "Service Unavailable";
    default: return status < 500 ? "Bad Request" : "Internal Server Error";
  }
}

}  // namespace

int64_t Call::AskedNumber(const std::string& name, int64_t least,
                          int64_t otherwise, int64_t most) const {
  if (!request.has_param(name)) return otherwise;
  int64_t number = 0;
  if (!absl::SimpleAtoi(Asked(name), &number) || number < least ||
      number > most) {
    throw Refusal(400, "\"" + name + "\" has to be a whole number from " +
                           std::to_string(least) + " to " +
                           std::to_string(most));
  }
  return number;
}

void Call::Answer(const Json& body, int status) const {
  response.status = status;
  if (status == 204) return;
  response.set_header("Cache-Control", "no-store");
  response.set_content(Text(body), "application/json");
}

void Call::AnswerText(std::string json) const {
  response.status = 200;
  response.set_header("Cache-Control", "no-store");
  response.body = std::move(json);
  response.set_header("Content-Type", "application/json");
}

void AnswerProblem(httplib::Response& response, int status,
                   const std::string& detail, const Json& more) {
  Json problem = {
      {"type", "about:blank"}, {"title", TitleOf(status)}, {"status", status}};
  if (!detail.empty()) problem["detail"] = detail;
  problem.update(more);
  response.status = status;
  if (status == 401) response.set_header("WWW-Authenticate", "Bearer");
  if (more.contains("retry_after")) {
    response.set_header("Retry-After", Text(more["retry_after"]));
  }
  response.set_header("Cache-Control", "no-store");
  response.set_content(Text(problem), "application/problem+json");
}

}  // namespace community
