// SPDX-License-Identifier: Apache-2.0
//
// The checker: what each name means, which forms of a function a call may be,
// and what type everything has.
#ifndef LOYALTY_LIB_CEL_CHECKER_H_
#define LOYALTY_LIB_CEL_CHECKER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "cel/ast.h"
#include "cel/environment.h"
#include "cel/issue_list.h"
#include "loyalty/cel/cel.h"

namespace loyalty::cel {

// More loops and bound names than this in one another are refused, whatever
// the options say.
inline constexpr size_t kMaxLocals = 16;

// What a node refers to.
enum class Meaning : uint8_t {
  kPlain,       // nothing by name; a field of a value; an operator of the tree
  kSlot,        // variable
  kLocal,       // local: the variable of a loop or cel.bind around it
  kTypeName,    // denoted
  kFunction,    // forms
  kUndeclared,  // without checking: fails when evaluated
};

// What the checker found out about a node.
struct NodeFacts {
  Type type;
  Meaning meaning = Meaning::kPlain;
  uint32_t local = 0;  // how many loops and bound names are around its own
  const Variable* variable = nullptr;
  std::optional<Type> denoted;

  // What may be called. More than one if the types of arguments are dyn: the
  // choice is made when evaluated.
  std::vector<const Overload*> forms;
  bool has_namespace = false;  // the receiver is part of the function's name
};

// Facts by NodeId. Those of nodes below a resolved dotted name stay plain.
using Facts = std::vector<NodeFacts>;

// Checks `ast`, adding what is wrong to `issues`. The facts are of use only if
// there are none.
//
// REQUIRES: `declarations` outlives the facts.
Facts Check(const Ast& ast, const Declarations& declarations,
            const CompileOptions& options, IssueList& issues);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_CHECKER_H_
