// SPDX-License-Identifier: Apache-2.0
//
// Each line is turned into an environment, slots and an expected value, and
// compiled and evaluated as a host would.
#include "conformance.h"

#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>
#include <simdjson.h>

#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <utility>

#include "cel/cel.h"
#include "cel/times.h"

namespace loyalty::cel {
namespace {

using Json = simdjson::dom::element;

std::optional<Json> Member(Json json, const char* key) {
  Json member;
  if (json[key].get(member) != simdjson::SUCCESS) return std::nullopt;
  return member;
}

std::string StringMember(Json json, const char* key) {
  std::string_view text;
  if (json[key].get(text) != simdjson::SUCCESS) return "";
  return std::string(text);
}

bool BoolMember(Json json, const char* key) {
  bool value = false;
  return json[key].get(value) == simdjson::SUCCESS && value;
}

std::optional<Value> ReadValue(Json json);

std::optional<Value> ReadList(Json json) {
  std::vector<Value> items;
  for (const Json item : json.get_array()) {
    std::optional<Value> value = ReadValue(item);
    if (!value.has_value()) return std::nullopt;
    items.push_back(*std::move(value));
  }
  return Value::List(std::move(items));
}

std::optional<Value> ReadMap(Json json) {
  std::vector<MapEntry> entries;
  for (const Json pair : json.get_array()) {
    std::optional<Value> key = ReadValue(pair.at(0));
    std::optional<Value> value = ReadValue(pair.at(1));
    if (!key.has_value() || !value.has_value()) return std::nullopt;
    entries.push_back({*std::move(key), *std::move(value)});
  }
  absl::StatusOr<Value> map = Value::Map(std::move(entries));
  if (!map.ok()) return std::nullopt;
  return *std::move(map);
}

double ReadDouble(const std::string& text) {
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return std::numeric_limits<double>::infinity();
  if (text == "-Infinity") return -std::numeric_limits<double>::infinity();
  return std::stod(text);
}

// The values that the suite writes as texts.
std::optional<Value> ReadText(const std::string& type,
                              const std::string& text) {
  if (type == "int") return Value::Int(std::stoll(text));
  if (type == "uint") return Value::Uint(std::stoull(text));
  if (type == "double") return Value::Double(ReadDouble(text));
  if (type == "string") return Value::String(text);
  if (type == "timestamp") return ParseTimestamp(text);
  if (type == "bytes") {
    std::string bytes;
    if (!absl::Base64Unescape(text, &bytes)) return std::nullopt;
    return Value::Bytes(bytes);
  }
  if (type == "duration") {
    const std::optional<int64_t> nanos = ParseDuration(text);
    if (!nanos.has_value()) return std::nullopt;
    return Value::DurationNanos(*nanos);
  }
  if (type == "type") {
    const std::optional<Type> denoted = Type::Parse(text);
    if (!denoted.has_value()) return std::nullopt;
    return Value::OfType(*denoted);
  }
  return std::nullopt;
}

std::optional<Value> ReadValue(Json json) {
  const std::string type = StringMember(json, "type");
  const std::optional<Json> value = Member(json, "value");
  if (!value.has_value()) return std::nullopt;
  if (type == "null") return Value::Null();
  if (type == "bool") return Value::Bool(BoolMember(json, "value"));
  if (type == "list") return ReadList(*value);
  if (type == "map") return ReadMap(*value);
  return ReadText(type, StringMember(json, "value"));
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
  for (const MapEntry& entry : a.entries()) {
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
bool DeclareOverloads(Json declared, Environment& environment) {
  for (const Json overload : declared["overloads"].get_array()) {
    FunctionDeclaration function;
    function.name = StringMember(declared, "name");
    function.is_method = BoolMember(overload, "member");
    for (const Json parameter : overload["params"].get_array()) {
      const std::optional<Type> type = Type::Parse(std::string_view(parameter));
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

std::string ReadSetting(Json test, Setting& setting) {
  std::map<std::string, Type> types;
  if (const std::optional<Json> declarations = Member(test, "type_env")) {
    for (const Json declared : declarations->get_array()) {
      if (Member(declared, "overloads").has_value()) {
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
  }
  std::map<std::string, Value> values;
  if (const std::optional<Json> bindings = Member(test, "bindings")) {
    for (const auto field : bindings->get_object()) {
      std::optional<Value> value = ReadValue(field.value);
      if (!value.has_value()) return "no such value to bind";
      types.emplace(std::string(field.key), Type::Dyn());
      values[std::string(field.key)] = *std::move(value);
    }
  }
  for (const auto& [name, type] : types) {
    const auto slot = static_cast<uint32_t>(setting.slots.size());
    if (!setting.environment.Declare({name, type, slot}).ok()) {
      return "cannot declare " + name;
    }
    setting.slots.push_back(values.contains(name) ? values[name] : Value());
  }
  const std::string extension = StringMember(test, "ext");
  if (extension == "strings") setting.environment.Enable(Extension::kStrings);
  if (extension == "math") setting.environment.Enable(Extension::kMath);
  setting.environment.SetContainer(StringMember(test, "container"));
  return "";
}

CompileOptions OptionsFor(Json test) {
  CompileOptions options;
  options.check = !BoolMember(test, "disable_check");
  options.macros = !BoolMember(test, "disable_macros");
  options.dynamic_patterns = true;
  options.max_source_bytes = 64 * 1024;
  options.max_nodes = 10'000;
  options.max_loop_depth = 8;
  return options;
}

// Why the test failed, or "".
std::string Run(Json test) {
  Setting setting;
  const std::string fault = ReadSetting(test, setting);
  if (!fault.empty()) return fault;
  const std::string source = StringMember(test, "expr");
  const Compiled compiled =
      Compile(source, setting.environment, OptionsFor(test));
  const bool wants_error = BoolMember(test, "error");
  if (!compiled.ok()) {
    return wants_error ? "" : FormatIssue(compiled.issues[0], source);
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
  if (!value.ok()) return wants_error ? "" : value.status().ToString();
  if (wants_error) return "gave " + value->ToString() + ", not an error";
  const std::optional<Json> expected = Member(test, "expected");
  const std::optional<Value> wanted =
      expected.has_value() ? ReadValue(*expected) : std::nullopt;
  if (!wanted.has_value()) return "no such value to expect";
  if (IsSame(*value, *wanted)) return "";
  return "gave " + value->ToString() + ", not " + wanted->ToString();
}

}  // namespace

absl::StatusOr<std::vector<ConformanceResult>> RunConformance(
    const std::string& path) {
  simdjson::dom::parser parser;
  simdjson::dom::document_stream lines;
  if (const auto error = parser.load_many(path).get(lines)) {
    return absl::NotFoundError(path + ": " + simdjson::error_message(error));
  }
  std::vector<ConformanceResult> results;
  for (auto line : lines) {
    Json test;
    if (line.get(test) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError(path + ": test " +
                                        std::to_string(results.size() + 1) +
                                        " is not JSON");
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

}  // namespace loyalty::cel
