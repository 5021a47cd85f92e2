// SPDX-License-Identifier: Apache-2.0
//
// A scenario with its program: what its words mean. Here are the tables of what
// a line may begin with; a new verb or kind of expectation is a line in one.
#ifndef LOYALTY_TOOLS_SCENARIO_BINDING_H_
#define LOYALTY_TOOLS_SCENARIO_BINDING_H_

#include <map>

#include "loyalty/program.h"
#include "scenario.h"
#include "scenario_reader.h"

namespace loyalty::command {

// The programs that switches name, by the lines that do.
using SwitchPrograms = std::map<int, Program>;

// Lines that make no sense are found and left out; so are switches whose
// program is not in `switches`, as whoever looked for it has said why. What
// stands behind a switch is read by its program.
Script ScriptOf(const Scenario& scenario, const Program& program,
                Findings& findings, const SwitchPrograms& switches = {});

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_BINDING_H_
