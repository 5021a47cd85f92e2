// SPDX-License-Identifier: Apache-2.0
//
// The whole way from source text to expression, and from slots to value.
#include <algorithm>
#include <utility>

#include "cel/checker.h"
#include "cel/code.h"
#include "cel/environment.h"
#include "cel/issue_list.h"
#include "cel/parser.h"
#include "cel/plan.h"
#include "cel/text.h"
#include "loyalty/cel/cel.h"

namespace loyalty::cel {
namespace {

// What a caller may ask for has bounds of its own: the parser and the walks
// over the tree recurse.
CompileOptions WithinBounds(CompileOptions options) {
  constexpr int kMaxParserDepth = 250;
  options.max_depth = std::min(options.max_depth, kMaxParserDepth);
  options.max_loop_depth = std::min(options.max_loop_depth, int{kMaxLocals});
  options.max_issues = std::max<size_t>(options.max_issues, 1);
  return options;
}

// Whether the source may be parsed at all.
bool IsAcceptable(std::string_view source, const CompileOptions& options,
                  IssueList& issues) {
  if (source.size() > options.max_source_bytes) {
    issues.Add(0,
               "the source is too long: " + std::to_string(source.size()) +
                   " bytes, where " + std::to_string(options.max_source_bytes) +
                   " are allowed",
               "write several shorter ones");
    return false;
  }
  const size_t invalid = FirstInvalidUtf8(source);
  if (invalid < source.size()) {
    issues.Add(invalid, "the source is not UTF-8",
               "write other bytes as in b'\\xff'");
  }
  return issues.empty();
}

absl::Status StatusOf(const FailureParts& failure, std::string_view source) {
  const size_t offset =
      failure.offset == FailureParts::kNowhere ? 0 : failure.offset;
  const SourcePlace place = PlaceOf(source, offset);
  return absl::Status(failure.code, AbslView(std::to_string(place.line) + ":" +
                                             std::to_string(place.column) +
                                             ": " + failure.text));
}

// What the walk gave, to the caller.
absl::StatusOr<Value> AsResult(const Plan& plan, Value value) {
  if (value.failed()) return StatusOf(value.failure(), plan.source);
  if (plan.wanted.has_value() && !KindFits(value.kind(), *plan.wanted)) {
    return absl::InvalidArgumentError(
        AbslView("1:1: the result must be " + plan.wanted->ToString() +
                 ", and is " + value.TypeOfValue().ToString()));
  }
  return value;
}

// Of a plan that is but a slot's name.
bool ReadSlot(const Plan& plan, std::span<const Value> slots, Value& value) {
  const Op& op = plan.ops[plan.root];
  if (op.code != OpCode::kSlot || op.index >= slots.size()) return false;
  const Value& slot = slots[op.index];
  if (slot.Is(Value::Kind::kAbsent) || slot.failed()) return false;
  if (!KindFits(slot.kind(), plan.slots[op.index].type)) return false;
  if (plan.wanted.has_value() && !KindFits(slot.kind(), *plan.wanted)) {
    return false;
  }
  value = slot;
  return true;
}

}  // namespace

Compiled Compile(std::string_view source, const Environment& environment,
                 const CompileOptions& asked) {
  const CompileOptions options = WithinBounds(asked);
  Compiled compiled;
  IssueList issues(source, options.max_issues);
  // 1 Parse. After a syntax error names and types say little.
  if (!IsAcceptable(source, options, issues)) {
    compiled.issues = issues.Take();
    return compiled;
  }
  const Ast ast =
      Parse(source, options, environment.declarations().extensions, issues);
  // 2 Check.
  Facts facts;
  if (issues.empty()) {
    facts = Check(ast, environment.declarations(), options, issues);
  }
  // 3 Plan, which compiles patterns.
  std::shared_ptr<const Plan> plan;
  if (issues.empty()) {
    plan = MakePlan(ast, facts, environment.shared_declarations(), options,
                    issues);
  }
  if (issues.empty()) {
    compiled.expression.emplace(std::move(plan));
  }
  compiled.issues = issues.Take();
  return compiled;
}

Expression::Expression(std::shared_ptr<const Plan> plan)
    : plan_(std::move(plan)), code_(plan_->code.get()) {}

absl::StatusOr<Value> Expression::Evaluate(std::span<const Value> slots) const {
  if (code_ != nullptr) {
    absl::StatusOr<Value> value = Value();
    if (RunCode(*plan_, *code_, slots, *value)) return value;
  }
  return AsResult(*plan_, EvaluateOp(*plan_, plan_->root, slots));
}

bool Expression::TryEvaluate(std::span<const Value> slots, Value& value) const {
  if (code_ != nullptr) return RunCode(*plan_, *code_, slots, value);
  return ReadSlot(*plan_, slots, value);
}

absl::StatusOr<Value> Expression::EvaluateCounting(std::span<const Value> slots,
                                                   int64_t& steps) const {
  return AsResult(*plan_, EvaluateAll(*plan_, slots, steps));
}

const Type& Expression::result_type() const { return plan_->result; }

const std::vector<uint32_t>& Expression::slots_used() const {
  return plan_->slots_used;
}

const std::vector<uint32_t>& Expression::unguarded_optional_slots() const {
  return plan_->unguarded_optional_slots;
}

int64_t Expression::cost_bound() const { return plan_->limits.max_steps; }

std::string_view Expression::source() const { return plan_->source; }

}  // namespace loyalty::cel
