// SPDX-License-Identifier: Apache-2.0
//
// One walk over the tree. A node whose part is wrong gets the type kError,
// which fits everywhere, so that one mistake is reported once.
#include "cel/checker.h"

#include <algorithm>
#include <string>
#include <utility>

#include "cel/advice.h"
#include "cel/lexer.h"
#include "cel/unify.h"

namespace loyalty::cel {

namespace {

class TypeChecker {
 public:
  TypeChecker(const Ast& ast, const Declarations& declarations,
              const CompileOptions& options, IssueList& issues)
      : ast_(ast),
        declarations_(declarations),
        options_(options),
        issues_(issues),
        facts_(ast.nodes.size()) {}

  Facts CheckAll() {
    CheckNode(ast_.root);
    CheckResult();
    for (NodeFacts& facts : facts_) facts.type = unifier_.Final(facts.type);
    return std::move(facts_);
  }

 private:
  struct Local {
    std::string_view name;
    Type type;
  };

  // A name with its fields, outermost last: event, event.tags, event.tags.x.
  struct Chain {
    std::vector<NodeId> nodes;
    bool is_name = false;  // begins with a name that no loop declares
  };

  void CheckResult() {
    if (!options_.check || !options_.result.has_value()) return;
    const Type found = unifier_.Final(facts_[ast_.root].type);
    if (unifier_.Assign(*options_.result, found)) return;
    issues_.Add(ast_[ast_.root].begin,
                "the result must be " + options_.result->ToString() +
                    ", and is " + found.ToString(),
                AdviceOnResult(*options_.result, found));
  }

  Type CheckNode(NodeId id) {
    Type type = TypeOfNode(id);
    if (!options_.check) type = Type::Dyn();
    facts_[id].type = type;
    return type;
  }

  Type TypeOfNode(NodeId id) {
    const Node& node = ast_[id];
    switch (node.kind) {
      case NodeKind::kBroken:
        // What is inside may be worth reporting as well.
        for (const NodeId child : ast_.Children(node)) CheckNode(child);
        return Type::Error();
      case NodeKind::kConstant: return node.constant.TypeOfValue();
      case NodeKind::kName:
      case NodeKind::kSelect:
      case NodeKind::kOptSelect:
      case NodeKind::kHas: return CheckChain(id);
      case NodeKind::kCall: return CheckCall(id);
      case NodeKind::kList: return CheckList(node);
      case NodeKind::kMap: return CheckMap(node);
      case NodeKind::kAnd:
      case NodeKind::kOr: return CheckLogic(node);
      case NodeKind::kConditional: return CheckConditional(node);
      case NodeKind::kOptEntry: return CheckOptionalEntry(node);
      case NodeKind::kBind:
      case NodeKind::kOptMap:
      case NodeKind::kOptFlatMap: return CheckBind(id);
      default: return CheckLoop(id);
    }
  }

  void Fault(uint32_t offset, std::string message, std::string advice = "") {
    if (!options_.check) return;
    issues_.Add(offset, std::move(message), std::move(advice));
  }

  // ---- Names ----

  const Local* FindLocal(std::string_view name) const {
    for (auto it = locals_.rbegin(); it != locals_.rend(); ++it) {
      if (it->name == name) return &*it;
    }
    return nullptr;
  }

  // The last of a chain may be asked after: has(a.b), a.?b.
  static bool IsAsked(const Node& node) {
    return node.kind == NodeKind::kHas || node.kind == NodeKind::kOptSelect;
  }

  Chain ChainTo(NodeId id) const {
    Chain chain;
    NodeId at = id;
    while (ast_[at].kind == NodeKind::kSelect ||
           (at == id && IsAsked(ast_[at]))) {
      chain.nodes.push_back(at);
      at = ast_.Children(ast_[at])[0];
    }
    chain.nodes.push_back(at);
    std::reverse(chain.nodes.begin(), chain.nodes.end());
    const Node& root = ast_[at];
    chain.is_name = root.kind == NodeKind::kName &&
                    (root.is_rooted || FindLocal(root.name) == nullptr);
    return chain;
  }

