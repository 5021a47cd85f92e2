// SPDX-License-Identifier: Apache-2.0
//
// Evaluating a plan: one switch, one small function for each operation. A
// failure is a value that every operation passes on, except && and ||, all()
// and exists(), which may find their answer in spite of it.
#include <re2/re2.h>

#include <array>
#include <cstring>
#include <utility>

#include "cel/compare.h"
#include "cel/plan.h"

namespace loyalty::cel {
namespace {

// What a loop runs over: the items of a list or the keys of a map.
class LoopRange {
 public:
  explicit LoopRange(const Value& range)
      : items_(range.items()), entries_(range.entries()) {}

  size_t size() const { return items_.size() + entries_.size(); }
  const Value& operator[](size_t i) const {
    return items_.empty() ? entries_[i].key : items_[i];
  }

  // Of a loop with two variables: index and item, or key and value. The index
  // holds until the next one is asked for.
  const Value& Key(size_t i) {
    if (items_.empty()) return entries_[i].key;
    index_ = Value::Int(static_cast<int64_t>(i));
    return index_;
  }
  const Value& Entry(size_t i) const {
    return items_.empty() ? entries_[i].value : items_[i];
  }

 private:
  std::span<const Value> items_;
  std::span<const MapEntry> entries_;
  Value index_;
};

class Evaluation {
 public:
  Evaluation(const Plan& plan, std::span<const Value> slots)
      : plan_(plan),
        slots_(slots),
        context_{plan.limits, plan.limits.max_steps} {}

  // Within loops of another's.
  Evaluation(const Plan& plan, std::span<const Value> slots,
             const Value* const* locals, int64_t steps)
      : plan_(plan), slots_(slots), context_{plan.limits, steps} {
    // Most are unset, and may only be copied as bytes.
    std::memcpy(locals_.data(), locals, sizeof(locals_));
  }

  int64_t steps() const { return context_.steps; }

  // REQUIRES: `id` is an operation of the plan; the tree of operations is no
  //           higher than kMaxHeight.
  Value Run(OpId id) {
    const Op& op = plan_.ops[id];
    switch (op.code) {
      case OpCode::kConstant: return plan_.constants[op.index];
      case OpCode::kSlot: return Slot(op);
      case OpCode::kSlotOrAbsent: return SlotOrAbsent(op);
      case OpCode::kHasSlot:
        return Value::Bool(op.index < slots_.size() &&
                           !slots_[op.index].Is(Value::Kind::kAbsent));
      case OpCode::kLocal: return *locals_[op.index];
      case OpCode::kSelect: return Select(op);
      case OpCode::kHas: return Has(op);
      case OpCode::kCall:
      case OpCode::kDispatch: return Call(op);
      case OpCode::kEqual: return Equality(op, true);
      case OpCode::kNotEqual: return Equality(op, false);
      case OpCode::kMatches: return Matches(op);
      case OpCode::kList: return List(op);
      case OpCode::kMap: return Map(op);
      case OpCode::kAnd: return Logic(op, false);
      case OpCode::kOr: return Logic(op, true);
      case OpCode::kConditional: return Conditional(op);
      case OpCode::kOptSelect: return OptionalField(op);
      case OpCode::kOptSlot: return OptionalSlot(op);
      case OpCode::kOptEntry: return Optional(Operand(op, 0));
      case OpCode::kOrOptional: return OrElse(op, false);
      case OpCode::kOrValue: return OrElse(op, true);
      case OpCode::kBind: return Bind(op);
      case OpCode::kOptMap: return BindHeld(op, false);
      case OpCode::kOptFlatMap: return BindHeld(op, true);
      case OpCode::kAll: return Quantified(op, false);
      case OpCode::kExists: return Quantified(op, true);
      case OpCode::kExistsOne: return ExistsOne(op);
      case OpCode::kFilter: return Filter(op);
      case OpCode::kTransform: return Transform(op);
      case OpCode::kTransformMap:
      case OpCode::kTransformMapEntries: return TransformMap(op);
      case OpCode::kFail:
        return Fail(op, absl::StatusCode::kInvalidArgument,
                    std::string(plan_.constants[op.index].text()));
    }
    return Fail(op, absl::StatusCode::kInternal, "no such operation");
  }

