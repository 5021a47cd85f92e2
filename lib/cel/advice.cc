// SPDX-License-Identifier: Apache-2.0
//
// Suggestions name the source text where it is short enough to be repeated.
#include "cel/advice.h"

#include <algorithm>

#include "cel/issue_list.h"
#include "cel/lexer.h"

namespace loyalty::cel {
namespace {

constexpr size_t kLongestRepeated = 40;
constexpr size_t kMostNamesListed = 5;

std::string DidYouMean(std::string_view name) {
  return "did you mean '" + std::string(name) + "'?";
}

std::string Repeated(const Ast& ast, const Node& node) {
  const std::string_view text = ast.TextOf(node);
  return text.size() > kLongestRepeated ? "..." : std::string(text);
}

bool Has(std::span<const Type> types, Type::Kind kind) {
  return std::any_of(types.begin(), types.end(),
                     [kind](const Type& type) { return type.Is(kind); });
}

// "event.words, event.tags, ..." for the names below `prefix`.
std::string NamesBelow(const Declarations& declarations,
                       const std::string& prefix) {
  std::string listed;
  size_t count = 0;
  for (auto it = declarations.variables.lower_bound(prefix);
       it != declarations.variables.end() && it->first.starts_with(prefix);
       ++it) {
    if (count > 0) listed += ", ";
    if (count++ == kMostNamesListed) return listed + "...";
    listed += it->first;
  }
  return listed;
}

// A literal int where a double is wanted needs a point, not a conversion.
std::string AsDouble(const Ast& ast, const Node& node) {
  if (node.kind == NodeKind::kConstant && node.constant.Is(Value::Kind::kInt)) {
    return "write " + Repeated(ast, node) + ".0";
  }
  return "write double(" + Repeated(ast, node) + ")";
}

// The timestamp that a text is meant for; a date lacks its time.
std::string AsTimestamp(const Ast& ast, const Node& node) {
  constexpr size_t kDate = 10;  // 2026-03-01
  std::string text = Repeated(ast, node);
  const bool is_date =
      node.kind == NodeKind::kConstant && node.constant.text().size() == kDate;
  if (is_date) text.insert(text.size() - 1, "T00:00:00Z");
  return "write timestamp(" + text + ")";
}

// The conversion that makes the operands of a binary operator alike, or "".
std::string AdviceOnOperands(const Ast& ast, const Node& call,
                             std::span<const Type> types) {
  using Kind = Type::Kind;
  for (size_t i = 0; i < 2; ++i) {
    const Kind kind = types[i].kind();
    const Kind other = types[1 - i].kind();
    const Node& node = ast.Child(call, i);
    const std::string text = Repeated(ast, node);
    if (other == Kind::kDouble && kind == Kind::kInt) {
      return AsDouble(ast, node) + ": int and double do not mix";
    }
    if (other == Kind::kDouble && kind == Kind::kUint) {
      return "write double(" + text + "): uint and double do not mix";
    }
    if (other == Kind::kInt && kind == Kind::kUint) {
      return "write int(" + text + "): int and uint do not mix";
    }
    if (other == Kind::kString && kind == Kind::kInt && call.name == "_+_") {
      return "write string(" + text + ")";
    }
    if (other == Kind::kTimestamp && kind == Kind::kString) {
      return AsTimestamp(ast, node);
    }
    if (other == Kind::kDuration && kind == Kind::kString) {
      return "write duration(" + text + ")";
    }
    const bool is_equal = call.name == "_==_";
    if (other == Kind::kNull && (is_equal || call.name == "_!=_")) {
      return std::string("write ") + (is_equal ? "!" : "") + "has(" + text +
             ")";
    }
    if (other == Kind::kList && is_equal) {
      return "write " + text + " in " + Repeated(ast, ast.Child(call, 1 - i));
    }
  }
  if (types[1].kind() == Kind::kString && call.name == "@in") {
    return "write " + Repeated(ast, ast.Child(call, 1)) + ".contains(" +
           Repeated(ast, ast.Child(call, 0)) + ")";
  }
  if (types[0].kind() == Kind::kDouble && call.name == "_%_") {
    return "% takes whole numbers";
  }
  return "";
}

}  // namespace

std::string AdviceOnName(const Declarations& declarations,
                         std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto& [known, variable] : declarations.variables) {
    names.push_back(known);
  }
  const std::string below = NamesBelow(declarations, std::string(name) + ".");
  if (!below.empty()) return "there is " + below;
  const std::string nearest = Nearest(name, names);
  if (!nearest.empty()) return DidYouMean(nearest);
  for (const std::string_view known : names) {
    if (known.ends_with("." + std::string(name))) return DidYouMean(known);
  }
  // a.b.c may be a field of what was meant by a.b; a.x is one of a's names.
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return "";
  const std::string prefix(name.substr(0, dot));
  const std::string shorter = Nearest(prefix, names);
  if (!shorter.empty()) return DidYouMean(shorter);
  const std::string beside = NamesBelow(declarations, prefix + ".");
  return beside.empty() ? "" : "there is " + beside;
}

