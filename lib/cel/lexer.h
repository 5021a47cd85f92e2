// SPDX-License-Identifier: Apache-2.0
//
// The lexer: source text to tokens. Literals are only bounded here; literal.h
// reads their values.
#ifndef LOYALTY_LIB_CEL_LEXER_H_
#define LOYALTY_LIB_CEL_LEXER_H_

#include <cstdint>
#include <string_view>

#include "cel/issue_list.h"

namespace loyalty::cel {

enum class Token : uint8_t {
  kEnd,
  kName,
  kQuotedName,  // `a-b`, quotes included
  kInt,
  kUint,
  kDouble,
  kString,
  kBytes,
  kTrue,
  kFalse,
  kNull,
  kIn,
  kDot,
  kComma,
  kColon,
  kQuestion,
  kLeftParen,
  kRightParen,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kNot,
  kAnd,
  kOr,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kBad,  // reported; stands for what could not be read
};

struct Lexeme {
  Token token = Token::kEnd;
  uint32_t begin = 0;
  uint32_t end = 0;
};

// Gives the tokens of a source one at a time, skipping blanks and comments.
class Lexer {
 public:
  // REQUIRES: `source` and `issues` outlive the lexer.
  Lexer(std::string_view source, IssueList& issues)
      : source_(source), issues_(issues) {}

  // The next token; kEnd again and again at the end.
  Lexeme Next();

 private:
  void SkipBlanks();
  bool At(std::string_view text) const;
  char Peek(uint32_t ahead = 0) const;
  Lexeme Name();
  Lexeme QuotedName();
  Lexeme Number();
  Lexeme Text(Token token);
  Lexeme Operator();
  Lexeme Bad(std::string message);
  bool StartsText(uint32_t& prefix) const;
  Lexeme Ending(Token token) const { return {token, begin_, at_}; }

  std::string_view source_;
  IssueList& issues_;
  uint32_t begin_ = 0;  // of the token being read
  uint32_t at_ = 0;
};

// Whether `name` is kept for other languages: no variable or global function
// may have it, but a field or method may.
bool IsReservedWord(std::string_view name);

// Whether `text` is one identifier, reserved or not.
bool IsIdentifier(std::string_view text);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_LEXER_H_