 private:
  OpId Operand(const Op& op, uint32_t i) const {
    return plan_.operands[op.first + i];
  }

  static Value Fail(const Op& op, absl::StatusCode code, std::string text) {
    return Placed(op, Value::Failure(code, std::move(text)));
  }

  static Value Placed(const Op& op, Value value) {
    value.PlaceFailure(op.offset);
    return value;
  }

  Value Slot(const Op& op) const {
    Value value = SlotOrAbsent(op);
    if (!value.Is(Value::Kind::kAbsent)) return value;
    return Fail(op, absl::StatusCode::kNotFound,
                "no such attribute: " + plan_.slots[op.index].name);
  }

  Value SlotOrAbsent(const Op& op) const {
    if (op.index >= slots_.size()) return Value::Absent();
    const Value& value = slots_[op.index];
    const PlannedSlot& slot = plan_.slots[op.index];
    if (KindFits(value.kind(), slot.type) && !value.failed()) return value;
    if (value.Is(Value::Kind::kAbsent)) return value;
    return Fail(op, absl::StatusCode::kInvalidArgument,
                slot.name + " is declared " + slot.type.ToString() +
                    " and given " + value.TypeOfValue().ToString());
  }

  Value Select(const Op& op) {
    Value operand = Run(Operand(op, 0));
    if (operand.failed()) return operand;
    const Value& field = plan_.constants[op.index];
    if (operand.Is(Value::Kind::kOptional)) {
      return Placed(op, OptionalItemAt("_._", operand, field));
    }
    if (!operand.Is(Value::Kind::kMap)) return NoFields(op, operand);
    const Value* const found = operand.Find(field);
    if (found != nullptr) return *found;
    return Fail(op, absl::StatusCode::kNotFound,
                "no such key: " + field.ToString());
  }

  Value Has(const Op& op) {
    Value operand = Run(Operand(op, 0));
    if (operand.failed()) return operand;
    const Value& field = plan_.constants[op.index];
    if (operand.Is(Value::Kind::kOptional)) {
      const Value found = OptionalItemAt("has", operand, field);
      return found.failed() ? Placed(op, found)
                            : Value::Bool(found.held() != nullptr);
    }
    if (!operand.Is(Value::Kind::kMap)) return NoFields(op, operand);
    return Value::Bool(operand.Find(field) != nullptr);
  }

  static Value NoFields(const Op& op, const Value& operand) {
    return Fail(op, absl::StatusCode::kInvalidArgument,
                "type '" + operand.TypeOfValue().ToString() +
                    "' does not support field selection");
  }

  Value Call(const Op& op) {
    constexpr uint32_t kFew = 3;
    std::array<Value, kFew> few;
    std::vector<Value> many(op.count > kFew ? op.count : 0);
    Value* const arguments = op.count > kFew ? many.data() : few.data();
    for (uint32_t i = 0; i < op.count; ++i) {
      arguments[i] = Run(Operand(op, i));
      if (arguments[i].failed()) return std::move(arguments[i]);
    }
    const PlannedCall& call = plan_.calls[op.index];
    const std::span<const Value> given(arguments, op.count);
    const Overload* const form =
        op.code == OpCode::kCall ? call.forms[0] : FormFor(call, given);
    if (form == nullptr)
      return Placed(op, NoMatchingOverload(call.name, given));
    if (form->implementation != nullptr) {
      return Placed(op, form->implementation(context_, arguments));
    }
    return CallHost(op, *form, given);
  }

  static const Overload* FormFor(const PlannedCall& call,
                                 std::span<const Value> arguments) {
    for (const Overload* const form : call.forms) {
      bool fits = true;
      for (size_t i = 0; i < arguments.size() && fits; ++i) {
        fits = form->checks_itself ||
               KindFits(arguments[i].kind(), form->parameters[i]);
      }
      if (fits) return form;
    }
    return nullptr;
  }

