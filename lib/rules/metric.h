// SPDX-License-Identifier: Apache-2.0
//
// What a metric counts in, and what it says of that at some time.
//
// Most metrics are one counter. One of a calendar period has a counter for each
// window; a rolling one for each day, or second, in which something was
// counted, and adds up those of a stretch of time. What is told apart, values
// or days, is kept as how often each came, in counters of another name, so that
// a reversal can take one of them back; and how many there are, or the largest,
// is a counter beside them, unless the metric is rolling.
#ifndef LOYALTY_LIB_RULES_METRIC_H_
#define LOYALTY_LIB_RULES_METRIC_H_

#include <absl/time/time.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/window.h"
#include "model/entity.h"
#include "model/symbol.h"
#include "rules/streak.h"

namespace loyalty::rules {

// From kStreak on, those that streaks and quests are made of (expand.h): what a
// streak counts and how long it is; how long it ever was, and how often it came
// to some length, which read what that counts; and a quest's step, which counts
// only for who has joined (core/quests.h) or, kGoal, at what many work for
// together (core/goals.h). kSaid is no number: which entries
// were about an object, for what recalls them (engine/recall.h). kAmong was
// written as a metric, and reads what another one is kept apart by.
enum class MetricKind {
  kCount,
  kSum,
  kMax,
  kDistinct,
  kDays,
  kStreak,
  kLongest,
  kReached,
  kStep,
  kGoal,
  kSaid,
  kAmong
};

// How one of the program's metrics counts, whatever the event.
struct MetricTerms {
  std::string id = {};
  std::string name = {};       // in expressions; "" if they may not read it
  model::Symbol counter = {};  // "metric:<id>"
  model::Symbol tally =
      {};  // "metric:<id>/of": how often each value, day, came
  MetricKind kind = MetricKind::kCount;
  base::Period period = base::Period::kEver;  // of the calendar
  // Rolling, if one of them is not 0: over so many days of the calendar, or so
  // many seconds, up to the time of reading.
  int64_t days = 0;
  int64_t seconds = 0;
  bool has_key = false;  // kept apart `by` something
  bool int_key = false;  // which has to be an int, as another compares it
  bool per_object = false;
  std::optional<StreakTerms> streak = {};  // kStreak, kLongest, kReached
  int64_t length = 0;                      // kReached
  bool again = false;                      // likewise
  int counted_by = -1;   // place of the metric whose counters it reads; -1: own
  int quest = -1;        // kStep, kGoal: place among the program's
  int step = 0;          // kGoal: of that quest
  int currency = -1;     // of what is earned: its index
  int64_t at_least = 0;  // kAmong
  // By some event type: what it tells apart are members.
  bool tells_members = false;

  // What it says changes as time passes.
  bool passes() const {
    return is_rolling() || kind == MetricKind::kStreak ||
           (period != base::Period::kEver && !streak.has_value());
  }
  // It reads counters of a stretch of time, and not one.
  bool reads_range() const {
    return is_rolling() || streak.has_value() || kind == MetricKind::kAmong;
  }
  // It was written as a metric, counts something, and is told as one.
  bool is_told() const { return kind < MetricKind::kStreak; }
  bool is_rolling() const { return days > 0 || seconds > 0; }
  // Told apart, and not only added up.
  bool is_tallied() const {
    return kind != MetricKind::kCount && kind != MetricKind::kSum;
  }
  // One counter for ever, that is added to.
  bool is_plain() const {
    return !is_tallied() && !has_key && !is_rolling() &&
           period == base::Period::kEver;
  }
};

// The window of the counter that an event at `time` is counted in.
int64_t MetricWindow(const MetricTerms& terms, absl::Time time,
                     absl::TimeZone zone);

// All that the metric looks at to say what it says at `time`; of a metric with
// a key, for `key`.
model::CounterRange MetricRange(const MetricTerms& terms, absl::Time time,
                                absl::TimeZone zone,
                                const model::CounterKeyPart& key = {});

// What it says, `counters` having those of `range`. Where a sum over time
// leaves the range of 64 bits, the end of that range.
int64_t MetricValue(const MetricTerms& terms, const model::Counters& counters,
                    const model::CounterRange& range);

// Of kAmong: `counters` having those of the metric that it reads, in the window
// of `range`, of how many keys that one says enough. With `before`, of those
// that are less.
int64_t CountAmong(const MetricTerms& terms, const model::Counters& counters,
                   const model::CounterRange& range,
                   std::optional<int64_t> before);

// Of a metric with a key: what it says for each, 0 left out.
std::map<model::CounterKeyPart, int64_t> MetricValues(
    const MetricTerms& terms, const model::Counters& counters,
    const model::CounterRange& range);

// The largest value as a counter keeps it: one that is 0 is none.
int64_t KeptLargest(int64_t value);
// REQUIRES: kept != 0.
int64_t LargestKept(int64_t kept);

// What an expression says, as the key of a counter: the id of an object,
// whatever it means. Nothing for "".
model::CounterKeyPart KeyOfText(std::string_view text);
model::CounterKeyPart KeyOfInt(int64_t value);
// REQUIRES: `key` is KeyOfInt of something.
int64_t IntOfKey(const model::CounterKeyPart& key);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_METRIC_H_
