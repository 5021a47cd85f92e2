// SPDX-License-Identifier: Apache-2.0
//
// From plan to code. Conditions become tests that jump, so that && and || cost
// nothing. Whatever has no instruction of its own is left to the walk, with as
// little around it as possible.
#include <re2/re2.h>

#include <utility>

#include "cel/emitter.h"

namespace loyalty::cel {
namespace {

class Assembler : private Emitter {
 public:
  explicit Assembler(const Plan& plan) : Emitter(plan) {}

  std::unique_ptr<const Code> AssembleAll() {
    const Op& root = plan_.ops[plan_.root];
    const std::optional<ValueKind> kind = NumberKind(root.type);
    if (!kind.has_value()) return nullptr;
    if (*kind == ValueKind::kBool) {
      const Label yes = NewLabel();
      const Label no = NewLabel();
      if (!Condition(plan_.root, yes, no, 0)) return nullptr;
      Place(yes);
      Add(Step::kGiveYes);
      Place(no);
      Add(Step::kGiveNo);
    } else {
      if (!Number(plan_.root, 0)) return nullptr;
      Add(Step::kGive).kind = *kind;
    }
    return Finished();
  }

 private:
  // ---- Conditions ----

  // Goes on at `yes` or `no`, using registers from `free` on. False, with
  // nothing added, if there are no instructions for it.
  bool Condition(OpId id, Label yes, Label no, uint16_t free) {
    const size_t mark = Mark();
    if (free + size_t{4} < kRegisters && AddCondition(id, yes, no, free)) {
      return true;
    }
    TakeBack(mark);
    return false;
  }

  void ConditionOrWalk(OpId id, Label yes, Label no, uint16_t free) {
    if (Condition(id, yes, no, free)) return;
    AddTest(Step::kIfWalk, yes, no).with.integer = id;
  }

  bool AddCondition(OpId id, Label yes, Label no, uint16_t free) {
    const Op& op = plan_.ops[id];
    if (op.type != Type::Kind::kBool) return false;
    switch (op.code) {
      case OpCode::kConstant:
        Add(Step::kGoTo).yes = ConstantOf(op).bool_value() ? yes : no;
        return true;
      case OpCode::kSlot:
        AddTest(Step::kIfSlotTrue, yes, no).a = SlotOf(op);
        return true;
      case OpCode::kHasSlot:
        AddTest(Step::kIfSlotIs, yes, no).a = SlotOf(op);
        return true;
      case OpCode::kAnd: return AddLogic(op, yes, no, false, free);
      case OpCode::kOr: return AddLogic(op, yes, no, true, free);
      case OpCode::kConditional: return AddChoice(op, yes, no, free);
      case OpCode::kAll: return AddLoop(op, yes, no, false, free);
      case OpCode::kExists: return AddLoop(op, yes, no, true, free);
      case OpCode::kEqual:
        return AddComparison(op, Relation::kEqual, yes, no, free);
      case OpCode::kNotEqual:
        return AddComparison(op, Relation::kNotEqual, yes, no, free);
      case OpCode::kMatches: return AddMatch(op, yes, no, free);
      case OpCode::kCall: return AddCallTest(op, yes, no, free);
      default: break;
    }
    if (!Number(id, free)) return false;
    AddTest(Step::kIfTrue, yes, no).a = free;
    return true;
  }

  static uint16_t SlotOf(const Op& op) {
    return static_cast<uint16_t>(op.index);  // at most kMaxSlot
  }

  bool AddLogic(const Op& op, Label yes, Label no, bool deciding,
                uint16_t free) {
    for (uint32_t i = 0; i < op.count; ++i) {
      const bool is_last = i + 1 == op.count;
      const Label next = is_last ? (deciding ? no : yes) : NewLabel();
      if (deciding) {
        ConditionOrWalk(IdOf(op, i), yes, next, free);
      } else {
        ConditionOrWalk(IdOf(op, i), next, no, free);
      }
      if (!is_last) Place(next);
    }
    return true;
  }

  bool AddChoice(const Op& op, Label yes, Label no, uint16_t free) {
    const Label then = NewLabel();
    const Label otherwise = NewLabel();
    ConditionOrWalk(IdOf(op, 0), then, otherwise, free);
    Place(then);
    ConditionOrWalk(IdOf(op, 1), yes, no, free);
    Place(otherwise);
    ConditionOrWalk(IdOf(op, 2), yes, no, free);
    return true;
  }