  static Value CallHost(const Op& op, const Overload& form,
                        std::span<const Value> arguments) {
    if (form.host == nullptr) {
      return Fail(op, absl::StatusCode::kUnimplemented,
                  "a declaration without a function: " + form.name);
    }
    absl::StatusOr<Value> result = form.host(arguments);
    if (!result.ok()) {
      return Fail(op, result.status().code(),
                  std::string(result.status().message()));
    }
    // Trusting the host here would let a string pass for a number.
    if (result->Is(Value::Kind::kAbsent) ||
        !KindFits(result->kind(), form.result)) {
      return Fail(op, absl::StatusCode::kInternal,
                  form.name + " is declared to return " +
                      form.result.ToString() + " and returned " +
                      result->TypeOfValue().ToString());
    }
    return *std::move(result);
  }

  Value Equality(const Op& op, bool wanted) {
    Value left = Run(Operand(op, 0));
    if (left.failed()) return left;
    Value right = Run(Operand(op, 1));
    if (right.failed()) return right;
    const bool differs = left.Is(Value::Kind::kAbsent) ||
                         right.Is(Value::Kind::kAbsent) ||
                         !Equal(left, right, context_.steps);
    if (context_.steps < 0) return Placed(op, StepsUsedUp());
    return Value::Bool(differs != wanted);
  }

  Value Matches(const Op& op) {
    Value operand = Run(Operand(op, 0));
    if (operand.failed()) return operand;
    if (!operand.Is(Value::Kind::kString)) {
      return Placed(op, NoMatchingOverload("matches", {&operand, 1}));
    }
    const std::string_view text = operand.text();
    const RE2& pattern = *plan_.patterns[op.index];
    if (!context_.SpendOnMatch(text, MatchWeight(pattern.ProgramSize()))) {
      return Placed(op, StepsUsedUp());
    }
    const auto& alternatives = plan_.alternatives[op.index];
    if (alternatives != nullptr) return Value::Bool(alternatives->AreIn(text));
    return Value::Bool(
        RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), pattern));
  }

  Value List(const Op& op) {
    std::vector<Value> items;
    items.reserve(op.count);
    for (uint32_t i = 0; i < op.count; ++i) {
      Value item = Run(Operand(op, i));
      if (item.failed()) return item;
      if (IsOptionalEntry(Operand(op, i))) {
        if (item.held() == nullptr) continue;
        item = Value(*item.held());
      }
      items.push_back(std::move(item));
    }
    return Value::List(std::move(items));
  }

  bool IsOptionalEntry(OpId id) const {
    return plan_.ops[id].code == OpCode::kOptEntry;
  }

  Value Map(const Op& op) {
    std::vector<MapEntry> entries;
    entries.reserve(op.count / 2);
    for (uint32_t i = 0; i + 1 < op.count; i += 2) {
      MapEntry entry{Run(Operand(op, i)), Value()};
      if (entry.key.failed()) return std::move(entry.key);
      entry.value = Run(Operand(op, i + 1));
      if (entry.value.failed()) return std::move(entry.value);
      if (IsOptionalEntry(Operand(op, i + 1))) {
        if (entry.value.held() == nullptr) continue;
        entry.value = Value(*entry.value.held());
      }
      entries.push_back(std::move(entry));
    }
    return NewMap(op, std::move(entries));
  }

  static Value NewMap(const Op& op, std::vector<MapEntry> entries) {
    absl::StatusOr<Value> map = Value::Map(std::move(entries));
    if (map.ok()) return *std::move(map);
    return Fail(op, map.status().code(), std::string(map.status().message()));
  }

  // The bool that operation `id` gives, or a failure.
  Value Truth(OpId id) {
    Value value = Run(id);
    if (value.Is(Value::Kind::kBool) || value.failed()) return value;
    return Fail(plan_.ops[id], absl::StatusCode::kInvalidArgument,
                "expected a bool, and found " + value.TypeOfValue().ToString());
  }

