// SPDX-License-Identifier: Apache-2.0
//
// Text protobuf to a Tree: the notation as protobuf's own TextFormat reads it,
// less extensions and Any, of which a program has none. Our own, because
// TextFormat knows no place for a value, nor for the second item of a list, and
// gives up at the first misspelt name. The tests hold the two side by side.
#include <cstdint>
#include <utility>

#include "wire/cursor.h"
#include "wire/tree.h"

namespace loyalty::wire {
namespace {

bool IsWordStart(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool IsTextDigit(char c) { return c >= '0' && c <= '9'; }

class TextTreeReader {
 public:
  explicit TextTreeReader(std::string_view text) : cursor_(text) {}

  Tree Read() {
    if (cursor_.StartsWith(kByteOrderMark)) cursor_.Take(kByteOrderMark.size());
    tree_.root.at = {.line = 1, .column = 1};
    tree_.root.kind = Node::Kind::kMessage;
    SkipBlanks();
    while (!cursor_.AtEnd() && ReadField(tree_.root, 1)) {
    }
    return std::move(tree_);
  }

 private:
  bool Fail(model::Place at, std::string message) {
    tree_.error = SyntaxError{at, cursor_.offset(), std::move(message)};
    return false;
  }
  bool Fail(std::string message) {
    return Fail(cursor_.place(), std::move(message));
  }
  std::string Found() const { return cursor_.Found(); }

  // Blanks and comments.
  void SkipBlanks() {
    while (!cursor_.AtEnd()) {
      const char c = cursor_.Peek();
      if (c == '#') {
        while (!cursor_.AtEnd() && cursor_.Peek() != '\n') cursor_.Take();
      } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
        cursor_.Take();
      } else {
        return;
      }
    }
  }

  // Leaves the cursor at what follows the field. `level` is how many messages
  // and lists the field is in.
  bool ReadField(Node& message, int level) {
    if (cursor_.Peek() == '[') {
      return Fail("extensions are no part of a program");
    }
    if (!IsWordStart(cursor_.Peek())) {
      return Fail("expected the name of a field, found " + Found());
    }
    Field& field = message.fields.emplace_back();
    field.at = cursor_.place();
    field.name = TakeWord();
    SkipBlanks();
    const bool colon = cursor_.TakeIf(':');
    SkipBlanks();
    if (!colon && !AtMessage() && cursor_.Peek() != '[') {
      return Fail("expected \":\" or \"{\" after " + Quoted(field.name) +
                  ", found " + Found());
    }
    if (!ReadValueOrList(field.value, level)) return false;
    if (!colon && !IsOfMessages(field.value)) {
      return Fail(field.at, "expected \":\" after " + Quoted(field.name));
    }
    SkipBlanks();
    if (cursor_.TakeIf(',') || cursor_.TakeIf(';')) SkipBlanks();
    return true;
  }

  static bool IsOfMessages(const Node& value) {
    for (const Node& item : value.items) {
      if (item.kind != Node::Kind::kMessage) return false;
    }
    return true;
  }

  bool AtMessage() const {
    return cursor_.Peek() == '{' || cursor_.Peek() == '<';
  }

  bool ReadValueOrList(Node& value, int level) {
    if (cursor_.Peek() != '[') return ReadValue(value, level);
    if (level >= kMostLevels) return Fail("more than 32 levels deep");
    value.kind = Node::Kind::kList;
    value.at = cursor_.place();
    cursor_.Take();
    SkipBlanks();
    if (cursor_.TakeIf(']')) return true;
    while (true) {
      if (!ReadValue(value.items.emplace_back(), level + 1)) return false;
      SkipBlanks();
      if (cursor_.TakeIf(']')) return true;
      if (!cursor_.TakeIf(',')) {
        return Fail("expected \",\" or \"]\", found " + Found());
      }
      SkipBlanks();
    }
  }

  bool ReadValue(Node& value, int level) {
    value.at = cursor_.place();
    const char c = cursor_.Peek();
    if (AtMessage()) return ReadMessage(value, level);
    if (c == '"' || c == '\'') return ReadTexts(value);
    return ReadBareValue(value);
  }

  bool ReadMessage(Node& message, int level) {
    if (level >= kMostLevels) return Fail("more than 32 levels deep");
    message.kind = Node::Kind::kMessage;
    const char closing = cursor_.Take() == '{' ? '}' : '>';
    SkipBlanks();
    while (!cursor_.TakeIf(closing)) {
      if (cursor_.AtEnd()) {
        return Fail(message.at, std::string("this \"") +
                                    (closing == '}' ? '{' : '<') +
                                    "\" is never closed");
      }
      if (!ReadField(message, level + 1)) return false;
    }
    return true;
  }

  // A number or a word, either with a minus.
  bool ReadBareValue(Node& value) {
    const bool minus = cursor_.TakeIf('-');
    if (minus) SkipBlanks();
    const char c = cursor_.Peek();
    if (IsTextDigit(c) || (c == '.' && IsTextDigit(cursor_.Peek(1)))) {
      value.text = TakeNumber();
      value.kind = Node::Kind::kNumber;
    } else if (IsWordStart(c)) {
      value.text = TakeWord();
      value.kind = Node::Kind::kWord;
    } else {
      return Fail("expected a value, found " + Found());
    }
    if (minus) value.text.insert(0, "-");
    return true;
  }

  std::string TakeWord() {
    const size_t begin = cursor_.offset();
    while (IsWordStart(cursor_.Peek()) || IsTextDigit(cursor_.Peek())) {
      cursor_.Take();
    }
    return std::string(cursor_.From(begin));
  }

  // All that could belong to a number; whether it is one is asked where the
  // type of the field is known.
  std::string TakeNumber() {
    const size_t begin = cursor_.offset();
    while (true) {
      const char c = cursor_.Peek();
      const bool exponent =
          (c == 'e' || c == 'E') && !cursor_.From(begin).starts_with("0x");
      if (!IsWordStart(c) && !IsTextDigit(c) && c != '.') break;
      cursor_.Take();
      if (exponent && !cursor_.TakeIf('+')) cursor_.TakeIf('-');
    }
    return std::string(cursor_.From(begin));
  }

  // One text, or several beside each other, which are one.
  bool ReadTexts(Node& value) {
    value.kind = Node::Kind::kText;
    while (cursor_.Peek() == '"' || cursor_.Peek() == '\'') {
      if (!ReadText(value)) return false;
      SkipBlanks();
    }
    return true;
  }

  bool ReadText(Node& value) {
    std::string& text = value.text;
    const model::Place begin = cursor_.place();
    const char quote = cursor_.Take();
    value.jumps.push_back({text.size(), cursor_.place()});
    while (!cursor_.TakeIf(quote)) {
      if (cursor_.AtEnd() || cursor_.Peek() == '\n') {
        return Fail(begin, "a text without its closing quote on its line");
      }
      if (cursor_.Peek() == '\\') {
        if (!ReadEscape(text)) return false;
        value.jumps.push_back({text.size(), cursor_.place()});
      } else {
        text += cursor_.Take();
      }
    }
    return true;
  }

  bool ReadEscape(std::string& text) {
    static constexpr std::string_view kLetters = "abfnrtv\\?'\"";
    static constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\?'\"";
    const model::Place begin = cursor_.place();
    cursor_.Take();
    const char letter = cursor_.Peek();
    if (letter >= '0' && letter <= '7') {
      text += static_cast<char>(TakeEscaped(3, 8));
      return true;
    }
    const size_t simple = kLetters.find(letter);
    if (simple != kLetters.npos) {
      text += kMeanings[simple];
      cursor_.Take();
      return true;
    }
    if (letter == 'x' && HexDigit(cursor_.Peek(1)) >= 0) {
      cursor_.Take();
      text += static_cast<char>(TakeEscaped(2, 16));
      return true;
    }
    if (letter == 'u' || letter == 'U') return ReadUnicodeEscape(begin, text);
    return Fail(begin, "an escape that text protobuf lacks");
  }

  bool ReadUnicodeEscape(model::Place begin, std::string& text) {
    uint32_t code_point = 0;
    if (!TakeCodePoint(code_point)) {
      return Fail(begin,
                  "expected \\u with 4, or \\U with 8, hexadecimal "
                  "digits of a character");
    }
    // Two halves of a surrogate pair are one character. A half alone is left
    // as it is: that text is not UTF-8, and is reported as such.
    if (code_point >= 0xD800 && code_point <= 0xDBFF &&
        cursor_.StartsWith("\\u")) {
      Cursor here = cursor_;
      cursor_.Take();
      uint32_t low = 0;
      if (TakeCodePoint(low) && low >= 0xDC00 && low <= 0xDFFF) {
        code_point = 0x10000 + ((code_point - 0xD800) << 10) + (low - 0xDC00);
      } else {
        cursor_ = here;
      }
    }
    AppendCodePoint(code_point, text);
    return true;
  }

  bool TakeCodePoint(uint32_t& code_point) {
    const int digits = cursor_.Take() == 'u' ? 4 : 8;
    for (int i = 0; i < digits; ++i) {
      if (HexDigit(cursor_.Peek(static_cast<size_t>(i))) < 0) return false;
    }
    code_point = TakeEscaped(digits, 16);
    return code_point <= 0x10FFFF;
  }

  uint32_t TakeEscaped(int most_digits, int base) {
    uint32_t number = 0;
    for (int i = 0; i < most_digits; ++i) {
      const int digit = HexDigit(cursor_.Peek());
      if (digit < 0 || digit >= base) break;
      number =
          number * static_cast<uint32_t>(base) + static_cast<uint32_t>(digit);
      cursor_.Take();
    }
    return number;
  }

  Cursor cursor_;
  Tree tree_;
};

}  // namespace

Tree ReadTextTree(std::string_view text) { return TextTreeReader(text).Read(); }

}  // namespace loyalty::wire