  // The dotted names of the chain, shortest first, up to a field that only a
  // quoted name can have.
  std::vector<std::string> NamesOf(const Chain& chain) const {
    std::vector<std::string> names;
    for (const NodeId id : chain.nodes) {
      if (!IsIdentifier(ast_[id].name)) break;
      names.push_back(names.empty()
                          ? std::string(ast_[id].name)
                          : names.back() + "." + std::string(ast_[id].name));
    }
    return names;
  }

  // Resolves the longest beginning of the chain that is declared, and selects
  // the rest from it field by field.
  Type CheckChain(NodeId id) {
    const Chain chain = ChainTo(id);
    if (!chain.is_name) return CheckFields(chain, 1, CheckRoot(chain));
    const std::vector<std::string> names = NamesOf(chain);
    const bool is_rooted = ast_[chain.nodes[0]].is_rooted;
    for (size_t size = names.size(); size > 0; --size) {
      const std::optional<NameMeaning> meaning =
          LookUpName(declarations_, names[size - 1], is_rooted);
      if (!meaning.has_value()) continue;
      return CheckFields(chain, size, Resolve(chain.nodes[size - 1], *meaning));
    }
    const Node& root = ast_[chain.nodes[0]];
    Fault(root.begin, "undeclared reference to '" + names.back() + "'",
          AdviceOnName(declarations_, names.back()));
    facts_[chain.nodes[0]].meaning = Meaning::kUndeclared;
    return CheckFields(chain, 1, Type::Error());
  }

  // What a chain begins with, where that is not a declared name.
  Type CheckRoot(const Chain& chain) {
    const NodeId id = chain.nodes[0];
    const Node& root = ast_[id];
    if (root.kind != NodeKind::kName) return CheckNode(id);
    const Local* const local = FindLocal(root.name);
    facts_[id].meaning = Meaning::kLocal;
    facts_[id].local = static_cast<uint32_t>(local - locals_.data());
    return facts_[id].type = local->type;
  }

  Type Resolve(NodeId id, const NameMeaning& meaning) {
    NodeFacts& facts = facts_[id];
    if (meaning.variable != nullptr) {
      facts.meaning = Meaning::kSlot;
      facts.variable = meaning.variable;
      facts.type = unifier_.Instantiated(meaning.variable->type, parameters_);
    } else {
      facts.meaning = Meaning::kTypeName;
      facts.denoted = meaning.denoted;
      facts.type = Type::TypeOf(*meaning.denoted);
    }
    return AsAsked(ast_[id], facts.type, false);
  }

  // What the last of a chain, of type `field`, gives. A field of an optional is
  // an optional in any case.
  static Type AsAsked(const Node& node, const Type& field, bool of_optional) {
    if (node.kind == NodeKind::kHas) return Type::Bool();
    const bool is_wrapped = node.kind == NodeKind::kOptSelect && !of_optional &&
                            !field.Is(Type::Kind::kError);
    return is_wrapped ? Type::Optional(field) : field;
  }

  Type CheckFields(const Chain& chain, size_t first, Type type) {
    for (size_t i = first; i < chain.nodes.size(); ++i) {
      const NodeId id = chain.nodes[i];
      facts_[chain.nodes[i - 1]].type = type;
      const Type operand = unifier_.Resolved(type);
      const Type field = TypeOfField(ast_[id], operand);
      type = AsAsked(ast_[id], field, operand.IsOptional());
    }
    return type;
  }

