// SPDX-License-Identifier: Apache-2.0
//
// The plan of an expression: operations in one array, ready to be evaluated.
#ifndef LOYALTY_LIB_CEL_PLAN_H_
#define LOYALTY_LIB_CEL_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cel/alternatives.h"
#include "cel/checker.h"

namespace re2 {
class RE2;
}

namespace loyalty::cel {
struct Code;  // code.h
}

namespace loyalty::cel {

using OpId = uint32_t;

enum class OpCode : uint8_t {
  kConstant,      // constants[index]
  kSlot,          // slots[index], a failure if absent
  kSlotOrAbsent,  // slots[index] as it is
  kHasSlot,       // whether slots[index] is there
  kLocal,         // the item that loop `index` is at, or the bound value
  kSelect,        // the operand's entry for the key constants[index]
  kHas,           // whether the operand has that entry
  kCall,          // calls[index].forms[0]
  kDispatch,      // the one of calls[index].forms that fits the arguments
  kEqual,         // of which either may be absent, and then differs
  kNotEqual,      // likewise
  kMatches,       // the operand, by patterns[index]
  kList,          // of the operands
  kMap,           // key, value, key, value, ...
  kAnd,
  kOr,
  kConditional,
  kOptSelect,   // as kSelect, but an optional
  kOptSlot,     // slots[index] as an optional
  kOptEntry,    // an item or value of kList or kMap that may be left out
  kOrOptional,  // the first operand if it holds something, else the second
  kOrValue,     // likewise, what it holds
  kBind,        // the second operand, with the first as local `index`
  kOptMap,      // likewise, with what the first holds; an optional
  kOptFlatMap,  // likewise; the second operand is an optional
  kAll,         // loops: `index` is the loop's number, `cost` that of one turn
  kExists,
  kExistsOne,
  kFilter,
  kTransform,
  kTransformMap,
  kTransformMapEntries,
  kFail,  // with the text constants[index]
};

struct Op {
  OpCode code = OpCode::kFail;
  Type::Kind type = Type::Kind::kDyn;  // of what it gives
  bool has_two = false;  // loops: over index and item, as locals from `index`
  uint32_t offset = 0;   // into the source, for errors
  uint32_t index = 0;
  uint32_t cost = 0;
  uint32_t first = 0;  // operands[first], for `count` of them
  uint32_t count = 0;
};

// What a kCall or kDispatch may call.
struct PlannedCall {
  std::string name;
  std::vector<const Overload*> forms;
};

// What a slot must hold.
struct PlannedSlot {
  std::string name;
  Type type;
};

// Immutable once made.
struct Plan {
  std::string source;
  Type result;
  std::optional<Type> wanted;  // of a result that is dyn

  std::vector<Op> ops;
  std::vector<OpId> operands;
  OpId root = 0;

  std::vector<Value> constants;
  std::vector<PlannedCall> calls;
  std::vector<std::unique_ptr<re2::RE2>> patterns;
  // Of each of them; null if it has more to it.
  std::vector<std::unique_ptr<const Alternatives>> alternatives;
  std::vector<PlannedSlot> slots;  // by slot number; unused ones are empty

  std::vector<uint32_t> slots_used;
  std::vector<uint32_t> unguarded_optional_slots;
  Limits limits;

  // Null if there is nothing to gain by it.
  std::unique_ptr<const Code> code;

  // Keeps the overloads that `calls` point at.
  std::shared_ptr<const Declarations> declarations;
};

// Makes the plan of a checked tree. Patterns that do not compile are added to
// `issues`.
std::shared_ptr<const Plan> MakePlan(const Ast& ast, const Facts& facts,
                                     std::shared_ptr<const Declarations>,
                                     const CompileOptions& options,
                                     IssueList& issues);

// The value of operation `id`, or a failure with its place.
Value EvaluateOp(const Plan& plan, OpId id, std::span<const Value> slots);

// The value of all of it; `steps` becomes how many that took.
Value EvaluateAll(const Plan& plan, std::span<const Value> slots,
                  int64_t& steps);

// The value of operation `id` within loops that are at `locals`, taking from
// `steps`.
Value EvaluatePart(const Plan& plan, OpId id, std::span<const Value> slots,
                   const Value* const* locals, int64_t& steps);

}  // namespace loyalty::cel

#endif  // LOYALTY_LIB_CEL_PLAN_H_
