// SPDX-License-Identifier: Apache-2.0
//
// What to write instead: the suggestions that go with the checker's issues.
#ifndef LOYALTY_LIB_CEL_ADVICE_H_
#define LOYALTY_LIB_CEL_ADVICE_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cel/ast.h"
#include "cel/environment.h"

namespace loyalty::cel {

// For a name that is not declared: the one that was likely meant, or what is
// declared below it.
std::string AdviceOnName(const Declarations& declarations,
                         std::string_view name);

// For a function that is not declared.
std::string AdviceOnFunction(const Declarations& declarations,
                             std::string_view name);

// For a call that no form fits: the conversion that is missing, or the other
// way of calling it.
std::string AdviceOnCall(const Ast& ast, const Node& call,
                         std::span<const Type> types,
                         std::span<const Overload* const> forms);

// For an expression whose result has the wrong type.
std::string AdviceOnResult(const Type& wanted, const Type& found);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_ADVICE_H_