  Type TypeOfField(const Node& node, const Type& operand) {
    switch (operand.kind()) {
      case Type::Kind::kError: return Type::Error();
      case Type::Kind::kDyn: return Type::Dyn();
      case Type::Kind::kParam:
        unifier_.Assign(operand, Type::Dyn());
        return Type::Dyn();
      case Type::Kind::kMap:
        if (unifier_.Assign(operand.parts()[0], Type::String())) {
          return operand.parts()[1];
        }
        break;
      case Type::Kind::kOpaque:
        if (operand.IsOptional()) {
          const Type held = unifier_.Resolved(operand.parts()[0]);
          return Type::Optional(TypeOfField(node, held));
        }
        break;
      default: break;
    }
    Fault(node.offset,
          "type '" + operand.ToString() + "' does not support field selection");
    return Type::Error();
  }

  // ---- Calls ----

  Type CheckCall(NodeId id) {
    const Node& node = ast_[id];
    NodeFacts& facts = facts_[id];
    std::vector<const Overload*> forms = NamespacedForms(id);
    if (forms.empty()) {
      forms = LookUpFunction(declarations_, node.name, node.is_rooted);
    }
    std::vector<Type> types;
    for (const NodeId child :
         ast_.Children(node).subspan(facts.has_namespace ? 1 : 0)) {
      types.push_back(CheckNode(child));
      // x.any(t, ...): what follows is about a t that all() would declare.
      if (forms.empty() && IsLikeLoop(node)) break;
    }
    facts.meaning = Meaning::kFunction;
    if (forms.empty()) {
      Fault(node.offset,
            "undeclared reference to '" + std::string(node.name) +
                "' (no such function)",
            AdviceOnFunction(declarations_, node.name));
      facts.meaning = Meaning::kUndeclared;
      return Type::Error();
    }
    Type result = ChooseForms(node, facts, forms, types);
    CheckPattern(node, facts);
    return result;
  }

  bool IsLikeLoop(const Node& call) const {
    return call.is_method && call.child_count >= 3 &&
           ast_.Child(call, 1).kind == NodeKind::kName;
  }

  // The forms of a.b.f, for a call a.b.f(x) where a.b is no variable.
  std::vector<const Overload*> NamespacedForms(NodeId id) {
    const Node& node = ast_[id];
    if (!node.is_method || ast_[ast_.Children(node)[0]].kind > NodeKind::kHas) {
      return {};
    }
    const Chain chain = ChainTo(ast_.Children(node)[0]);
    if (!chain.is_name) return {};
    const std::vector<std::string> names = NamesOf(chain);
    if (names.size() != chain.nodes.size()) return {};
    std::vector<const Overload*> forms = LookUpFunction(
        declarations_, names.back() + "." + std::string(node.name),
        ast_[chain.nodes[0]].is_rooted);
    facts_[id].has_namespace = !forms.empty();
    return forms;
  }

  // Keeps the forms that fit, and gives the type of their results.
  Type ChooseForms(const Node& node, NodeFacts& facts,
                   const std::vector<const Overload*>& forms,
                   const std::vector<Type>& types) {
    const bool is_method = node.is_method && !facts.has_namespace;
    std::optional<Type> result;
    for (const Overload* const form : forms) {
      if (form->is_method != is_method ||
          form->parameters.size() != types.size()) {
        continue;
      }
      const std::optional<Type> given = ResultOf(*form, types);
      if (!given.has_value()) continue;
      if (FitsExactly(*form, types)) {
        facts.forms = {form};
        return *given;
      }
      facts.forms.push_back(form);
      if (!result.has_value()) {
        result = given;
      } else if (!(unifier_.Final(*result) == unifier_.Final(*given))) {
        result = Type::Dyn();
      }
    }
    if (result.has_value()) return *result;
    const bool is_reported = std::any_of(
        types.begin(), types.end(),
        [](const Type& type) { return type.Is(Type::Kind::kError); });
    if (!is_reported) ReportNoForm(node, is_method, forms, types);
    return Type::Error();
  }

