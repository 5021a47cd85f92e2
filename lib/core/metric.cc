// SPDX-License-Identifier: Apache-2.0
//
// Metrics: what an event adds to the counters of one entity, and taking that
// back.
#include "rules/metric.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "base/amounts.h"
#include "base/views.h"
#include "core/boards.h"
#include "core/leg.h"

namespace loyalty::core {
namespace {

constexpr char kCouldNot[] = "it could not be counted: ";

// How a note begins that says so.
std::string_view CouldNot(const Counted& counted) {
  return counted.of_board ? "its leaderboard could not count it: " : kCouldNot;
}

// What notes about a metric call it.
std::string NoteOf(std::string_view metric) {
  return absl::StrCat("metric:", base::av(metric));
}

// The object that this leg is at.
int ObjectOf(const Message& message) {
  const auto* const reach = std::get_if<ReachObject>(&message.what);
  return reach == nullptr ? rules::kTheTarget : reach->attribute;
}

// The largest of the values that are left, as a counter keeps it; 0 if none is.
//
// REQUIRES: all that were told apart in the window of `tally` are loaded.
int64_t LargestLeft(const Leg& leg, const model::CounterKey& tally) {
  std::optional<int64_t> largest;
  const model::Counters& all = leg.state.entity.counters;
  for (auto it = all.lower_bound(
           {tally.name, tally.window, model::CounterKeyPart::Lowest()});
       it != all.end() && it->first.name == tally.name &&
       it->first.window == tally.window;
       ++it) {
    if (leg.Counter(it->first) == 0) continue;
    const int64_t value = rules::IntOfKey(it->first.key);
    largest = std::max(largest.value_or(value), value);
  }
  return largest.has_value() ? rules::KeptLargest(*largest) : 0;
}

// A value, or day, that was not there before.
void AddValue(Leg& leg, const Counted& counted) {
  const int64_t now = leg.Counter(counted.counter);
  if (counted.kind != rules::MetricKind::kMax) {
    return leg.SetCounter(counted.counter, now + 1);
  }
  const int64_t value = rules::KeptLargest(*counted.amount);
  if (now == 0 || value > now) leg.SetCounter(counted.counter, value);
}

// One that is there no more.
void RemoveValue(Leg& leg, const Counted& counted) {
  const int64_t now = leg.Counter(counted.counter);
  if (counted.kind != rules::MetricKind::kMax) {
    return leg.SetCounter(counted.counter, now - 1);
  }
  if (now == rules::KeptLargest(*counted.amount)) {
    leg.SetCounter(counted.counter, LargestLeft(leg, counted.tally));
  }
}

void Add(Leg& leg, Counted counted) {
  if (counted.is_tallied()) {
    const int64_t times = leg.Counter(counted.tally);
    leg.SetCounter(counted.tally, times + 1);
    if (times == 0 && counted.kind == rules::MetricKind::kStreak) {
      TellStreak(leg, counted);
    }
    if (times == 0 && !counted.counter.name.empty()) AddValue(leg, counted);
    return;
  }
  if (counted.of_board) {
    const auto place = PlaceOf(leg, counted.counter, *counted.amount != 0);
    if (!place.has_value()) return;
    counted.counter = *place;
  }
  const std::optional<int64_t> sum =
      base::Sum(leg.Counter(counted.counter), *counted.amount);
  if (sum.has_value()) return leg.SetCounter(counted.counter, *sum);
  leg.Note(NoteOf(leg.cause.type->metrics[counted.metric].id),
           absl::StrCat(base::av(CouldNot(counted)),
                        "it would leave the range of 64 bits"));
}

}  // namespace

bool CouldNotCount(const Outcome& outcome, std::string_view metric,
                   const Counted& counted) {
  const std::string note = NoteOf(metric);
  return std::any_of(
      outcome.notes.begin(), outcome.notes.end(), [&](const RuleNote& one) {
        return one.rule == note && one.text.starts_with(CouldNot(counted));
      });
}

void Count(Leg& leg) {
  // Where nobody is, nothing can be kept.
  if (leg.IsMember() && !leg.now.exists) return;
  const bool is_at_goal = std::holds_alternative<ActForGoal>(leg.message.what);
  for (const Counted& counted : leg.cause.counted) {
    if (counted.entity != leg.now.entity) continue;
    // At what many work for that has a leg of its own, but at who does it.
    const bool is_for_goal =
        counted.kind == rules::MetricKind::kGoal && !leg.IsMember();
    if (is_for_goal != is_at_goal) continue;
    // Whether it counts depends on who has joined: once all else is done.
    if (counted.kind == rules::MetricKind::kStep) continue;
    const rules::Metric& metric = leg.cause.type->metrics[counted.metric];
    // The target may be what an attribute names, too: that is another leg.
    if (metric.is_per_object() && metric.attribute != ObjectOf(leg.message)) {
      continue;
    }
    if (!counted.amount.ok()) {
      leg.Note(NoteOf(metric.id),
               absl::StrCat(kCouldNot, counted.amount.status().message()));
      continue;
    }
    Add(leg, counted);
  }
}

void Retally(Leg& leg, const rules::MetricTerms& metric,
             const model::CounterKey& tally, int64_t more) {
  const Counted counted = TallyOf(leg.program, metric, tally);
  const int64_t times = leg.Counter(tally);
  const int64_t now =
      std::max<int64_t>(base::Sum(times, more).value_or(times), 0);
  if (now == times) return;
  leg.SetCounter(tally, now);
  if (counted.counter.name.empty()) return;
  if (times == 0) AddValue(leg, counted);
  if (now == 0) RemoveValue(leg, counted);
}

void Uncount(Leg& leg, const std::vector<Counted>& tallied, int64_t seq) {
  for (const Counted& counted : tallied) {
    if (counted.kind == rules::MetricKind::kStep) {
      UncountStep(leg, counted, seq);
      continue;
    }
    const int64_t times = leg.Counter(counted.tally);
    if (times <= 0) continue;
    // Entries from here on are told nothing of it; those before were.
    if (counted.kind == rules::MetricKind::kSaid) {
      leg.SetCounter(counted.tally, -leg.cause.seq);
      continue;
    }
    leg.SetCounter(counted.tally, times - 1);
    if (times == 1 && !counted.counter.name.empty()) RemoveValue(leg, counted);
  }
}

}  // namespace loyalty::core
