// SPDX-License-Identifier: Apache-2.0
//
// Leg: one call of Apply as it unfolds: what the entity was, what it has become
// so far, and the Decision being written. Shared by the files of core that each
// decide one kind of thing; not for other rooms.
#ifndef LOYALTY_LIB_CORE_LEG_H_
#define LOYALTY_LIB_CORE_LEG_H_

#include <absl/status/status.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>

#include "core/apply.h"
#include "core/message.h"
#include "rules/compiled.h"
#include "rules/frame.h"

namespace loyalty::core {

// What `make` returns, for containers that make what they hold from what they
// are given: it is made in its place, and neither moved nor zeroed before.
template <typename Make>
struct InPlace {
  const Make& make;
  // NOLINTNEXTLINE(google-explicit-constructor): that is what it is for.
  operator std::invoke_result_t<Make>() const { return make(); }
};

struct Leg {
  Leg(const Cause& cause, const State& state, const Message& message,
      Decision& decision);

  const Cause& cause;
  const rules::CompiledProgram& program;
  const Event& event;
  const Message& message;
  const State& state;

  Decision& decision;
  // As it stands now; of counters, those that changed. What the decision will
  // have as `after`.
  model::EntityState& now;
  const size_t first_movement;  // of this leg, in the decision
  const size_t first_message;   // likewise

  // As it stood when the leg began, opening units included.
  const model::EntityState& before() const {
    return opened.has_value() ? *opened : state.entity;
  }
  std::optional<model::EntityState> opened;  // of a member who came to be

  int64_t Counter(const model::CounterKey& counter) const {
    const auto changed = now.counters.find(counter);
    return changed != now.counters.end() ? changed->second
                                         : state.entity.Counter(counter);
  }

  void Report(Effect effect) { decision.effects.push_back(std::move(effect)); }
  // The same, but made where it will be: awards are many.
  template <typename Make>
  void ReportAward(const Make& make) {
    decision.effects.emplace_back(std::in_place_type<Awarded>,
                                  InPlace<Make>{make});
  }
  void Note(std::string rule, std::string text) {
    decision.notes.push_back({std::move(rule), std::move(text)});
  }

  void SetCounter(const model::CounterKey& counter, int64_t value) {
    now.counters[counter] = value;
  }

  // The counter as it will stand, which is to be changed.
  int64_t& ChangingCounter(const model::CounterKey& counter) {
    const auto [value, is_new] = now.counters.TryEmplace(counter);
    if (is_new) *value = state.entity.Counter(counter);
    return *value;
  }

  // A movement behind those that there are, made where it will be.
  template <typename Make>
  model::Movement& NewMovement(const Make& make) {
    return decision.movements.emplace_back(InPlace<Make>{make});
  }
  // Adds the last movement to the holding; fills in whose it is, balance and
  // earned.
  void Move(model::Movement& movement);
  bool HasMoved() const { return decision.movements.size() > first_movement; }

  bool IsMember() const {
    return now.entity.kind == model::Entity::Kind::kMember;
  }
  bool EarnsNothing(const std::string& member) const {
    return program.never_earns.contains(member);
  }
};

// member.cc: a member named for the first time exists, with opening units.
void BeginMember(Leg& leg);

// metric.cc: adds what the event counts at this entity.
void Count(Leg& leg);

// award.cc: gives one award to the member of this leg.
void GiveAward(Leg& leg, const rules::Frame& frame, const rules::Rule& rule,
               int award);

// multiply.cc: what multipliers make of `units`, with a note; nullopt, likewise
// with one, if that is more than an award may be.
std::optional<int64_t> Multiplied(Leg& leg, const rules::Frame& frame,
                                  const rules::Rule& rule,
                                  const rules::Award& award, int64_t units);

// award.cc: gives what budgets granted.
void GiveGranted(Leg& leg, const Granted& granted);

// pool.cc: sends an award on to the program, and answers there.
void AskPool(Leg& leg, AskedAward asked);
void AnswerForBudgets(Leg& leg, const AskBudgets& ask);

// asking.cc: asks the rules of the event's type and sends what they mean for
// others on its way.
void AskRules(Leg& leg);

// undo.cc: undoes awards and uses of counters.
absl::Status UndoAwards(Leg& leg, const Undo& undo);

// ladder.cc: says which levels the leg reached or lost.
void StepLevels(Leg& leg);

// invariants.cc: I1 to I3 of what the leg decided.
absl::Status CheckInvariants(const Leg& leg);

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_LEG_H_