  // all() and exists() over a list.
  bool AddLoop(const Op& op, Label yes, Label no, bool deciding,
               uint16_t free) {
    if (op.has_two || !Pointer(IdOf(op, 0), Type::Kind::kList, free)) {
      return false;
    }
    const Label at_end = deciding ? no : yes;
    const Label turn = NewLabel();
    const Label next = NewLabel();
    AddLoopTest(Step::kBeginLoop, op, turn, at_end, free).a = free;
    Place(turn);
    const auto inner = static_cast<uint16_t>(free + 2);
    if (deciding) {
      ConditionOrWalk(IdOf(op, 1), yes, next, inner);
    } else {
      ConditionOrWalk(IdOf(op, 1), next, no, inner);
    }
    Place(next);
    AddLoopTest(Step::kNextTurn, op, turn, at_end, free);
    return true;
  }

  Instruction& AddLoopTest(InstructionCode code, const Op& op, Label turn,
                           Label at_end, uint16_t to) {
    Instruction& test = AddTest(code, turn, at_end);
    test.to = to;
    test.b = static_cast<uint16_t>(op.index);
    test.with.integer = int64_t{1} + op.cost;
    return test;
  }

  Instruction& AddOnTexts(InstructionCode code, Label yes, Label no,
                          uint16_t first) {
    Instruction& test = AddTest(code, yes, no);
    test.a = first;
    test.b = static_cast<uint16_t>(first + 1);
    return test;
  }

  bool AddMatch(const Op& op, Label yes, Label no, uint16_t free) {
    if (op.index > kMaxSlot ||
        !Pointer(IdOf(op, 0), Type::Kind::kString, free)) {
      return false;
    }
    const bool is_plain = plan_.alternatives[op.index] != nullptr;
    Instruction& test = AddOnTexts(
        is_plain ? Step::kIfTextHasOne : Step::kIfTextMatches, yes, no, free);
    test.b = static_cast<uint16_t>(op.index);
    test.with.integer = MatchWeight(plan_.patterns[op.index]->ProgramSize());
    return true;
  }

  bool AddCallTest(const Op& op, Label yes, Label no, uint16_t free) {
    if (!IsOwn(op)) return false;
    const std::string_view name = NameOf(op);
    if (name == "!_") {
      ConditionOrWalk(IdOf(op, 0), no, yes, free);
      return true;
    }
    if (op.count != 2) return false;
    if (name == "@in") return AddIn(op, yes, no, free);
    for (const RelationName& each : kRelations) {
      if (each.function == name) {
        return AddComparison(op, each.relation, yes, no, free);
      }
    }
    const Op& left = OperandOf(op, 0);
    const Op& right = OperandOf(op, 1);
    if (name == "startsWith" && right.code == OpCode::kConstant &&
        IsLocalText(left, ConstantOf(right))) {
      AddLocalTest(Step::kIfLocalTextStarts, left, ConstantOf(right), yes, no);
      return true;
    }
    if (name == "startsWith") {
      return AddTextTest(Step::kIfTextStarts, op, yes, no, free);
    }
    if (name == "endsWith") {
      return AddTextTest(Step::kIfTextEnds, op, yes, no, free);
    }
    if (name == "contains") {
      return AddTextTest(Step::kIfTextContains, op, yes, no, free);
    }
    return false;
  }

  bool AddTextTest(InstructionCode code, const Op& op, Label yes, Label no,
                   uint16_t free) {
    if (!PointerPair(op, Type::Kind::kString, free)) return false;
    AddOnTexts(code, yes, no, free);
    return true;
  }

  bool AddIn(const Op& op, Label yes, Label no, uint16_t free) {
    const Op& item = OperandOf(op, 0);
    const Op& list = OperandOf(op, 1);
    const bool is_text = item.type == Type::Kind::kString;
    if (list.type != Type::Kind::kList) return false;
    if (list.code != OpCode::kConstant) {
      if (!is_text || !Pointer(IdOf(op, 0), Type::Kind::kString, free) ||
          !Pointer(IdOf(op, 1), Type::Kind::kList, free + 1)) {
        return false;
      }
      AddOnTexts(Step::kIfTextInList, yes, no, free);
      return true;
    }
    const std::optional<uint16_t> set = AddSet(
        ConstantOf(list), is_text ? ValueKind::kString : ValueKind::kInt);
    if (!set.has_value()) return false;
    InstructionCode code = Step::kIfIntIn;
    if (is_text && item.code == OpCode::kSlot) {
      Instruction& test = AddTest(Step::kIfSlotTextIn, yes, no);
      test.kind = ValueKind::kString;
      test.a = SlotOf(item);
      test.b = *set;
      return true;
    }
    if (is_text) {
      code = Step::kIfTextIn;
      if (!Pointer(IdOf(op, 0), Type::Kind::kString, free)) return false;
    } else if (item.type != Type::Kind::kInt || !Number(IdOf(op, 0), free)) {
      return false;
    }
    AddOnTexts(code, yes, no, free).b = *set;
    return true;
  }

