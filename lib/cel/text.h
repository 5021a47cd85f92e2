// SPDX-License-Identifier: Apache-2.0
//
// UTF-8: checking, counting and writing code points.
#ifndef LOYALTY_LIB_CEL_TEXT_H_
#define LOYALTY_LIB_CEL_TEXT_H_

#include <absl/strings/string_view.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace loyalty::cel {

// The same view as the other library's type; see base/views.h, which this room
// does without.
inline absl::string_view AbslView(std::string_view s) {
  return {s.data(), s.size()};
}

// The offset of the first byte that is not part of well-formed UTF-8, or
// text.size().
size_t FirstInvalidUtf8(std::string_view text);

inline bool IsUtf8(std::string_view text) {
  return FirstInvalidUtf8(text) == text.size();
}

// REQUIRES: `text` is UTF-8.
size_t CountCodePoints(std::string_view text);

// Where `sought` first is in `text`, from the byte `from` on, or npos; and
// where it last is. In time proportional to the text, however alike both are.
size_t FindText(std::string_view text, std::string_view sought,
                size_t from = 0);
size_t FindLastText(std::string_view text, std::string_view sought);

// Whether `code` is a code point that UTF-8 can carry: no surrogate.
bool IsCodePoint(uint32_t code);

// REQUIRES: IsCodePoint(code).
void AppendUtf8(uint32_t code, std::string& text);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_TEXT_H_
