// SPDX-License-Identifier: Apache-2.0
//
// Macros: calls that are syntax. has(), all(), exists(), exists_one(), map(),
// filter(), cel.bind() and those of two extensions become nodes of their own.
#ifndef LOYALTY_LIB_CEL_MACROS_H_
#define LOYALTY_LIB_CEL_MACROS_H_

#include <vector>

#include "cel/ast.h"
#include "cel/issue_list.h"
#include "cel/library.h"

namespace loyalty::cel {

// Turns `call`, with its receiver (of a method) and arguments in `children`,
// into the node it stands for, if it is a macro; otherwise leaves both alone.
// A macro with a wrong argument is reported and left broken.
void ExpandMacro(const Ast& ast, Node& call, std::vector<NodeId>& children,
                 ExtensionSet extensions, IssueList& issues);

// Whether `call` is math.greatest() or math.least() of more than two arguments,
// which are then given as one list.
bool WantsArgumentsAsList(const Ast& ast, const Node& call,
                          const std::vector<NodeId>& children);

// Whether `name` is a macro's, so that no function may have it.
bool IsMacroName(std::string_view name);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_MACROS_H_
