// SPDX-License-Identifier: Apache-2.0
//
// See ladder.h.
#include "rules/ladder.h"

#include <absl/time/civil_time.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/amounts.h"

namespace loyalty::rules {
namespace {

// What came in one window.
struct Bucket {
  int64_t window = 0;
  TierUnits came = {};
};

// All there are, in the order of their windows.
std::vector<Bucket> BucketsOf(const Ladder& ladder,
                              const model::Counters& counters) {
  std::map<int64_t, TierUnits> found;
  const auto each = [&](model::Symbol name, const auto& see) {
    for (auto it =
             counters.lower_bound({name, 0, model::CounterKeyPart::Lowest()});
         it != counters.end() && it->first.name == name; ++it) {
      if (it->second == 0) continue;
      TierUnits& came = found[IntOfKey(it->first.key)];
      came.units.resize(ladder.measures());
      see(came, it->second);
    }
  };
  for (size_t i = 0; i < ladder.measures(); ++i) {
    each(ladder.UnitsCounter(i),
         [i](TierUnits& came, int64_t units) { came.units[i] = units; });
  }
  each(ladder.tiers->reached, [](TierUnits& came, int64_t level) {
    came.reached = static_cast<int>(level);
  });
  std::vector<Bucket> buckets;
  buckets.reserve(found.size());
  for (const auto& [window, came] : found) buckets.push_back({window, came});
  return buckets;
}

void Add(Amounts& sum, const Amounts& more) {
  for (size_t i = 0; i < more.size(); ++i) {
    // Counters that could only be so large if somebody wrote them.
    sum[i] = base::Sum(sum[i], more[i]).value_or(sum[i]);
  }
}

void Add(TierUnits& sum, const TierUnits& more) {
  Add(sum.units, more.units);
  sum.reached = std::max(sum.reached, more.reached);
}

TierUnits NothingOf(const Ladder& ladder) {
  return {.units = Amounts(ladder.measures(), 0)};
}

// The least of that measure that keeps a level.
int64_t KeptFrom(const Ladder& ladder, int level, size_t measure) {
  const int64_t at = ladder.Asked(level, measure);
  return ladder.tiers->low_water.Of(at, base::Rounding::kUp).value_or(at);
}

bool IsKept(const Ladder& ladder, int level, const Amounts& units) {
  for (size_t i = 0; i < units.size(); ++i) {
    if (units[i] < KeptFrom(ladder, level, i)) return false;
  }
  return true;
}

// What is left of `level` after a review of a period, or day, with `units`.
int Reviewed(const Ladder& ladder, int level, int qualified,
             const Amounts& units) {
  if (qualified >= level || IsKept(ladder, level, units)) return level;
  switch (ladder.tiers->down) {
    case model::TierDown::kToQualified: return qualified;
    case model::TierDown::kOne: return std::max(qualified, level - 1);
    case model::TierDown::kNever: break;
  }
  return level;
}

// Period after period, from the first one in which something came.
class PeriodWalk {
 public:
  PeriodWalk(const Ladder& ladder, std::vector<Bucket> buckets,
             absl::Time since, absl::TimeZone zone)
      : ladder_(ladder),
        terms_(*ladder.tiers),
        buckets_(std::move(buckets)),
        since_(since),
        zone_(zone) {}

  TierPeriod At(absl::Time time) const {
    return PeriodAt(terms_, since_, time, zone_);
  }

  int LevelAt(absl::Time time) const {
    if (buckets_.empty()) return 0;
    size_t next = 0;
    TierPeriod now =
        At(std::min(absl::FromUnixSeconds(buckets_.front().window), time));
    int level = 0;   // as the period began
    int before = 0;  // the review
    while (true) {
      TierUnits came = NothingOf(ladder_);
      const size_t first = next;
      for (; next < buckets_.size() &&
             absl::FromUnixSeconds(buckets_[next].window) < now.end;
           ++next) {
        Add(came, buckets_[next].came);
      }
      const int qualified = std::max(ladder_.LevelOf(came.units), came.reached);
      const int reached = std::max(level, qualified);
      if (time < now.end) return std::max(reached, Held(now, before, time));
      const int left = terms_.this_period_only
                           ? 0
                           : Reviewed(ladder_, reached, qualified, came.units);
      // Nothing comes any more, and so nothing changes any more.
      const bool is_empty = first == buckets_.size();
      if (is_empty && left == level && left == reached) return left;
      before = reached;
      level = left;
      now = At(now.end);
    }
  }

