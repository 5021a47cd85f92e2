// SPDX-License-Identifier: Apache-2.0
//
// See number_lists.h.
#include "wire/number_lists.h"

#include <simdjson.h>

#include <array>
#include <charconv>

namespace loyalty::wire {
namespace {

bool TakeEach(simdjson::dom::array list, std::vector<int64_t>& numbers) {
  numbers.reserve(list.size());
  for (const simdjson::dom::element one : list) {
    if (one.get_int64().get(numbers.emplace_back()) != simdjson::SUCCESS) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool ParseList(std::string_view text, simdjson::dom::array& list) {
  // The parser reads beyond the end: in memory that is kept for it.
  static thread_local simdjson::dom::parser parser;
  static thread_local std::string padded;
  padded.assign(text);
  padded.append(simdjson::SIMDJSON_PADDING, '\0');
  constexpr bool kCopies = false;
  return parser.parse(padded.data(), text.size(), kCopies)
             .get_array()
             .get(list) == simdjson::SUCCESS;
}

NumberWriter& NumberWriter::operator<<(int64_t number) {
  std::array<char, 24> bytes;
  char* end = bytes.data();
  if (text_.back() != '[') *end++ = ',';
  end = std::to_chars(end, bytes.data() + bytes.size(), number).ptr;
  text_.append(bytes.data(), static_cast<size_t>(end - bytes.data()));
  return *this;
}

bool TakeNumbers(std::string_view text, std::vector<int64_t>& numbers) {
  simdjson::dom::array list;
  return ParseList(text, list) && TakeEach(list, numbers);
}

bool TakeNumberLists(std::string_view text,
                     std::vector<std::vector<int64_t>>& lists) {
  simdjson::dom::array list;
  if (!ParseList(text, list)) return false;
  for (const simdjson::dom::element one : list) {
    simdjson::dom::array inner;
    if (one.get_array().get(inner) != simdjson::SUCCESS ||
        !TakeEach(inner, lists.emplace_back())) {
      return false;
    }
  }
  return true;
}

}  // namespace loyalty::wire
