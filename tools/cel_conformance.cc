// SPDX-License-Identifier: Apache-2.0
//
// Each test is turned into an environment, slots and an expected value, and
// compiled and evaluated as a host would.
#include "cel_conformance.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cel_values.h"
#include "loyalty/cel/cel.h"

namespace loyalty::command {
namespace {

using cel::CompileOptions;
using cel::Environment;
using cel::Extension;
using cel::Type;
using cel::Value;
using Json = nlohmann::ordered_json;

std::string StringMember(const Json& json, const char* key) {
  const auto member = json.find(key);
  if (member == json.end() || !member->is_string()) return "";
  return member->get<std::string>();
}

bool BoolMember(const Json& json, const char* key) {
  const auto member = json.find(key);
  return member != json.end() && member->is_boolean() && member->get<bool>();
}

// The member, or an empty array.
Json ListMember(const Json& json, const char* key) {
  const auto member = json.find(key);
  return member != json.end() && member->is_array() ? *member : Json::array();
}

bool IsSame(const Value& a, const Value& b);

bool IsSameList(const Value& a, const Value& b) {
  if (a.items().size() != b.items().size()) return false;
  for (size_t i = 0; i < a.items().size(); ++i) {
    if (!IsSame(a.items()[i], b.items()[i])) return false;
  }
  return true;
}

bool IsSameMap(const Value& a, const Value& b) {
  if (a.entries().size() != b.entries().size()) return false;
  for (const cel::MapEntry& entry : a.entries()) {
    const Value* const other = b.Find(entry.key);
    if (other == nullptr || !IsSame(entry.value, *other)) return false;
  }
  return true;
}

// Equal in kind and value; NaN is itself here.
bool IsSame(const Value& a, const Value& b) {
  if (a.kind() != b.kind()) return false;
  switch (a.kind()) {
    case Value::Kind::kNull: return true;
    case Value::Kind::kBool: return a.bool_value() == b.bool_value();
    case Value::Kind::kInt: return a.int_value() == b.int_value();
    case Value::Kind::kUint: return a.uint_value() == b.uint_value();
    case Value::Kind::kDouble:
      return a.double_value() == b.double_value() ||
             (std::isnan(a.double_value()) && std::isnan(b.double_value()));
    case Value::Kind::kString:
    case Value::Kind::kBytes: return a.text() == b.text();
    case Value::Kind::kTimestamp:
      return a.unix_seconds() == b.unix_seconds() && a.nanos() == b.nanos();
    case Value::Kind::kDuration:
      return a.duration_nanos() == b.duration_nanos();
    case Value::Kind::kList: return IsSameList(a, b);
    case Value::Kind::kMap: return IsSameMap(a, b);
    case Value::Kind::kType: return a.type().kind() == b.type().kind();
    default: return false;
  }
}

// What a line declares and binds.
struct Setting {
  Environment environment;
  std::vector<Value> slots;
};

// The suite declares functions for the checker only.
bool DeclareOverloads(const Json& declared, Environment& environment) {
  for (const Json& overload : ListMember(declared, "overloads")) {
    cel::FunctionDeclaration function;
    function.name = StringMember(declared, "name");
    function.is_method = BoolMember(overload, "member");
    for (const Json& parameter : ListMember(overload, "params")) {
      if (!parameter.is_string()) return false;
      const std::optional<Type> type =
          Type::Parse(parameter.get_ref<const std::string&>());
      if (!type.has_value()) return false;
      function.parameters.push_back(*type);
    }
    const std::optional<Type> result =
        Type::Parse(StringMember(overload, "result"));
    if (!result.has_value()) return false;
    function.result = *result;
    if (!environment.DeclareFunction(std::move(function)).ok()) return false;
  }
  return true;
}

// Some tests of the language's types use optionals, and say so.
bool UsesOptionals(const Json& test) {
  const Json features = ListMember(test, "features");
  return std::find(features.begin(), features.end(), "optional") !=
         features.end();
}

void EnableFor(const Json& test, Environment& environment) {
  const std::string extension = StringMember(test, "ext");
  if (extension == "strings") environment.Enable(Extension::kStrings);
  if (extension == "math") environment.Enable(Extension::kMath);
  if (extension == "encoders") environment.Enable(Extension::kEncoders);
  const bool has_two_variables =
      extension == "optionals" || extension == "two_var_comprehensions";
  if (has_two_variables) environment.Enable(Extension::kTwoVariables);
  if (has_two_variables || UsesOptionals(test)) {
    environment.Enable(Extension::kOptionals);
  }
}

std::string ReadSetting(const Json& test, Setting& setting) {
  std::map<std::string, Type> types;
  for (const Json& declared : ListMember(test, "type_env")) {
    if (declared.contains("overloads")) {
      if (!DeclareOverloads(declared, setting.environment)) {
        return "cannot declare a function";
      }
      continue;
    }
    const std::optional<Type> type =
        Type::Parse(StringMember(declared, "type"));
    if (!type.has_value()) return "no such type";
    types[StringMember(declared, "name")] = *type;
  }
  std::map<std::string, Value> values;
  const Json bindings = test.value("bindings", Json::object());
  for (const auto& [name, typed] : bindings.items()) {
    std::optional<Value> value = FromTypedJson(typed);
    if (!value.has_value()) return "no such value to bind";
    types.emplace(name, Type::Dyn());
    values[name] = *std::move(value);
  }
  for (const auto& [name, type] : types) {
    const auto slot = static_cast<uint32_t>(setting.slots.size());
    if (!setting.environment.Declare({name, type, slot}).ok()) {
      return "cannot declare " + name;
    }
    setting.slots.push_back(values.contains(name) ? values[name] : Value());
  }
  EnableFor(test, setting.environment);
  setting.environment.SetContainer(StringMember(test, "container"));
  return "";
}

CompileOptions OptionsFor(const Json& test) {
  CompileOptions options;
  options.check = !BoolMember(test, "disable_check");
  options.macros = !BoolMember(test, "disable_macros");
  options.dynamic_patterns = true;
  options.max_source_bytes = size_t{64} << 10;
  options.max_nodes = 10'000;
  options.max_loop_depth = 8;
  return options;
}

// Why the test failed, or "".
std::string Run(const Json& test) {
  Setting setting;
  const std::string fault = ReadSetting(test, setting);
  if (!fault.empty()) return fault;
  const std::string source = StringMember(test, "expr");
  const cel::Compiled compiled =
      cel::Compile(source, setting.environment, OptionsFor(test));
  const bool wants_error = BoolMember(test, "error");
  if (!compiled.ok()) {
    return wants_error ? "" : compiled.issues[0].message;
  }
  if (const std::string deduced = StringMember(test, "deduced_type");
      !deduced.empty()) {
    const std::string found = compiled.expression->result_type().ToString();
    if (found != Type::Parse(deduced).value_or(Type()).ToString()) {
      return "deduced " + found + ", not " + deduced;
    }
  }
  if (BoolMember(test, "check_only")) return "";
  const absl::StatusOr<Value> value =
      compiled.expression->Evaluate(setting.slots);
  if (!value.ok()) {
    return wants_error ? "" : std::string(value.status().message());
  }
  if (wants_error) return "gave " + ToSource(*value) + ", not an error";
  const std::optional<Value> wanted =
      FromTypedJson(test.value("expected", Json()));
  if (!wanted.has_value()) return "no such value to expect";
  if (IsSame(*value, *wanted)) return "";
  return "gave " + ToSource(*value) + ", not " + ToSource(*wanted);
}

bool IsTest(const Json& json) {
  if (!json.is_object() || StringMember(json, "expr").empty()) return false;
  return json.value("bindings", Json::object()).is_object();
}

}  // namespace

absl::StatusOr<std::vector<ConformanceResult>> RunConformance(
    std::string_view lines) {
  std::vector<ConformanceResult> results;
  for (int number = 1; !lines.empty(); ++number) {
    const std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const Json test = Json::parse(line, nullptr, false);
    if (!IsTest(test)) {
      return absl::InvalidArgumentError("line " + std::to_string(number) +
                                        " is not a test");
    }
    ConformanceResult result;
    result.name = StringMember(test, "file") + "/" +
                  StringMember(test, "section") + "/" +
                  StringMember(test, "name");
    result.profile = StringMember(test, "profile");
    result.extension = StringMember(test, "ext");
    result.failure = Run(test);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace loyalty::command
