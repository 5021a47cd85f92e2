// SPDX-License-Identifier: Apache-2.0
//
// Did-you-mean: the known name that a misspelt one was likely meant to be.
#ifndef LOYALTY_LIB_BASE_SUGGEST_H_
#define LOYALTY_LIB_BASE_SUGGEST_H_

#include <string>
#include <string_view>
#include <vector>

namespace loyalty::base {

// The name of `known` with the fewest single-letter changes to `name`, or "" if
// none is near: within a third of its length, and at least one change.
std::string Nearest(std::string_view name,
                    const std::vector<std::string>& known);

// `Did you mean "points"?`, of the nearest, or of the few that have the name as
// their first or last words; with no such, `Known: points, miles.`, or "" where
// nothing is known.
std::string DidYouMean(std::string_view name,
                       const std::vector<std::string>& known);

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_SUGGEST_H_
