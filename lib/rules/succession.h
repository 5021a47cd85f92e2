// SPDX-License-Identifier: Apache-2.0
//
// Whether what one program led to can be gone on with by another.
#ifndef LOYALTY_LIB_RULES_SUCCESSION_H_
#define LOYALTY_LIB_RULES_SUCCESSION_H_

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "rules/compiled.h"

namespace loyalty::rules {

// What members have of a currency, badges among it.
struct CurrencyUse {
  bool is_used = false;  // something of it ever moved
  int64_t least = 0;     // the lowest balance
};
// Asked only where the answer matters, as it costs a look at all members.
using UseOfCurrency =
    absl::FunctionRef<absl::StatusOr<CurrencyUse>(const Currency& currency)>;

// Why a file that `before` decided in cannot go on with `after`: all reasons,
// each a sentence that says what to do; empty if it can. What follows from the
// journal anew each time, as levels and offers do, may change; so may rules,
// conditions and limits, as what they gave is in the journal. What is stored
// may not come to mean something else.
//
// ERRORS: those of `use`.
absl::StatusOr<std::vector<std::string>> ReasonsAgainst(
    const CompiledProgram& before, const CompiledProgram& after,
    UseOfCurrency use);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_SUCCESSION_H_
