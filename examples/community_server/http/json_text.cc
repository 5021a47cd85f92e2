// SPDX-License-Identifier: Apache-2.0
//
// See json_text.h.
#include "http/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/json.h"

namespace community {
namespace {

// Whether a byte stands between quotes as it is.
constexpr std::array<bool, 256> kIsOdd = [] {
  std::array<bool, 256> is_odd = {};
  for (int byte = 0; byte < 256; ++byte) {
    is_odd[byte] = byte < ' ' || byte >= 0x7f || byte == '"' || byte == '\\';
  }
  return is_odd;
}();

// All of it is looked at, as that takes less than to stop early.
bool IsPlain(std::string_view text) {
  bool is_odd = false;
  for (const char c : text) is_odd |= kIsOdd[static_cast<unsigned char>(c)];
  return !is_odd;
}

}  // namespace

void JsonText::Key(std::string_view name) {
  IsPlain(name) ? Quote(name, ":") : Write(Text(Json(name)), ":");
  is_first_ = true;
}

void JsonText::Value(std::string_view text) {
  IsPlain(text) ? Quote(text, "") : Write(Text(Json(text)), "");
}

void JsonText::Value(int64_t number) {
  char digits[24];
  const char* const end =
      std::to_chars(digits, digits + sizeof digits, number).ptr;
  Write({digits, end}, "");
}

void JsonText::Open(char bracket) {
  Write({&bracket, 1}, "");
  is_first_ = true;
}

void JsonText::Close(char bracket) {
  is_first_ = true;  // no comma stands before it
  Write({&bracket, 1}, "");
}

void JsonText::Quote(std::string_view text, std::string_view behind) {
  char* to = Begin(text.size() + behind.size() + 2);
  *to++ = '"';
  to = std::copy(text.begin(), text.end(), to);
  *to++ = '"';
  End(std::copy(behind.begin(), behind.end(), to));
}

void JsonText::Write(std::string_view word, std::string_view behind) {
  char* const to = Begin(word.size() + behind.size());
  End(std::copy(behind.begin(), behind.end(),
                std::copy(word.begin(), word.end(), to)));
}

char* JsonText::Begin(size_t most) {
  if (text_.size() - size_ <= most) {
    text_.resize(2 * text_.size() + most);
  }
  char* const to = text_.data() + size_;
  *to = ',';
  return is_first_ ? to : to + 1;
}

void JsonText::End(const char* to) {
  size_ = static_cast<size_t>(to - text_.data());
  is_first_ = false;
}

}  // namespace community
