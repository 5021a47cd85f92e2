// SPDX-License-Identifier: Apache-2.0
//
// See metric.h.
#include "rules/metric.h"

#include <absl/numeric/int128.h>
#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <set>
#include <utility>

#include "base/digest.h"
#include "base/views.h"
#include "model/event_limits.h"

namespace loyalty::rules {
namespace {

// What counters of a stretch of time come to together. In no order.
class Fold {
 public:
  explicit Fold(MetricKind kind) : kind_(kind) {}

  void Add(const model::CounterKey& counter, int64_t value) {
    if (value == 0) return;
    switch (kind_) {
      case MetricKind::kCount:
      case MetricKind::kSum: sum_ += value; break;
      case MetricKind::kDays: ++sum_; break;
      case MetricKind::kDistinct: values_.insert(counter.key); break;
      case MetricKind::kMax: {
        const int64_t one = IntOfKey(counter.key);
        largest_ = std::max(largest_.value_or(one), one);
        break;
      }
      case MetricKind::kStreak:
      case MetricKind::kLongest:
      case MetricKind::kReached:
      case MetricKind::kStep:
      case MetricKind::kGoal:
      case MetricKind::kSaid:
      case MetricKind::kAmong: break;  // are not folded
    }
  }

  int64_t Value() const {
    if (kind_ == MetricKind::kMax) return largest_.value_or(0);
    if (kind_ == MetricKind::kDistinct) {
      return static_cast<int64_t>(values_.size());
    }
    using Limits = std::numeric_limits<int64_t>;
    return static_cast<int64_t>(std::clamp<absl::int128>(
        sum_, absl::int128(Limits::min()), absl::int128(Limits::max())));
  }

 private:
  MetricKind kind_;
  absl::int128 sum_ = 0;
  std::set<model::CounterKeyPart> values_;
  std::optional<int64_t> largest_;
};

// Of one that reads a streak's counters.
int64_t SaidOfStreak(const MetricTerms& terms, const model::Counters& counters,
                     const model::CounterRange& range) {
  const Rows rows = RowsBy(*terms.streak, range.name, counters, range.to);
  if (terms.kind == MetricKind::kLongest) return rows.longest();
  if (terms.kind == MetricKind::kReached) {
    return rows.TimesReached(terms.length, terms.again);
  }
  return rows.length();
}

// Of a counter that says it by itself.
int64_t Said(const MetricTerms& terms, int64_t counter) {
  return terms.kind == MetricKind::kMax && counter != 0 ? LargestKept(counter)
                                                        : counter;
}

template <typename See>
void ForEachIn(const model::Counters& counters,
               const model::CounterRange& range, const See& see) {
  for (auto it = counters.lower_bound(
           {range.name, range.from, model::CounterKeyPart::Lowest()});
       it != counters.end() && it->first.name == range.name &&
       it->first.window <= range.to;
       ++it) {
    see(it->first, it->second);
  }
}

}  // namespace

int64_t MetricWindow(const MetricTerms& terms, absl::Time time,
                     absl::TimeZone zone) {
  if (terms.seconds > 0) return absl::ToUnixSeconds(time);
  return base::WindowStart(
      time, terms.days > 0 ? base::Period::kDay : terms.period, zone);
}

model::CounterRange MetricRange(const MetricTerms& terms, absl::Time time,
                                absl::TimeZone zone,
                                const model::CounterKeyPart& key) {
  const int64_t last = MetricWindow(terms, time, zone);
  model::CounterRange range = {.name = terms.counter,
                               .from = last,
                               .to = last,
                               .key = key,
                               .any_key = false};
  if (terms.streak.has_value()) {
    // Rows are as long as they are, and how often one came to some length is
    // asked of all time: an event that comes late may make a later one longer.
    range.name = terms.tally;
    range.from = std::numeric_limits<int64_t>::min();
    if (terms.kind == MetricKind::kReached) {
      range.to = std::numeric_limits<int64_t>::max() / 2;
    }
    range.any_key = true;
    return range;
  }
  if (!terms.is_rolling()) return range;
  range.from = terms.seconds > 0 ? last - terms.seconds + 1
                                 : base::DayBefore(last, terms.days - 1, zone);
  if (terms.is_tallied()) range.name = terms.tally;
  range.any_key =
      terms.kind == MetricKind::kMax || terms.kind == MetricKind::kDistinct;
  return range;
}

int64_t MetricValue(const MetricTerms& terms, const model::Counters& counters,
                    const model::CounterRange& range) {
  if (terms.streak.has_value()) return SaidOfStreak(terms, counters, range);
  if (!terms.is_rolling()) {
    const auto found = counters.find({range.name, range.from, range.key});
    return found == counters.end() ? 0 : Said(terms, found->second);
  }
  Fold fold(terms.kind);
  ForEachIn(counters, range,
            [&](const model::CounterKey& counter, int64_t value) {
              if (range.any_key || counter.key == range.key) {
                fold.Add(counter, value);
              }
            });
  return fold.Value();
}

int64_t CountAmong(const MetricTerms& terms, const model::Counters& counters,
                   const model::CounterRange& range,
                   std::optional<int64_t> before) {
  int64_t many = 0;
  ForEachIn(counters, range,
            [&](const model::CounterKey& counter, int64_t value) {
              // What an event says nothing of has no key, and is none of them.
              if (counter.key.empty() || value < terms.at_least) return;
              const bool is_before =
                  !before.has_value() || IntOfKey(counter.key) < *before;
              if (is_before) ++many;
            });
  return many;
}

std::map<model::CounterKeyPart, int64_t> MetricValues(
    const MetricTerms& terms, const model::Counters& counters,
    const model::CounterRange& range) {
  std::map<model::CounterKeyPart, Fold> folds;
  ForEachIn(
      counters, range, [&](const model::CounterKey& counter, int64_t value) {
        // What is no stretch of time has said how many days there are.
        const MetricKind kind =
            terms.is_rolling() ? terms.kind : MetricKind::kSum;
        folds.try_emplace(counter.key, kind).first->second.Add(counter, value);
      });
  std::map<model::CounterKeyPart, int64_t> values;
  for (const auto& [key, fold] : folds) {
    if (fold.Value() != 0) values.emplace(key, fold.Value());
  }
  return values;
}

int64_t KeptLargest(int64_t value) { return value < 0 ? value : value + 1; }
int64_t LargestKept(int64_t kept) { return kept < 0 ? kept : kept - 1; }

model::CounterKeyPart KeyOfText(std::string_view text) {
  if (text.empty()) return {};
  std::string id = text.size() > model::kMaxIdBytes
                       ? absl::BytesToHexString(base::av(base::Sha256(text)))
                       : std::string(text);
  return model::Entity{model::Entity::Kind::kObject, std::move(id)};
}

model::CounterKeyPart KeyOfInt(int64_t value) {
  return model::Entity{model::Entity::Kind::kObject, absl::StrCat(value)};
}

int64_t IntOfKey(const model::CounterKeyPart& key) {
  int64_t value = 0;
  return absl::SimpleAtoi(key.id(), &value) ? value : 0;
}

}  // namespace loyalty::rules
