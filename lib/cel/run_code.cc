// SPDX-License-Identifier: Apache-2.0
//
// The loop that runs code. What it leaves to the walk is evaluated anew from
// the start, which is allowed because evaluating changes nothing.
#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "cel/code.h"
#include "cel/text.h"

namespace loyalty::cel {
namespace {

union Register {
  int64_t integer;
  uint64_t natural;
  double real;
  const Value* at;
};

// Equal texts. Most are short, and a call would take longer than they do.
bool SameText(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const size_t size = a.size();
  const auto word_at = [](std::string_view text, size_t offset) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + offset, sizeof(word));
    return word;
  };
  const auto half_at = [](std::string_view text, size_t offset) {
    uint32_t half = 0;
    std::memcpy(&half, text.data() + offset, sizeof(half));
    return half;
  };
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  if (size >= 8) {
    return word_at(a, 0) == word_at(b, 0) &&
           word_at(a, size - 8) == word_at(b, size - 8);
  }
  if (size >= 4) {
    return half_at(a, 0) == half_at(b, 0) &&
           half_at(a, size - 4) == half_at(b, size - 4);
  }
  return size == 0 || (a[0] == b[0] && a[size / 2] == b[size / 2] &&
                       a[size - 1] == b[size - 1]);
}

bool Starts(std::string_view text, std::string_view start) {
  return text.size() >= start.size() &&
         SameText(text.substr(0, start.size()), start);
}

bool HasText(const ConstantSet& set, std::string_view text) {
  if (!set.packed.empty()) {
    if (text.size() > kPackedBytes) return false;
    const uint64_t packed = PackedText(text);
    bool found = false;
    for (const uint64_t each : set.packed) found |= each == packed;
    return found;
  }
  if (set.texts.size() > kFewConstants) {
    return std::binary_search(set.texts.begin(), set.texts.end(), text);
  }
  return std::any_of(
      set.texts.begin(), set.texts.end(),
      [text](std::string_view each) { return SameText(each, text); });
}

bool HasInteger(const ConstantSet& set, int64_t integer) {
  return std::binary_search(set.integers.begin(), set.integers.end(), integer);
}

bool ListHasText(std::span<const Value> items, std::string_view text) {
  return std::any_of(items.begin(), items.end(), [text](const Value& item) {
    return item.Is(Value::Kind::kString) && SameText(item.text(), text);
  });
}

bool IsEarlier(const Value& a, const Value& b) {
  if (a.unix_seconds() != b.unix_seconds()) {
    return a.unix_seconds() < b.unix_seconds();
  }
  return a.nanos() < b.nanos();
}

// Nanoseconds from `b` to `a`; false if they are too many.
bool NanosBetween(const Value& a, const Value& b, int64_t& nanos) {
  constexpr int64_t kSecond = 1'000'000'000;
  const int64_t seconds = a.unix_seconds() - b.unix_seconds();
  const int64_t rest = int64_t{a.nanos()} - int64_t{b.nanos()};
  return !__builtin_mul_overflow(seconds, kSecond, &nanos) &&
         !__builtin_add_overflow(nanos, rest, &nanos);
}

bool Divides(int64_t a, int64_t b) {
  return b != 0 && !(b == -1 && a == INT64_MIN);
}

bool Matches(const re2::RE2& pattern, std::string_view text) {
  return pattern.Match(re2::StringPiece(text.data(), text.size()), 0,
                       text.size(), re2::RE2::UNANCHORED, nullptr, 0);
}

int64_t StepsOf(std::string_view text, int64_t weight = 1) {
  return static_cast<int64_t>(text.size()) * weight /
         static_cast<int64_t>(CallContext::kBytesPerStep);
}

Value NumberAs(Value::Kind kind, Register number) {
  switch (kind) {
    case Value::Kind::kInt: return Value::Int(number.integer);
    case Value::Kind::kUint: return Value::Uint(number.natural);
    case Value::Kind::kDouble: return Value::Double(number.real);
    case Value::Kind::kDuration: return Value::DurationNanos(number.integer);
    default: return Value::Bool(number.integer != 0);
  }
}

}  // namespace

