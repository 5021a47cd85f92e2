// SPDX-License-Identifier: Apache-2.0
//
// Compile: from a program as written to the form events are decided by, or all
// that is wrong with it; and lint, what is legal but suspicious.
#ifndef LOYALTY_LIB_RULES_COMPILE_H_
#define LOYALTY_LIB_RULES_COMPILE_H_

#include <cstdint>
#include <memory>

#include "model/finding.h"
#include "model/spec.h"
#include "rules/compiled.h"

namespace loyalty::rules {

struct Compilation {
  std::shared_ptr<CompiledProgram> program;  // null if there is an error
  model::Findings findings;                  // errors and warnings
};

struct CompileLimits {
  // An expression that could take more steps than this is refused; about as
  // many parts of it evaluated and values compared, over the largest event.
  int64_t max_cost = 10'000'000;
};

Compilation Compile(const model::ProgramSpec& spec,
                    const CompileLimits& limits = {});

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_COMPILE_H_
