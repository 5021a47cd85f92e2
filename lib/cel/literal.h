// SPDX-License-Identifier: Apache-2.0
//
// The values of literal tokens.
#ifndef LOYALTY_LIB_CEL_LITERAL_H_
#define LOYALTY_LIB_CEL_LITERAL_H_

#include <optional>
#include <string>
#include <string_view>

#include "loyalty/cel/value.h"

namespace loyalty::cel {

// The number that `text` spells; a '-' before it belongs to the literal, so
// that the least int can be written. nullopt if out of range.
//
// REQUIRES: `text` is a token kInt, kUint or kDouble of the lexer.
std::optional<Value> IntLiteral(std::string_view text, bool negative);
std::optional<Value> UintLiteral(std::string_view text);
std::optional<Value> DoubleLiteral(std::string_view text, bool negative);

// What is wrong with a text literal, and how far into the token.
struct TextFault {
  size_t at = 0;
  std::string message;
};

// The characters that the quoted `token` stands for. In a string, \x and octal
// escapes name code points; in bytes, octets.
//
// REQUIRES: `token` is a token kString or kBytes of the lexer.
std::optional<std::string> TextLiteral(std::string_view token, bool is_bytes,
                                       TextFault& fault);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_LITERAL_H_