  // The result of `form` for arguments of these types; nullopt if it does not
  // fit them.
  std::optional<Type> ResultOf(const Overload& form,
                               const std::vector<Type>& types) {
    if (!options_.check) return Type::Dyn();
    // Most forms are told apart by a scalar, without copying anything.
    for (size_t i = 0; i < types.size(); ++i) {
      if (CannotFit(form.parameters[i], types[i])) return std::nullopt;
    }
    if (!form.is_generic) {
      for (size_t i = 0; i < types.size(); ++i) {
        if (!unifier_.Assign(form.parameters[i], types[i])) return std::nullopt;
      }
      return form.result;
    }
    Unifier::Parameters made;
    std::vector<Type> wanted;
    for (const Type& parameter : form.parameters) {
      wanted.push_back(unifier_.Instantiated(parameter, made));
    }
    if (!unifier_.Assign(Type::Opaque("", wanted), Type::Opaque("", types))) {
      return std::nullopt;
    }
    return unifier_.Resolved(unifier_.Instantiated(form.result, made));
  }

  // A form for just these types wins over those that take them as dyn.
  bool FitsExactly(const Overload& form, const std::vector<Type>& types) const {
    return options_.check && !form.is_generic &&
           std::equal(types.begin(), types.end(), form.parameters.begin(),
                      [this](const Type& type, const Type& parameter) {
                        return unifier_.Resolved(type) == parameter;
                      });
  }

  static bool CannotFit(const Type& parameter, const Type& type) {
    const auto is_known = [](const Type& t) {
      return !t.Is(Type::Kind::kDyn) && !t.Is(Type::Kind::kError) &&
             !t.Is(Type::Kind::kParam);
    };
    return is_known(parameter) && is_known(type) &&
           parameter.kind() != type.kind();
  }

  void ReportNoForm(const Node& node, bool is_method,
                    const std::vector<const Overload*>& forms,
                    const std::vector<Type>& types) {
    std::vector<Type> shown;
    shown.reserve(types.size());
    for (const Type& type : types) shown.push_back(unifier_.Final(type));
    std::string text;
    for (size_t i = 0; i < shown.size(); ++i) {
      const char* separator = i > 0 ? ", " : "(";
      if (is_method) separator = i > 1 ? ", " : (i == 1 ? ".(" : "");
      text += separator + shown[i].ToString();
    }
    if (shown.empty()) text = "(";
    if (is_method && shown.size() == 1) text += ".(";
    Fault(node.offset,
          "found no matching overload for '" + std::string(node.name) +
              "' applied to '" + text + ")'",
          AdviceOnCall(ast_, node, shown, forms));
  }

  // A pattern is compiled with the expression, so it must be there by then.
  void CheckPattern(const Node& node, const NodeFacts& facts) {
    if (node.name != "matches" || facts.forms.empty() ||
        facts.forms[0]->implementation != &MatchesText ||
        options_.dynamic_patterns) {
      return;
    }
    const Node& pattern = ast_.Child(node, node.child_count - 1);
    if (pattern.kind == NodeKind::kConstant) return;
    Fault(pattern.begin, "the pattern of matches() must be a constant",
          "write it as a text in quotes");
  }

  // ---- Literals, logic, loops ----

  Type CheckList(const Node& node) {
    std::optional<Type> item;
    for (const NodeId child : ast_.Children(node)) {
      const Type type = CheckNode(child);
      item = item.has_value() ? unifier_.Join(*item, type) : type;
    }
    return Type::List(item.has_value() ? *item : unifier_.Fresh());
  }

  Type CheckMap(const Node& node) {
    std::optional<Type> key;
    std::optional<Type> value;
    const auto children = ast_.Children(node);
    for (size_t i = 0; i + 1 < children.size(); i += 2) {
      const Type key_type = CheckNode(children[i]);
      const Type value_type = CheckNode(children[i + 1]);
      CheckKey(ast_[children[i]], key_type);
      key = key.has_value() ? unifier_.Join(*key, key_type) : key_type;
      value =
          value.has_value() ? unifier_.Join(*value, value_type) : value_type;
    }
    if (!key.has_value()) return Type::Map(unifier_.Fresh(), unifier_.Fresh());
    return Type::Map(*key, *value);
  }

