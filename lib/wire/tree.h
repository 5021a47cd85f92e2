// SPDX-License-Identifier: Apache-2.0
//
// Tree: a program's text taken apart, before anybody asks which fields exist.
// Both notations, text protobuf (text_tree.cc) and JSON (json_tree.cc), become
// one, in which everything knows its place; bind.h makes a message of it.
#ifndef LOYALTY_LIB_WIRE_TREE_H_
#define LOYALTY_LIB_WIRE_TREE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/spec.h"

namespace loyalty::wire {

struct Field;

// One value as it was written.
struct Node {
  enum class Kind { kCutOff, kNull, kText, kNumber, kWord, kList, kMessage };

  Kind kind = Kind::kCutOff;  // by a syntax error, unless it is set
  model::Place at;            // of its first character
  std::string text;           // kText: unescaped. kNumber, kWord: as written.
  std::vector<model::Jump> jumps;  // kText: where its bytes are written
  std::vector<Node> items;         // kList
  std::vector<Field> fields;       // kMessage
};

struct Field {
  std::string name;
  model::Place at;
  Node value;
};

// Where and why the text stopped making sense.
struct SyntaxError {
  model::Place at;
  size_t offset = 0;  // in bytes
  std::string message;
};

struct Tree {
  Node root;  // what was read before `error`
  std::optional<SyntaxError> error;
};

// Messages and lists in one another; more is a syntax error.
inline constexpr int kMostLevels = 32;

// Read a text that is UTF-8 without NUL; in others, what is wrong is found at
// some byte, but not always the first one.
Tree ReadTextTree(std::string_view text);
Tree ReadJsonTree(std::string_view text);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_TREE_H_
