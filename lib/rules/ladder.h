// SPDX-License-Identifier: Apache-2.0
//
// Ladders: where a member stands on one at a time, by what their counters and
// holdings say.
//
// A ladder without tiers follows what was earned, or counted, at once. One with
// tiers is read, and never stored: a standing follows from how many units came
// in which period, or on which day, and from nothing else. So it makes no
// difference when, or in which order, an event came, nor whether a sweep ran.
#ifndef LOYALTY_LIB_RULES_LADDER_H_
#define LOYALTY_LIB_RULES_LADDER_H_

#include <absl/container/inlined_vector.h>
#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ratio.h"
#include "base/span.h"
#include "base/window.h"
#include "model/entity.h"
#include "model/spec.h"
#include "model/symbol.h"
#include "rules/metric.h"

namespace loyalty::rules {

// Of each measure of a ladder: the one it is over, and those that its levels
// ask also.
using Amounts = absl::InlinedVector<int64_t, 2>;

struct Level {
  std::string id = {};
  std::string describe = {};
  int64_t at = 0;
  std::vector<int64_t> also =
      {};  // of each of Ladder::also, no less than below
  std::vector<std::string> privileges = {};
  model::Symbol badge = {};  // instead of `at`: its currency, "badge:<id>"
  bool by_hand = false;      // no units reach it
};

// Something besides that the levels of a ladder with tiers ask.
struct LadderMeasure {
  int currency = -1;  // places among the program's, of which one is -1
  int metric = -1;
  model::Symbol currency_symbol = {};
  MetricTerms metric_terms = {};
  model::Symbol units = {};  // counters, as TierTerms::units
};

// How the tiers of a ladder come and go.
struct TierTerms {
  // One of the three: periods of the calendar, years of membership, or rolling
  // over so many days.
  base::Period period = base::Period::kEver;
  bool anniversary = false;
  int64_t days = 0;

  model::TierDown down = model::TierDown::kToQualified;
  bool loss_at_once = false;
  bool this_period_only = false;
  base::Ratio low_water = {};
  base::Span grace = {};
  int64_t settle_days = 0;
  // Rolling, if one is not 0: how long what was reached is held, before a
  // review says for how much longer.
  int64_t valid_days = 0;
  int64_t valid_months = 0;

  // Counters of the member. With the start of a period of the calendar, or else
  // of a day, as the key: how many units came in it, and the number of the
  // level that was reached in it, where a loss has taken units since.
  model::Symbol units = {};    // "tier:<id>"
  model::Symbol reached = {};  // "tier:<id>/reached"
  // By hand: the number of the level and 1, below 0 if it is locked; since
  // when; and until when, 0 for ever. In microseconds since 1970.
  model::Symbol hand = {};        // "tier:<id>/hand"
  model::Symbol hand_from = {};   // "tier:<id>/hand_from"
  model::Symbol hand_until = {};  // "tier:<id>/hand_until"
  // The number of the level that hosts were last told of. No reading asks it.
  model::Symbol told = {};  // "tier:<id>/told"

  bool is_rolling() const { return days > 0; }
  bool has_validity() const { return valid_days > 0 || valid_months > 0; }
  // The first day after what was reached, or renewed, on that one.
  absl::CivilDay ReviewAfter(absl::CivilDay day) const;
  // The window that units which come at `time` are counted in.
  int64_t WindowOf(absl::Time time, absl::TimeZone zone) const;
};

struct Ladder {
  std::string id = {};
  std::string describe = {};
  // What it is over: a currency, a metric, as places among the program's, or,
  // if both are -1, the badges that its levels name, or a league.
  int currency = -1;
  int metric = -1;
  model::Symbol currency_symbol = {};
  MetricTerms metric_terms = {};
  std::vector<LadderMeasure> also = {};
  std::vector<Level> levels = {};
  bool keeps = false;
  bool is_of_league = false;
  model::Symbol kept = {};  // "level:<id>": if it keeps, the number of the
                            // highest level that something was lost of; of a
                            // league, of the member's division
  std::optional<TierTerms> tiers = {};

  size_t measures() const { return 1 + also.size(); }
  // The index of the highest level reached with `units`.
  int LevelOf(int64_t units) const;
  int LevelOf(const Amounts& amounts) const;
  // What a level asks of that measure.
  int64_t Asked(int level, size_t measure) const {
    return measure == 0 ? levels[level].at : levels[level].also[measure - 1];
  }
  // The counters in which tiers count it.
  model::Symbol UnitsCounter(size_t measure) const {
    return measure == 0 ? tiers->units : also[measure - 1].units;
  }
  // -1 if there is none.
  int IndexOf(std::string_view level) const;
};

// A member's standing on a ladder.
struct Standing {
  int level = 0;  // index
  // That count for the next level: of the present period, if it has some. Of a
  // ladder without tiers, of the first measure only, which it has alone.
  Amounts units = {0};

  // Of tiers only. When another level follows if nothing more is earned, and
  // which; InfiniteFuture, and the same, if none does.
  absl::Time until = absl::InfiniteFuture();
  int then = 0;
  absl::Time review = absl::InfiniteFuture();  // the end of the present period
  int at_review = 0;  // the level then, if nothing more is earned
  // What counts for the review, and units still to earn for it not to take it.
  Amounts in_review = {0};
  Amounts to_keep = {0};
  bool by_hand = false;
};

// Only the level, which is quicker.
//
// REQUIRES: `member` has the counters that CountersOf names; of a ladder over a
// metric without tiers, the metric's.
int LevelAt(const Ladder& ladder, const model::EntityState& member,
            absl::Time time, absl::TimeZone zone);
Standing StandingAt(const Ladder& ladder, const model::EntityState& member,
                    absl::Time time, absl::TimeZone zone);

// Units that count for a ladder without tiers.
int64_t UnitsOf(const Ladder& ladder, const model::EntityState& member);

// The period of a ladder with tiers that `time` lies in, and that is not
// rolling: it holds the windows [start, end).
struct TierPeriod {
  absl::Time start = absl::InfinitePast();
  absl::Time end = absl::InfiniteFuture();
};
TierPeriod PeriodAt(const TierTerms& terms, absl::Time since, absl::Time time,
                    absl::TimeZone zone);

// What came in a period, as far as `counters` say.
struct TierUnits {
  Amounts units = {};
  int reached = 0;  // index of a level that losses have not taken
};
TierUnits UnitsIn(const Ladder& ladder, const model::Counters& counters,
                  const TierPeriod& period);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_LADDER_H_
