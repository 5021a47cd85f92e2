// SPDX-License-Identifier: Apache-2.0
//
// See conjuncts.h.
#include "cel/conjuncts.h"

#include <absl/strings/ascii.h>

#include "cel/issue_list.h"
#include "cel/lexer.h"

namespace loyalty::cel {
namespace {

// How much deeper in brackets what follows is.
int Deeper(Token token) {
  switch (token) {
    case Token::kLeftParen:
    case Token::kLeftBracket:
    case Token::kLeftBrace: return 1;
    case Token::kRightParen:
    case Token::kRightBracket:
    case Token::kRightBrace: return -1;
    default: return 0;
  }
}

std::string Trimmed(std::string_view source, size_t begin, size_t end) {
  std::string part(source.substr(begin, end - begin));
  absl::StripAsciiWhitespace(&part);
  return part;
}

}  // namespace

std::vector<std::string> Conjuncts(std::string_view source) {
  IssueList issues(source, 1);
  Lexer lexer(source, issues);
  std::vector<std::string> parts;
  size_t begin = 0;
  int depth = 0;
  Lexeme lexeme = lexer.Next();
  for (; lexeme.token != Token::kEnd; lexeme = lexer.Next()) {
    depth += Deeper(lexeme.token);
    if (depth != 0) continue;
    // These bind less than &&.
    if (lexeme.token == Token::kOr || lexeme.token == Token::kQuestion) {
      return {Trimmed(source, 0, source.size())};
    }
    if (lexeme.token != Token::kAnd) continue;
    parts.push_back(Trimmed(source, begin, lexeme.begin));
    begin = lexeme.end;
  }
  if (!issues.empty() || depth != 0) {
    return {Trimmed(source, 0, source.size())};
  }
  parts.push_back(Trimmed(source, begin, source.size()));
  return parts;
}

}  // namespace loyalty::cel
