// SPDX-License-Identifier: Apache-2.0
//
// See streak.h.
#include "rules/streak.h"

#include <absl/time/civil_time.h>

#include <algorithm>
#include <limits>

namespace loyalty::rules {
namespace {

int64_t NextWindow(const StreakTerms& terms, int64_t window) {
  return absl::ToUnixSeconds(
      base::WindowEnd(absl::FromUnixSeconds(window), terms.every, terms.zone));
}

// Whether nothing lies between two windows, told without a calendar: the
// shortest pair of windows is longer than this, and the longest one shorter.
bool AreNeighbours(const StreakTerms& terms, int64_t before, int64_t after) {
  constexpr int64_t kDay = 86'400;
  switch (terms.every) {
    case base::Period::kWeek: return after - before < 10 * kDay;
    case base::Period::kMonth: return after - before < 45 * kDay;
    default: return after - before < kDay * 3 / 2;
  }
}

model::CounterKeyPart KeyNamed(const char* name) {
  return model::Entity{model::Entity::Kind::kObject, name};
}

class Walk {
 public:
  Walk(const StreakTerms& terms, std::vector<int64_t> frozen)
      : terms_(terms), frozen_(std::move(frozen)) {}

  void Act(int64_t window) {
    if (!rows_.rows.empty() && Bridges(rows_.rows.back(), window)) {
      rows_.rows.back().last = window;
    } else {
      rows_.rows.push_back({.first = window, .last = window});
    }
    Row& row = rows_.rows.back();
    ++row.length;
    if (terms_.freeze_every > 0 && row.length % terms_.freeze_every == 0) {
      row.freezes = std::min(row.freezes + 1, terms_.freeze_max);
    }
  }

  Rows By(int64_t now) {
    if (rows_.rows.empty()) return std::move(rows_);
    Row& row = rows_.rows.back();
    rows_.acted = row.last == now;
    const Row then = row;
    rows_.goes_on = rows_.acted || Bridges(row, now);
    if (rows_.goes_on) rows_.act_before = EndOf(then);
    return std::move(rows_);
  }

 private:
  bool IsMissed(int64_t window) const {
    return Counts(terms_, window) &&
           !std::binary_search(frozen_.begin(), frozen_.end(), window);
  }

  // Whether the row goes on in a later window. It has used the freezes that
  // this took, or none.
  bool Bridges(Row& row, int64_t later) const {
    if (AreNeighbours(terms_, row.last, later)) return true;
    int64_t left = row.freezes;
    for (int64_t window = NextWindow(terms_, row.last); window < later;
         window = NextWindow(terms_, window)) {
      if (IsMissed(window) && left-- == 0) return false;
    }
    row.freezes = left;
    return true;
  }

  // When a row ends in which nothing more is done.
  absl::Time EndOf(const Row& row) const {
    int64_t left = row.freezes;
    int64_t window = NextWindow(terms_, row.last);
    while (!IsMissed(window) || left-- > 0) window = NextWindow(terms_, window);
    return absl::FromUnixSeconds(NextWindow(terms_, window));
  }

  const StreakTerms& terms_;
  std::vector<int64_t> frozen_;  // in order
  Rows rows_;
};

}  // namespace

model::CounterKeyPart ActedKey() {
  static const auto& key = *new model::CounterKeyPart(KeyNamed("acted"));
  return key;
}

model::CounterKeyPart FrozenKey() {
  static const auto& key = *new model::CounterKeyPart(KeyNamed("frozen"));
  return key;
}

bool Counts(const StreakTerms& terms, int64_t window) {
  if (terms.weekdays == 0) return true;
  const absl::CivilDay day =
      absl::ToCivilDay(absl::FromUnixSeconds(window), terms.zone);
  const int weekday = static_cast<int>(absl::GetWeekday(day));
  return (terms.weekdays >> weekday & 1) != 0;
}

int64_t Rows::longest() const {
  int64_t longest = 0;
  for (const Row& row : rows) longest = std::max(longest, row.length);
  return longest;
}

int64_t Rows::TimesReached(int64_t length, bool again) const {
  int64_t times = 0;
  for (const Row& row : rows) {
    times += again ? row.length / length : (row.length >= length ? 1 : 0);
  }
  return times;
}

Rows RowsBy(const StreakTerms& terms, model::Symbol name,
            const model::Counters& counters, int64_t now) {
  std::vector<int64_t> acted, frozen;
  const model::CounterKeyPart acted_key = ActedKey();
  for (auto it =
           counters.lower_bound({name, std::numeric_limits<int64_t>::min(),
                                 model::CounterKeyPart::Lowest()});
       it != counters.end() && it->first.name == name; ++it) {
    if (it->second <= 0) continue;
    if (it->first.key != acted_key) {
      frozen.push_back(it->first.window);
    } else if (it->first.window <= now) {
      acted.push_back(it->first.window);
    }
  }
  Walk walk(terms, std::move(frozen));
  for (const int64_t window : acted) walk.Act(window);
  return walk.By(now);
}

}  // namespace loyalty::rules