  // When another level follows if nothing more is earned: at a review, or at
  // the end of its grace.
  absl::Time NextChange(absl::Time time) const {
    const int level = LevelAt(time);
    TierPeriod period = At(time);
    const absl::Time last =
        buckets_.empty() ? time : absl::FromUnixSeconds(buckets_.back().window);
    // After all that came, each review takes something, or none does.
    for (int quiet = 0; quiet <= 2;) {
      for (const absl::Time end : {EndOfGrace(period.start), period.end}) {
        if (end > time && LevelAt(end) != level) return end;
      }
      if (period.start > last) ++quiet;
      period = At(period.end);
    }
    return absl::InfiniteFuture();
  }

 private:
  absl::Time EndOfGrace(absl::Time start) const {
    return base::After(start, terms_.grace, zone_);
  }
  // What a review took and grace still leaves.
  int Held(const TierPeriod& now, int before, absl::Time time) const {
    if (terms_.grace == base::Span{}) return 0;
    return time < EndOfGrace(now.start) ? before : 0;
  }

  const Ladder& ladder_;
  const TierTerms& terms_;
  const std::vector<Bucket> buckets_;
  const absl::Time since_;
  const absl::TimeZone zone_;
};

// Day after day, but only those on which something may change: something came,
// or came so long ago that it counts no more, or a tier may be lost now.
//
// Where tiers are valid for some time, none is lost before, and a review of
// what came in that time begins the next.
class RollingWalk {
 public:
  RollingWalk(const Ladder& ladder, const std::vector<Bucket>& buckets,
              absl::TimeZone zone)
      : ladder_(ladder), terms_(*ladder.tiers), zone_(zone) {
    for (const Bucket& bucket : buckets) {
      const absl::CivilDay day =
          absl::ToCivilDay(absl::FromUnixSeconds(bucket.window), zone);
      came_.emplace(day, bucket.came.units);
      days_.insert(day);
      days_.insert(day + terms_.days);
    }
  }

  absl::CivilDay DayOf(absl::Time time) const {
    return absl::ToCivilDay(time, zone_);
  }

  // Goes on to `day`.
  void GoTo(absl::CivilDay day) {
    while (!days_.empty() && *days_.begin() <= day) Step();
    ComeTo(day);
  }

  // Goes on to the day on which the level is another one; InfiniteFuture if
  // there is none.
  absl::Time GoToNextChange() {
    const int level = level_;
    while (!days_.empty()) {
      const absl::CivilDay day = *days_.begin();
      Step();
      if (level_ != level) return absl::FromCivil(day, zone_);
    }
    return absl::InfiniteFuture();
  }

  int level() const { return level_; }
  const Amounts& units() const { return units_; }

  // Of a level that is valid for some time: when that is over, and what came in
  // it by `day`, to which this has gone.
  absl::CivilDay ReviewAfter(absl::CivilDay day) const {
    absl::CivilDay review = terms_.ReviewAfter(reached_);
    while (review <= day) review = terms_.ReviewAfter(review - 1);
    return review;
  }
  Amounts CameSinceReached(absl::CivilDay day) const {
    return CameBetween(reached_, day);
  }

 private:
  // On the days after `from`, up to `to`.
  Amounts CameBetween(absl::CivilDay from, absl::CivilDay to) const {
    Amounts came(ladder_.measures(), 0);
    for (auto it = came_.upper_bound(from);
         it != came_.end() && it->first <= to; ++it) {
      Add(came, it->second);
    }
    return came;
  }
  // The units of the days that count on `day`.
  void ComeTo(absl::CivilDay day) {
    units_ = CameBetween(day - terms_.days, day);
  }

