// SPDX-License-Identifier: Apache-2.0
//
// The parser: source text to syntax tree, macros expanded.
#ifndef LOYALTY_LIB_CEL_PARSER_H_
#define LOYALTY_LIB_CEL_PARSER_H_

#include <string_view>

#include "cel/ast.h"
#include "cel/issue_list.h"
#include "cel/library.h"
#include "loyalty/cel/cel.h"

namespace loyalty::cel {

// Parses `source`. What is wrong is added to `issues`; the tree is of use only
// if there are none, though the checker may look at it for more.
//
// ENSURES: no way down the tree is longer than kMaxHeight, so that it can be
//          walked recursively.
// REQUIRES: `source` outlives the tree.
Ast Parse(std::string_view source, const CompileOptions& options,
          ExtensionSet extensions, IssueList& issues);

inline constexpr int kMaxHeight = 600;

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_PARSER_H_
