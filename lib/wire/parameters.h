// SPDX-License-Identifier: Apache-2.0
//
// A canonical program with other values for its parameters.
#ifndef LOYALTY_LIB_WIRE_PARAMETERS_H_
#define LOYALTY_LIB_WIRE_PARAMETERS_H_

#include <absl/status/statusor.h>

#include <map>
#include <string>
#include <string_view>

namespace loyalty::wire {

// Returns `canonical` (wire::ReadProgram) with those defaults replaced, so that
// the bytes say all that decides: the same program with other parameters is
// another program.
//
// REQUIRES: every name is a parameter of the program.
// ERRORS:   kDataLoss if `canonical` is no program.
absl::StatusOr<std::string> WithParameters(
    std::string_view canonical,
    const std::map<std::string, std::string, std::less<>>& parameters);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_PARAMETERS_H_
