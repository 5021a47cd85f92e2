// SPDX-License-Identifier: Apache-2.0
//
// JSON to a Tree, by RFC 8259 and no more: no comments, no trailing commas, no
// NaN. Slow and exact where simdjson is fast and says little: it reads
// programs, and finds the byte at which an event's JSON is malformed.
#include <cstdint>
#include <utility>

#include "wire/cursor.h"
#include "wire/tree.h"

namespace loyalty::wire {
namespace {

bool IsJsonDigit(char c) { return c >= '0' && c <= '9'; }

class JsonTreeReader {
 public:
  explicit JsonTreeReader(std::string_view text) : cursor_(text) {}

  Tree Read() {
    if (cursor_.StartsWith(kByteOrderMark)) {
      Fail("a byte order mark, which JSON does not allow");
      return std::move(tree_);
    }
    if (ReadValue(tree_.root, 0)) {
      SkipBlanks();
      if (!cursor_.AtEnd()) Fail("expected nothing more, found " + Found());
    }
    return std::move(tree_);
  }

 private:
  bool Fail(std::string message) {
    tree_.error =
        SyntaxError{cursor_.place(), cursor_.offset(), std::move(message)};
    return false;
  }

  std::string Found() const { return cursor_.Found(); }

  void SkipBlanks() {
    while (cursor_.Peek() == ' ' || cursor_.Peek() == '\n' ||
           cursor_.Peek() == '\r' || cursor_.Peek() == '\t') {
      cursor_.Take();
    }
  }

  // `level` is how many messages and lists this value is in.
  bool ReadValue(Node& value, int level) {
    SkipBlanks();
    value.at = cursor_.place();
    const char c = cursor_.Peek();
    if (c == '{' || c == '[') {
      if (level >= kMostLevels) return Fail("more than 32 levels deep");
      return c == '{' ? ReadObject(value, level + 1)
                      : ReadArray(value, level + 1);
    }
    if (c == '"') {
      value.kind = Node::Kind::kText;
      return ReadString(value.text);
    }
    if (c == '-' || IsJsonDigit(c)) return ReadNumber(value);
    return ReadLiteral(value);
  }

  bool ReadObject(Node& message, int level) {
    message.kind = Node::Kind::kMessage;
    cursor_.Take();
    SkipBlanks();
    if (cursor_.TakeIf('}')) return true;
    while (true) {
      SkipBlanks();
      const model::Place at = cursor_.place();
      if (cursor_.Peek() != '"') {
        return Fail("expected a name in double quotes, found " + Found());
      }
      std::string name;
      if (!ReadString(name)) return false;
      SkipBlanks();
      if (!cursor_.TakeIf(':')) {
        return Fail("expected \":\" after " + Quoted(name) + ", found " +
                    Found());
      }
      Field& field = message.fields.emplace_back();
      field.name = std::move(name);
      field.at = at;
      if (!ReadValue(field.value, level)) return false;
      SkipBlanks();
      if (cursor_.TakeIf('}')) return true;
      if (!cursor_.TakeIf(',')) {
        return Fail("expected \",\" or \"}\", found " + Found());
      }
    }
  }

  bool ReadArray(Node& list, int level) {
    list.kind = Node::Kind::kList;
    cursor_.Take();
    SkipBlanks();
    if (cursor_.TakeIf(']')) return true;
    while (true) {
      if (!ReadValue(list.items.emplace_back(), level)) return false;
      SkipBlanks();
      if (cursor_.TakeIf(']')) return true;
      if (!cursor_.TakeIf(',')) {
        return Fail("expected \",\" or \"]\", found " + Found());
      }
    }
  }

  bool ReadString(std::string& text) {
    cursor_.Take();
    while (!cursor_.TakeIf('"')) {
      if (cursor_.AtEnd()) return Fail("a text without its closing quote");
      if (static_cast<uint8_t>(cursor_.Peek()) < 0x20) {
        return Fail("a control character inside a text, not written as \\u");
      }
      if (cursor_.Peek() == '\\') {
        if (!ReadEscape(text)) return false;
      } else {
        text += cursor_.Take();
      }
    }
    return true;
  }

  bool ReadEscape(std::string& text) {
    static constexpr std::string_view kLetters = "\"\\/bfnrt";
    static constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (cursor_.Peek(1) == 'u') return ReadUnicodeEscape(text);
    const size_t letter = kLetters.find(cursor_.Peek(1));
    if (letter == kLetters.npos) return Fail("an escape that JSON lacks");
    text += kMeanings[letter];
    cursor_.Take(2);
    return true;
  }

  bool ReadUnicodeEscape(std::string& text) {
    const int64_t first = CodeUnit(0);
    if (first < 0) return Fail("expected four hexadecimal digits after \\u");
    if (first < 0xD800 || first > 0xDFFF) {
      AppendCodePoint(static_cast<uint32_t>(first), text);
      cursor_.Take(6);
      return true;
    }
    const int64_t second = CodeUnit(6);
    if (first > 0xDBFF || second < 0xDC00 || second > 0xDFFF) {
      return Fail("half of a surrogate pair, which is no character");
    }
    AppendCodePoint(static_cast<uint32_t>(0x10000 + ((first - 0xD800) << 10) +
                                          (second - 0xDC00)),
                    text);
    cursor_.Take(12);
    return true;
  }

  // The number in a \uXXXX that begins `ahead` of here, or -1.
  int64_t CodeUnit(size_t ahead) const {
    if (cursor_.Peek(ahead) != '\\' || cursor_.Peek(ahead + 1) != 'u') {
      return -1;
    }
    int64_t unit = 0;
    for (size_t i = 2; i < 6; ++i) {
      const int digit = HexDigit(cursor_.Peek(ahead + i));
      if (digit < 0) return -1;
      unit = unit * 16 + digit;
    }
    return unit;
  }

  bool ReadNumber(Node& value) {
    const size_t begin = cursor_.offset();
    cursor_.TakeIf('-');
    if (!cursor_.TakeIf('0') && !TakeDigits()) return false;
    if (cursor_.TakeIf('.') && !TakeDigits()) return false;
    if (cursor_.TakeIf('e') || cursor_.TakeIf('E')) {
      if (!cursor_.TakeIf('+')) cursor_.TakeIf('-');
      if (!TakeDigits()) return false;
    }
    value.kind = Node::Kind::kNumber;
    value.text = cursor_.From(begin);
    return true;
  }

  bool TakeDigits() {
    if (!IsJsonDigit(cursor_.Peek())) {
      return Fail("expected a digit, found " + Found());
    }
    while (IsJsonDigit(cursor_.Peek())) cursor_.Take();
    return true;
  }

  bool ReadLiteral(Node& value) {
    for (const std::string_view literal : {"true", "false", "null"}) {
      if (!cursor_.StartsWith(literal)) continue;
      cursor_.Take(literal.size());
      value.kind = literal == "null" ? Node::Kind::kNull : Node::Kind::kWord;
      value.text = literal;
      return true;
    }
    return Fail("expected a value, found " + Found());
  }

  Cursor cursor_;
  Tree tree_;
};

}  // namespace

Tree ReadJsonTree(std::string_view text) { return JsonTreeReader(text).Read(); }

}  // namespace loyalty::wire
