// SPDX-License-Identifier: Apache-2.0
//
// The parts of a condition that all have to hold, as written: for who explains
// which of them did not.
#ifndef LOYALTY_LIB_CEL_CONJUNCTS_H_
#define LOYALTY_LIB_CEL_CONJUNCTS_H_

#include <string>
#include <string_view>
#include <vector>

namespace loyalty::cel {

// "a > 1 && (b || c)" as "a > 1" and "(b || c)". A source whose outermost
// operator is not && is one part; what does not read as CEL, too.
std::vector<std::string> Conjuncts(std::string_view source);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_CONJUNCTS_H_
