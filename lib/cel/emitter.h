// SPDX-License-Identifier: Apache-2.0
//
// What the assembler writes with: instructions, labels, and the tables of what
// operators become.
#ifndef LOYALTY_LIB_CEL_EMITTER_H_
#define LOYALTY_LIB_CEL_EMITTER_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cel/code.h"

namespace loyalty::cel {

using Step = InstructionCode;
using ValueKind = Value::Kind;

// Where a test may go on; becomes an instruction's number at the end.
using Label = uint16_t;

enum class Relation : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kAtMost,
  kGreater,
  kAtLeast
};

struct RelationName {
  std::string_view function;
  Relation relation;
  Relation mirrored;  // with the operands exchanged
};

inline constexpr std::array<RelationName, 4> kRelations = {{
    {"_<_", Relation::kLess, Relation::kGreater},
    {"_<=_", Relation::kAtMost, Relation::kAtLeast},
    {"_>_", Relation::kGreater, Relation::kLess},
    {"_>=_", Relation::kAtLeast, Relation::kAtMost},
}};

inline Relation Mirrored(Relation relation) {
  for (const RelationName& each : kRelations) {
    if (each.relation == relation) return each.mirrored;
  }
  return relation;
}

struct Arithmetic {
  std::string_view function;
  Type::Kind operands;
  InstructionCode code;
};

inline constexpr std::array<Arithmetic, 16> kArithmetic = {{
    {"_+_", Type::Kind::kInt, Step::kAddInts},
    {"_-_", Type::Kind::kInt, Step::kSubtractInts},
    {"_*_", Type::Kind::kInt, Step::kMultiplyInts},
    {"_/_", Type::Kind::kInt, Step::kDivideInts},
    {"_%_", Type::Kind::kInt, Step::kModuloInts},
    {"_+_", Type::Kind::kUint, Step::kAddUints},
    {"_-_", Type::Kind::kUint, Step::kSubtractUints},
    {"_*_", Type::Kind::kUint, Step::kMultiplyUints},
    {"_/_", Type::Kind::kUint, Step::kDivideUints},
    {"_%_", Type::Kind::kUint, Step::kModuloUints},
    {"_+_", Type::Kind::kDouble, Step::kAddDoubles},
    {"_-_", Type::Kind::kDouble, Step::kSubtractDoubles},
    {"_*_", Type::Kind::kDouble, Step::kMultiplyDoubles},
    {"_/_", Type::Kind::kDouble, Step::kDivideDoubles},
    {"_+_", Type::Kind::kDuration, Step::kAddInts},
    {"_-_", Type::Kind::kDuration, Step::kSubtractInts},
}};

// The values that a register can hold as a number.
inline std::optional<ValueKind> NumberKind(Type::Kind type) {
  switch (type) {
    case Type::Kind::kBool: return ValueKind::kBool;
    case Type::Kind::kInt: return ValueKind::kInt;
    case Type::Kind::kUint: return ValueKind::kUint;
    case Type::Kind::kDouble: return ValueKind::kDouble;
    case Type::Kind::kDuration: return ValueKind::kDuration;
    default: return std::nullopt;
  }
}

// Those it can only point at.
inline std::optional<ValueKind> PointedKind(Type::Kind type) {
  switch (type) {
    case Type::Kind::kString: return ValueKind::kString;
    case Type::Kind::kBytes: return ValueKind::kBytes;
    case Type::Kind::kTimestamp: return ValueKind::kTimestamp;
    case Type::Kind::kList: return ValueKind::kList;
    case Type::Kind::kMap: return ValueKind::kMap;
    default: return std::nullopt;
  }
}

// Writes the code of a plan, one instruction after the other.
class Emitter {
 protected:
  explicit Emitter(const Plan& plan)
      : plan_(plan), code_(std::make_unique<Code>()) {}

  Instruction& Add(InstructionCode code) {
    is_too_large_ |= code_->instructions.size() >= kMostInstructions;
    code_->instructions.emplace_back().code = code;
    return code_->instructions.back();
  }

