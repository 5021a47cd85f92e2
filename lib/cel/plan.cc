// SPDX-License-Identifier: Apache-2.0
//
// From tree to operations. What depends on constants only is evaluated here,
// once; where that fails it is left to fail when evaluated, as CEL has it.
#include "cel/plan.h"

#include <re2/re2.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cel/code.h"
#include "cel/cost.h"

namespace loyalty::cel {
namespace {

class Planner {
 public:
  Planner(const Ast& ast, const Facts& facts, const CompileOptions& options,
          IssueList& issues)
      : ast_(ast),
        facts_(facts),
        options_(options),
        issues_(issues),
        plan_(std::make_shared<Plan>()) {
    plan_->source = std::string(ast.source);
    plan_->limits = {options.max_steps, options.max_text_bytes,
                     options.max_list_items, options.max_pattern_size};
  }

  std::shared_ptr<Plan> MakeAll() {
    plan_->root = PlanNode(ast_.root);
    plan_->result = facts_[ast_.root].type;
    const bool is_open = plan_->result.Is(Type::Kind::kDyn);
    if (is_open && options_.check) plan_->wanted = options_.result;
    plan_->slots_used.assign(used_.begin(), used_.end());
    std::set_difference(unguarded_.begin(), unguarded_.end(), guarded_.begin(),
                        guarded_.end(),
                        std::back_inserter(plan_->unguarded_optional_slots));
    return plan_;
  }

 private:
  using OpList = std::vector<OpId>;

  OpId Add(OpCode code, const Node& node, uint32_t index,
           const OpList& operands) {
    Op op;
    op.code = code;
    op.offset = node.offset;
    op.index = index;
    op.first = static_cast<uint32_t>(plan_->operands.size());
    op.count = static_cast<uint32_t>(operands.size());
    plan_->operands.insert(plan_->operands.end(), operands.begin(),
                           operands.end());
    plan_->ops.push_back(op);
    return static_cast<OpId>(plan_->ops.size() - 1);
  }

  uint32_t AddConstant(Value value) {
    plan_->constants.push_back(std::move(value));
    return static_cast<uint32_t>(plan_->constants.size() - 1);
  }

  OpList PlanChildren(const Node& node, size_t first = 0) {
    OpList ids;
    for (const NodeId child : ast_.Children(node).subspan(first)) {
      ids.push_back(PlanNode(child));
    }
    return ids;
  }

  OpId PlanNode(NodeId id) {
    const OpId op = PlanUntyped(id);
    plan_->ops[op].type = facts_[id].type.kind();
    return op;
  }

  OpId PlanUntyped(NodeId id) {
    const Node& node = ast_[id];
    const NodeFacts& facts = facts_[id];
    switch (facts.meaning) {
      case Meaning::kSlot: return PlanSlot(node, *facts.variable);
      case Meaning::kLocal: return Add(OpCode::kLocal, node, facts.local, {});
      case Meaning::kTypeName: return PlanTypeName(node, *facts.denoted);
      case Meaning::kFunction: return PlanCall(node, facts);
      case Meaning::kUndeclared:
        return PlanFailure(
            node, "undeclared reference to '" + std::string(node.name) + "'");
      case Meaning::kPlain: break;
    }
    if (IsLoop(node.kind)) return PlanLoop(node, facts);
    if (IsBinding(node.kind)) {
      const OpList operands = PlanChildren(node);
      return Add(BindingCode(node.kind), node, facts.local, operands);
    }
    switch (node.kind) {
      case NodeKind::kConstant:
        return Add(OpCode::kConstant, node, AddConstant(node.constant), {});
      case NodeKind::kSelect: return PlanField(OpCode::kSelect, node);
      case NodeKind::kHas: return PlanField(OpCode::kHas, node);
      case NodeKind::kOptSelect: return PlanField(OpCode::kOptSelect, node);
      case NodeKind::kOptEntry: return PlanPlain(OpCode::kOptEntry, node);
      case NodeKind::kList: return PlanFoldable(OpCode::kList, node);
      case NodeKind::kMap: return PlanFoldable(OpCode::kMap, node);
      case NodeKind::kAnd: return PlanLogic(OpCode::kAnd, node);
      case NodeKind::kOr: return PlanLogic(OpCode::kOr, node);
      case NodeKind::kConditional: return PlanPlain(OpCode::kConditional, node);
      default: return PlanFailure(node, "not an expression");
    }
  }