  // && (which false decides) and || (which true decides): the deciding operand
  // wins over failures on either side of it.
  Value Logic(const Op& op, bool deciding) {
    Value failure;
    for (uint32_t i = 0; i < op.count; ++i) {
      Value value = Truth(Operand(op, i));
      if (value.failed()) {
        if (!failure.failed()) failure = std::move(value);
      } else if (value.bool_value() == deciding) {
        return value;
      }
    }
    return failure.failed() ? failure : Value::Bool(!deciding);
  }

  Value Conditional(const Op& op) {
    Value condition = Truth(Operand(op, 0));
    if (condition.failed()) return condition;
    return Run(Operand(op, condition.bool_value() ? 1 : 2));
  }

  Value Bind(const Op& op) {
    Value bound = Run(Operand(op, 0));
    if (bound.failed()) return bound;
    locals_[op.index] = &bound;
    return Run(Operand(op, 1));
  }

  // ---- Optionals ----

  // The optional that operation `id` gives, or a failure.
  Value Optional(OpId id) {
    Value value = Run(id);
    if (value.Is(Value::Kind::kOptional) || value.failed()) return value;
    return Fail(
        plan_.ops[id], absl::StatusCode::kInvalidArgument,
        "expected an optional, and found " + value.TypeOfValue().ToString());
  }

  Value OptionalField(const Op& op) {
    const Value operand = Run(Operand(op, 0));
    if (operand.failed()) return operand;
    return Placed(op,
                  OptionalItemAt("_._", operand, plan_.constants[op.index]));
  }

  Value OptionalSlot(const Op& op) const {
    Value value = SlotOrAbsent(op);
    if (value.failed()) return value;
    return value.Is(Value::Kind::kAbsent) ? Value::None()
                                          : Value::Optional(std::move(value));
  }

  Value OrElse(const Op& op, bool wants_value) {
    const Value first = Optional(Operand(op, 0));
    if (first.failed()) return first;
    if (first.held() != nullptr) return wants_value ? *first.held() : first;
    return wants_value ? Run(Operand(op, 1)) : Optional(Operand(op, 1));
  }

  Value BindHeld(const Op& op, bool gives_optional) {
    const Value optional = Optional(Operand(op, 0));
    if (optional.held() == nullptr) return optional;
    locals_[op.index] = optional.held();
    if (gives_optional) return Optional(Operand(op, 1));
    Value result = Run(Operand(op, 1));
    return result.failed() ? result : Value::Optional(std::move(result));
  }

  // ---- Loops ----

  // The list or map a loop runs over, or a failure.
  Value RangeOf(const Op& op) {
    Value range = Run(Operand(op, 0));
    if (range.failed() || range.Is(Value::Kind::kList) ||
        range.Is(Value::Kind::kMap)) {
      return range;
    }
    return Fail(op, absl::StatusCode::kInvalidArgument,
                "cannot loop over " + range.TypeOfValue().ToString());
  }

  // Moves a loop to its next item; false if that is one turn too many.
  bool Turn(const Op& op, LoopRange& items, size_t i) {
    if (op.has_two) {
      locals_[op.index] = &items.Key(i);
      locals_[op.index + 1] = &items.Entry(i);
    } else {
      locals_[op.index] = &items[i];
    }
    return context_.Spend(int64_t{1} + op.cost);
  }

  Value Quantified(const Op& op, bool deciding) {
    Value range = RangeOf(op);
    if (range.failed()) return range;
    LoopRange items(range);
    Value failure;
    for (size_t i = 0; i < items.size(); ++i) {
      if (!Turn(op, items, i)) return Placed(op, StepsUsedUp());
      Value value = Truth(Operand(op, 1));
      if (value.failed()) {
        if (!failure.failed()) failure = std::move(value);
      } else if (value.bool_value() == deciding) {
        return value;
      }
    }
    return failure.failed() ? failure : Value::Bool(!deciding);
  }

