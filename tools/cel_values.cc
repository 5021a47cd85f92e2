// SPDX-License-Identifier: Apache-2.0
//
// See cel_values.h. Nothing here trusts the JSON it is given.
#include "cel_values.h"

#include <absl/strings/escaping.h>
#include <absl/strings/numbers.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "cel/compare.h"
#include "cel/text.h"
#include "cel/times.h"

namespace loyalty::command {
namespace {

using cel::MapEntry;
using cel::Type;
using cel::Value;
using Json = nlohmann::ordered_json;

template <typename Number>
std::optional<Number> WholeNumber(const std::string& text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return number;
}

std::optional<Value> TypedList(const Json& json) {
  if (!json.is_array()) return std::nullopt;
  std::vector<Value> items;
  for (const Json& item : json) {
    std::optional<Value> value = FromTypedJson(item);
    if (!value.has_value()) return std::nullopt;
    items.push_back(*std::move(value));
  }
  return Value::List(std::move(items));
}

std::optional<Value> TypedMap(const Json& json) {
  if (!json.is_array()) return std::nullopt;
  std::vector<MapEntry> entries;
  for (const Json& pair : json) {
    if (!pair.is_array() || pair.size() != 2) return std::nullopt;
    std::optional<Value> key = FromTypedJson(pair[0]);
    std::optional<Value> value = FromTypedJson(pair[1]);
    if (!key.has_value() || !value.has_value()) return std::nullopt;
    entries.push_back({*std::move(key), *std::move(value)});
  }
  absl::StatusOr<Value> map = Value::Map(std::move(entries));
  if (!map.ok()) return std::nullopt;
  return *std::move(map);
}

std::optional<Value> TypedDouble(const std::string& text) {
  if (text == "NaN") {
    return Value::Double(std::numeric_limits<double>::quiet_NaN());
  }
  double number = 0;
  if (!absl::SimpleAtod(text, &number)) return std::nullopt;
  return Value::Double(number);
}

// The values that the tests write as texts.
std::optional<Value> TypedText(const std::string& type,
                               const std::string& text) {
  if (type == "int") {
    const auto number = WholeNumber<int64_t>(text);
    if (number.has_value()) return Value::Int(*number);
  } else if (type == "uint") {
    const auto number = WholeNumber<uint64_t>(text);
    if (number.has_value()) return Value::Uint(*number);
  } else if (type == "double") {
    return TypedDouble(text);
  } else if (type == "string") {
    return Value::String(text);
  } else if (type == "timestamp") {
    return cel::ParseTimestamp(text);
  } else if (type == "bytes") {
    std::string bytes;
    if (absl::Base64Unescape(text, &bytes)) return Value::Bytes(bytes);
  } else if (type == "duration") {
    const std::optional<int64_t> nanos = cel::ParseDuration(text);
    if (nanos.has_value()) return Value::DurationNanos(*nanos);
  } else if (type == "type") {
    const std::optional<Type> denoted = Type::Parse(text);
    if (denoted.has_value()) return Value::OfType(*denoted);
  }
  return std::nullopt;
}

std::string Quoted(const std::string& text) {
  // JSON's escapes are CEL's, too.
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string DoubleSource(double number) {
  const std::string text = cel::DoubleText(number);
  if (!std::isfinite(number)) return "double(\"" + text + "\")";
  const bool is_whole = text.find_first_of(".e") == std::string::npos;
  return is_whole ? text + ".0" : text;
}

std::string BytesSource(std::string_view bytes) {
  std::string text = "b\"";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F && c != '"' && c != '\\') {
      text += c;
    } else {
      constexpr char kDigits[] = "0123456789abcdef";
      text += std::string("\\x") + kDigits[byte >> 4u] + kDigits[byte & 15u];
    }
  }
  return text + "\"";
}

std::string ListSource(const Value& value) {
  std::string text = "[";
  for (const Value& item : value.items()) {
    if (text.size() > 1) text += ", ";
    text += ToSource(item);
  }
  return text + "]";
}

std::string MapSource(const Value& value) {
  std::string text = "{";
  for (const MapEntry& entry : value.entries()) {
    if (text.size() > 1) text += ", ";
    text += ToSource(entry.key) + ": " + ToSource(entry.value);
  }
  return text + "}";
}

// The one type of all that `each` is given, or dyn.
class CommonType {
 public:
  void Add(const Type& type) {
    if (!type_.has_value()) type_ = type;
    if (!(*type_ == type)) type_ = Type::Dyn();
  }
  Type Get() const { return type_.value_or(Type::Dyn()); }

