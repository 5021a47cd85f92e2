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
#include "core/merge.h"
#include "core/plan.h"
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

absl::Time AskedUntil(const model::EntityState& member) {
  const int64_t clock = member.Counter(AskedClock());
  return clock == 0 ? member.since : absl::FromUnixMicros(clock);
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
                            absl::Time after) {
  const absl::TimeZone zone = program.time_zone;
  return base::Anniversary(
      member.since, base::YearsBetween(member.since, after, zone) + 1, zone);
}

// As much of the member as is read here, with what the leg has changed so far.
model::EntityState AsItStands(const Leg& leg) {
  model::EntityState member = leg.now;
  member.counters = leg.state.entity.counters;
  member.counters.Assign(leg.now.counters);
  return member;
}

void SetIfOther(Leg& leg, const model::CounterKey& counter, int64_t value) {
  if (leg.Counter(counter) != value) leg.SetCounter(counter, value);
}

void Tell(Leg& leg, const rules::Badge& badge, bool won) {
  leg.Report(Badge{
      .member = leg.now.entity.id, .badge = badge.id, .object = {}, .won = won});
}

}  // namespace

model::CounterKey AskedClock() {
  static const model::Symbol name("badge:asked");
  return {.name = name};
}

model::CounterKey ToldClock() {
  static const model::Symbol name("badge:told");
  return {.name = name};
}

model::CounterKey ToldCounter(const rules::Badge& badge) {
  return {.name = ToldClock().name,
          .window = 0,
          .key = rules::KeyOfText(badge.id)};
}

void ListDue(const rules::CompiledProgram& program,
             std::vector<model::CounterKey>& counters) {
  counters.push_back(AskedClock());
  counters.push_back(ToldClock());
  counters.push_back(model::DueCounter());
  for (const rules::Badge& badge : program.badges) {
    if (badge.asked_at != Passing::kNo) counters.push_back(ToldCounter(badge));
  }
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
    for (absl::Time time = AnniversaryAfter(program, member, asked);
         time <= until; time = AnniversaryAfter(program, member, time)) {
      due.push_back({time, number});
    }
  }
  std::stable_sort(due.begin(), due.end(), [](const Due& a, const Due& b) {
    return a.time < b.time;
  });
  return due;
}

absl::Time NextDue(const rules::CompiledProgram& program,
                   const model::EntityState& member) {
  absl::Time next = absl::InfiniteFuture();
  const absl::Time told = std::max(
      AskedUntil(member), absl::FromUnixMicros(member.Counter(ToldClock())));
  for (const rules::Badge& badge : program.badges) {
    if (!MayBeWon(program, member, badge)) continue;
    const absl::Time time =
        badge.is_asked_at_end()
            ? LastMomentOf(program, member, badge.asked_at) +
                  absl::Microseconds(1)
            : AnniversaryAfter(program, member, told);
    if (time > told && rules::IsInRange(time)) next = std::min(next, time);
  }
  return next;
}

Event DueEvent(const model::Entity& member, absl::Time time) {
  return {
      .type = std::string(kTimePassed), .time = time, .actor = member.id};
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
  SetIfOther(leg, AskedClock(), absl::ToUnixMicros(leg.event.time));
  for (const rules::Badge& badge : leg.program.badges) {
    if (badge.asked_at == Passing::kNo) continue;
    for (int64_t i = leg.Counter(ToldCounter(badge)); i > 0; --i) {
      Tell(leg, badge, false);
    }
    SetIfOther(leg, ToldCounter(badge), 0);
  }
}

void TellWon(Leg& leg, const std::vector<WonInTime>& won) {
  if (!leg.program.badges_pass || !leg.now.exists) return;
  for (const rules::Badge& badge : leg.program.badges) {
    if (badge.asked_at == Passing::kNo) continue;
    const int64_t now =
        std::count_if(won.begin(), won.end(), [&](const WonInTime& one) {
          return one.badge == badge.symbol;
        });
    const int64_t told = leg.Counter(ToldCounter(badge));
    for (int64_t i = told; i < now; ++i) Tell(leg, badge, true);
    for (int64_t i = now; i < told; ++i) Tell(leg, badge, false);
    SetIfOther(leg, ToldCounter(badge), now);
  }
  const int64_t time = absl::ToUnixMicros(leg.event.time);
  SetIfOther(leg, ToldClock(), std::max(leg.Counter(ToldClock()), time));
}

void NoteNextDue(Leg& leg) {
  if (!leg.program.badges_pass || leg.program.has_tiers || !leg.IsMember() ||
      !leg.now.exists || HasLeft(leg)) {
    return;
  }
  const absl::Time due = NextDue(leg.program, AsItStands(leg));
  SetIfOther(leg, model::DueCounter(),
             due == absl::InfiniteFuture() ? 0 : absl::ToUnixMicros(due));
}

}  // namespace loyalty::core