bool RunCode(const Plan& plan, const Code& code, std::span<const Value> slots,
             Value& result) {
  using In = InstructionCode;
  if (slots.size() < code.slots) return false;
  std::array<Register, kRegisters> registers;
  std::array<const Value*, kMaxLocals> locals;
  int64_t steps = code.max_steps;
  const Instruction* const first = code.instructions.data();
  const Instruction* in = first;
  Register* const r = registers.data();
  bool test = false;
  while (true) {
    switch (in->code) {
      // ---- Loading ----
      case In::kLoad: r[in->to].integer = in->with.integer; break;
      case In::kLoadSlot: {
        const Value& slot = slots[in->a];
        if (!slot.Is(in->kind)) return false;
        r[in->to].integer = slot.int_value();
        break;
      }
      case In::kLoadLocal: {
        const Value& local = *locals[in->a];
        if (!local.Is(in->kind)) return false;
        r[in->to].integer = local.int_value();
        break;
      }
      case In::kLoadAt: r[in->to].integer = r[in->a].at->int_value(); break;
      case In::kPointAtSlot:
        if (!slots[in->a].Is(in->kind)) return false;
        r[in->to].at = &slots[in->a];
        break;
      case In::kPointAtLocal:
        if (!locals[in->a]->Is(in->kind)) return false;
        r[in->to].at = locals[in->a];
        break;
      case In::kFind: {
        const Value* const found = r[in->a].at->Find(*in->with.value);
        if (found == nullptr || !found->Is(in->kind)) return false;
        r[in->to].at = found;
        break;
      }
      case In::kWalk: {
        const Value value =
            EvaluatePart(plan, static_cast<OpId>(in->with.integer), slots,
                         locals.data(), steps);
        if (!value.Is(in->kind)) return false;
        r[in->to].integer = value.int_value();
        break;
      }

      // ---- Arithmetic ----
      case In::kAddInts:
        if (__builtin_add_overflow(r[in->a].integer, r[in->b].integer,
                                   &r[in->to].integer)) {
          return false;
        }
        break;
      case In::kSubtractInts:
        if (__builtin_sub_overflow(r[in->a].integer, r[in->b].integer,
                                   &r[in->to].integer)) {
          return false;
        }
        break;
      case In::kMultiplyInts:
        if (__builtin_mul_overflow(r[in->a].integer, r[in->b].integer,
                                   &r[in->to].integer)) {
          return false;
        }
        break;
      case In::kDivideInts:
        if (!Divides(r[in->a].integer, r[in->b].integer)) return false;
        r[in->to].integer = r[in->a].integer / r[in->b].integer;
        break;
      case In::kModuloInts:
        if (!Divides(r[in->a].integer, r[in->b].integer)) return false;
        r[in->to].integer = r[in->a].integer % r[in->b].integer;
        break;
      case In::kNegateInt:
        if (r[in->a].integer == INT64_MIN) return false;
        r[in->to].integer = -r[in->a].integer;
        break;
      case In::kAddUints:
        if (__builtin_add_overflow(r[in->a].natural, r[in->b].natural,
                                   &r[in->to].natural)) {
          return false;
        }
        break;
      case In::kSubtractUints:
        if (__builtin_sub_overflow(r[in->a].natural, r[in->b].natural,
                                   &r[in->to].natural)) {
          return false;
        }
        break;
      case In::kMultiplyUints:
        if (__builtin_mul_overflow(r[in->a].natural, r[in->b].natural,
                                   &r[in->to].natural)) {
          return false;
        }
        break;
      case In::kDivideUints:
        if (r[in->b].natural == 0) return false;
        r[in->to].natural = r[in->a].natural / r[in->b].natural;
        break;
      case In::kModuloUints:
        if (r[in->b].natural == 0) return false;
        r[in->to].natural = r[in->a].natural % r[in->b].natural;
        break;
      case In::kAddDoubles:
        r[in->to].real = r[in->a].real + r[in->b].real;
        break;
      case In::kSubtractDoubles:
        r[in->to].real = r[in->a].real - r[in->b].real;
        break;
      case In::kMultiplyDoubles:
        r[in->to].real = r[in->a].real * r[in->b].real;
        break;
      case In::kMultiplyByReal:
        r[in->to].real = r[in->a].real * in->with.real;
        break;
      case In::kDivideDoubles:
        r[in->to].real = r[in->a].real / r[in->b].real;
        break;
      case In::kNegateDouble: r[in->to].real = -r[in->a].real; break;
      case In::kIntToDouble:
        r[in->to].real = static_cast<double>(r[in->a].integer);
        break;
      case In::kUintToDouble:
        r[in->to].real = static_cast<double>(r[in->a].natural);
        break;
      case In::kBetweenTimes: {
        int64_t nanos = 0;
        if (!NanosBetween(*r[in->a].at, *r[in->b].at, nanos)) {
          return false;
        }
        r[in->to].integer = nanos;
        break;
      }
      case In::kSizeOfText: {
        const std::string_view text = r[in->a].at->text();
        steps -= StepsOf(text);
        r[in->to].integer = static_cast<int64_t>(CountCodePoints(text));
        break;
      }
      case In::kSizeOfBytes:
        r[in->to].integer = static_cast<int64_t>(r[in->a].at->text().size());
        break;
      case In::kSizeOfList:
        r[in->to].integer = static_cast<int64_t>(r[in->a].at->items().size());
        break;
      case In::kSizeOfMap:
        r[in->to].integer = static_cast<int64_t>(r[in->a].at->entries().size());
        break;

      // ---- Tests of slots ----
      case In::kIfSlotIs:
        test = !slots[in->a].Is(Value::Kind::kAbsent);
        goto tested;
      case In::kIfSlotTrue:
        if (!slots[in->a].Is(Value::Kind::kBool)) return false;
        test = slots[in->a].bool_value();
        goto tested;
      case In::kIfSlotIntEqual:
        if (!slots[in->a].Is(in->kind)) goto other_kind;
        test = slots[in->a].int_value() == in->with.integer;
        goto tested;
      case In::kIfSlotIntLess:
        if (!slots[in->a].Is(in->kind)) return false;
        test = slots[in->a].int_value() < in->with.integer;
        goto tested;
      case In::kIfSlotIntGreater:
        if (!slots[in->a].Is(in->kind)) return false;
        test = slots[in->a].int_value() > in->with.integer;
        goto tested;
      case In::kIfSlotRealEqual:
        if (!slots[in->a].Is(in->kind)) goto other_kind;
        test = slots[in->a].double_value() == in->with.real;
        goto tested;
      case In::kIfSlotRealLess:
        if (!slots[in->a].Is(in->kind)) return false;
        test = slots[in->a].double_value() < in->with.real;
        goto tested;
      case In::kIfSlotRealAtMost:
        if (!slots[in->a].Is(in->kind)) return false;
        test = slots[in->a].double_value() <= in->with.real;
        goto tested;
      case In::kIfSlotRealGreater:
        if (!slots[in->a].Is(in->kind)) return false;
        test = slots[in->a].double_value() > in->with.real;
        goto tested;
      case In::kIfSlotRealAtLeast:
        if (!slots[in->a].Is(in->kind)) return false;
        test = slots[in->a].double_value() >= in->with.real;
        goto tested;
      case In::kIfSlotTextEqual:
        if (!slots[in->a].Is(in->kind)) goto other_kind;
        test = SameText(slots[in->a].text(), in->with.value->text());
        goto tested;
      case In::kIfSlotTextIn:
        if (!slots[in->a].Is(in->kind)) return false;
        test = HasText(code.sets[in->b], slots[in->a].text());
        goto tested;

      case In::kIfSlotsTextEqual: {
        const Value& left = slots[in->a];
        const Value& right = slots[in->b];
        if (left.Is(in->kind) && right.Is(in->kind)) {
          steps -= StepsOf(left.text());
          test = SameText(left.text(), right.text());
          goto tested;
        }
        const bool one_absent =
            left.Is(Value::Kind::kAbsent) || right.Is(Value::Kind::kAbsent);
        const bool fit = (left.Is(in->kind) || left.Is(Value::Kind::kAbsent)) &&
                         (right.Is(in->kind) || right.Is(Value::Kind::kAbsent));
        if (!in->absent_differs || !one_absent || !fit) return false;
        test = false;
        goto tested;
      }

      // ---- Tests of registers ----
      case In::kIfLocalTextEqual:
        if (!locals[in->a]->Is(Value::Kind::kString)) return false;
        test = SameText(locals[in->a]->text(), in->with.value->text());
        goto tested;
      case In::kIfLocalTextStarts:
        if (!locals[in->a]->Is(Value::Kind::kString)) return false;
        test = Starts(locals[in->a]->text(), in->with.value->text());
        goto tested;
      case In::kIfIntEqualTo:
        test = r[in->a].integer == in->with.integer;
        goto tested;
      case In::kIfIntLessThan:
        test = r[in->a].integer < in->with.integer;
        goto tested;
      case In::kIfIntGreaterThan:
        test = r[in->a].integer > in->with.integer;
        goto tested;
      case In::kIfRealEqualTo:
        test = r[in->a].real == in->with.real;
        goto tested;
      case In::kIfRealLessThan:
        test = r[in->a].real < in->with.real;
        goto tested;
      case In::kIfRealNotAbove:
        test = r[in->a].real <= in->with.real;
        goto tested;
      case In::kIfRealGreaterThan:
        test = r[in->a].real > in->with.real;
        goto tested;
      case In::kIfRealNotBelow:
        test = r[in->a].real >= in->with.real;
        goto tested;
      case In::kIfTrue: test = r[in->a].integer != 0; goto tested;
      case In::kIfIntEqual:
        test = r[in->a].integer == r[in->b].integer;
        goto tested;
      case In::kIfIntLess:
        test = r[in->a].integer < r[in->b].integer;
        goto tested;
      case In::kIfUintLess:
        test = r[in->a].natural < r[in->b].natural;
        goto tested;
      case In::kIfRealEqual: test = r[in->a].real == r[in->b].real; goto tested;
      case In::kIfRealLess: test = r[in->a].real < r[in->b].real; goto tested;
      case In::kIfRealAtMost:
        test = r[in->a].real <= r[in->b].real;
        goto tested;
      case In::kIfTimeEqual:
        test = !IsEarlier(*r[in->a].at, *r[in->b].at) &&
               !IsEarlier(*r[in->b].at, *r[in->a].at);
        goto tested;
      case In::kIfTimeLess:
        test = IsEarlier(*r[in->a].at, *r[in->b].at);
        goto tested;
      case In::kIfTextEqual:
        steps -= StepsOf(r[in->a].at->text());
        test = SameText(r[in->a].at->text(), r[in->b].at->text());
        goto tested;
      case In::kIfTextLess:
        steps -= StepsOf(r[in->a].at->text());
        test = r[in->a].at->text() < r[in->b].at->text();
        goto tested;
      case In::kIfTextStarts:
        steps -= StepsOf(r[in->b].at->text());
        test = Starts(r[in->a].at->text(), r[in->b].at->text());
        goto tested;
      case In::kIfTextEnds: {
        const std::string_view text = r[in->a].at->text();
        const std::string_view end = r[in->b].at->text();
        steps -= StepsOf(end);
        test = text.size() >= end.size() &&
               SameText(text.substr(text.size() - end.size()), end);
        goto tested;
      }
      case In::kIfTextContains: {
        const std::string_view text = r[in->a].at->text();
        steps -= StepsOf(text);
        test = FindText(text, r[in->b].at->text()) != std::string_view::npos;
        goto tested;
      }
      case In::kIfTextInList: {
        const auto items = r[in->b].at->items();
        const std::string_view text = r[in->a].at->text();
        steps -= static_cast<int64_t>(items.size()) * (1 + StepsOf(text));
        if (steps < 0) return false;
        test = ListHasText(items, text);
        goto tested;
      }
      case In::kIfTextIn:
        test = HasText(code.sets[in->b], r[in->a].at->text());
        goto tested;
      case In::kIfIntIn:
        test = HasInteger(code.sets[in->b], r[in->a].integer);
        goto tested;
      case In::kIfTextMatches: {
        const std::string_view text = r[in->a].at->text();
        steps -= StepsOf(text, in->with.integer);
        if (steps < 0) return false;
        test = Matches(*plan.patterns[in->b], text);
        goto tested;
      }
      case In::kIfTextHasOne: {
        const std::string_view text = r[in->a].at->text();
        steps -= StepsOf(text, in->with.integer);
        if (steps < 0) return false;
        test = plan.alternatives[in->b]->AreIn(text);
        goto tested;
      }
      case In::kIfWalk: {
        const Value value =
            EvaluatePart(plan, static_cast<OpId>(in->with.integer), slots,
                         locals.data(), steps);
        if (!value.Is(Value::Kind::kBool)) return false;
        test = value.bool_value();
        goto tested;
      }

      // ---- Loops ----
      case In::kBeginLoop: {
        const auto items = r[in->a].at->items();
        steps -= in->with.integer;
        if (steps < 0) return false;
        r[in->to].at = items.data();
        r[in->to + 1].at = items.data() + items.size();
        locals[in->b] = items.data();
        test = !items.empty();
        goto tested;
      }
      case In::kNextTurn:
        steps -= in->with.integer;
        if (steps < 0) return false;
        locals[in->b] = ++r[in->to].at;
        test = r[in->to].at != r[in->to + 1].at;
        goto tested;

      case In::kGoTo: in = first + in->yes; continue;
      case In::kGiveYes:
        if (steps < 0) return false;
        result = Value::Bool(true);
        return true;
      case In::kGiveNo:
        if (steps < 0) return false;
        result = Value::Bool(false);
        return true;
      case In::kGive:
        if (steps < 0) return false;
        result = NumberAs(in->kind, r[in->a]);
        return true;
    }
    ++in;
    continue;

  other_kind:
    if (!in->absent_differs || !slots[in->a].Is(Value::Kind::kAbsent)) {
      return false;
    }
    test = false;
  tested:
    in = first + (test ? in->yes : in->no);
  }
}

}  // namespace loyalty::cel
