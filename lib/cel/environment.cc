// SPDX-License-Identifier: Apache-2.0
//
// Declaring, and looking up by container.
#include "cel/environment.h"

#include <array>
#include <utility>

#include "cel/lexer.h"
#include "cel/macros.h"

namespace loyalty::cel {
namespace {

// "a.b.c": identifiers joined by dots.
bool IsDottedName(std::string_view name) {
  while (true) {
    const size_t dot = name.find('.');
    if (!IsIdentifier(name.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    name.remove_prefix(dot + 1);
  }
}

absl::Status NotAName(const std::string& name) {
  return absl::InvalidArgumentError("not a dotted identifier: '" + name + "'");
}

std::string SignatureOf(const Overload& overload) {
  std::string text = overload.is_method ? "." : "";
  for (const Type& parameter : overload.parameters) {
    text += parameter.ToString() + ",";
  }
  return text;
}

constexpr std::array<std::string_view, 12> kTypeNames = {
    "bool",
    "int",
    "uint",
    "double",
    "bytes",
    "string",
    "list",
    "map",
    "type",
    "null_type",
    "google.protobuf.Timestamp",
    "google.protobuf.Duration"};

std::optional<Type> TypeNamed(std::string_view name) {
  for (const std::string_view known : kTypeNames) {
    if (known == name) return Type::Parse(name);
  }
  return std::nullopt;
}

std::optional<NameMeaning> MeaningOf(const Declarations& declarations,
                                     std::string_view name) {
  NameMeaning meaning;
  const auto found = declarations.variables.find(name);
  if (found != declarations.variables.end()) {
    meaning.variable = &found->second;
    return meaning;
  }
  meaning.denoted = TypeNamed(name);
  const ExtensionSet optionals = BitOf(Extension::kOptionals);
  if ((declarations.extensions & optionals) != 0 && name == "optional_type") {
    meaning.denoted = Type::Optional(Type::Dyn());
  }
  if (!meaning.denoted.has_value()) return std::nullopt;
  return meaning;
}

}  // namespace

Environment::Environment() : declarations_(std::make_shared<Declarations>()) {}

// Copies and compiled expressions share the declarations until one changes.
Declarations& Environment::Writable() {
  if (declarations_.use_count() > 1) {
    declarations_ = std::make_shared<Declarations>(*declarations_);
  }
  return *declarations_;
}

absl::Status Environment::Declare(Variable variable) {
  if (!IsDottedName(variable.name)) return NotAName(variable.name);
  if (variable.slot > kMaxSlot) {
    return absl::InvalidArgumentError("slot out of range: " + variable.name);
  }
  const std::string name = variable.name;
  if (!Writable().variables.emplace(name, std::move(variable)).second) {
    return absl::AlreadyExistsError("already declared: " + name);
  }
  return absl::OkStatus();
}

absl::Status Environment::DeclareFunction(FunctionDeclaration function) {
  if (!IsDottedName(function.name)) return NotAName(function.name);
  if (IsMacroName(function.name)) {
    return absl::InvalidArgumentError("a macro's name: " + function.name);
  }
  if (function.is_method && function.parameters.empty()) {
    return absl::InvalidArgumentError("a method without a receiver: " +
                                      function.name);
  }
  auto overload = std::make_shared<Overload>();
  overload->name = function.name;
  overload->parameters = std::move(function.parameters);
  overload->result = std::move(function.result);
  overload->is_method = function.is_method;
  overload->host = std::move(function.function);
  overload->is_generic = overload->result.Mentions(Type::Kind::kParam);
  for (const Type& parameter : overload->parameters) {
    overload->is_generic =
        overload->is_generic || parameter.Mentions(Type::Kind::kParam);
  }
  for (const Overload* const other :
       LookUpFunction(*declarations_, function.name, true)) {
    if (SignatureOf(*other) == SignatureOf(*overload)) {
      return absl::AlreadyExistsError("already declared: " + function.name +
                                      "(" + SignatureOf(*overload) + ")");
    }
  }
  Writable().functions[function.name].push_back(std::move(overload));
  return absl::OkStatus();
}

void Environment::Enable(Extension extension) {
  Writable().extensions |= BitOf(extension);
}

void Environment::SetContainer(std::string container) {
  std::vector<std::string>& prefixes = Writable().prefixes;
  prefixes.clear();
  while (!container.empty()) {
    prefixes.push_back(container + ".");
    const size_t dot = container.rfind('.');
    container.resize(dot == std::string::npos ? 0 : dot);
  }
  prefixes.emplace_back();
}

const Variable* Environment::FindVariable(std::string_view name) const {
  const auto found = declarations_->variables.find(name);
  return found == declarations_->variables.end() ? nullptr : &found->second;
}

std::vector<std::string_view> Environment::VariableNames() const {
  std::vector<std::string_view> names;
  for (const auto& [name, variable] : declarations_->variables) {
    names.push_back(name);
  }
  return names;
}

std::optional<NameMeaning> LookUpName(const Declarations& declarations,
                                      std::string_view name, bool is_rooted) {
  for (const std::string& prefix : declarations.prefixes) {
    if (prefix.empty()) return MeaningOf(declarations, name);
    if (is_rooted) continue;
    std::optional<NameMeaning> meaning =
        MeaningOf(declarations, prefix + std::string(name));
    if (meaning.has_value()) return meaning;
  }
  return std::nullopt;
}

std::vector<const Overload*> LookUpFunction(const Declarations& declarations,
                                            std::string_view name,
                                            bool is_rooted) {
  std::vector<const Overload*> forms;
  for (const std::string& prefix : declarations.prefixes) {
    if (is_rooted && !prefix.empty()) continue;
    if (declarations.functions.empty()) break;
    const auto found = declarations.functions.find(prefix + std::string(name));
    if (found == declarations.functions.end()) continue;
    for (const auto& overload : found->second) forms.push_back(overload.get());
    break;
  }
  for (const Overload& overload :
       LibraryOverloads(name, declarations.extensions)) {
    forms.push_back(&overload);
  }
  return forms;
}

}  // namespace loyalty::cel
