// SPDX-License-Identifier: Apache-2.0
//
// See merge_metrics.h.
#include "core/merge_metrics.h"

#include <absl/time/time.h>

#include <cstdint>
#include <limits>
#include <utility>

#include "base/amounts.h"
#include "base/window.h"
#include "rules/metric.h"

namespace loyalty::core {
namespace {

using Kind = rules::MetricKind;

class MetricsMerge {
 public:
  MetricsMerge(const rules::CompiledProgram& program,
               const model::Counters& mine, const model::Counters& theirs)
      : program_(program), mine_(mine), theirs_(theirs) {}

  model::Counters Run() {
    for (const rules::MetricTerms& terms : program_.metrics) {
      // They read what the streak counts; and a step counts for who has joined.
      if (terms.streak.has_value() && terms.kind != Kind::kStreak) continue;
      if (terms.kind == Kind::kStep || terms.kind == Kind::kGoal) continue;
      ForEach(terms.counter,
              [&](const model::CounterKey& counter, int64_t value) {
                if (!terms.is_tallied()) Add(counter, value);
                if (terms.kind == rules::MetricKind::kMax) {
                  KeepLarger(counter, value);
                }
              });
      ForEach(terms.tally, [&](const model::CounterKey& tally, int64_t times) {
        if (terms.kind == Kind::kStreak && tally.key == rules::FrozenKey()) {
          return KeepLarger(tally, times);  // it is, or it is not
        }
        if (IsNew(tally)) CountValue(terms, tally);
        Add(tally, times);
      });
    }
    for (const rules::Quest& quest : program_.quests) {
      if (!quest.is_together()) MergeQuest(quest);
    }
    return std::move(merged_);
  }

 private:
  // Shows `see` all that are of that name, but for those that are 0.
  template <typename See>
  static void ForEachOf(const model::Counters& counters, model::Symbol name,
                        const See& see) {
    if (name.empty()) return;
    auto it = counters.lower_bound({name, std::numeric_limits<int64_t>::min(),
                                    model::CounterKeyPart::Lowest()});
    for (; it != counters.end() && it->first.name == name; ++it) {
      if (it->second != 0) see(it->first, it->second);
    }
  }

  template <typename See>
  void ForEach(model::Symbol name, const See& see) const {
    ForEachOf(theirs_, name, see);
  }

  int64_t Now(const model::CounterKey& counter) const {
    if (const auto found = merged_.find(counter); found != merged_.end()) {
      return found->second;
    }
    const auto found = mine_.find(counter);
    return found == mine_.end() ? 0 : found->second;
  }

  bool IsNew(const model::CounterKey& tally) const { return Now(tally) == 0; }

  void Add(const model::CounterKey& counter, int64_t value) {
    const int64_t now = Now(counter);
    merged_[counter] = base::Sum(now, value).value_or(now);
  }

  void KeepLarger(const model::CounterKey& counter, int64_t value) {
    const int64_t now = Now(counter);
    if (now == 0 || value > now) merged_[counter] = value;
  }

  // Who of both joined first has joined, with what both have counted since each
  // of them did; and what both did of it was done.
  void MergeQuest(const rules::Quest& quest) {
    ForEach(quest.joined_counter,
            [&](const model::CounterKey& joined, int64_t entry) {
              const int64_t now = Now(joined);
              if (entry < 0) {
                if (now == 0) merged_[joined] = entry;
                return;
              }
              for (const rules::QuestStep& step : quest.steps) {
                MergeStep(step.counter, joined.window, now, entry);
              }
              if (now <= 0 || entry < now) merged_[joined] = entry;
            });
    ForEach(quest.done_counter, [&](const model::CounterKey& counter,
                                    int64_t times) { Add(counter, times); });
  }

  // Who has left, or has done it and not begun anew, still has what was counted
  // until then, and, by entry, of times before; it counts for nothing.
  static bool IsOver(const model::CounterKey& counter, int64_t joined) {
    return joined <= 0 ||
           (!counter.key.empty() && rules::IntOfKey(counter.key) < joined);
  }

  // The counters of a step in a window, of two of whom they joined with
  // `their_entry`.
  void MergeStep(model::Symbol name, int64_t window, int64_t my_entry,
                 int64_t their_entry) {
    ForEachOf(mine_, name, [&](const model::CounterKey& counter, int64_t) {
      if (counter.window == window && IsOver(counter, my_entry)) {
        merged_[counter] = 0;
      }
    });
    ForEach(name, [&](const model::CounterKey& counter, int64_t value) {
      if (counter.window == window && !IsOver(counter, their_entry)) {
        Add(counter, value);
      }
    });
  }

  // One more value, or day, in the counter that says how many there are.
  void CountValue(const rules::MetricTerms& terms,
                  const model::CounterKey& tally) {
    if (terms.is_rolling() || terms.kind == rules::MetricKind::kMax ||
        !terms.is_told()) {
      return;
    }
    model::CounterKey counter{.name = terms.counter, .window = tally.window};
    if (terms.kind == rules::MetricKind::kDays) {
      counter.window = base::WindowStart(absl::FromUnixSeconds(tally.window),
                                         terms.period, program_.time_zone);
      counter.key = tally.key;
    }
    Add(counter, 1);
  }

  const rules::CompiledProgram& program_;
  const model::Counters& mine_;
  const model::Counters& theirs_;
  model::Counters merged_;
};

}  // namespace

model::Counters MergedMetrics(const rules::CompiledProgram& program,
                              const model::Counters& mine,
                              const model::Counters& theirs) {
  return MetricsMerge(program, mine, theirs).Run();
}

}  // namespace loyalty::core
