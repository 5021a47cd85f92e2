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

class Merge {
 public:
  Merge(const rules::CompiledProgram& program, const model::Counters& mine,
        const model::Counters& theirs)
      : program_(program), mine_(mine), theirs_(theirs) {}

  model::Counters Run() {
    for (const rules::MetricTerms& terms : program_.metrics) {
      if (terms.streak.has_value() && terms.kind != Kind::kStreak) continue;
      ForEach(terms.counter,
              [&](const model::CounterKey& counter, int64_t value) {
                if (!terms.is_tallied()) Add(counter, value);
                if (terms.kind == rules::MetricKind::kMax) {
                  KeepLarger(counter, value);
                }
              });
      ForEach(terms.tally, [&](const model::CounterKey& tally, int64_t times) {
        if (IsNew(tally)) CountValue(terms, tally);
        Add(tally, times);
      });
    }
    for (const rules::Quest& quest : program_.quests) MergeQuest(quest);
    return std::move(merged_);
  }

 private:
  template <typename See>
  void ForEach(model::Symbol name, const See& see) const {
    if (name.empty()) return;
    auto it = theirs_.lower_bound({name, std::numeric_limits<int64_t>::min(),
                                   model::CounterKeyPart::Lowest()});
    for (; it != theirs_.end() && it->first.name == name; ++it) {
      if (it->second != 0) see(it->first, it->second);
    }
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

  // Who of both joined first has joined, and what both did of it was done.
  // Steps that count have been added as metrics; what a value was is mine.
  void MergeQuest(const rules::Quest& quest) {
    ForEach(quest.joined_counter,
            [&](const model::CounterKey& counter, int64_t entry) {
              const int64_t now = Now(counter);
              if (now == 0 || (entry > 0 && entry < now) || now < 0) {
                merged_[counter] = entry;
              }
            });
    ForEach(quest.done_counter, [&](const model::CounterKey& counter,
                                    int64_t times) { Add(counter, times); });
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
  return Merge(program, mine, theirs).Run();
}

}  // namespace loyalty::core