  OpId PlanFailure(const Node& node, std::string_view text) {
    return Add(OpCode::kFail, node, AddConstant(Value::String(text)), {});
  }

  OpId PlanTypeName(const Node& node, const Type& denoted) {
    if (node.kind == NodeKind::kHas) {
      return Add(OpCode::kConstant, node, AddConstant(Value::Bool(true)), {});
    }
    return Add(OpCode::kConstant, node, AddConstant(Value::OfType(denoted)),
               {});
  }

  OpId PlanPlain(OpCode code, const Node& node) {
    const OpList operands = PlanChildren(node);
    return Add(code, node, 0, operands);
  }

  // Of && and ||, whose operands are bools: one that is known decides, or goes.
  OpId PlanLogic(OpCode code, const Node& node) {
    OpList operands = PlanChildren(node);
    if (!options_.optimize || !options_.check) {
      return Add(code, node, 0, operands);
    }
    const bool decides = code == OpCode::kOr;
    OpList unknown;
    for (const OpId id : operands) {
      const Op& op = plan_->ops[id];
      if (op.code != OpCode::kConstant ||
          !plan_->constants[op.index].Is(Value::Kind::kBool)) {
        unknown.push_back(id);
      } else if (plan_->constants[op.index].bool_value() == decides) {
        return Add(OpCode::kConstant, node, AddConstant(Value::Bool(decides)),
                   {});
      }
    }
    if (unknown.empty()) {
      return Add(OpCode::kConstant, node, AddConstant(Value::Bool(!decides)),
                 {});
    }
    const bool is_one =
        unknown.size() == 1 && plan_->ops[unknown[0]].type == Type::Kind::kBool;
    return is_one ? unknown[0] : Add(code, node, 0, unknown);
  }

  OpId PlanField(OpCode code, const Node& node) {
    const OpList operands = PlanChildren(node);
    return Add(code, node, AddConstant(Value::String(node.name)), operands);
  }

  OpId PlanSlot(const Node& node, const Variable& variable) {
    if (variable.constant.has_value()) {
      return PlanKnown(node, *variable.constant);
    }
    const uint32_t slot = UseSlot(variable);
    if (node.kind == NodeKind::kHas) {
      guarded_.insert(slot);
      return Add(OpCode::kHasSlot, node, slot, {});
    }
    if (node.kind == NodeKind::kOptSelect) {
      return Add(OpCode::kOptSlot, node, slot, {});
    }
    if (variable.optional) unguarded_.insert(slot);
    return Add(OpCode::kSlot, node, slot, {});
  }

  OpId PlanKnown(const Node& node, const Value& value) {
    switch (node.kind) {
      case NodeKind::kHas:
        return Add(OpCode::kConstant, node, AddConstant(Value::Bool(true)), {});
      case NodeKind::kOptSelect:
        return Add(OpCode::kConstant, node, AddConstant(Value::Optional(value)),
                   {});
      default: return Add(OpCode::kConstant, node, AddConstant(value), {});
    }
  }

  uint32_t UseSlot(const Variable& variable) {
    const uint32_t slot = options_.slot_number
                              ? options_.slot_number(variable.slot)
                              : variable.slot;
    used_.insert(slot);
    if (plan_->slots.size() <= slot) plan_->slots.resize(slot + size_t{1});
    plan_->slots[slot] = {variable.name, variable.type};
    return slot;
  }

  // An operand of == or !=, which may be an attribute whose absence differs.
  OpId PlanCompared(NodeId id, bool& is_tolerant) {
    const NodeFacts& facts = facts_[id];
    const bool is_slot =
        facts.meaning == Meaning::kSlot && ast_[id].kind != NodeKind::kHas &&
        facts.variable->absent_differs && !facts.variable->constant.has_value();
    if (!is_slot) return PlanNode(id);
    is_tolerant = true;
    const OpId op =
        Add(OpCode::kSlotOrAbsent, ast_[id], UseSlot(*facts.variable), {});
    plan_->ops[op].type = facts.type.kind();
    return op;
  }