  void CheckKey(const Node& node, const Type& type) {
    switch (unifier_.Resolved(type).kind()) {
      case Type::Kind::kNull:
      case Type::Kind::kDouble:
      case Type::Kind::kBytes:
      case Type::Kind::kTimestamp:
      case Type::Kind::kDuration:
      case Type::Kind::kList:
      case Type::Kind::kMap:
      case Type::Kind::kType:
        Fault(node.begin, "a key must be a bool, int, uint or string, not " +
                              unifier_.Final(type).ToString());
        return;
      default: return;
    }
  }

  bool WantBool(NodeId id, std::string_view of_what) {
    const Type type = CheckNode(id);
    if (unifier_.Assign(Type::Bool(), type)) return true;
    const Type found = unifier_.Final(type);
    Fault(ast_[id].begin,
          "expected type 'bool' but found '" + found.ToString() +
              "': " + std::string(of_what) + " must be a bool",
          AdviceOnResult(Type::Bool(), found));
    return false;
  }

  Type CheckLogic(const Node& node) {
    const std::string_view what =
        node.kind == NodeKind::kAnd ? "an operand of &&" : "an operand of ||";
    for (const NodeId child : ast_.Children(node)) WantBool(child, what);
    return Type::Bool();
  }

  Type CheckConditional(const Node& node) {
    const auto children = ast_.Children(node);
    WantBool(children[0], "the condition of ?:");
    const Type then = CheckNode(children[1]);
    const Type otherwise = CheckNode(children[2]);
    if (unifier_.Assign(then, otherwise)) {
      return unifier_.Join(then, otherwise);
    }
    const std::vector<Type> types = {unifier_.Final(then),
                                     unifier_.Final(otherwise)};
    Fault(node.offset,
          "found no matching overload for '_?_:_' applied to '(bool, " +
              types[0].ToString() + ", " + types[1].ToString() + ")'",
          "both results of ?: must be of one type");
    return Type::Error();
  }

  Type CheckLoop(NodeId id) {
    const Node& node = ast_[id];
    const auto children = ast_.Children(node);
    const Type range = CheckNode(children[0]);
    const Type item = TypeOfItem(ast_[children[0]], range);
    if (loops_ >= options_.max_loop_depth) {
      issues_.Add(node.offset,
                  "too many loops in one another: more than " +
                      std::to_string(options_.max_loop_depth),
                  "where one looks for an item, write x in list");
      return Type::Error();
    }
    const size_t before = locals_.size();
    const bool has_two = !node.second_name.empty();
    const Type first = has_two ? TypeOfIndex(range, item) : item;
    Type result = Type::Error();
    if (AddLocal(id, node.name, first) &&
        (!has_two || AddLocal(id, node.second_name, TypeOfEntry(range)))) {
      ++loops_;
      result = TypeOfLoop(node, first, item);
      --loops_;
    }
    locals_.resize(before);
    return result;
  }

  Type CheckBind(NodeId id) {
    const Node& node = ast_[id];
    const auto children = ast_.Children(node);
    Type bound = CheckNode(children[0]);
    if (node.kind != NodeKind::kBind) bound = TypeHeld(children[0], bound);
    if (!AddLocal(id, node.name, bound)) return Type::Error();
    Type result = CheckNode(children[1]);
    locals_.pop_back();
    if (node.kind == NodeKind::kOptMap) return Type::Optional(result);
    if (node.kind == NodeKind::kOptFlatMap) {
      return Type::Optional(TypeHeld(children[1], result));
    }
    return result;
  }

  Type CheckOptionalEntry(const Node& node) {
    const NodeId inside = ast_.Children(node)[0];
    return TypeHeld(inside, CheckNode(inside));
  }

