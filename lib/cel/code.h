// SPDX-License-Identifier: Apache-2.0
//
// The compiled form of a plan: typed instructions over slots, run without
// copying a value or taking memory. It knows no errors: what it cannot answer
// (an absent slot, an overflow) it leaves to the walk over the plan, which
// gives the same values and, of what went wrong, an account.
#ifndef LOYALTY_LIB_CEL_CODE_H_
#define LOYALTY_LIB_CEL_CODE_H_

#include <absl/container/inlined_vector.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "cel/plan.h"

namespace loyalty::cel {

// Instructions work on registers: a number, or where a value is. Tests go on at
// `yes` or `no`, all others at the next instruction.
enum class InstructionCode : uint8_t {
  // Into register `to`.
  kLoad,          // the constant `with`
  kLoadSlot,      // the number in slot `a`, which must be of `kind`
  kLoadLocal,     // the number in local `a`, likewise
  kLoadAt,        // the number at register `a`, likewise
  kPointAtSlot,   // where slot `a` is, which must be of `kind`
  kPointAtLocal,  // where local `a` is, likewise
  kFind,          // where the map at register `a` has the key `with`; likewise
  kAddInts,
  kSubtractInts,
  kMultiplyInts,
  kDivideInts,
  kModuloInts,
  kNegateInt,
  kAddUints,
  kSubtractUints,
  kMultiplyUints,
  kDivideUints,
  kModuloUints,
  kAddDoubles,
  kSubtractDoubles,
  kMultiplyDoubles,
  kMultiplyByReal,  // register `a` with the constant `with`
  kDivideDoubles,
  kNegateDouble,
  kIntToDouble,
  kUintToDouble,
  kBetweenTimes,  // nanoseconds from the timestamp at `b` to the one at `a`
  kSizeOfText,    // in code points
  kSizeOfBytes,
  kSizeOfList,
  kSizeOfMap,
  kWalk,  // what the plan's operation `with` gives, of `kind`

  // Tests.
  kIfSlotIs,           // slot `a` is there
  kIfSlotTrue,         // slot `a` is true
  kIfSlotIntEqual,     // slot `a` stands so to the constant `with`
  kIfSlotIntLess,      // likewise
  kIfSlotIntGreater,   // likewise
  kIfSlotRealEqual,    // likewise
  kIfSlotRealLess,     // likewise
  kIfSlotRealAtMost,   // likewise
  kIfSlotRealGreater,  // likewise
  kIfSlotRealAtLeast,  // likewise
  kIfSlotTextEqual,    // likewise
  kIfSlotTextIn,       // sets[b] has slot `a`
  kIfSlotsTextEqual,   // slots `a` and `b`
  kIfLocalTextEqual,   // local `a` is the constant `with`
  kIfLocalTextStarts,  // local `a` starts with the constant `with`
  kIfTrue,             // register `a`
  kIfIntEqualTo,       // register `a` stands so to the constant `with`
  kIfIntLessThan,      // likewise
  kIfIntGreaterThan,   // likewise
  kIfRealEqualTo,      // likewise
  kIfRealLessThan,     // likewise
  kIfRealNotAbove,     // likewise
  kIfRealGreaterThan,  // likewise
  kIfRealNotBelow,     // likewise
  kIfIntEqual,         // registers `a` and `b`
  kIfIntLess,
  kIfUintLess,
  kIfRealEqual,
  kIfRealLess,
  kIfRealAtMost,
  kIfTimeEqual,  // what is at registers `a` and `b`
  kIfTimeLess,
  kIfTextEqual,
  kIfTextLess,
  kIfTextStarts,
  kIfTextEnds,
  kIfTextContains,
  kIfTextInList,   // the list at register `b` has the text at `a`
  kIfTextIn,       // sets[b] has the text at `a`
  kIfIntIn,        // sets[b] has the number `a`
  kIfTextMatches,  // patterns[b], which weighs `with`
  kIfTextHasOne,   // alternatives[b], likewise
  kIfWalk,         // the plan's operation `with` gives true

  // Loops: register `to` is at the item, the next one at the end; the item is
  // local `b`, and a turn takes `with` steps.
  kBeginLoop,  // over the list at register `a`: yes if it has items
  kNextTurn,   // yes if there is another item

  kGoTo,     // goes on at `yes`
  kGiveYes,  // the result is true
  kGiveNo,   // the result is false
  kGive,     // the result is register `a`, as a `kind`
};

struct Instruction {
  InstructionCode code = InstructionCode::kGiveNo;
  Value::Kind kind = Value::Kind::kAbsent;
  bool absent_differs = false;  // an absent slot is no failure, and unequal
  uint16_t a = 0;
  uint16_t b = 0;
  uint16_t to = 0;
  uint16_t yes = 0;
  uint16_t no = 0;
  union With {
    int64_t integer;
    double real;
    const Value* value;  // of the plan's
  } with = {0};
};

// The constants of `x in [...]`, sorted.
struct ConstantSet {
  std::vector<std::string_view> texts;
  std::vector<uint64_t> packed;  // if there are few, all short: PackedText()
  std::vector<int64_t> integers;
};

// Up to so many, looking at each beats halving.
inline constexpr size_t kFewConstants = 8;

// A text of at most kPackedBytes as one number; no two have the same.
inline constexpr size_t kPackedBytes = 7;
inline uint64_t PackedText(std::string_view text) {
  uint64_t packed = text.size();
  for (const char c : text) {
    packed = (packed << 8u) | static_cast<unsigned char>(c);
  }
  return packed;
}

inline constexpr size_t kRegisters = 32;

// What is asked of most events lies together: a short condition in two lines of
// the cache.
struct Code {
  size_t slots = 0;  // how many there must be
  int64_t max_steps = 0;
  absl::InlinedVector<Instruction, 4> instructions;
  std::vector<ConstantSet> sets;
};

// The code of `plan`, or null if it would be of no use: the result is not a
// bool or number, or all is left to the walk.
//
// REQUIRES: `plan` outlives the code, and keeps its constants where they are.
std::unique_ptr<const Code> Assemble(const Plan& plan);

// Whether there is an answer without the walk, which is then in `result`.
bool RunCode(const Plan& plan, const Code& code, std::span<const Value> slots,
             Value& result);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_CODE_H_
