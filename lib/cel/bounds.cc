// SPDX-License-Identifier: Apache-2.0
//
// What an expression asks its ints to be at least or at most, read off its
// plan.
#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "cel/plan.h"
#include "loyalty/cel/cel.h"

namespace loyalty::cel {
namespace {

// `x op constant`, where x is an int slot times `factor`.
struct Comparison {
  uint32_t slot = 0;
  int64_t factor = 1;
  std::string_view op = {};
  int64_t constant = 0;
};

std::string_view Turned(std::string_view op) {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4>
      kTurned = {
          {{"_>=_", "_<=_"}, {"_>_", "_<_"}, {"_<=_", "_>=_"}, {"_<_", "_>_"}}};
  for (const auto& [from, to] : kTurned) {
    if (op == from) return to;
  }
  return {};
}

// Of a positive divisor; C++ divides towards zero.
int64_t FloorOf(int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }
int64_t CeilingOf(int64_t a, int64_t b) { return a / b + (a % b > 0 ? 1 : 0); }

class BoundsReader {
 public:
  explicit BoundsReader(const Plan& plan) : plan_(plan) {}

  Bounds Read() {
    found_.whole = true;
    Conjuncts(plan_.root);
    return std::move(found_);
  }

 private:
  OpId Operand(const Op& op, uint32_t i) const {
    return plan_.operands[op.first + i];
  }

  void Conjuncts(OpId id) {
    const Op& op = plan_.ops[id];
    if (op.code == OpCode::kAnd) {
      for (uint32_t i = 0; i < op.count; ++i) Conjuncts(Operand(op, i));
    } else if (!Add(op)) {
      found_.whole = false;
    }
  }

  bool Add(const Op& op) {
    const std::optional<Comparison> compares = ComparisonOf(op);
    if (!compares.has_value()) return false;
    const auto& [slot, factor, what, constant] = *compares;
    if (what == "_>=_" || what == "_==_") {
      AddBound(slot, true, CeilingOf(constant, factor));
    }
    if (what == "_<=_" || what == "_==_") {
      AddBound(slot, false, FloorOf(constant, factor));
    }
    // Ints: one more, or less, than what is not enough.
    if (what == "_>_") AddBound(slot, true, FloorOf(constant, factor) + 1);
    if (what == "_<_") AddBound(slot, false, CeilingOf(constant, factor) - 1);
    return true;
  }

  void AddBound(uint32_t slot, bool at_least, int64_t value) {
    found_.bounds.push_back(
        {.slot = slot, .at_least = at_least, .value = value});
  }

  std::optional<Comparison> ComparisonOf(const Op& op) const {
    std::string_view what;
    if (op.code == OpCode::kEqual) {
      what = "_==_";
    } else if (op.code == OpCode::kCall) {
      what = plan_.calls[op.index].name;
      if (Turned(what).empty()) return std::nullopt;
    } else {
      return std::nullopt;
    }
    const Op* x = &plan_.ops[Operand(op, 0)];
    const Op* constant = &plan_.ops[Operand(op, 1)];
    if (constant->code != OpCode::kConstant) {
      std::swap(x, constant);
      if (what != "_==_") what = Turned(what);
    }
    const std::optional<int64_t> value = IntOf(*constant);
    // At the ends of the range there is nothing beyond.
    if (!value.has_value() || *value == INT64_MAX || *value == INT64_MIN) {
      return std::nullopt;
    }
    std::optional<Comparison> compares = MultipleOf(*x);
    if (!compares.has_value()) return std::nullopt;
    compares->op = what;
    compares->constant = *value;
    return compares;
  }

  // x, x * 3 and 3 * x. One that is a part of an equation is no bound.
  std::optional<Comparison> MultipleOf(const Op& op) const {
    if (IsIntSlot(op)) return Comparison{.slot = op.index};
    if (op.code != OpCode::kCall || plan_.calls[op.index].name != "_*_") {
      return std::nullopt;
    }
    const Op* slot = &plan_.ops[Operand(op, 0)];
    const Op* factor = &plan_.ops[Operand(op, 1)];
    if (!IsIntSlot(*slot)) std::swap(slot, factor);
    const std::optional<int64_t> times = IntOf(*factor);
    if (!IsIntSlot(*slot) || !times.has_value() || *times <= 0) {
      return std::nullopt;
    }
    return Comparison{.slot = slot->index, .factor = *times};
  }

  static bool IsIntSlot(const Op& op) {
    return (op.code == OpCode::kSlot || op.code == OpCode::kSlotOrAbsent) &&
           op.type == Type::Kind::kInt;
  }

  std::optional<int64_t> IntOf(const Op& op) const {
    if (op.code != OpCode::kConstant) return std::nullopt;
    const Value& value = plan_.constants[op.index];
    if (!value.Is(Value::Kind::kInt)) return std::nullopt;
    return value.int_value();
  }

  const Plan& plan_;
  Bounds found_;
};

}  // namespace

Bounds Expression::bounds() const { return BoundsReader(*plan_).Read(); }

}  // namespace loyalty::cel
