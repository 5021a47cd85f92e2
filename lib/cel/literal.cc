// SPDX-License-Identifier: Apache-2.0
//
// Numbers by from_chars, escapes by table.
#include "cel/literal.h"

#include <charconv>
#include <cmath>
#include <utility>

#include "cel/compare.h"
#include "cel/text.h"

namespace loyalty::cel {
namespace {

// The digits of a literal as an unsigned number, decimal or 0x.
std::optional<uint64_t> Magnitude(std::string_view digits) {
  int base = 10;
  if (digits.starts_with("0x")) {
    base = 16;
    digits.remove_prefix(2);
  }
  uint64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, number, base);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

// What `\c` stands for, or nullopt if it needs digits or is no escape.
std::optional<char> SimpleEscape(char c) {
  switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`': return c;
    default: return std::nullopt;
  }
}

// Decodes the inside of one quoted literal.
class EscapeReader {
 public:
  EscapeReader(std::string_view inside, bool is_bytes)
      : inside_(inside), is_bytes_(is_bytes) {}

  // False at the first fault, at `at()`.
  bool Read() {
    while (at_ < inside_.size()) {
      const char c = inside_[at_];
      if (c != '\\') {
        text_.push_back(c);
        ++at_;
      } else if (!ReadEscape()) {
        return false;
      }
    }
    return true;
  }

  size_t at() const { return at_; }
  const std::string& message() const { return message_; }
  std::string TakeText() { return std::move(text_); }

 private:
  bool ReadEscape() {
    const char c = at_ + 1 < inside_.size() ? inside_[at_ + 1] : '\0';
    if (const std::optional<char> simple = SimpleEscape(c)) {
      text_.push_back(*simple);
      at_ += 2;
      return true;
    }
    if (c >= '0' && c <= '3') return ReadCode(at_ + 1, 3, 8);
    if (c == 'x' || c == 'X') return ReadCode(at_ + 2, 2, 16);
    if (!is_bytes_ && c == 'u') return ReadCode(at_ + 2, 4, 16);
    if (!is_bytes_ && c == 'U') return ReadCode(at_ + 2, 8, 16);
    message_ = "no such escape; write \\\\ for a backslash";
    return false;
  }

  bool ReadCode(size_t begin, size_t digits, int base) {
    uint32_t code = 0;
    const std::string_view text =
        begin <= inside_.size() ? inside_.substr(begin, digits) : "";
    const char* const end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, code, base);
    if (text.size() < digits || result.ec != std::errc() || result.ptr != end) {
      message_ = "an escape needs " + std::to_string(digits) +
                 (base == 8 ? " octal digits" : " hexadecimal digits");
      return false;
    }
    if (is_bytes_) {
      text_.push_back(static_cast<char>(code));
    } else if (IsCodePoint(code)) {
      AppendUtf8(code, text_);
    } else {
      message_ = "not a Unicode code point";
      return false;
    }
    at_ = begin + digits;
    return true;
  }

  std::string_view inside_;
  bool is_bytes_;
  size_t at_ = 0;
  std::string text_;
  std::string message_;
};

}  // namespace

std::optional<Value> IntLiteral(std::string_view text, bool negative) {
  constexpr uint64_t kMinSize = uint64_t{1} << 63;
  const std::optional<uint64_t> size = Magnitude(text);
  if (!size.has_value()) return std::nullopt;
  if (negative) {
    if (*size > kMinSize) return std::nullopt;
    return Value::Int(static_cast<int64_t>(uint64_t{0} - *size));
  }
  if (*size >= kMinSize) return std::nullopt;
  return Value::Int(static_cast<int64_t>(*size));
}

std::optional<Value> UintLiteral(std::string_view text) {
  text.remove_suffix(1);  // the u
  const std::optional<uint64_t> size = Magnitude(text);
  if (!size.has_value()) return std::nullopt;
  return Value::Uint(*size);
}

std::optional<Value> DoubleLiteral(std::string_view text, bool negative) {
  const std::optional<double> number = ParseDouble(text);
  if (!number.has_value()) return std::nullopt;
  return Value::Double(negative ? -*number : *number);
}

std::optional<std::string> TextLiteral(std::string_view token, bool is_bytes,
                                       TextFault& fault) {
  bool raw = false;
  size_t begin = 0;
  while (token[begin] != '"' && token[begin] != '\'') {
    raw = raw || token[begin] == 'r' || token[begin] == 'R';
    ++begin;
  }
  const std::string three(3, token[begin]);
  const bool is_long =
      token.size() >= begin + 6 && token.substr(begin).starts_with(three);
  const size_t quotes = is_long ? 3 : 1;
  const std::string_view inside =
      token.substr(begin + quotes, token.size() - begin - 2 * quotes);
  if (raw) return std::string(inside);
  EscapeReader reader(inside, is_bytes);
  if (reader.Read()) return reader.TakeText();
  fault.at = begin + quotes + reader.at();
  fault.message = reader.message();
  return std::nullopt;
}

}  // namespace loyalty::cel
