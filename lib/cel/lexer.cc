// SPDX-License-Identifier: Apache-2.0
//
// A hand-written lexer: one look at the first character decides what follows.
#include "cel/lexer.h"

#include <algorithm>
#include <array>
#include <string>

namespace loyalty::cel {
namespace {

// By byte, not by locale.
bool StartsName(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool IsDecimal(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) {
  return IsDecimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool ContinuesName(char c) { return StartsName(c) || IsDecimal(c); }

constexpr std::array<std::string_view, 17> kReservedWords = {
    "as",        "break",  "const",  "continue", "else", "for",
    "function",  "if",     "import", "let",      "loop", "package",
    "namespace", "return", "var",    "void",     "while"};

struct Spelling {
  std::string_view text;
  Token token;
};

// Longer spellings before their beginnings.
constexpr std::array<Spelling, 24> kOperators = {{
    {"&&", Token::kAnd},         {"||", Token::kOr},
    {"==", Token::kEqual},       {"!=", Token::kNotEqual},
    {"<=", Token::kLessOrEqual}, {">=", Token::kGreaterOrEqual},
    {"<", Token::kLess},         {">", Token::kGreater},
    {"!", Token::kNot},          {".", Token::kDot},
    {",", Token::kComma},        {":", Token::kColon},
    {"?", Token::kQuestion},     {"(", Token::kLeftParen},
    {")", Token::kRightParen},   {"[", Token::kLeftBracket},
    {"]", Token::kRightBracket}, {"{", Token::kLeftBrace},
    {"}", Token::kRightBrace},   {"+", Token::kPlus},
    {"-", Token::kMinus},        {"*", Token::kStar},
    {"/", Token::kSlash},        {"%", Token::kPercent},
}};

constexpr std::array<Spelling, 4> kWords = {{
    {"true", Token::kTrue},
    {"false", Token::kFalse},
    {"null", Token::kNull},
    {"in", Token::kIn},
}};

}  // namespace

bool IsReservedWord(std::string_view name) {
  return std::find(kReservedWords.begin(), kReservedWords.end(), name) !=
         kReservedWords.end();
}

bool IsIdentifier(std::string_view text) {
  return !text.empty() && StartsName(text.front()) &&
         std::all_of(text.begin(), text.end(), ContinuesName);
}

char Lexer::Peek(uint32_t ahead) const {
  return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
}

bool Lexer::At(std::string_view text) const {
  return source_.substr(at_).starts_with(text);
}

void Lexer::SkipBlanks() {
  while (at_ < source_.size()) {
    const char c = source_[at_];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
      ++at_;
    } else if (At("//")) {
      at_ = static_cast<uint32_t>(
          std::min(source_.find('\n', at_), source_.size()));
    } else {
      return;
    }
  }
}

Lexeme Lexer::Bad(std::string message) {
  issues_.Add(begin_, std::move(message));
  return Ending(Token::kBad);
}

Lexeme Lexer::Next() {
  SkipBlanks();
  begin_ = at_;
  if (at_ >= source_.size()) return Ending(Token::kEnd);
  uint32_t prefix = 0;
  if (StartsText(prefix)) {
    const char first = Peek();
    return Text(first == 'b' || first == 'B' ? Token::kBytes : Token::kString);
  }
  if (StartsName(Peek())) return Name();
  if (IsDecimal(Peek()) || (Peek() == '.' && IsDecimal(Peek(1)))) {
    return Number();
  }
  return Peek() == '`' ? QuotedName() : Operator();
}

// A quote, after any of b, r and br in either case.
bool Lexer::StartsText(uint32_t& prefix) const {
  prefix = 0;
  if (Peek() == 'b' || Peek() == 'B') ++prefix;
  if (Peek(prefix) == 'r' || Peek(prefix) == 'R') ++prefix;
  return Peek(prefix) == '"' || Peek(prefix) == '\'';
}

Lexeme Lexer::Name() {
  while (ContinuesName(Peek())) ++at_;
  const std::string_view name = source_.substr(begin_, at_ - begin_);
  for (const Spelling& word : kWords) {
    if (word.text == name) return Ending(word.token);
  }
  return Ending(Token::kName);
}

Lexeme Lexer::QuotedName() {
  ++at_;
  while (ContinuesName(Peek()) || Peek() == '.' || Peek() == '-' ||
         Peek() == '/' || Peek() == ' ') {
    ++at_;
  }
  if (Peek() != '`' || at_ == begin_ + 1) {
    return Bad(
        "a quoted name ends in ` and holds letters, digits, _ . - / "
        "and blanks only");
  }
  ++at_;
  return Ending(Token::kQuotedName);
}

Lexeme Lexer::Number() {
  Token token = Token::kInt;
  if (Peek() == '0' && Peek(1) == 'x' && IsHex(Peek(2))) {
    at_ += 2;
    while (IsHex(Peek())) ++at_;
  } else {
    while (IsDecimal(Peek())) ++at_;
    if (Peek() == '.' && IsDecimal(Peek(1))) {
      token = Token::kDouble;
      ++at_;
      while (IsDecimal(Peek())) ++at_;
    }
    const uint32_t sign = Peek(1) == '+' || Peek(1) == '-' ? 1 : 0;
    if ((Peek() == 'e' || Peek() == 'E') && IsDecimal(Peek(1 + sign))) {
      token = Token::kDouble;
      at_ += 1 + sign;
      while (IsDecimal(Peek())) ++at_;
    }
  }
  if (token == Token::kInt && (Peek() == 'u' || Peek() == 'U')) {
    ++at_;
    token = Token::kUint;
  }
  if (ContinuesName(Peek())) {
    while (ContinuesName(Peek())) ++at_;
    return Bad("malformed number");
  }
  return Ending(token);
}

Lexeme Lexer::Text(Token token) {
  bool raw = false;
  while (Peek() != '"' && Peek() != '\'') {
    raw = raw || Peek() == 'r' || Peek() == 'R';
    ++at_;
  }
  const char quote = Peek();
  const std::string three(3, quote);
  const bool is_long = At(three);
  const std::string_view ending =
      is_long ? std::string_view(three) : std::string_view(three).substr(0, 1);
  at_ += static_cast<uint32_t>(ending.size());
  while (at_ < source_.size() && !At(ending)) {
    const char c = Peek();
    if (!is_long && (c == '\n' || c == '\r')) break;
    at_ += c == '\\' && !raw && at_ + 1 < source_.size() ? 2 : 1;
  }
  if (!At(ending)) return Bad("text without its closing quote");
  at_ += static_cast<uint32_t>(ending.size());
  return Ending(token);
}

Lexeme Lexer::Operator() {
  for (const Spelling& spelling : kOperators) {
    if (!At(spelling.text)) continue;
    at_ += static_cast<uint32_t>(spelling.text.size());
    return Ending(spelling.token);
  }
  const char c = Peek();
  ++at_;
  while ((static_cast<unsigned char>(Peek()) & 0xC0u) == 0x80) ++at_;
  const std::string shown(source_.substr(begin_, at_ - begin_));
  if (c == '=') return Bad("'=' is not an operator; write == to compare");
  if (c == '&') return Bad("'&' is not an operator; write && for and");
  if (c == '|') return Bad("'|' is not an operator; write || for or");
  const bool is_control = static_cast<unsigned char>(c) < 0x20;
  return Bad(is_control ? "stray control character"
                        : "unexpected character '" + shown + "'");
}

}  // namespace loyalty::cel
