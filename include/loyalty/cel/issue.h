// SPDX-License-Identifier: Apache-2.0
//
// What is wrong with a source text, and where.
#ifndef LOYALTY_CEL_ISSUE_H_
#define LOYALTY_CEL_ISSUE_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace loyalty::cel {

// One thing that keeps a source text from being compiled.
struct Issue {
  size_t offset = 0;       // in bytes, from 0
  int line = 1;            // from 1
  int column = 1;          // from 1, in code points
  std::string message;     // "undeclared reference to 'event.wrds'"
  std::string suggestion;  // "did you mean 'event.words'?"; may be empty
};

// The issue as people read it: message and suggestion, the line of source, and
// a caret under the place.
//
//   ERROR: rules/vote:1:1: undeclared reference to 'event.wrds'; did you ...
//    | event.wrds > 300
//    | ^
//
// `name` says where the source is from; empty is left out. A long line is
// shown around the place only.
std::string FormatIssue(const Issue& issue, std::string_view source,
                        std::string_view name = "<input>");

}  // namespace loyalty::cel

#endif  // LOYALTY_CEL_ISSUE_H_
