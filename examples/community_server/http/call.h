// SPDX-License-Identifier: Apache-2.0
//
// Call: a request and its answer, as the one who handles it sees them; and the
// answer of no.
#ifndef COMMUNITY_HTTP_CALL_H_
#define COMMUNITY_HTTP_CALL_H_

#include <httplib.h>

#include <cstdint>
#include <string>
#include <vector>

#include "http/access.h"
#include "http/json.h"

namespace community {

struct Call {
  const httplib::Request& request;
  httplib::Response& response;
  Caller caller = {};
  std::vector<std::string> names = {};  // what stood for each {..} of the path

  // Of the query; "" if it is not there.
  std::string Asked(const std::string& name) const {
    return request.get_param_value(name);
  }
  // Of the query, a whole number from `least` to `most`. THROWS: 400.
  int64_t AskedNumber(const std::string& name, int64_t least, int64_t otherwise,
                      int64_t most) const;
  Json Body() const { return ReadObject(request.body); }
  void Answer(const Json& body, int status = 200) const;
  // With 200, and JSON that is text already.
  void AnswerText(std::string json) const;
};

// The answer of no: problem details, RFC 9457.
void AnswerProblem(httplib::Response& response, int status,
                   const std::string& detail,
                   const Json& more = Json::object());

}  // namespace community

#endif  // COMMUNITY_HTTP_CALL_H_
