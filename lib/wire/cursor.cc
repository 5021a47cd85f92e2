// SPDX-License-Identifier: Apache-2.0
//
// See cursor.h.
#include "wire/cursor.h"

#include <algorithm>

#include "base/utf8.h"

namespace loyalty::wire {
namespace {

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

// How long the code point at the front of `text` says it is.
size_t SaidLength(std::string_view text) {
  const auto lead = static_cast<uint8_t>(text[0]);
  const size_t said = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(said, text.size());
}

}  // namespace

std::string Cursor::Found() const {
  if (AtEnd()) return "the end of the text";
  if (Peek() == '\n' || Peek() == '\r') return "the end of the line";
  const std::string_view rest = text_.substr(offset_);
  return Quoted(rest.substr(0, SaidLength(rest)));
}

std::optional<SyntaxError> NotText(std::string_view text) {
  if (base::IsUtf8(text) && text.find('\0') == text.npos) return std::nullopt;
  Cursor cursor(text);
  while (!cursor.AtEnd()) {
    const std::string_view rest = text.substr(cursor.offset());
    const size_t length = SaidLength(rest);
    if (rest[0] == '\0') {
      return SyntaxError{cursor.place(), cursor.offset(), "a NUL character"};
    }
    if (!base::IsUtf8(rest.substr(0, length))) {
      return SyntaxError{cursor.place(), cursor.offset(), "not UTF-8"};
    }
    cursor.Take(length);
  }
  return std::nullopt;
}

std::string Quoted(std::string_view text) {
  constexpr size_t kLongest = 60;
  const bool cut = text.size() > kLongest;
  if (cut) {
    size_t end = kLongest;
    while (end > 0 && IsContinuation(text[end])) --end;
    text = text.substr(0, end);
  }
  const bool utf8 = base::IsUtf8(text);
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    const bool shown = byte >= 0x20 && byte != 0x7F && (byte < 0x80 || utf8);
    quoted += shown ? c : '?';
  }
  return quoted + (cut ? "...\"" : "\"");
}

void AppendCodePoint(uint32_t code_point, std::string& out) {
  const auto add = [&out](uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    add(code_point);
  } else if (code_point < 0x800) {
    add(0xC0 | code_point >> 6);
    add(0x80 | (code_point & 0x3F));
  } else if (code_point < 0x10000) {
    add(0xE0 | code_point >> 12);
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  } else {
    add(0xF0 | code_point >> 18);
    add(0x80 | (code_point >> 12 & 0x3F));
    add(0x80 | (code_point >> 6 & 0x3F));
    add(0x80 | (code_point & 0x3F));
  }
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace loyalty::wire
