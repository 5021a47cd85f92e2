// SPDX-License-Identifier: Apache-2.0
//
// The syntax tree: nodes in one array, naming each other by index. Parser and
// macros make it, the checker reads it, the planner turns it into operations.
#ifndef LOYALTY_LIB_CEL_AST_H_
#define LOYALTY_LIB_CEL_AST_H_

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/cel/value.h"

namespace loyalty::cel {

using NodeId = uint32_t;

enum class NodeKind : uint8_t {
  kBroken,        // reported; keeps the rest checkable
  kConstant,      // constant
  kName,          // name
  kSelect,        // name: the field; children: operand
  kHas,           // as kSelect, but asks whether the field is there
  kCall,          // name: the function; children: receiver if a method, then
                  // arguments. Operators are calls of "_+_" and the like.
  kList,          // children: items
  kMap,           // children: key, value, key, value, ...
  kAnd,           // children: two or more
  kOr,            // children: two or more
  kConditional,   // children: condition, then, else
  kOptSelect,     // a.?b: as kSelect, but gives an optional
  kOptEntry,      // [?x], {k: ?x}: an item or value that may be left out
  kBind,          // cel.bind; name: the variable; children: value, result
  kOptMap,        // likewise; the value is an optional, the name what it holds
  kOptFlatMap,    // likewise; the result is an optional too
  kAll,           // name: the variable; children: range, predicate
  kExists,        // likewise
  kExistsOne,     // likewise
  kFilter,        // likewise
  kTransform,     // map(): range, transform, or range, predicate, transform
  kTransformMap,  // likewise, into a map with the same keys
  kTransformMapEntries,  // likewise; the transform gives maps, to be joined
};

inline bool IsLoop(NodeKind kind) { return kind >= NodeKind::kAll; }
inline bool IsBinding(NodeKind kind) {
  return kind >= NodeKind::kBind && kind <= NodeKind::kOptFlatMap;
}

struct Node {
  NodeKind kind = NodeKind::kBroken;
  bool is_method = false;  // kCall: has a receiver
  bool is_rooted = false;  // kName, kCall: begins with a dot
  uint16_t height = 1;     // longest way down, itself included
  uint32_t offset = 0;     // where it is reported
  uint32_t begin = 0;      // its text
  uint32_t end = 0;
  uint32_t first_child = 0;
  uint32_t child_count = 0;
  std::string_view name;  // into the source, or a literal of the library's
  std::string_view second_name;  // of a loop over index and item, key and value
  Value constant;
};

struct Ast {
  std::string_view source;
  std::vector<Node> nodes;
  std::vector<NodeId> children;
  NodeId root = 0;

  const Node& operator[](NodeId id) const { return nodes[id]; }

  std::span<const NodeId> Children(const Node& node) const {
    return std::span<const NodeId>(children).subspan(node.first_child,
                                                     node.child_count);
  }
  const Node& Child(const Node& node, size_t index) const {
    return nodes[children[node.first_child + index]];
  }
  std::string_view TextOf(const Node& node) const {
    return source.substr(node.begin, node.end - node.begin);
  }
};

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_AST_H_