  // What an optional of `type` holds.
  Type TypeHeld(NodeId id, const Type& type) {
    const Type held = unifier_.Fresh();
    if (unifier_.Assign(Type::Optional(held), type)) {
      const Type known = unifier_.Resolved(type);
      return known.IsOptional() ? unifier_.Resolved(held) : Type::Dyn();
    }
    Fault(ast_[id].begin, "expected type 'optional_type' but found '" +
                              unifier_.Final(type).ToString() + "'");
    return Type::Error();
  }

  // Declares the variable of a loop or cel.bind.
  bool AddLocal(NodeId id, std::string_view name, const Type& type) {
    const Node& node = ast_[id];
    if (locals_.size() >= kMaxLocals) {
      issues_.Add(node.offset,
                  "too many names in one another: more than " +
                      std::to_string(kMaxLocals),
                  "write several shorter ones");
      return false;
    }
    const bool is_second = !node.second_name.empty() && name != node.name;
    if (!is_second) facts_[id].local = static_cast<uint32_t>(locals_.size());
    locals_.push_back({name, type});
    return true;
  }

  Type TypeOfItem(const Node& range, const Type& type) {
    const Type known = unifier_.Resolved(type);
    switch (known.kind()) {
      case Type::Kind::kError: return Type::Error();
      case Type::Kind::kList:
      case Type::Kind::kMap: return known.parts()[0];
      case Type::Kind::kDyn: return Type::Dyn();
      case Type::Kind::kParam:
        unifier_.Assign(known, Type::Dyn());
        return Type::Dyn();
      default:
        Fault(range.begin, "expression of type '" + known.ToString() +
                               "' cannot be the range of a loop: it must be a "
                               "list or a map");
        return Type::Error();
    }
  }

  // The first of two variables over `range`, and the second.
  Type TypeOfIndex(const Type& range, const Type& item) const {
    const Type known = unifier_.Resolved(range);
    return known.Is(Type::Kind::kList) ? Type::Int() : item;
  }

  Type TypeOfEntry(const Type& range) const {
    const Type known = unifier_.Resolved(range);
    switch (known.kind()) {
      case Type::Kind::kList: return known.parts()[0];
      case Type::Kind::kMap: return known.parts()[1];
      case Type::Kind::kError: return Type::Error();
      default: return Type::Dyn();
    }
  }

  Type TypeOfLoop(const Node& node, const Type& first, const Type& item) {
    const auto children = ast_.Children(node);
    const bool is_transform = node.kind >= NodeKind::kTransform;
    if (!is_transform || children.size() == 3) {
      WantBool(children[1], "the predicate of a loop");
    }
    if (is_transform) {
      const Type made = CheckNode(children.back());
      switch (node.kind) {
        case NodeKind::kTransformMap: return Type::Map(first, made);
        case NodeKind::kTransformMapEntries:
          return TypeOfEntries(children.back(), made);
        default: return Type::List(made);
      }
    }
    return node.kind == NodeKind::kFilter ? Type::List(item) : Type::Bool();
  }

  Type TypeOfEntries(NodeId id, const Type& made) {
    const Type map = Type::Map(unifier_.Fresh(), unifier_.Fresh());
    if (unifier_.Assign(map, made)) return unifier_.Resolved(map);
    Fault(ast_[id].begin, "expected type 'map' but found '" +
                              unifier_.Final(made).ToString() + "'");
    return Type::Error();
  }

  const Ast& ast_;
  const Declarations& declarations_;
  const CompileOptions& options_;
  IssueList& issues_;
  Unifier unifier_;
  Unifier::Parameters parameters_;  // of the types of variables
  Facts facts_;
  std::vector<Local> locals_;
  int loops_ = 0;  // around the node being checked
};

}  // namespace

Facts Check(const Ast& ast, const Declarations& declarations,
            const CompileOptions& options, IssueList& issues) {
  return TypeChecker(ast, declarations, options, issues).CheckAll();
}

}  // namespace loyalty::cel