  // ---- Comparisons ----

  bool AddComparison(const Op& op, Relation relation, Label yes, Label no,
                     uint16_t free) {
    if (relation == Relation::kNotEqual) {
      return AddComparison(op, Relation::kEqual, no, yes, free);
    }
    const Op& left = OperandOf(op, 0);
    const Op& right = OperandOf(op, 1);
    if (right.code == OpCode::kConstant &&
        CompareSlot(left, relation, right, yes, no)) {
      return true;
    }
    if (left.code == OpCode::kConstant &&
        CompareSlot(right, Mirrored(relation), left, yes, no)) {
      return true;
    }
    if (right.code == OpCode::kConstant &&
        CompareToConstant(op, relation, yes, no, free)) {
      return true;
    }
    if (relation == Relation::kEqual && CompareSlots(left, right, yes, no)) {
      return true;
    }
    return CompareRegisters(op, relation, yes, no, free);
  }

  // Two texts, `event.owner == event.actor`, in one instruction. If both may be
  // absent, that tells them apart; of other pairs it does not answer.
  bool CompareSlots(const Op& left, const Op& right, Label yes, Label no) {
    const auto is_text = [](const Op& op) {
      return op.type == Type::Kind::kString &&
             (op.code == OpCode::kSlot || op.code == OpCode::kSlotOrAbsent);
    };
    if (!is_text(left) || !is_text(right)) return false;
    Instruction& test = AddTest(Step::kIfSlotsTextEqual, yes, no);
    test.kind = ValueKind::kString;
    test.absent_differs = left.code == OpCode::kSlotOrAbsent &&
                          right.code == OpCode::kSlotOrAbsent;
    test.a = SlotOf(left);
    test.b = SlotOf(right);
    return true;
  }

  // A number, or the text of a loop, with a constant.
  bool CompareToConstant(const Op& op, Relation relation, Label yes, Label no,
                         uint16_t free) {
    const Op& left = OperandOf(op, 0);
    const Value& value = ConstantOf(OperandOf(op, 1));
    if (IsLocalText(left, value) && relation == Relation::kEqual) {
      AddLocalTest(Step::kIfLocalTextEqual, left, value, yes, no);
      return true;
    }
    Instruction test;
    if (left.type == Type::Kind::kDouble && AsDouble(value, test.with.real)) {
      test.code = RealCodeTo(relation);
    } else if ((left.type == Type::Kind::kInt && value.Is(ValueKind::kInt)) ||
               (left.type == Type::Kind::kDuration &&
                value.Is(ValueKind::kDuration))) {
      const bool is_opposite =
          relation == Relation::kAtMost || relation == Relation::kAtLeast;
      if (is_opposite) std::swap(yes, no);
      test.with.integer = value.int_value();
      test.code = IntCodeTo(relation);
    } else {
      return false;
    }
    if (!Number(IdOf(op, 0), free)) return false;
    Instruction& added = AddTest(test.code, yes, no);
    added.a = free;
    added.with = test.with;
    return true;
  }

  static InstructionCode RealCodeTo(Relation relation) {
    switch (relation) {
      case Relation::kLess: return Step::kIfRealLessThan;
      case Relation::kAtMost: return Step::kIfRealNotAbove;
      case Relation::kGreater: return Step::kIfRealGreaterThan;
      case Relation::kAtLeast: return Step::kIfRealNotBelow;
      default: return Step::kIfRealEqualTo;
    }
  }

  // Of kAtMost and kAtLeast, the opposite.
  static InstructionCode IntCodeTo(Relation relation) {
    switch (relation) {
      case Relation::kLess:
      case Relation::kAtLeast: return Step::kIfIntLessThan;
      case Relation::kGreater:
      case Relation::kAtMost: return Step::kIfIntGreaterThan;
      default: return Step::kIfIntEqualTo;
    }
  }

  static bool IsLocalText(const Op& op, const Value& constant) {
    return op.code == OpCode::kLocal && op.type == Type::Kind::kString &&
           constant.Is(ValueKind::kString);
  }