  Instruction& AddTest(InstructionCode code, Label yes, Label no) {
    Instruction& test = Add(code);
    test.yes = yes;
    test.no = no;
    return test;
  }

  Label NewLabel() {
    is_too_large_ |= places_.size() >= std::numeric_limits<Label>::max();
    places_.push_back(0);
    return static_cast<Label>(places_.size() - 1);
  }

  void Place(Label label) {
    places_[label] = static_cast<uint16_t>(code_->instructions.size());
  }

  const Op& OperandOf(const Op& op, uint32_t i) const {
    return plan_.ops[IdOf(op, i)];
  }
  OpId IdOf(const Op& op, uint32_t i) const {
    return plan_.operands[op.first + i];
  }
  const Value& ConstantOf(const Op& op) const {
    return plan_.constants[op.index];
  }
  std::string_view NameOf(const Op& op) const {
    return op.code == OpCode::kCall ? plan_.calls[op.index].name
                                    : std::string_view();
  }
  // Whether the call is one of the library's own.
  bool IsOwn(const Op& op) const {
    return plan_.calls[op.index].forms[0]->implementation != nullptr;
  }

  // The number of the set of these items, if all are of `kind`.
  std::optional<uint16_t> AddSet(const Value& list, ValueKind kind) {
    ConstantSet set;
    for (const Value& item : list.items()) {
      if (!item.Is(kind)) return std::nullopt;
      if (kind == ValueKind::kString) {
        set.texts.push_back(item.text());
      } else {
        set.integers.push_back(item.int_value());
      }
    }
    std::sort(set.texts.begin(), set.texts.end());
    std::sort(set.integers.begin(), set.integers.end());
    Pack(set);
    is_too_large_ |= code_->sets.size() >= kMostInstructions;
    code_->sets.push_back(std::move(set));
    return static_cast<uint16_t>(code_->sets.size() - 1);
  }

  static void Pack(ConstantSet& set) {
    const bool is_short = std::all_of(
        set.texts.begin(), set.texts.end(),
        [](std::string_view text) { return text.size() <= kPackedBytes; });
    if (!is_short || set.texts.size() > kFewConstants) return;
    for (const std::string_view text : set.texts) {
      set.packed.push_back(PackedText(text));
    }
  }

  void AddUnary(InstructionCode code, uint16_t at) {
    Instruction& unary = Add(code);
    unary.a = at;
    unary.to = at;
  }

  void Load(int64_t number, uint16_t to) {
    Instruction& load = Add(Step::kLoad);
    load.to = to;
    load.with.integer = number;
  }

  Instruction& AddLoad(InstructionCode code, ValueKind kind, uint16_t from,
                       uint16_t to) {
    Instruction& load = Add(code);
    load.kind = kind;
    load.a = from;
    load.to = to;
    return load;
  }

  void AddBinary(InstructionCode code, uint16_t at) {
    Instruction& binary = Add(code);
    binary.a = at;
    binary.b = static_cast<uint16_t>(at + 1);
    binary.to = at;
  }

  // Where the next instruction goes; and all from there on, taken back.
  size_t Mark() const { return code_->instructions.size(); }
  void TakeBack(size_t mark) { code_->instructions.resize(mark); }

  // The code, or null if it is too large for its own numbers.
  std::unique_ptr<const Code> Finished() {
    if (is_too_large_) return nullptr;
    ResolveLabels();
    code_->slots = plan_.slots.size();
    code_->max_steps = plan_.limits.max_steps;
    return std::move(code_);
  }

  const Plan& plan_;
  std::unique_ptr<Code> code_;

 private:
  // Only tests and kGoTo have labels; see the order of InstructionCode.
  void ResolveLabels() {
    for (Instruction& each : code_->instructions) {
      if (each.code < Step::kIfSlotIs || each.code > Step::kGoTo) continue;
      each.yes = places_[each.yes];
      each.no = places_[each.no];
    }
  }

  // All that an instruction names must fit into 16 bits.
  static constexpr size_t kMostInstructions = 60'000;

  std::vector<uint16_t> places_;  // by label
  bool is_too_large_ = false;
};

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_EMITTER_H_
