// SPDX-License-Identifier: Apache-2.0
//
// JournalBuilder: deltas that follow one another, for tests of stores. It keeps
// the states they lead to, so that a test says only what it is about:
//
//   JournalBuilder journal;
//   Delta delta = journal.Next("like-17");
//   journal.Award(delta, "ada", 5);
//
// To roll back, go on with a copy made before.
#ifndef LOYALTY_TESTS_STORE_JOURNAL_BUILDER_H_
#define LOYALTY_TESTS_STORE_JOURNAL_BUILDER_H_

#include <absl/time/time.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace loyalty::store {

inline model::Entity Member(std::string id) {
  return {model::Entity::Kind::kMember, std::move(id)};
}
inline model::Entity Object(std::string id) {
  return {model::Entity::Kind::kObject, std::move(id)};
}
inline StoredProgram SomeProgram() {
  return {.name = "coffee",
          .version = "1",
          .identity = "0f3a",
          .canonical = std::string("canonical\0bytes", 15)};
}

inline absl::StatusOr<model::EntityState> Loaded(Transaction& transaction,
                                                 const model::ReadSet& wanted) {
  model::EntityState state;
  const absl::Status status = transaction.Load(wanted, state);
  if (!status.ok()) return status;
  return state;
}

class JournalBuilder {
 public:
  // An event that has no effect yet.
  Delta Next(const std::string& id) {
    ++seq_;
    Delta delta;
    delta.recorded.seq = seq_;
    delta.recorded.recorded_at =
        absl::FromUnixMicros(1'700'000'000'000'000) + absl::Milliseconds(seq_);
    delta.recorded.program = 1;
    delta.recorded.event.id = id;
    delta.recorded.event.type = "like";
    delta.recorded.event.time =
        delta.recorded.recorded_at - absl::Microseconds(1'234'567);
    delta.recorded.outcome.event_id = id;
    delta.recorded.outcome.seq = seq_;
    delta.recorded.outcome.recorded_at = delta.recorded.recorded_at;
    return delta;
  }

  void Enroll(Delta& delta, const std::string& member) {
    model::EntityState& state = StateIn(delta, Member(member));
    state = states_[Member(member)];
  }

  model::Position Award(Delta& delta, const std::string& member, int64_t units,
                        std::optional<std::string> subject = std::nullopt,
                        const std::string& currency = "points") {
    model::Movement movement;
    movement.kind = model::Movement::Kind::kAward;
    movement.rule = "rule_of_" + currency;
    // All awards of an event are for its target.
    if (subject.has_value()) {
      delta.recorded.event.target = subject;
      for (model::Movement& earlier : delta.movements) {
        if (earlier.kind == model::Movement::Kind::kAward) {
          earlier.subject = subject;
        }
      }
    }
    movement.subject = delta.recorded.event.target;
    movement.asked = units;
    movement.limited = units;
    return Move(delta, member, currency, units, std::move(movement));
  }

  // Undoes awards of one member and currency.
  model::Position Reverse(Delta& delta,
                          const std::vector<model::Position>& awards) {
    int64_t units = 0;
    for (const auto at : awards) units -= awards_.at(at).units;
    const model::Movement& first = awards_.at(awards.front());
    model::Movement movement;
    movement.kind = model::Movement::Kind::kReversal;
    movement.reverses = awards;
    return Move(delta, first.member, first.currency, units,
                std::move(movement));
  }

  // From then on the id is nobody's.
  void Erase(Delta& delta, const std::string& member) {
    delta.recorded.event.type = kErase;
    delta.recorded.event.actor = member;
    delta.erased_members = {member};
    states_.erase(Member(member));
    for (auto& [entity, state] : states_) {
      state.counters.EraseIf([&](const auto& counter) {
        return counter.first.key == Member(member);
      });
    }
  }

  void Count(Delta& delta, const model::Entity& entity,
             const model::CounterKey& key, int64_t value) {
    StateIn(delta, entity).counters[key] = value;
  }

 private:
  model::EntityState& StateIn(Delta& delta, const model::Entity& entity) {
    for (model::EntityState& state : delta.states) {
      if (state.entity == entity) return state;
    }
    model::EntityState& known = states_[entity];
    known.entity = entity;
    if (entity.kind == model::Entity::Kind::kMember && !known.exists) {
      known.exists = true;
      known.since = delta.recorded.event.time;
    }
    delta.states.push_back(known);
    return delta.states.back();
  }

  model::Position Move(Delta& delta, const std::string& member,
                       const std::string& currency, int64_t units,
                       model::Movement movement) {
    model::EntityState& state = StateIn(delta, Member(member));
    model::Holding& holding = state.holdings[currency];
    holding.balance += units;
    holding.earned += units;
    states_[Member(member)].holdings = state.holdings;
    movement.at = {delta.recorded.seq,
                   static_cast<int32_t>(delta.movements.size())};
    movement.member = member;
    movement.currency = currency;
    movement.units = units;
    movement.balance = holding.balance;
    movement.earned = holding.earned;
    if (movement.kind == model::Movement::Kind::kAward) {
      awards_[movement.at] = movement;
    }
    delta.movements.push_back(movement);
    delta.recorded.outcome.effects.push_back(EffectOf(movement));
    return movement.at;
  }

  // An outcome tells each movement.
  static Effect EffectOf(const model::Movement& m) {
    if (m.kind == model::Movement::Kind::kReversal) {
      return Reversed{.member = m.member,
                      .currency = m.currency,
                      .units = m.units,
                      .awards = static_cast<int64_t>(m.reverses.size())};
    }
    return Awarded{.member = m.member,
                   .currency = m.currency,
                   .rule = m.rule,
                   .asked = m.asked,
                   .limited = m.limited,
                   .units = m.units,
                   .cut = m.cut};
  }

  int64_t seq_ = 0;
  std::map<model::Entity, model::EntityState> states_;
  std::map<model::Position, model::Movement> awards_;
};

}  // namespace loyalty::store

#endif  // LOYALTY_TESTS_STORE_JOURNAL_BUILDER_H_
