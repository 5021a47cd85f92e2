// SPDX-License-Identifier: Apache-2.0
//
// JSON lists of integers, which SQL can take apart.
#ifndef LOYALTY_LIB_WIRE_NUMBER_LISTS_H_
#define LOYALTY_LIB_WIRE_NUMBER_LISTS_H_

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::wire {

// Begins a list behind `text`, and adds to it; the caller ends it with "]".
class NumberWriter {
 public:
  explicit NumberWriter(std::string& text) : text_(text) { text_ += '['; }
  NumberWriter& operator<<(int64_t number);

 private:
  std::string& text_;
};

// False if `text` is no JSON list. `list` holds until the thread's next call.
bool ParseList(std::string_view text, simdjson::dom::array& list);

// "[1,2]", and "[[1,2],[3]]". False if the text is no such list.
bool TakeNumbers(std::string_view text, std::vector<int64_t>& numbers);
bool TakeNumberLists(std::string_view text,
                     std::vector<std::vector<int64_t>>& lists);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_NUMBER_LISTS_H_