  Value ExistsOne(const Op& op) {
    Value range = RangeOf(op);
    if (range.failed()) return range;
    LoopRange items(range);
    size_t found = 0;
    for (size_t i = 0; i < items.size(); ++i) {
      if (!Turn(op, items, i)) return Placed(op, StepsUsedUp());
      Value value = Truth(Operand(op, 1));
      if (value.failed()) return value;
      found += value.bool_value() ? 1 : 0;
    }
    return Value::Bool(found == 1);
  }

  Value Filter(const Op& op) {
    Value range = RangeOf(op);
    if (range.failed()) return range;
    LoopRange items(range);
    std::vector<Value> kept;
    for (size_t i = 0; i < items.size(); ++i) {
      if (!Turn(op, items, i)) return Placed(op, StepsUsedUp());
      Value value = Truth(Operand(op, 1));
      if (value.failed()) return value;
      if (value.bool_value()) kept.push_back(items[i]);
    }
    return Value::List(std::move(kept));
  }

  Value Transform(const Op& op) {
    Value range = RangeOf(op);
    if (range.failed()) return range;
    LoopRange items(range);
    const bool has_predicate = op.count == 3;
    std::vector<Value> made;
    for (size_t i = 0; i < items.size(); ++i) {
      if (!Turn(op, items, i)) return Placed(op, StepsUsedUp());
      if (has_predicate) {
        Value value = Truth(Operand(op, 1));
        if (value.failed()) return value;
        if (!value.bool_value()) continue;
      }
      made.push_back(Run(Operand(op, op.count - 1)));
      if (made.back().failed()) return std::move(made.back());
    }
    return Value::List(std::move(made));
  }

  Value TransformMap(const Op& op) {
    Value range = RangeOf(op);
    if (range.failed()) return range;
    LoopRange items(range);
    std::vector<MapEntry> made;
    for (size_t i = 0; i < items.size(); ++i) {
      if (!Turn(op, items, i)) return Placed(op, StepsUsedUp());
      if (op.count == 3) {
        Value value = Truth(Operand(op, 1));
        if (value.failed()) return value;
        if (!value.bool_value()) continue;
      }
      Value result = Run(Operand(op, op.count - 1));
      if (result.failed()) return result;
      if (op.code == OpCode::kTransformMap) {
        made.push_back({items.Key(i), std::move(result)});
        continue;
      }
      Value failure = AddEntries(op, result, made);
      if (failure.failed()) return failure;
    }
    return NewMap(op, std::move(made));
  }

  // Adds the entries of the map `from`; a failure if there are too many.
  Value AddEntries(const Op& op, const Value& from,
                   std::vector<MapEntry>& entries) {
    if (!from.Is(Value::Kind::kMap)) {
      return Fail(op, absl::StatusCode::kInvalidArgument,
                  "expected a map, and found " + from.TypeOfValue().ToString());
    }
    const auto added = from.entries();
    if (entries.size() + added.size() > context_.limits.max_list_items) {
      return Fail(op, absl::StatusCode::kResourceExhausted,
                  "the map is too large");
    }
    if (!context_.Spend(static_cast<int64_t>(added.size()))) {
      return Placed(op, StepsUsedUp());
    }
    entries.insert(entries.end(), added.begin(), added.end());
    return Value::Null();
  }

  const Plan& plan_;
  std::span<const Value> slots_;
  CallContext context_;
  std::array<const Value*, kMaxLocals> locals_;  // set when a loop begins
};

}  // namespace

Value EvaluateOp(const Plan& plan, OpId id, std::span<const Value> slots) {
  return Evaluation(plan, slots).Run(id);
}

Value EvaluateAll(const Plan& plan, std::span<const Value> slots,
                  int64_t& steps) {
  Evaluation evaluation(plan, slots);
  Value value = evaluation.Run(plan.root);
  steps = plan.limits.max_steps - evaluation.steps();
  return value;
}

Value EvaluatePart(const Plan& plan, OpId id, std::span<const Value> slots,
                   const Value* const* locals, int64_t& steps) {
  Evaluation evaluation(plan, slots, locals, steps);
  Value value = evaluation.Run(id);
  steps = evaluation.steps();
  return value;
}

}  // namespace loyalty::cel
