// SPDX-License-Identifier: Apache-2.0
//
// The macros are a table: name, number of arguments, and the node they become.
#include "cel/macros.h"

#include <array>
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

// A macro that declares a name: children are what the name stands for (or runs
// over), the name, and what it is used in.
void ExpandLoop(const Ast& ast, NodeKind kind, Node& call,
                std::vector<NodeId>& children, IssueList& issues) {
  const Node& variable = ast[children[1]];
  if (variable.kind != NodeKind::kName || variable.is_rooted) {
    if (variable.kind != NodeKind::kBroken) {
      issues.Add(variable.begin, "argument must be a simple name",
                 "as in tags." + std::string(call.name) + "(tag, ...)");
    }
    call.kind = NodeKind::kBroken;
    children.clear();
    return;
  }
  call.kind = kind;
  call.name = variable.name;
  children.erase(children.begin() + 1);
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
                 IssueList& issues) {
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
  for (const LoopMacro& macro : kLoopMacros) {
    if (macro.name != call.name || macro.arguments + 1 != children.size()) {
      continue;
    }
    ExpandLoop(ast, macro.kind, call, children, issues);
    return;
  }
}

bool IsMacroName(std::string_view name) {
  if (name == "has") return true;
  for (const LoopMacro& macro : kLoopMacros) {
    if (macro.name == name) return true;
  }
  return false;
}

}  // namespace loyalty::cel