  void AddLocalTest(InstructionCode code, const Op& local,
                    const Value& constant, Label yes, Label no) {
    Instruction& test = AddTest(code, yes, no);
    test.a = SlotOf(local);
    test.with.value = &constant;
  }

  // A slot with a constant, in one instruction.
  bool CompareSlot(const Op& slot, Relation relation, const Op& constant,
                   Label yes, Label no) {
    const bool differs = slot.code == OpCode::kSlotOrAbsent;
    if (slot.code != OpCode::kSlot && !differs) return false;
    const Value& value = ConstantOf(constant);
    Instruction test;
    test.absent_differs = differs;
    test.a = SlotOf(slot);
    test.yes = yes;
    test.no = no;
    if (slot.type == Type::Kind::kString && value.Is(ValueKind::kString) &&
        relation == Relation::kEqual) {
      test.code = Step::kIfSlotTextEqual;
      test.kind = ValueKind::kString;
      test.with.value = &value;
    } else if (slot.type == Type::Kind::kDouble &&
               AsDouble(value, test.with.real)) {
      test.code = RealCode(relation);
      test.kind = ValueKind::kDouble;
    } else if (!CompareSlotAsInt(slot, relation, value, test)) {
      return false;
    }
    code_->instructions.push_back(test);
    return true;
  }

  static bool CompareSlotAsInt(const Op& slot, Relation relation,
                               const Value& value, Instruction& test) {
    const std::optional<ValueKind> kind = NumberKind(slot.type);
    if (!kind.has_value() || !value.Is(*kind)) return false;
    const bool is_signed =
        *kind == ValueKind::kInt || *kind == ValueKind::kDuration;
    if (!is_signed &&
        (*kind == ValueKind::kDouble || relation != Relation::kEqual)) {
      return false;
    }
    test.kind = *kind;
    test.with.integer = value.int_value();
    switch (relation) {
      case Relation::kLess: test.code = Step::kIfSlotIntLess; break;
      case Relation::kGreater: test.code = Step::kIfSlotIntGreater; break;
      case Relation::kAtMost:
        test.code = Step::kIfSlotIntGreater;
        std::swap(test.yes, test.no);
        break;
      case Relation::kAtLeast:
        test.code = Step::kIfSlotIntLess;
        std::swap(test.yes, test.no);
        break;
      default: test.code = Step::kIfSlotIntEqual;
    }
    return true;
  }

  static InstructionCode RealCode(Relation relation) {
    switch (relation) {
      case Relation::kLess: return Step::kIfSlotRealLess;
      case Relation::kAtMost: return Step::kIfSlotRealAtMost;
      case Relation::kGreater: return Step::kIfSlotRealGreater;
      case Relation::kAtLeast: return Step::kIfSlotRealAtLeast;
      default: return Step::kIfSlotRealEqual;
    }
  }

  // A number as it compares with a double.
  static bool AsDouble(const Value& value, double& real) {
    if (value.Is(ValueKind::kDouble)) {
      real = value.double_value();
    } else if (value.Is(ValueKind::kInt)) {
      real = static_cast<double>(value.int_value());
    } else if (value.Is(ValueKind::kUint)) {
      real = static_cast<double>(value.uint_value());
    } else {
      return false;
    }
    return true;
  }

  // The instructions for `equal` and `less`, and for `at_most` where that is
  // not the opposite of a mirrored `less`: NaN.
  struct Tests {
    InstructionCode equal;
    InstructionCode less;
    std::optional<InstructionCode> at_most;
  };

  bool CompareRegisters(const Op& op, Relation relation, Label yes, Label no,
                        uint16_t free) {
    const std::optional<Tests> tests = LoadCompared(op, free);
    if (!tests.has_value()) return false;
    auto a = free;
    auto b = static_cast<uint16_t>(free + 1);
    if (relation == Relation::kGreater || relation == Relation::kAtLeast) {
      relation = Mirrored(relation);
      std::swap(a, b);
    }
    InstructionCode code = tests->equal;
    if (relation == Relation::kLess) code = tests->less;
    if (relation == Relation::kAtMost && tests->at_most.has_value()) {
      code = *tests->at_most;
    } else if (relation == Relation::kAtMost) {
      code = tests->less;  // a <= b is !(b < a)
      std::swap(a, b);
      std::swap(yes, no);
    }
    Instruction& test = AddTest(code, yes, no);
    test.a = a;
    test.b = b;
    return true;
  }