  void Step() {
    const absl::CivilDay day = *days_.begin();
    days_.erase(days_.begin());
    ComeTo(day);
    const int qualified = ladder_.LevelOf(units_);
    if (qualified > level_) {
      level_ = qualified;
      reached_ = day;
      if (terms_.has_validity()) days_.insert(terms_.ReviewAfter(day));
    } else if (terms_.has_validity()) {
      if (level_ > 0 && day == terms_.ReviewAfter(reached_)) {
        ReviewOn(day, qualified);
      }
    } else if (qualified < level_ && day - reached_ < terms_.settle_days) {
      days_.insert(reached_ + terms_.settle_days);
    } else if (const int left = Reviewed(ladder_, level_, qualified, units_);
               left < level_) {
      level_ = left;
      days_.insert(day + 1);  // one more, where each review takes one
    }
  }

  // The first day on which the level is valid no more.
  void ReviewOn(absl::CivilDay day, int qualified) {
    const Amounts came = CameBetween(reached_, day - 1);
    const int left = Reviewed(ladder_, level_,
                              std::max(qualified, ladder_.LevelOf(came)), came);
    // Nothing comes any more, and so nothing changes any more.
    const bool is_over =
        left == level_ && came_.upper_bound(reached_) == came_.end();
    level_ = left;
    reached_ = day - 1;
    if (level_ > 0 && !is_over) days_.insert(terms_.ReviewAfter(reached_));
  }

