// SPDX-License-Identifier: Apache-2.0
//
// Streaks: what a member's counters say of windows in a row.
//
// Each window in which something was done has a counter that says how often, so
// that a reversal can take one of them back; and each that is frozen has one.
// All else follows from those whenever it is asked: what is reversed was never
// done, and an event that comes late joins what it lies between.
#ifndef LOYALTY_LIB_RULES_STREAK_H_
#define LOYALTY_LIB_RULES_STREAK_H_

#include <absl/time/time.h>

#include <cstdint>
#include <vector>

#include "base/window.h"
#include "model/entity.h"

namespace loyalty::rules {

struct StreakTerms {
  base::Period every = base::Period::kDay;  // kDay, kWeek or kMonth
  uint8_t weekdays = 0;      // a bit for each, Monday the lowest; 0: all
  int64_t freeze_every = 0;  // so much longer, a row has earned a freeze
  int64_t freeze_max = 0;    // and keeps at most so many
  absl::TimeZone zone = {};
};

// The keys of the two counters of a window: what was done, and that it is
// frozen.
model::CounterKeyPart ActedKey();
model::CounterKeyPart FrozenKey();

// Whether anything may be done in the window that starts at `window`.
bool Counts(const StreakTerms& terms, int64_t window);

// Windows in a row. One that was missed, and did not count, was frozen, or used
// a freeze, is between them, and does not make it longer.
struct Row {
  int64_t first = 0;  // where its first window starts
  int64_t last = 0;   // and its last, so far
  int64_t length = 0;
  int64_t freezes = 0;  // that it has left

  friend bool operator==(const Row&, const Row&) = default;
};

// All that there were by some window, that one too.
struct Rows {
  std::vector<Row> rows = {};  // in order
  bool goes_on = false;        // the last one does
  bool acted = false;          // in that window
  // The row that goes on ends then, unless something is done before; forever if
  // none goes on.
  absl::Time act_before = absl::InfiniteFuture();

  int64_t length() const { return goes_on ? rows.back().length : 0; }
  int64_t freezes() const { return goes_on ? rows.back().freezes : 0; }
  int64_t longest() const;
  // How often one was `length` long; or, `again`, so much longer.
  int64_t TimesReached(int64_t length, bool again) const;
};

// Those by the window that starts at `now`, of a streak whose counters are
// called `name`.
Rows RowsBy(const StreakTerms& terms, model::Symbol name,
            const model::Counters& counters, int64_t now);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_STREAK_H_