  OpId PlanCall(const Node& node, const NodeFacts& facts) {
    const size_t mark = plan_->ops.size();
    if (node.name == "_==_" || node.name == "_!=_") {
      bool is_tolerant = false;
      const auto children = ast_.Children(node);
      const OpId left = PlanCompared(children[0], is_tolerant);
      const OpId right = PlanCompared(children[1], is_tolerant);
      const OpCode code =
          node.name == "_==_" ? OpCode::kEqual : OpCode::kNotEqual;
      return Folded(mark, Add(code, node, 0, {left, right}), node);
    }
    if (!facts.forms.empty()) {
      const Implementation means = facts.forms[0]->implementation;
      if (means == &OrOptional) return PlanPlain(OpCode::kOrOptional, node);
      if (means == &OrValue) return PlanPlain(OpCode::kOrValue, node);
    }
    const OpList operands = PlanChildren(node, facts.has_namespace ? 1 : 0);
    if (const std::optional<OpId> matches =
            PlanMatches(node, facts, operands)) {
      return *matches;
    }
    const auto index = static_cast<uint32_t>(plan_->calls.size());
    plan_->calls.push_back({std::string(node.name), facts.forms});
    const bool is_one = MeansOneForm(node, facts);
    const OpId id =
        Add(is_one ? OpCode::kCall : OpCode::kDispatch, node, index, operands);
    if (IsHost(facts)) return id;
    if (node.name == "timestamp" || node.name == "duration") {
      SayIfNoTime(node, operands, id);
    }
    return Folded(mark, id, node);
  }

  // A text that is none would fail whenever it is evaluated.
  void SayIfNoTime(const Node& node, const OpList& operands, OpId id) {
    if (!options_.check || operands.size() != 1) return;
    const Op& text = plan_->ops[operands[0]];
    if (text.code != OpCode::kConstant ||
        !plan_->constants[text.index].Is(Value::Kind::kString)) {
      return;
    }
    const Value value = EvaluateOp(*plan_, id, {});
    if (!value.failed()) return;
    issues_.Add(text.offset,
                "'" + std::string(plan_->constants[text.index].text()) +
                    "' is not a " + std::string(node.name),
                node.name == "timestamp"
                    ? "write it as '2026-03-01T00:00:00Z'"
                    : "write it as '90m', '36h' or '1h30m'; a day is '24h'");
  }

  static bool IsHost(const NodeFacts& facts) {
    return std::any_of(
        facts.forms.begin(), facts.forms.end(),
        [](const Overload* form) { return form->implementation == nullptr; });
  }

  // Whether the types of the arguments are known well enough to call the form
  // without a look at the values.
  bool MeansOneForm(const Node& node, const NodeFacts& facts) const {
    if (facts.forms.empty()) return false;
    const bool check_themselves = std::all_of(
        facts.forms.begin(), facts.forms.end(), [&](const Overload* form) {
          return form->checks_itself &&
                 form->implementation == facts.forms[0]->implementation;
        });
    if (check_themselves) return true;
    if (facts.forms.size() != 1 || !options_.check) return false;
    const auto children =
        ast_.Children(node).subspan(facts.has_namespace ? 1 : 0);
    for (size_t i = 0; i < children.size(); ++i) {
      const Type& parameter = facts.forms[0]->parameters[i];
      const bool takes_all =
          parameter.Is(Type::Kind::kParam) || parameter.Is(Type::Kind::kDyn);
      if (takes_all) continue;
      // What should be an optional may be null.
      if (parameter.Is(Type::Kind::kOpaque)) return false;
      if (facts_[children[i]].type.kind() != parameter.kind()) return false;
    }
    return true;
  }

  // matches() with a constant pattern, compiled here.
  std::optional<OpId> PlanMatches(const Node& node, const NodeFacts& facts,
                                  const OpList& operands) {
    if (facts.forms.empty() || facts.forms[0]->implementation != &MatchesText) {
      return std::nullopt;
    }
    const Op& pattern = plan_->ops[operands[1]];
    if (pattern.code != OpCode::kConstant) return std::nullopt;
    const std::string_view text = plan_->constants[pattern.index].text();
    const uint32_t offset = pattern.offset;
    RE2::Options pattern_options;
    pattern_options.set_log_errors(false);
    auto compiled = std::make_unique<RE2>(
        re2::StringPiece(text.data(), text.size()), pattern_options);
    if (!compiled->ok()) {
      issues_.Add(offset, "bad pattern: " + compiled->error(),
                  "patterns are those of RE2");
    } else if (compiled->ProgramSize() > options_.max_pattern_size) {
      issues_.Add(
          offset,
          "the pattern is too large: a program of " +
              std::to_string(compiled->ProgramSize()) + " steps, where " +
              std::to_string(options_.max_pattern_size) + " are allowed",
          "a{1,100} counts a hundredfold; a+ does not");
    }
    plan_->patterns.push_back(std::move(compiled));
    plan_->alternatives.push_back(Alternatives::Of(text));
    const auto index = static_cast<uint32_t>(plan_->patterns.size() - 1);
    return Add(OpCode::kMatches, node, index, {operands[0]});
  }