  const Ladder& ladder_;
  const TierTerms& terms_;
  const absl::TimeZone zone_;
  std::map<absl::CivilDay, Amounts> came_;
  std::set<absl::CivilDay> days_;  // that are to come
  int level_ = 0;
  // Or, where it is valid for some time, the last day before that.
  absl::CivilDay reached_ = absl::CivilDay::min();
  Amounts units_ = {};
};

// What somebody said by hand.
struct ByHand {
  bool holds = false;  // at the time that is asked about
  bool is_locked = false;
  int level = 0;
  absl::Time from = absl::InfiniteFuture();
  absl::Time until = absl::InfiniteFuture();
};

ByHand HandAt(const TierTerms& terms, const model::EntityState& member,
              absl::Time time) {
  const int64_t said = member.Counter({.name = terms.hand});
  if (said == 0) return {};
  const int64_t until = member.Counter({.name = terms.hand_until});
  ByHand hand{
      .is_locked = said < 0,
      .level = static_cast<int>(std::abs(said)) - 1,
      .from = absl::FromUnixMicros(member.Counter({.name = terms.hand_from})),
      .until =
          until == 0 ? absl::InfiniteFuture() : absl::FromUnixMicros(until)};
  hand.holds = hand.from <= time && time < hand.until;
  return hand;
}

int WithHand(const ByHand& hand, int level) {
  if (!hand.holds) return level;
  return hand.is_locked ? hand.level : std::max(hand.level, level);
}

int EarnedLevelAt(const Ladder& ladder, const model::EntityState& member,
                  absl::Time time, absl::TimeZone zone) {
  std::vector<Bucket> buckets = BucketsOf(ladder, member.counters);
  if (!ladder.tiers->is_rolling()) {
    return PeriodWalk(ladder, std::move(buckets), member.since, zone)
        .LevelAt(time);
  }
  RollingWalk walk(ladder, buckets, zone);
  walk.GoTo(walk.DayOf(time));
  return walk.level();
}

int LevelByBadges(const Ladder& ladder, const model::EntityState& member) {
  size_t level = 1;
  while (level < ladder.levels.size() &&
         member.Held(ladder.levels[level].badge).balance > 0) {
    ++level;
  }
  return static_cast<int>(level) - 1;
}

void StandInPeriods(const Ladder& ladder, const model::EntityState& member,
                    absl::Time time, absl::TimeZone zone, Standing& standing) {
  const PeriodWalk walk(ladder, BucketsOf(ladder, member.counters),
                        member.since, zone);
  const TierPeriod now = walk.At(time);
  standing.level = walk.LevelAt(time);
  standing.units = UnitsIn(ladder, member.counters, now).units;
  standing.in_review = standing.units;
  standing.until = walk.NextChange(time);
  standing.review = now.end;
  standing.at_review = walk.LevelAt(now.end);
}

void StandRolling(const Ladder& ladder, const model::EntityState& member,
                  absl::Time time, absl::TimeZone zone, Standing& standing) {
  RollingWalk walk(ladder, BucketsOf(ladder, member.counters), zone);
  const absl::CivilDay day = walk.DayOf(time);
  walk.GoTo(day);
  standing.level = walk.level();
  standing.units = standing.in_review = walk.units();
  if (ladder.tiers->has_validity() && walk.level() > 0) {
    const absl::CivilDay review = walk.ReviewAfter(day);
    standing.review = absl::FromCivil(review, zone);
    // What is known to come before it too, as at_review has it.
    standing.in_review = walk.CameSinceReached(review - 1);
    RollingWalk after = walk;
    after.GoTo(review);
    standing.at_review = after.level();
    standing.until = walk.GoToNextChange();
    return;
  }
  standing.until = walk.GoToNextChange();
  standing.at_review = walk.level();
}

// Of tiers, whatever was said by hand.
Standing EarnedStanding(const Ladder& ladder, const model::EntityState& member,
                        absl::Time time, absl::TimeZone zone) {
  Standing standing;
  if (ladder.tiers->is_rolling()) {
    StandRolling(ladder, member, time, zone, standing);
  } else {
    StandInPeriods(ladder, member, time, zone, standing);
  }
  standing.to_keep.assign(ladder.measures(), 0);
  // What a review is known to leave, needs nothing.
  const bool is_kept =
      ladder.tiers->has_validity() && standing.at_review >= standing.level;
  if (standing.level == 0 || is_kept) return standing;
  for (size_t i = 0; i < ladder.measures(); ++i) {
    standing.to_keep[i] = std::max<int64_t>(
        KeptFrom(ladder, standing.level, i) - standing.in_review[i], 0);
  }
  return standing;
}

// Puts what was said by hand over what was earned.
void PutHand(const Ladder& ladder, const model::EntityState& member,
             absl::Time time, absl::TimeZone zone, Standing& standing) {
  const ByHand hand = HandAt(*ladder.tiers, member, time);
  if (hand.from == absl::InfiniteFuture()) return;
  const auto level_at = [&](absl::Time when) {
    return LevelAt(ladder, member, when, zone);
  };
  const int level = WithHand(hand, standing.level);
  standing.by_hand = hand.holds && (hand.is_locked || level > standing.level);
  if (standing.by_hand) standing.to_keep.assign(ladder.measures(), 0);
  // What changes beneath it may not show, and what it ends may not either.
  absl::Time next = standing.until;
  for (absl::Time now = time;; now = next) {
    next = now == time ? standing.until
                       : EarnedStanding(ladder, member, now, zone).until;
    for (const absl::Time edge : {hand.from, hand.until}) {
      if (edge > now) next = std::min(next, edge);
    }
    if (next == absl::InfiniteFuture() || level_at(next) != level) break;
  }
  standing.until = next;
  standing.level = level;
  standing.at_review = standing.review == absl::InfiniteFuture()
                           ? level
                           : level_at(standing.review);
}

}  // namespace

int64_t TierTerms::WindowOf(absl::Time time, absl::TimeZone zone) const {
  return base::WindowStart(
      time, period == base::Period::kEver ? base::Period::kDay : period, zone);
}

absl::CivilDay TierTerms::ReviewAfter(absl::CivilDay day) const {
  if (valid_days > 0) return day + valid_days + 1;
  // A day that its month lacks is as many days later as it lacks.
  return absl::CivilDay(day.year(), day.month() + valid_months, day.day()) + 1;
}

int Ladder::LevelOf(const Amounts& amounts) const {
  int level = LevelOf(amounts[0]);
  const auto reaches = [&](int of) {
    for (size_t i = 1; i < amounts.size(); ++i) {
      if (amounts[i] < Asked(of, i)) return false;
    }
    return true;
  };
  while (level > 0 && !reaches(level)) --level;
  return level;
}

int Ladder::LevelOf(int64_t units) const {
  int level = 0;
  for (size_t i = 1; i < levels.size() && !levels[i].by_hand &&
                     levels[i].badge.empty() && levels[i].at <= units;
       ++i) {
    level = static_cast<int>(i);
  }
  return level;
}

int Ladder::IndexOf(std::string_view level) const {
  for (size_t i = 0; i < levels.size(); ++i) {
    if (levels[i].id == level) return static_cast<int>(i);
  }
  return -1;
}

int64_t UnitsOf(const Ladder& ladder, const model::EntityState& member) {
  if (ladder.currency >= 0) return member.Held(ladder.currency_symbol).earned;
  if (ladder.metric < 0) return 0;
  // One for ever: of any time.
  const model::CounterRange range =
      MetricRange(ladder.metric_terms, absl::UnixEpoch(), absl::UTCTimeZone());
  return MetricValue(ladder.metric_terms, member.counters, range);
}

int LevelAt(const Ladder& ladder, const model::EntityState& member,
            absl::Time time, absl::TimeZone zone) {
  if (ladder.tiers.has_value()) {
    return WithHand(HandAt(*ladder.tiers, member, time),
                    EarnedLevelAt(ladder, member, time, zone));
  }
  if (ladder.is_of_league) {
    const auto most = std::ssize(ladder.levels) - 1;
    return static_cast<int>(
        std::clamp<int64_t>(member.Counter({.name = ladder.kept}), 0, most));
  }
  const int level = ladder.currency < 0 && ladder.metric < 0
                        ? LevelByBadges(ladder, member)
                        : ladder.LevelOf(UnitsOf(ladder, member));
  if (!ladder.keeps) return level;
  return std::max(level,
                  static_cast<int>(member.Counter({.name = ladder.kept})));
}

Standing StandingAt(const Ladder& ladder, const model::EntityState& member,
                    absl::Time time, absl::TimeZone zone) {
  Standing standing;
  if (!ladder.tiers.has_value()) {
    standing.level = LevelAt(ladder, member, time, zone);
    standing.units = {UnitsOf(ladder, member)};
    standing.then = standing.at_review = standing.level;
    return standing;
  }
  standing = EarnedStanding(ladder, member, time, zone);
  PutHand(ladder, member, time, zone, standing);
  standing.then = standing.until == absl::InfiniteFuture()
                      ? standing.level
                      : LevelAt(ladder, member, standing.until, zone);
  return standing;
}

TierPeriod PeriodAt(const TierTerms& terms, absl::Time since, absl::Time time,
                    absl::TimeZone zone) {
  if (!terms.anniversary) {
    return {.start = absl::FromUnixSeconds(
                base::WindowStart(time, terms.period, zone)),
            .end = base::WindowEnd(time, terms.period, zone)};
  }
  // The 29 February of a year that has none is its 1 March.
  const absl::CivilDay first = absl::ToCivilDay(since, zone);
  const absl::CivilDay day = absl::ToCivilDay(time, zone);
  const auto anniversary = [&](absl::civil_year_t year) {
    return absl::CivilDay(year, first.month(), first.day());
  };
  const absl::civil_year_t year =
      anniversary(day.year()) <= day ? day.year() : day.year() - 1;
  return {.start = absl::FromCivil(anniversary(year), zone),
          .end = absl::FromCivil(anniversary(year + 1), zone)};
}

TierUnits UnitsIn(const Ladder& ladder, const model::Counters& counters,
                  const TierPeriod& period) {
  TierUnits sum = NothingOf(ladder);
  for (const Bucket& bucket : BucketsOf(ladder, counters)) {
    const absl::Time start = absl::FromUnixSeconds(bucket.window);
    if (start >= period.start && start < period.end) Add(sum, bucket.came);
  }
  return sum;
}

}  // namespace loyalty::rules
