// SPDX-License-Identifier: Apache-2.0
//
// During: when something holds: from some time until another, on some days of
// the week, in some hours.
#ifndef LOYALTY_LIB_RULES_DURING_H_
#define LOYALTY_LIB_RULES_DURING_H_

#include <absl/time/time.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace loyalty::rules {

struct During {
  std::string campaign = {};  // the id, if it is one's
  // [from, until)
  absl::Time from = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();
  uint8_t weekdays = 0;  // a bit for each, Monday the lowest; 0: all
  // [first, second) in minutes of the day, in the program's zone; none: all.
  // Where the second is not greater, it is of the next day.
  std::vector<std::pair<int, int>> hours = {};

  bool Holds(absl::Time time, absl::TimeZone zone) const;

  // A few words on why it does not hold; "" if it does.
  std::string WhyNot(absl::Time time, absl::TimeZone zone) const;
};

// Whether all of them do.
inline bool AllHold(const std::vector<During>& all, absl::Time time,
                    absl::TimeZone zone) {
  return std::all_of(all.begin(), all.end(),
                     [&](const During& one) { return one.Holds(time, zone); });
}

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_DURING_H_