std::string AdviceOnFunction(const Declarations& declarations,
                             std::string_view name) {
  std::vector<std::string_view> names =
      LibraryFunctionNames(declarations.extensions);
  for (const auto& [known, forms] : declarations.functions) {
    names.push_back(known);
  }
  for (const std::string_view macro :
       {"has", "all", "exists", "exists_one", "map", "filter"}) {
    names.push_back(macro);
  }
  const std::string nearest = Nearest(name, names);
  return nearest.empty() ? "" : DidYouMean(nearest);
}

std::string AdviceOnCall(const Ast& ast, const Node& call,
                         std::span<const Type> types,
                         std::span<const Overload* const> forms) {
  const bool is_operator = !IsIdentifier(call.name);
  if (types.size() == 2 && is_operator && !call.is_method) {
    return AdviceOnOperands(ast, call, types);
  }
  if (call.name == "-_" && Has(types, Type::Kind::kUint)) {
    return "a uint has no sign; write -int(...)";
  }
  if (call.name == "!_") return "! takes a bool";
  if (call.name == "contains" && types.size() == 2 &&
      types[0].Is(Type::Kind::kList)) {
    return "write " + Repeated(ast, ast.Child(call, 1)) + " in " +
           Repeated(ast, ast.Child(call, 0));
  }
  if (call.name == "int" && types.size() == 1 &&
      types[0].Is(Type::Kind::kDuration)) {
    return "write x.getSeconds()";
  }
  const bool is_only_otherwise =
      std::none_of(forms.begin(), forms.end(), [&call](const Overload* form) {
        return form->is_method == call.is_method;
      });
  if (!is_only_otherwise || forms.empty()) return "";
  const std::string name(call.name);
  return call.is_method ? "write " + name + "(x, ...)"
                        : "write x." + name + "(...)";
}

std::string AdviceOnResult(const Type& wanted, const Type& found) {
  using Kind = Type::Kind;
  if (wanted.Is(Kind::kBool)) {
    if (found.Is(Kind::kString)) return "compare it, as in x == \"gold\"";
    return "compare it, as in x > 0";
  }
  if (wanted.Is(Kind::kInt) && found.Is(Kind::kDouble)) {
    return "write int(...), which drops the fraction";
  }
  if (wanted.Is(Kind::kInt) && found.Is(Kind::kUint)) return "write int(...)";
  if (wanted.Is(Kind::kInt) && found.Is(Kind::kBool)) {
    return "write condition ? 1 : 0";
  }
  const bool has_parts = found.Is(Kind::kList) || found.Is(Kind::kMap);
  if (wanted.Is(Kind::kString) && !has_parts) return "write string(...)";
  return "";
}

}  // namespace loyalty::cel
