// SPDX-License-Identifier: Apache-2.0
//
// Frame: what expressions read in one leg, in the slots they were compiled for.
#ifndef LOYALTY_LIB_RULES_FRAME_H_
#define LOYALTY_LIB_RULES_FRAME_H_

#include <absl/container/inlined_vector.h>
#include <absl/functional/function_ref.h>
#include <absl/status/statusor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "loyalty/cel/cel.h"
#include "loyalty/event.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::rules {

// `value` for an expression; its texts are borrowed.
cel::Value BorrowedCel(const Value& value);

// Only what some expression of the event's type reads is there. Texts are
// borrowed: the program, the event and the standings must outlive the frame.
class Frame {
 public:
  // `event` is in canonical form and of `type`.
  Frame(const CompiledProgram& program, const EventType& type,
        const Event& event);

  // A standing that is not set is absent: reading it is an evaluation error.
  void SetActor(const model::EntityState& actor);
  void SetMember(const model::EntityState& member);
  void SetHolder(const model::EntityState& holder);
  void SetObject(const model::EntityState& object);

  // How the event's expressions read metrics that are not plain. One whose key
  // the event does not say is absent.
  struct Reading {
    int metric = 0;  // place among the program's
    std::optional<model::CounterRange> range = {};
    std::optional<int64_t> before = {};  // kAmong
  };
  std::span<const Reading> readings() const {
    return readings_ == nullptr ? std::span<const Reading>() : *readings_;
  }

  // Sets `candidates` to the places, in order, of the type's rules that the
  // event may meet.
  void FindRules(RulePlaces& candidates) const {
    type_->index.FindCandidates(slots_, candidates);
  }

  absl::StatusOr<bool> Bool(const cel::Expression& expression) const;
  // The same, for who asks much; nullopt: ask Bool().
  std::optional<bool> QuickBool(const cel::Expression& expression) const {
    cel::Value value;
    if (!expression.TryEvaluate(slots_, value) ||
        !value.Is(cel::Value::Kind::kBool)) {
      return std::nullopt;
    }
    return value.bool_value();
  }
  absl::StatusOr<int64_t> Int(const cel::Expression& expression) const;

  // A text, "" where the expression gives an absent member or object.
  absl::StatusOr<cel::Value> Id(const cel::Expression& expression) const;

  // Likewise, or each of a list.
  absl::Status ForEachId(
      const cel::Expression& expression,
      absl::FunctionRef<void(std::string_view id)> see) const;

  // The key that it says; an empty one for "".
  absl::StatusOr<model::CounterKeyPart> Key(const KeyExpression& key) const;

 private:
  // A text, or a list of them.
  absl::StatusOr<cel::Value> IdOrIds(const cel::Expression& expression) const;
  void SetStanding(const model::EntityState& standing, Slots::Whose whose,
                   const std::vector<int>& reads,
                   const std::vector<SegmentRead>& segments);
  void TakeAttributes(const Event& event);
  void FindReadings(absl::Time time);
  static cel::Value ValueOf(const Event& event, int what);
  // `number` counts from the first slot of a standing.
  cel::Value ValueOf(const model::EntityState& standing, int number) const;
  // What segments say of a standing that is set.
  void AskSegments(const std::vector<SegmentRead>& segments);
  cel::Value MetricOf(const model::EntityState& standing, int metric) const;

  const CompiledProgram* program_;
  const EventType* type_;
  absl::Time time_;  // the event's
  absl::InlinedVector<cel::Value, 24> slots_;
  // Null if there are none. Shared by copies, of which each leg has one.
  std::shared_ptr<const std::vector<Reading>> readings_;
};

// Calls `see` with each member or object that attribute number `attribute` of
// the event names: none, one, or, of a list, several, each once.
void ForEachNamed(const EventType& type, int attribute, const Event& event,
                  absl::FunctionRef<void(const std::string&)> see);

}  // namespace loyalty::rules

#endif  // LOYALTY_LIB_RULES_FRAME_H_
