// SPDX-License-Identifier: Apache-2.0
//
// An outcome as the lines that a scenario would expect of it. Here alone is
// known which effects there are: a new one does not compile until it is
// described.
#ifndef LOYALTY_TOOLS_SCENARIO_EFFECTS_H_
#define LOYALTY_TOOLS_SCENARIO_EFFECTS_H_

#include <absl/status/statusor.h>

#include <string>
#include <vector>

#include "loyalty/outcome.h"
#include "scenario.h"

namespace loyalty::command {

// One effect, as one line or two: an award that was cut in part is what was
// posted and what was not, which add up to what its formula asked.
std::vector<Expectation> Described(const Effect& effect);

// "malformed", "repeat" and "reject REASON" stand alone; an outcome without any
// effect is "none".
std::vector<Expectation> Described(const absl::StatusOr<Outcome>& outcome);

// What of one is not of the other. A line that names no rule agrees with one
// that does; lines that come several times are several; notices that came need
// not be expected.
struct Comparison {
  std::vector<Expectation> missing = {};     // expected, and did not come
  std::vector<Expectation> unexpected = {};  // came, and was not expected
  bool agrees() const { return missing.empty() && unexpected.empty(); }
};
Comparison Compared(const std::vector<Expectation>& expected,
                    const std::vector<Expectation>& came);

// As a line of a scenario.
std::string AsLine(const Expectation& expectation);

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_SCENARIO_EFFECTS_H_
