// SPDX-License-Identifier: Apache-2.0
//
// Why conditions were false: which of their parts, and what these read.
#ifndef LOYALTY_LIB_ENGINE_CONDITIONS_H_
#define LOYALTY_LIB_ENGINE_CONDITIONS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "loyalty/event.h"
#include "model/spec.h"

namespace loyalty::engine {

// By rule, what each part of its condition came to where that is not "true",
// one phrase each: "event.words >= 300 is false: event.words is 120". Parts
// that read more than the event cannot be asked again, as members do not stand
// where they stood: they are said as written, if no other part was false.
//
// `event` is in canonical form, of a type that the rules are on.
//
// COST: compiles the program's declarations, and the parts.
std::map<std::string, std::vector<std::string>> WhyFalse(
    const model::ProgramSpec& program, const std::set<std::string>& rules,
    const Event& event);

}  // namespace loyalty::engine

#endif  // LOYALTY_LIB_ENGINE_CONDITIONS_H_