  // Loads both operands, and says how they are compared.
  std::optional<Tests> LoadCompared(const Op& op, uint16_t free) {
    const Type::Kind left = OperandOf(op, 0).type;
    const Type::Kind right = OperandOf(op, 1).type;
    if (left != right) {
      if (!Real(IdOf(op, 0), free) || !Real(IdOf(op, 1), free + 1)) {
        return std::nullopt;
      }
      return Tests{Step::kIfRealEqual, Step::kIfRealLess, Step::kIfRealAtMost};
    }
    switch (left) {
      case Type::Kind::kString:
      case Type::Kind::kBytes:
        if (!PointerPair(op, left, free)) return std::nullopt;
        return Tests{Step::kIfTextEqual, Step::kIfTextLess, std::nullopt};
      case Type::Kind::kTimestamp:
        if (!PointerPair(op, left, free)) return std::nullopt;
        return Tests{Step::kIfTimeEqual, Step::kIfTimeLess, std::nullopt};
      default: break;
    }
    if (!NumberKind(left).has_value() || !Number(IdOf(op, 0), free) ||
        !Number(IdOf(op, 1), free + 1)) {
      return std::nullopt;
    }
    if (left == Type::Kind::kDouble) {
      return Tests{Step::kIfRealEqual, Step::kIfRealLess, Step::kIfRealAtMost};
    }
    const bool is_uint = left == Type::Kind::kUint;
    return Tests{Step::kIfIntEqual,
                 is_uint ? Step::kIfUintLess : Step::kIfIntLess, std::nullopt};
  }

  // A number of any kind as a double. One of two is a double already: int and
  // uint do not compare so.
  bool Real(OpId id, uint16_t to) {
    const Type::Kind type = plan_.ops[id].type;
    if (type == Type::Kind::kDouble) return Number(id, to);
    if (type != Type::Kind::kInt && type != Type::Kind::kUint) return false;
    if (!Number(id, to)) return false;
    AddUnary(
        type == Type::Kind::kInt ? Step::kIntToDouble : Step::kUintToDouble,
        to);
    return true;
  }

  // ---- Numbers ----

  // Loads a number; by the walk if there is no other way, but not for the whole
  // of an expression.
  bool Number(OpId id, uint16_t to) {
    if (to + size_t{4} >= kRegisters) return false;
    const std::optional<ValueKind> kind = NumberKind(plan_.ops[id].type);
    if (!kind.has_value()) return false;
    const size_t mark = Mark();
    if (AddNumber(id, *kind, to)) return true;
    TakeBack(mark);
    if (id == plan_.root || plan_.ops[id].code == OpCode::kSlotOrAbsent) {
      return false;
    }
    Instruction& walk = Add(Step::kWalk);
    walk.kind = *kind;
    walk.to = to;
    walk.with.integer = id;
    return true;
  }

  bool AddNumber(OpId id, ValueKind kind, uint16_t to) {
    const Op& op = plan_.ops[id];
    switch (op.code) {
      case OpCode::kConstant:
        if (!ConstantOf(op).Is(kind)) return false;
        Load(ConstantOf(op).int_value(), to);
        return true;
      case OpCode::kSlot:
        AddLoad(Step::kLoadSlot, kind, SlotOf(op), to);
        return true;
      case OpCode::kLocal:
        AddLoad(Step::kLoadLocal, kind, SlotOf(op), to);
        return true;
      case OpCode::kSelect:
        if (!AddFind(op, kind, to)) return false;
        AddLoad(Step::kLoadAt, kind, to, to);
        return true;
      case OpCode::kConditional: return AddNumberChoice(op, to);
      case OpCode::kCall: return IsOwn(op) && AddCall(op, to);
      default: return kind == ValueKind::kBool && AddTruth(id, to);
    }
  }

  bool AddNumberChoice(const Op& op, uint16_t to) {
    const Label then = NewLabel();
    const Label otherwise = NewLabel();
    const Label end = NewLabel();
    ConditionOrWalk(IdOf(op, 0), then, otherwise, to);
    Place(then);
    if (!Number(IdOf(op, 1), to)) return false;
    Add(Step::kGoTo).yes = end;
    Place(otherwise);
    if (!Number(IdOf(op, 2), to)) return false;
    Place(end);
    return true;
  }

