// SPDX-License-Identifier: Apache-2.0
//
// See json_text.h.
#include "http/json_text.h"

#include <charconv>

#include "http/json.h"

namespace community {
namespace {

// Whether it stands between quotes as it is. All of it is looked at, as that
// takes less than to stop early.
bool IsPlain(std::string_view text) {
  bool is_odd = false;
  for (const char c : text) {
    is_odd |= c < ' ' || c == 0x7f || c == '"' || c == '\\';
  }
  return !is_odd;
}

}  // namespace

void JsonText::Key(std::string_view name) {
  Value(name);
  text_ += ':';
  is_first_ = true;
}

void JsonText::Value(std::string_view text) {
  Separate();
  if (!IsPlain(text)) {
    text_ += Text(Json(text));
    return;
  }
  text_ += '"';
  text_ += text;
  text_ += '"';
}

void JsonText::Value(int64_t number) {
  Separate();
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  text_.append(digits, end);
}

void JsonText::Open(char bracket) {
  Separate();
  text_ += bracket;
  is_first_ = true;
}

void JsonText::Close(char bracket) {
  text_ += bracket;
  is_first_ = false;
}

void JsonText::Separate() {
  if (!is_first_) text_ += ',';
  is_first_ = false;
}

void JsonText::Write(std::string_view word) {
  Separate();
  text_ += word;
}

}  // namespace community
