// SPDX-License-Identifier: Apache-2.0
//
// See cause.h.
#include "core/cause.h"

#include <absl/functional/function_ref.h>
#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <utility>

#include "base/amounts.h"
#include "base/status_macros.h"
#include "base/window.h"
#include "core/counters.h"

namespace loyalty::core {
namespace {

// Bounded like awards, so that a counter cannot be driven out of its range.
absl::StatusOr<int64_t> Amount(const rules::Frame& frame,
                               const rules::Metric& metric) {
  ASSIGN_OR_RETURN(const int64_t amount, frame.Int(*metric.amount));
  if (amount > base::kMaxAmount || amount < -base::kMaxAmount) {
    return absl::OutOfRangeError(absl::StrCat(amount, " is more than the ",
                                              base::kMaxAmount,
                                              " that one event may count"));
  }
  return amount;
}

void ForEachCountedAt(const rules::CompiledProgram& program,
                      const rules::EventType& type, const rules::Metric& metric,
                      const Event& event,
                      absl::FunctionRef<void(model::Entity)> count_at) {
  const auto add_member = [&](const std::string& id) {
    if (!program.never_earns.contains(id)) count_at(MemberEntity(id));
  };
  switch (metric.per) {
    case rules::Metric::Per::kActor:
      if (event.actor.has_value()) add_member(*event.actor);
      break;
    case rules::Metric::Per::kTarget:
      if (event.target.has_value()) {
        count_at(ObjectEntity(*event.target));
      }
      break;
    case rules::Metric::Per::kMembers:
      rules::ForEachNamed(type, metric.attribute, event, add_member);
      break;
    case rules::Metric::Per::kObjects:
      rules::ForEachNamed(
          type, metric.attribute, event,
          [&](const std::string& id) { count_at(ObjectEntity(id)); });
      break;
  }
}

// nullopt if the metric's condition does not hold.
std::optional<absl::StatusOr<int64_t>> AmountCounted(
    const rules::Frame& frame, const rules::Metric& metric) {
  if (metric.when.has_value()) {
    const absl::StatusOr<bool> holds = frame.Bool(*metric.when);
    if (!holds.ok()) return holds.status();
    if (!*holds) return std::nullopt;
  }
  if (metric.amount.has_value()) return Amount(frame, metric);
  return int64_t{1};
}

// Sets the counters in which the metric counts an event at `time`. False if
// there is nothing to count: no value.
absl::StatusOr<bool> FindCounters(const rules::CompiledProgram& program,
                                  const rules::Frame& frame,
                                  const rules::Metric& metric, absl::Time time,
                                  int64_t seq, Counted& counted) {
  const rules::MetricTerms& terms = program.metrics[metric.number];
  const int64_t window = rules::MetricWindow(terms, time, program.time_zone);
  model::CounterKeyPart by;
  if (metric.by.text.has_value()) {
    ASSIGN_OR_RETURN(by, frame.Key(metric.by));
  }
  if (!terms.is_tallied() || !terms.is_rolling()) {
    counted.counter = {.name = terms.counter, .window = window, .key = by};
  }
  switch (terms.kind) {
    case rules::MetricKind::kCount:
    case rules::MetricKind::kSum: return true;
    case rules::MetricKind::kStreak:
      counted.counter = {};
      counted.tally = {
          .name = terms.tally, .window = window, .key = rules::ActedKey()};
      return rules::Counts(*terms.streak, window);
    case rules::MetricKind::kSaid:
      counted.counter = {};
      counted.tally = {.name = terms.tally, .window = seq};
      return true;
    case rules::MetricKind::kGoal: return *counted.amount != 0;
    case rules::MetricKind::kStep:
      counted.tally = {.name = terms.tally, .window = window};
      return *counted.amount != 0;
    // Events count for another, and these read it.
    case rules::MetricKind::kAmong:
    case rules::MetricKind::kLongest:
    case rules::MetricKind::kReached: return false;
    case rules::MetricKind::kDays:
      counted.tally = {.name = terms.tally,
                       .window = base::WindowStart(time, base::Period::kDay,
                                                   program.time_zone),
                       .key = by};
      return true;
    case rules::MetricKind::kMax:
      counted.tally = {.name = terms.tally,
                       .window = window,
                       .key = rules::KeyOfInt(*counted.amount)};
      return true;
    case rules::MetricKind::kDistinct: {
      ASSIGN_OR_RETURN(const model::CounterKeyPart value,
                       frame.Key(metric.value));
      counted.tally = {.name = terms.tally, .window = window, .key = value};
      return !value.empty();
    }
  }
  return true;
}

// All that the metric counts of the event, but for where; nullopt if that is
// nothing.
std::optional<Counted> CountedBy(const rules::CompiledProgram& program,
                                 const rules::Frame& frame,
                                 const rules::Metric& metric,
                                 const Event& event, int64_t seq) {
  auto amount = AmountCounted(frame, metric);
  if (!amount.has_value()) return std::nullopt;
  Counted counted;
  counted.kind = metric.kind;
  counted.amount = *std::move(amount);
  if (metric.is_plain) {
    counted.counter.name = program.metrics[metric.number].counter;
    return counted;
  }
  if (!counted.amount.ok()) return counted;
  const absl::StatusOr<bool> is_something =
      FindCounters(program, frame, metric, event.time, seq, counted);
  if (!is_something.ok()) {
    counted.amount = is_something.status();
  } else if (!*is_something) {
    return std::nullopt;
  }
  return counted;
}

// Of what many do together: at whoever did it, and at what it was done for.
void AddForGoal(const rules::CompiledProgram& program,
                const rules::EventType& type, const rules::Metric& metric,
                const Event& event, Counted one,
                absl::InlinedVector<Counted, 4>& counted) {
  const rules::MetricTerms& terms = program.metrics[metric.number];
  const rules::Quest& quest = program.quests[terms.quest];
  if (!quest.IsOpenAt(event.time)) return;
  const int64_t window =
      base::WindowStart(event.time, quest.period, program.time_zone);
  const auto add = [&](const model::Entity& entity, model::Symbol name,
                       const model::Entity& key) {
    one.entity = entity;
    one.counter = {.name = name, .window = window, .key = key};
    counted.push_back(one);
  };
  ForEachCountedAt(
      program, type, metric, event, [&](const model::Entity& member) {
        const auto act_for = [&](const model::Entity& of) {
          add(member, quest.joined_counter, of);
          if (!one.amount.ok()) return;  // of which the member is told
          add(of, quest.steps[terms.step].counter, {});
          add(of, quest.by_counter, member);
        };
        if (quest.of == rules::Quest::Of::kProgram) {
          act_for({});
        } else if (metric.team != rules::kTheTarget) {
          rules::ForEachNamed(
              type, metric.team, event,
              [&](const std::string& id) { act_for(ObjectEntity(id)); });
        } else if (event.target.has_value()) {
          act_for(ObjectEntity(*event.target));
        }
      });
}

}  // namespace

Cause::Cause(const rules::CompiledProgram& p, const Event& e, int64_t s)
    : program(&p), type(p.TypeOf(e.type)), event(&e), seq(s) {
  if (type == nullptr) return;
  frame.emplace(p, *type, e);
  frame->FindRules(rules);
  for (const base::Period period : type->periods) {
    windows[static_cast<size_t>(period)] =
        base::WindowStart(e.time, period, p.time_zone);
  }
  for (size_t i = 0; i < type->metrics.size(); ++i) {
    const rules::Metric& metric = type->metrics[i];
    std::optional<Counted> one = CountedBy(p, *frame, metric, e, s);
    if (!one.has_value()) continue;
    one->metric = static_cast<int>(i);
    if (metric.kind == rules::MetricKind::kGoal) {
      AddForGoal(p, *type, metric, e, *one, counted);
      continue;
    }
    const auto count = [&](const Counted& what) {
      ForEachCountedAt(p, *type, metric, e, [&](model::Entity entity) {
        counted.push_back(what);
        counted.back().entity = std::move(entity);
      });
    };
    count(*one);
    if (p.metric_feeds.empty() || !one->amount.ok()) continue;
    one->of_board = true;
    const int64_t amount = *one->amount;
    for (const rules::BoardFeed& feed : p.metric_feeds[metric.number]) {
      one->amount = feed.takes_off ? base::Negated(amount) : amount;
      rules::ForEachSeason(
          p.leaderboards[feed.board], e.time, p.time_zone, [&](int64_t season) {
            one->counter = {.name = feed.counter, .window = season};
            count(*one);
          });
    }
  }
}

}  // namespace loyalty::core