  // A condition as a number.
  bool AddTruth(OpId id, uint16_t to) {
    const OpCode code = plan_.ops[id].code;
    const bool is_test = code == OpCode::kAnd || code == OpCode::kOr ||
                         code == OpCode::kEqual || code == OpCode::kNotEqual ||
                         code == OpCode::kHasSlot || code == OpCode::kAll ||
                         code == OpCode::kExists || code == OpCode::kMatches ||
                         code == OpCode::kCall;
    const Label yes = NewLabel();
    const Label no = NewLabel();
    const Label end = NewLabel();
    if (!is_test || !Condition(id, yes, no, to)) return false;
    Place(yes);
    Load(1, to);
    Add(Step::kGoTo).yes = end;
    Place(no);
    Load(0, to);
    Place(end);
    return true;
  }

  bool AddCall(const Op& op, uint16_t to) {
    const std::string_view name = NameOf(op);
    if (op.type == Type::Kind::kBool) {
      return AddTruth(static_cast<OpId>(&op - plan_.ops.data()), to);
    }
    const Type::Kind first = OperandOf(op, 0).type;
    if (op.count == 2 && first == OperandOf(op, 1).type) {
      if (name == "_-_" && first == Type::Kind::kTimestamp) {
        if (!PointerPair(op, first, to)) return false;
        AddBinary(Step::kBetweenTimes, to);
        return true;
      }
      for (const Arithmetic& each : kArithmetic) {
        if (each.function != name || each.operands != first) continue;
        if (each.code == Step::kMultiplyDoubles &&
            OperandOf(op, 1).code == OpCode::kConstant) {
          if (!Number(IdOf(op, 0), to)) return false;
          AddUnary(Step::kMultiplyByReal, to);
          code_->instructions.back().with.real =
              ConstantOf(OperandOf(op, 1)).double_value();
          return true;
        }
        const auto second = static_cast<uint16_t>(to + 1);
        if (!Number(IdOf(op, 0), to) || !Number(IdOf(op, 1), second)) {
          return false;
        }
        AddBinary(each.code, to);
        return true;
      }
      return false;
    }
    return op.count == 1 && AddUnaryCall(name, IdOf(op, 0), first, to);
  }

  bool AddUnaryCall(std::string_view name, OpId operand, Type::Kind type,
                    uint16_t to) {
    if (name == "size") {
      if (!Pointer(operand, type, to)) return false;
      switch (type) {
        case Type::Kind::kString: AddUnary(Step::kSizeOfText, to); return true;
        case Type::Kind::kBytes: AddUnary(Step::kSizeOfBytes, to); return true;
        case Type::Kind::kList: AddUnary(Step::kSizeOfList, to); return true;
        case Type::Kind::kMap: AddUnary(Step::kSizeOfMap, to); return true;
        default: return false;
      }
    }
    if (name == "double") return Real(operand, to);
    if (name != "-_" || !Number(operand, to)) return false;
    if (type != Type::Kind::kInt && type != Type::Kind::kDouble) return false;
    AddUnary(type == Type::Kind::kInt ? Step::kNegateInt : Step::kNegateDouble,
             to);
    return true;
  }

  // ---- Pointers ----

  bool PointerPair(const Op& op, Type::Kind type, uint16_t to) {
    return Pointer(IdOf(op, 0), type, to) && Pointer(IdOf(op, 1), type, to + 1);
  }

  // Where a value of `type` is.
  bool Pointer(OpId id, Type::Kind type, int at) {
    const auto to = static_cast<uint16_t>(at);
    const Op& op = plan_.ops[id];
    const std::optional<ValueKind> kind = PointedKind(type);
    if (!kind.has_value() || op.type != type) return false;
    switch (op.code) {
      case OpCode::kConstant:
        if (!ConstantOf(op).Is(*kind)) return false;
        AddLoad(Step::kLoad, *kind, 0, to).with.value = &ConstantOf(op);
        return true;
      case OpCode::kSlot:
        AddLoad(Step::kPointAtSlot, *kind, SlotOf(op), to);
        return true;
      case OpCode::kLocal:
        AddLoad(Step::kPointAtLocal, *kind, SlotOf(op), to);
        return true;
      case OpCode::kSelect: return AddFind(op, *kind, to);
      default: return false;
    }
  }

  // Where the field of a map is.
  bool AddFind(const Op& op, ValueKind kind, uint16_t to) {
    if (!Pointer(IdOf(op, 0), Type::Kind::kMap, to)) return false;
    AddLoad(Step::kFind, kind, to, to).with.value = &ConstantOf(op);
    return true;
  }
};

}  // namespace

std::unique_ptr<const Code> Assemble(const Plan& plan) {
  return Assembler(plan).AssembleAll();
}

}  // namespace loyalty::cel
