// SPDX-License-Identifier: Apache-2.0
//
// Within this room: places in a source text, and the issues of one compilation
// as they are found.
#ifndef LOYALTY_LIB_CEL_ISSUE_LIST_H_
#define LOYALTY_LIB_CEL_ISSUE_LIST_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/cel/issue.h"

namespace loyalty::cel {

// A place in a source text, from 1; columns are code points.
struct SourcePlace {
  int line = 1;
  int column = 1;
};

SourcePlace PlaceOf(std::string_view source, size_t offset);

// The issues of one compilation: at most so many, in the order of their
// places, and one at most for each place.
class IssueList {
 public:
  IssueList(std::string_view source, size_t most)
      : source_(source), most_(most) {}

  void Add(size_t offset, std::string message, std::string suggestion = "");
  bool empty() const { return issues_.empty(); }
  bool full() const { return issues_.size() >= most_; }
  std::vector<Issue> Take();

 private:
  std::string_view source_;
  size_t most_;
  std::vector<Issue> issues_;
};

// The one of `names` that `name` is likely a misspelling of, or "".
std::string Nearest(std::string_view name,
                    const std::vector<std::string_view>& names);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_ISSUE_LIST_H_