 private:
  std::optional<Type> type_;
};

}  // namespace

Value FromPlainJson(const Json& json) {
  switch (json.type()) {
    case Json::value_t::boolean: return Value::Bool(json.get<bool>());
    case Json::value_t::number_integer: return Value::Int(json.get<int64_t>());
    case Json::value_t::number_unsigned: {
      const auto number = json.get<uint64_t>();
      const bool is_int = number <= std::numeric_limits<int64_t>::max();
      return is_int ? Value::Int(static_cast<int64_t>(number))
                    : Value::Uint(number);
    }
    case Json::value_t::number_float: return Value::Double(json.get<double>());
    case Json::value_t::string: return Value::String(json.get<std::string>());
    case Json::value_t::array: {
      std::vector<Value> items;
      for (const Json& item : json) items.push_back(FromPlainJson(item));
      return Value::List(std::move(items));
    }
    case Json::value_t::object: {
      std::vector<MapEntry> entries;
      for (const auto& [key, value] : json.items()) {
        entries.push_back({Value::String(key), FromPlainJson(value)});
      }
      return Value::Map(std::move(entries)).value_or(Value::Null());
    }
    default: return Value::Null();
  }
}

std::optional<Value> FromTypedJson(const Json& json) {
  if (!json.is_object() || !json.contains("value")) return std::nullopt;
  const auto type = json.find("type");
  if (type == json.end() || !type->is_string()) return std::nullopt;
  const auto& name = type->get_ref<const std::string&>();
  const Json& value = json["value"];
  if (name == "null") return Value::Null();
  if (name == "list") return TypedList(value);
  if (name == "map") return TypedMap(value);
  if (name == "bool" && value.is_boolean()) {
    return Value::Bool(value.get<bool>());
  }
  if (!value.is_string()) return std::nullopt;
  return TypedText(name, value.get_ref<const std::string&>());
}

Type DeclaredTypeOf(const Value& value) {
  if (value.Is(Value::Kind::kList)) {
    CommonType item;
    for (const Value& each : value.items()) item.Add(DeclaredTypeOf(each));
    return Type::List(item.Get());
  }
  if (value.Is(Value::Kind::kMap)) {
    CommonType held;
    for (const MapEntry& each : value.entries()) {
      held.Add(DeclaredTypeOf(each.value));
    }
    return Type::Map(Type::String(), held.Get());
  }
  return value.TypeOfValue();
}

std::string ToSource(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kString: return Quoted(std::string(value.text()));
    case Value::Kind::kBytes: return BytesSource(value.text());
    case Value::Kind::kDouble: return DoubleSource(value.double_value());
    case Value::Kind::kList: return ListSource(value);
    case Value::Kind::kMap: return MapSource(value);
    case Value::Kind::kOptional:
      if (value.held() == nullptr) return "optional.none()";
      return "optional.of(" + ToSource(*value.held()) + ")";
    default: return value.ToString();
  }
}

Json ToPlainJson(const Value& value) {
  switch (value.kind()) {
    case Value::Kind::kNull: return nullptr;
    case Value::Kind::kBool: return value.bool_value();
    case Value::Kind::kInt: return value.int_value();
    case Value::Kind::kUint: return value.uint_value();
    case Value::Kind::kDouble:
      if (!std::isfinite(value.double_value())) {
        return cel::DoubleText(value.double_value());
      }
      return value.double_value();
    case Value::Kind::kString: return std::string(value.text());
    case Value::Kind::kBytes:
      return absl::Base64Escape(cel::AbslView(value.text()));
    case Value::Kind::kTimestamp: return cel::TimestampText(value);
    case Value::Kind::kDuration:
      return cel::DurationText(value.duration_nanos());
    case Value::Kind::kList: {
      Json list = Json::array();
      for (const Value& item : value.items()) list.push_back(ToPlainJson(item));
      return list;
    }
    case Value::Kind::kMap: {
      Json map = Json::object();
      for (const MapEntry& entry : value.entries()) {
        const bool is_text = entry.key.Is(Value::Kind::kString);
        map[is_text ? std::string(entry.key.text()) : ToSource(entry.key)] =
            ToPlainJson(entry.value);
      }
      return map;
    }
    case Value::Kind::kOptional:
      return value.held() == nullptr ? Json() : ToPlainJson(*value.held());
    default: return value.ToString();
  }
}

}  // namespace loyalty::command
