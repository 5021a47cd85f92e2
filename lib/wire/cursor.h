// SPDX-License-Identifier: Apache-2.0
//
// Cursor: a place in a text that moves forward and knows its line and column.
// Also the first thing to ask of a text: is it text at all?
#ifndef LOYALTY_LIB_WIRE_CURSOR_H_
#define LOYALTY_LIB_WIRE_CURSOR_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "model/spec.h"
#include "wire/tree.h"

namespace loyalty::wire {

class Cursor {
 public:
  explicit Cursor(std::string_view text) : text_(text) {}

  bool AtEnd() const { return offset_ >= text_.size(); }
  size_t offset() const { return offset_; }
  model::Place place() const { return place_; }

  // The byte `ahead` of here; NUL past the end.
  char Peek(size_t ahead = 0) const {
    return offset_ + ahead < text_.size() ? text_[offset_ + ahead] : '\0';
  }

  bool StartsWith(std::string_view prefix) const {
    return text_.substr(offset_).starts_with(prefix);
  }

  std::string_view From(size_t begin) const {
    return text_.substr(begin, offset_ - begin);
  }

  // Moves over one byte. A line ends with its '\n'; a column is a code point.
  char Take() {
    const char taken = Peek();
    if (AtEnd()) return taken;
    ++offset_;
    if (taken == '\n') {
      ++place_.line;
      place_.column = 1;
    } else if ((static_cast<uint8_t>(taken) & 0xC0) != 0x80) {
      ++place_.column;
    }
    return taken;
  }

  void Take(size_t bytes) {
    for (size_t i = 0; i < bytes; ++i) Take();
  }

  bool TakeIf(char wanted) {
    if (AtEnd() || Peek() != wanted) return false;
    Take();
    return true;
  }

  // What is here, for a message: `"x"`, "the end of the text".
  std::string Found() const;

 private:
  std::string_view text_;
  size_t offset_ = 0;
  model::Place place_ = {.line = 1, .column = 1};
};

// The first byte of `text` that is NUL or not UTF-8, if there is one.
std::optional<SyntaxError> NotText(std::string_view text);

// `text` for a message: in quotes, its control characters shown as '?', and cut
// where it is long.
std::string Quoted(std::string_view text);

// Adds a code point as UTF-8. A surrogate becomes three bytes that are not
// UTF-8, which is for the caller to notice.
void AppendCodePoint(uint32_t code_point, std::string& out);

// The value of a hexadecimal digit, or -1.
int HexDigit(char c);

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_CURSOR_H_
