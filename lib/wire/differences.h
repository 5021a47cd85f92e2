// SPDX-License-Identifier: Apache-2.0
//
// In what two programs differ, by the names of what they declare.
#ifndef LOYALTY_LIB_WIRE_DIFFERENCES_H_
#define LOYALTY_LIB_WIRE_DIFFERENCES_H_

#include <string>
#include <string_view>
#include <vector>

#include "loyalty/switching.h"

namespace loyalty::wire {

// Of two programs in canonical form, by the fields of program.proto: what has
// an id is told by it, in the order of the second, and what is gone behind
// that; all else as "changed". Name and version are left out. What is damaged
// differs in nothing.
std::vector<ProgramDifference> DifferencesOf(std::string_view before,
                                             std::string_view after);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_DIFFERENCES_H_
