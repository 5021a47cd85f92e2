// SPDX-License-Identifier: Apache-2.0
//
// See due.h.
#include "core/due.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/status_macros.h"
#include "base/window.h"
#include "core/apply.h"
#include "core/leg.h"
#include "rules/values.h"

namespace loyalty::core {
namespace {

using model::Passing;

base::Period PeriodOf(Passing passing) {
  switch (passing) {
    case Passing::kEndOfDay: return base::Period::kDay;
    case Passing::kEndOfWeek: return base::Period::kWeek;
    case Passing::kEndOfMonth: return base::Period::kMonth;
    case Passing::kEndOfYear: return base::Period::kYear;
    case Passing::kAnniversary:
    case Passing::kNo: break;
  }
  return base::Period::kEver;
}

bool MayBeWon(const rules::CompiledProgram& program,
              const model::EntityState& member, const rules::Badge& badge) {
  if (badge.asked_at == Passing::kNo) return false;
  return badge.is_counted ||
         member.Held(program.currencies[badge.currency].symbol).balance == 0;
}

// The last moment of the time in which the member was reached last.
absl::Time LastMomentOf(const rules::CompiledProgram& program,
                        const model::EntityState& member, Passing passing) {
  return base::WindowEnd(AskedUntil(member), PeriodOf(passing),
                         program.time_zone) -
         absl::Microseconds(1);
}

absl::Time AnniversaryAfter(const rules::CompiledProgram& program,
                            const model::EntityState& member,
                            const rules::Badge& badge, absl::Time after) {
  absl::Time first = member.since;
  if (!badge.anniversary_of.empty()) {
    const int64_t kept = member.Counter({.name = badge.anniversary_of});
    if (kept == 0) return absl::InfiniteFuture();
    const absl::Time said = absl::FromUnixSeconds(rules::LargestKept(kept));
    if (!rules::IsInRange(said)) return absl::InfiniteFuture();
    // Where the first event is what said it, nothing of the second is lost.
    const bool is_first = first >= said && first < said + absl::Seconds(1);
    if (!is_first) first = said;
  }
  const absl::TimeZone zone = program.time_zone;
  return base::Anniversary(first, base::YearsBetween(first, after, zone) + 1,
                           zone);
}

// InfinitePast if no sweep has since the member was reached.
absl::Time SweptUntil(const model::EntityState& member) {
  const int64_t clock = member.Counter(SweptClock());
  return clock == 0 ? absl::InfinitePast() : absl::FromUnixMicros(clock);
}

}  // namespace

model::CounterKey AskedClock() {
  static const model::Symbol name("badge:asked");
  return {.name = name};
}

absl::Time AskedUntil(const model::EntityState& member) {
  const int64_t clock = member.Counter(AskedClock());
  return clock == 0 ? member.since : absl::FromUnixMicros(clock);
}

model::CounterKey SweptClock() {
  static const model::Symbol name("badge:swept");
  return {.name = name};
}

void ListDue(const rules::CompiledProgram& program,
             std::vector<model::CounterKey>& counters) {
  counters.push_back(AskedClock());
  counters.push_back(SweptClock());
  counters.push_back(model::DueCounter());
  for (const rules::Badge& badge : program.badges) {
    if (badge.asked_at == Passing::kNo) continue;
    counters.push_back({.name = badge.told});
    if (!badge.anniversary_of.empty()) {
      counters.push_back({.name = badge.anniversary_of});
    }
  }
  std::sort(counters.begin(), counters.end());
  counters.erase(std::unique(counters.begin(), counters.end()), counters.end());
}

std::vector<Due> DueUntil(const rules::CompiledProgram& program,
                          const model::EntityState& member, absl::Time until) {
  std::vector<Due> due;
  const absl::Time asked = AskedUntil(member);
  if (!member.exists || asked >= until || !rules::IsInRange(until)) return due;
  for (size_t i = 0; i < program.badges.size(); ++i) {
    const rules::Badge& badge = program.badges[i];
    if (!MayBeWon(program, member, badge)) continue;
    const Review::Places number = {static_cast<int>(i)};
    if (badge.is_asked_at_end()) {
      const absl::Time end = LastMomentOf(program, member, badge.asked_at);
      if (end < until) due.push_back({end, number});
      continue;
    }
    for (absl::Time time = AnniversaryAfter(program, member, badge, asked);
         time <= until; time = AnniversaryAfter(program, member, badge, time)) {
      due.push_back({time, number});
    }
  }
  std::stable_sort(due.begin(), due.end(),
                   [](const Due& a, const Due& b) { return a.time < b.time; });
  return due;
}

Event DueEvent(const model::Entity& member, absl::Time time) {
  return {.type = std::string(kTimePassed), .time = time, .actor = member.id};
}

Message DueMessage(const model::Entity& member, Review::Places badges) {
  Message message;
  message.entity = member;
  Review& review = message.what.emplace<Review>();
  review.is_due = true;
  review.asked = std::move(badges);
  return message;
}

absl::StatusOr<std::vector<WonInTime>> WonUntil(
    const rules::CompiledProgram& program, model::EntityState member,
    absl::Time until) {
  std::vector<WonInTime> won;
  if (!program.badges_pass) return won;
  for (Due& due : DueUntil(program, member, until)) {
    const Event event = DueEvent(member.entity, due.time);
    const Cause cause(program, event);
    State state;
    state.entity = member;
    ASSIGN_OR_RETURN(
        const Decision decision,
        Apply(cause, state, DueMessage(member.entity, std::move(due.badges))));
    for (const model::Movement& movement : decision.movements) {
      if (movement.kind != model::Movement::Kind::kBadge) continue;
      won.push_back({.badge = movement.rule, .time = due.time});
      member.holdings[movement.currency].balance += movement.units;
    }
  }
  return won;
}

void EndDue(Leg& leg) {
  leg.SetCounter(AskedClock(), absl::ToUnixMicros(leg.event.time));
}

absl::Status TellDue(Leg& leg) {
  if (!leg.program.badges_pass) return absl::OkStatus();
  // A sweep of an earlier time takes nothing back that a later one has told.
  const absl::Time until =
      std::max(leg.event.time, SweptUntil(leg.state.entity));
  ASSIGN_OR_RETURN(const std::vector<WonInTime> won,
                   WonUntil(leg.program, leg.state.entity, until));
  for (const rules::Badge& badge : leg.program.badges) {
    if (badge.asked_at == Passing::kNo) continue;
    const int64_t told = leg.Counter({.name = badge.told});
    int64_t many = 0;
    for (const WonInTime& one : won) {
      if (one.badge != badge.symbol || ++many <= told) continue;
      leg.Report(BadgeDue{
          .member = leg.now.entity.id, .badge = badge.id, .time = one.time});
    }
    // Less, where something of an earlier time came in between.
    if (many != told) leg.SetCounter({.name = badge.told}, many);
  }
  leg.SetCounter(SweptClock(), absl::ToUnixMicros(until));
  return absl::OkStatus();
}

void ForgetTold(Leg& leg, const rules::Badge& badge) {
  const int64_t told = leg.Counter({.name = badge.told});
  if (told > 0) leg.SetCounter({.name = badge.told}, told - 1);
}

void ForgetSweep(Leg& leg) {
  if (leg.Counter(SweptClock()) != 0) leg.SetCounter(SweptClock(), 0);
}

absl::Time NextDue(const Leg& leg) {
  model::EntityState member;
  member.since = leg.now.since;
  member.holdings = leg.now.holdings;
  for (const model::CounterKey& clock : {AskedClock(), SweptClock()}) {
    member.counters[clock] = leg.Counter(clock);
  }
  const absl::Time swept = SweptUntil(member);
  absl::Time first = absl::InfiniteFuture();
  for (const rules::Badge& badge : leg.program.badges) {
    if (!MayBeWon(leg.program, member, badge)) continue;
    absl::Time due = absl::InfiniteFuture();
    if (badge.is_asked_at_end()) {
      due = LastMomentOf(leg.program, member, badge.asked_at) +
            absl::Microseconds(1);
    } else {
      const model::CounterKey first_of{.name = badge.anniversary_of};
      if (!badge.anniversary_of.empty()) {
        member.counters[first_of] = leg.Counter(first_of);
      }
      due = AnniversaryAfter(leg.program, member, badge,
                             std::max(AskedUntil(member), swept));
    }
    if (due > swept && rules::IsInRange(due)) first = std::min(first, due);
  }
  return first;
}

}  // namespace loyalty::core
