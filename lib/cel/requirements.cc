// SPDX-License-Identifier: Apache-2.0
//
// What an expression requires of its slots, read off its plan.
#include <algorithm>
#include <optional>
#include <utility>

#include "cel/plan.h"
#include "loyalty/cel/cel.h"

namespace loyalty::cel {
namespace {

class Reading {
 public:
  explicit Reading(const Plan& plan) : plan_(plan) {}

  // Each conjunct of `id` that is a requirement.
  void Conjuncts(OpId id, std::vector<Requirement>& found) const {
    const Op& op = plan_.ops[id];
    if (op.code == OpCode::kAnd) {
      for (uint32_t i = 0; i < op.count; ++i) Conjuncts(Operand(op, i), found);
    } else if (std::optional<Requirement> one = Of(op)) {
      found.push_back(*std::move(one));
    }
  }

 private:
  OpId Operand(const Op& op, uint32_t i) const {
    return plan_.operands[op.first + i];
  }

  std::optional<Requirement> Of(const Op& op) const {
    switch (op.code) {
      case OpCode::kEqual: return OfEqual(op);
      case OpCode::kCall: return OfCall(op);
      case OpCode::kOr: return OfOr(op);
      case OpCode::kSlot:
        return op.type == Type::Kind::kBool ? OfSlot(op, {Value::Bool(true)})
                                            : std::nullopt;
      default: return std::nullopt;
    }
  }

  std::optional<Requirement> OfEqual(const Op& op) const {
    const Op* slot = &plan_.ops[Operand(op, 0)];
    const Op* constant = &plan_.ops[Operand(op, 1)];
    if (constant->code != OpCode::kConstant) std::swap(slot, constant);
    if (constant->code != OpCode::kConstant) return std::nullopt;
    return OfSlot(*slot, {plan_.constants[constant->index]});
  }

  // x in [constants], and !x.
  std::optional<Requirement> OfCall(const Op& op) const {
    const std::string& name = plan_.calls[op.index].name;
    if (name != "!_" && name != "@in") return std::nullopt;
    const Op& first = plan_.ops[Operand(op, 0)];
    if (name == "!_") return OfSlot(first, {Value::Bool(false)});
    const Op& list = plan_.ops[Operand(op, 1)];
    if (list.code != OpCode::kConstant) return std::nullopt;
    const auto items = plan_.constants[list.index].items();
    return OfSlot(first, {items.begin(), items.end()});
  }

  std::optional<Requirement> OfOr(const Op& op) const {
    std::optional<Requirement> all = Of(plan_.ops[Operand(op, 0)]);
    for (uint32_t i = 1; all.has_value() && i < op.count; ++i) {
      std::optional<Requirement> one = Of(plan_.ops[Operand(op, i)]);
      if (!one.has_value() || one->slot != all->slot) return std::nullopt;
      all->absent_is_false &= one->absent_is_false;
      std::move(one->values.begin(), one->values.end(),
                std::back_inserter(all->values));
    }
    return all;
  }

  // Values of the slot's own kind only: others may equal it in ways that are
  // not told by their bits.
  static std::optional<Requirement> OfSlot(const Op& slot,
                                           std::vector<Value> values) {
    if (slot.code != OpCode::kSlot && slot.code != OpCode::kSlotOrAbsent) {
      return std::nullopt;
    }
    Value::Kind kind = Value::Kind::kAbsent;
    switch (slot.type) {
      case Type::Kind::kBool: kind = Value::Kind::kBool; break;
      case Type::Kind::kInt: kind = Value::Kind::kInt; break;
      case Type::Kind::kString: kind = Value::Kind::kString; break;
      default: return std::nullopt;
    }
    const bool alike =
        std::all_of(values.begin(), values.end(),
                    [kind](const Value& value) { return value.Is(kind); });
    if (!alike) return std::nullopt;
    return Requirement{.slot = slot.index,
                       .values = std::move(values),
                       .absent_is_false = slot.code == OpCode::kSlotOrAbsent};
  }

  const Plan& plan_;
};

}  // namespace

std::vector<Requirement> Expression::requirements() const {
  std::vector<Requirement> found;
  Reading(*plan_).Conjuncts(plan_->root, found);
  return found;
}

}  // namespace loyalty::cel
