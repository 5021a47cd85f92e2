// SPDX-License-Identifier: Apache-2.0
//
// The macros are a table: name, number of arguments, and the node they become.
#include "cel/macros.h"

#include <array>
#include <span>
#include <string>

namespace loyalty::cel {
namespace {

struct LoopMacro {
  std::string_view name;
  size_t arguments;
  NodeKind kind;
};

constexpr std::array<LoopMacro, 7> kLoopMacros = {{
    {"all", 2, NodeKind::kAll},
    {"exists", 2, NodeKind::kExists},
    {"exists_one", 2, NodeKind::kExistsOne},
    {"existsOne", 2, NodeKind::kExistsOne},
    {"filter", 2, NodeKind::kFilter},
    {"map", 2, NodeKind::kTransform},
    {"map", 3, NodeKind::kTransform},
}};

// Those of Extension::kTwoVariables; the arguments without the variables.
constexpr std::array<LoopMacro, 10> kTwoVariableMacros = {{
    {"all", 1, NodeKind::kAll},
    {"exists", 1, NodeKind::kExists},
    {"exists_one", 1, NodeKind::kExistsOne},
    {"existsOne", 1, NodeKind::kExistsOne},
    {"transformList", 1, NodeKind::kTransform},
    {"transformList", 2, NodeKind::kTransform},
    {"transformMap", 1, NodeKind::kTransformMap},
    {"transformMap", 2, NodeKind::kTransformMap},
    {"transformMapEntry", 1, NodeKind::kTransformMapEntries},
    {"transformMapEntry", 2, NodeKind::kTransformMapEntries},
}};

// Those of Extension::kOptionals.
constexpr std::array<LoopMacro, 2> kOptionalMacros = {{
    {"optMap", 2, NodeKind::kOptMap},
    {"optFlatMap", 2, NodeKind::kOptFlatMap},
}};

void ExpandHas(const Ast& ast, Node& call, std::vector<NodeId>& children,
               IssueList& issues) {
  const Node& argument = ast[children[0]];
  if (argument.kind == NodeKind::kBroken) {
    call.kind = NodeKind::kBroken;
    children.clear();
    return;
  }
  if (argument.kind != NodeKind::kSelect) {
    issues.Add(argument.begin, "invalid argument to has() macro",
               "has() takes a field, as in has(event.words)");
    call.kind = NodeKind::kBroken;
    children.clear();
    return;
  }
  call.kind = NodeKind::kHas;
  call.name = argument.name;
  children = {ast.children[argument.first_child]};
}

bool IsNamespace(const Node& node, std::string_view name) {
  return node.kind == NodeKind::kName && !node.is_rooted && node.name == name;
}

// Whether `variable` may be declared; if not, says so and breaks the call.
bool TakesVariable(const Node& variable, std::string_view example, Node& call,
                   std::vector<NodeId>& children, IssueList& issues) {
  if (variable.kind == NodeKind::kName && !variable.is_rooted) return true;
  if (variable.kind != NodeKind::kBroken) {
    issues.Add(variable.begin, "argument must be a simple name",
               "as in tags." + std::string(call.name) + std::string(example));
  }
  call.kind = NodeKind::kBroken;
  children.clear();
  return false;
}

// A macro that declares a name: children are what the name stands for (or runs
// over), the name, and what it is used in.
void ExpandLoop(const Ast& ast, NodeKind kind, Node& call,
                std::vector<NodeId>& children, IssueList& issues) {
  const Node& variable = ast[children[1]];
  if (!TakesVariable(variable, "(tag, ...)", call, children, issues)) return;
  call.kind = kind;
  call.name = variable.name;
  children.erase(children.begin() + 1);
}

// Likewise, of two names.
void ExpandTwoVariableLoop(const Ast& ast, NodeKind kind, Node& call,
                           std::vector<NodeId>& children, IssueList& issues) {
  constexpr std::string_view kExample = "(i, tag, ...)";
  for (const size_t i : {size_t{1}, size_t{2}}) {
    const Node& variable = ast[children[i]];
    if (!TakesVariable(variable, kExample, call, children, issues)) return;
  }
  const Node& first = ast[children[1]];
  const Node& second = ast[children[2]];
  if (first.name == second.name) {
    issues.Add(second.begin, "the two names must differ");
    call.kind = NodeKind::kBroken;
    children.clear();
    return;
  }
  call.kind = kind;
  call.name = first.name;
  call.second_name = second.name;
  children.erase(children.begin() + 1, children.begin() + 3);
}

// The macro of `macros` with this name and number of arguments, or null.
const LoopMacro* FindMacro(std::span<const LoopMacro> macros,
                           std::string_view name, size_t arguments) {
  for (const LoopMacro& macro : macros) {
    if (macro.name == name && macro.arguments == arguments) return &macro;
  }
  return nullptr;
}

bool Has(ExtensionSet extensions, Extension extension) {
  return (extensions & BitOf(extension)) != 0;
}

// cel.bind(name, value, result)
bool IsBind(const Ast& ast, const Node& call,
            const std::vector<NodeId>& children) {
  return call.name == "bind" && children.size() == 4 &&
         IsNamespace(ast[children[0]], "cel");
}

void ExpandBind(const Ast& ast, Node& call, std::vector<NodeId>& children,
                IssueList& issues) {
  children.erase(children.begin());  // cel
  children = {children[1], children[0], children[2]};
  ExpandLoop(ast, NodeKind::kBind, call, children, issues);
}

}  // namespace

bool WantsArgumentsAsList(const Ast& ast, const Node& call,
                          const std::vector<NodeId>& children) {
  return call.kind == NodeKind::kCall && call.is_method &&
         children.size() > 3 &&
         (call.name == "greatest" || call.name == "least") &&
         IsNamespace(ast[children[0]], "math");
}

void ExpandMacro(const Ast& ast, Node& call, std::vector<NodeId>& children,
                 ExtensionSet extensions, IssueList& issues) {
  if (!call.is_method) {
    if (call.name == "has" && children.size() == 1) {
      ExpandHas(ast, call, children, issues);
    }
    return;
  }
  if (IsBind(ast, call, children)) {
    ExpandBind(ast, call, children, issues);
    return;
  }
  // The receiver is among the children.
  const size_t arguments = children.size() - 1;
  const LoopMacro* macro = FindMacro(kLoopMacros, call.name, arguments);
  if (macro == nullptr && Has(extensions, Extension::kOptionals)) {
    macro = FindMacro(kOptionalMacros, call.name, arguments);
  }
  if (macro != nullptr) {
    ExpandLoop(ast, macro->kind, call, children, issues);
    return;
  }
  if (arguments < 3 || !Has(extensions, Extension::kTwoVariables)) return;
  macro = FindMacro(kTwoVariableMacros, call.name, arguments - 2);
  if (macro == nullptr) return;
  ExpandTwoVariableLoop(ast, macro->kind, call, children, issues);
}

bool IsMacroName(std::string_view name) {
  if (name == "has") return true;
  for (const LoopMacro& macro : kLoopMacros) {
    if (macro.name == name) return true;
  }
  return false;
}

}  // namespace loyalty::cel