  OpId PlanFoldable(OpCode code, const Node& node) {
    const size_t mark = plan_->ops.size();
    return Folded(mark, PlanPlain(code, node), node);
  }

  // The operation `id`, or the constant it gives. Its operands' operations are
  // those after `mark`.
  OpId Folded(size_t mark, OpId id, const Node& node) {
    if (!options_.optimize) return id;
    const Op& op = plan_->ops[id];
    for (uint32_t i = 0; i < op.count; ++i) {
      const OpId operand = plan_->operands[op.first + i];
      if (plan_->ops[operand].code != OpCode::kConstant) return id;
    }
    Value value = EvaluateOp(*plan_, id, {});
    if (value.failed()) return id;
    plan_->ops.resize(mark);
    return Add(OpCode::kConstant, node, AddConstant(std::move(value)), {});
  }

  static OpCode BindingCode(NodeKind kind) {
    switch (kind) {
      case NodeKind::kOptMap: return OpCode::kOptMap;
      case NodeKind::kOptFlatMap: return OpCode::kOptFlatMap;
      default: return OpCode::kBind;
    }
  }

  static OpCode LoopCode(NodeKind kind) {
    switch (kind) {
      case NodeKind::kAll: return OpCode::kAll;
      case NodeKind::kExists: return OpCode::kExists;
      case NodeKind::kExistsOne: return OpCode::kExistsOne;
      case NodeKind::kFilter: return OpCode::kFilter;
      case NodeKind::kTransformMap: return OpCode::kTransformMap;
      case NodeKind::kTransformMapEntries: return OpCode::kTransformMapEntries;
      default: return OpCode::kTransform;
    }
  }

  OpId PlanLoop(const Node& node, const NodeFacts& facts) {
    OpList operands = {PlanNode(ast_.Children(node)[0])};
    const size_t before_body = plan_->ops.size();
    const OpList body = PlanChildren(node, 1);
    const size_t cost = plan_->ops.size() - before_body;
    operands.insert(operands.end(), body.begin(), body.end());
    const OpId id = Add(LoopCode(node.kind), node, facts.local, operands);
    plan_->ops[id].cost = static_cast<uint32_t>(cost);
    plan_->ops[id].has_two = !node.second_name.empty();
    return id;
  }

  const Ast& ast_;
  const Facts& facts_;
  const CompileOptions& options_;
  IssueList& issues_;
  std::shared_ptr<Plan> plan_;
  std::set<uint32_t> used_;
  std::set<uint32_t> guarded_;
  std::set<uint32_t> unguarded_;
};

// Refuses what costs too much, and lets nothing take more than its bound.
void LimitCost(Plan& plan, uint32_t offset, const CompileOptions& options,
               IssueList& issues) {
  const int64_t bound = CostBound(plan, options);
  if (bound > options.max_cost) {
    const std::string steps = bound == INT64_MAX
                                  ? "more steps than can be told"
                                  : std::to_string(bound) + " steps";
    issues.Add(offset,
               "the expression could take " + steps + ", where " +
                   std::to_string(options.max_cost) + " are allowed",
               "loops within loops and long texts take most");
  }
  plan.limits.max_steps = std::min(options.max_steps, bound);
}

}  // namespace

std::shared_ptr<const Plan> MakePlan(
    const Ast& ast, const Facts& facts,
    std::shared_ptr<const Declarations> declarations,
    const CompileOptions& options, IssueList& issues) {
  std::shared_ptr<Plan> plan = Planner(ast, facts, options, issues).MakeAll();
  plan->declarations = std::move(declarations);
  LimitCost(*plan, ast[ast.root].begin, options, issues);
  if (options.optimize && issues.empty()) plan->code = Assemble(*plan);
  return plan;
}

}  // namespace loyalty::cel
