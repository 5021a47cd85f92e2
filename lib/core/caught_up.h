// SPDX-License-Identifier: Apache-2.0
//
// CaughtUp: what one entry of type kCatchUp brings an entity of what the
// program would have given and counted, had it decided all that came before. It
// stands in the event's attributes, so that deciding and replaying the entry
// asks no history.
#ifndef LOYALTY_LIB_CORE_CAUGHT_UP_H_
#define LOYALTY_LIB_CORE_CAUGHT_UP_H_

#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/counted.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "model/event_limits.h"
#include "model/symbol.h"
#include "rules/compiled.h"

namespace loyalty::core {

struct CaughtUp {
  // No list of an event is longer: who needs more needs more entries.
  static constexpr size_t kMost = model::kMaxItems;

  // An entry of before, and what the award would have come to by it.
  struct Source {
    int64_t seq = 0;
    int64_t limited = 0;  // after limits, which count that
    int64_t units = 0;    // and cap

    friend bool operator==(const Source&, const Source&) = default;
  };
  struct Award {
    model::Symbol rule = {};
    int32_t award = 0;  // which of the rule's
    int currency = 0;   // index
    int64_t units = 0;  // 1 to base::kMaxAmount
    std::vector<Source> of = {};

    friend bool operator==(const Award&, const Award&) = default;
  };
  // A badge, and what it awards.
  struct Grant {
    int badge = 0;    // number
    int64_t seq = 0;  // the entry that would have given it
    std::optional<std::string> object = {};
    std::vector<Award> awards = {};  // without sources

    friend bool operator==(const Grant&, const Grant&) = default;
  };
  // A counter gains so much, or loses it.
  struct Count {
    model::CounterKey counter = {};
    int64_t more = 0;

    friend bool operator==(const Count&, const Count&) = default;
  };

  std::vector<Count> counts = {};
  std::vector<Count> budgets = {};  // the program's, which these awards use
  std::vector<Award> awards = {};
  std::vector<Grant> grants = {};

  bool empty() const {
    return counts.empty() && budgets.empty() && awards.empty() &&
           grants.empty();
  }
  friend bool operator==(const CaughtUp&, const CaughtUp&) = default;
};

// What the event says, whose attributes of declared types are in canonical
// form.
//
// ERRORS: kInvalidArgument, naming the attribute: it is none of what the
//         program has.
absl::StatusOr<CaughtUp> CaughtUpIn(const rules::CompiledProgram& program,
                                    const Event& event);

// Adds to `attributes` what CaughtUpIn reads.
void AddTo(Attributes& attributes, const CaughtUp& caught_up,
           const rules::CompiledProgram& program);

// The counters that an entry may bring: of metrics, what they count in and tell
// apart by; of a streak, its windows; of a quest that members do for
// themselves, all; of rules and badges, what their limits and budgets count in.
void ForEachCounterOf(const rules::MetricTerms& metric,
                      absl::FunctionRef<void(model::Symbol)> see);
void ForEachCounterOf(const rules::Quest& quest,
                      absl::FunctionRef<void(model::Symbol)> see);
void ForEachCounterOfRule(const rules::CompiledProgram& program,
                          std::string_view rule,
                          absl::FunctionRef<void(model::Symbol)> see);

// The metric that tells values apart in counters of that name; nullptr if none
// does.
const rules::MetricTerms* TalliedIn(const rules::CompiledProgram& program,
                                    model::Symbol name);

// One of the values that the metric has told apart in `tally`, and the counter
// that says how many there are, or the largest.
Counted TallyOf(const rules::CompiledProgram& program,
                const rules::MetricTerms& metric, model::CounterKey tally);

// What a catch-up names where it is to bring what that metric counts.
std::string NamedFor(rules::MetricKind kind, std::string_view metric);

// At the program: how often there was a catch-up, which entry the last one that
// named the metric has, or, "streak:ID", "quest:ID", another such thing, and,
// with the number of an entry for key, the entries that brought something for
// the entry `seq`, which is their window.
model::CounterKey CatchUpsCounter();
model::CounterKey MetricCaughtUp(std::string_view metric);
model::CounterKey BroughtFor(int64_t seq, int64_t by);
model::CounterRange AllBroughtFor(int64_t seq);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_CAUGHT_UP_H_
