// SPDX-License-Identifier: Apache-2.0
//
// See scenario_values.h.
#include "scenario_values.h"

#include <absl/status/status.h>
#include <absl/strings/numbers.h>
#include <absl/time/civil_time.h>

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

namespace loyalty::command {
namespace {

using Type = DeclaredAttribute::Type;

constexpr absl::CivilDay kFirstDay(2026, 1, 1);  // d1
constexpr int64_t kMostDays = 1'000'000;         // either way

absl::Time NoonOfMonday() {
  return absl::FromCivil(absl::CivilHour(2026, 1, 5, 12), absl::UTCTimeZone());
}

// What Abseil's parsers forgive and we do not.
bool IsLaxNumber(std::string_view text) {
  return text.empty() || text.front() == '+' ||
         text.find_first_of(" \t\nxXnN") != std::string_view::npos;
}

std::optional<int64_t> IntIn(std::string_view text) {
  int64_t number = 0;
  if (IsLaxNumber(text) ||
      !absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<double> DoubleIn(std::string_view text) {
  double number = 0;
  if (IsLaxNumber(text) ||
      !absl::SimpleAtod(absl::string_view(text.data(), text.size()), &number) ||
      !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

std::optional<absl::Duration> DurationIn(std::string_view text) {
  absl::Duration duration;
  if (text.empty() ||
      !absl::ParseDuration(absl::string_view(text.data(), text.size()),
                           &duration) ||
      duration == absl::InfiniteDuration() ||
      duration == -absl::InfiniteDuration()) {
    return std::nullopt;
  }
  return duration;
}

// dN and DN, with an offset or none.
std::optional<absl::Time> CountedDay(std::string_view text,
                                     absl::TimeZone zone) {
  // A sign that follows the letter is the number's.
  const size_t offset_at = text.find_first_of("+-", 2);
  const std::optional<int64_t> day = IntIn(text.substr(1, offset_at - 1));
  if (!day.has_value() || *day < -kMostDays || *day > kMostDays) {
    return std::nullopt;
  }
  absl::Duration offset = absl::ZeroDuration();
  if (offset_at != std::string_view::npos) {
    const auto given = DurationIn(text.substr(offset_at));
    if (!given.has_value()) return std::nullopt;
    offset = *given;
  }
  if (text[0] == 'D') return NoonOfMonday() + *day * absl::Hours(24) + offset;
  return absl::FromCivil(kFirstDay + (*day - 1), zone) + offset;
}

// YYYY-MM-DD.
std::optional<absl::Time> CalendarDay(std::string_view text,
                                      absl::TimeZone zone) {
  constexpr size_t kLength = 10;
  absl::CivilDay day;
  if (text.size() != kLength ||
      !absl::ParseCivilTime(absl::string_view(text.data(), text.size()),
                            &day)) {
    return std::nullopt;
  }
  return absl::FromCivil(day, zone);
}

std::string_view NameOf(Type type) {
  switch (type) {
    case Type::kInt: return "an INT such as 5";
    case Type::kDouble: return "a DOUBLE such as 0.5";
    case Type::kString: return "a STRING";
    case Type::kBool: return "a BOOL, true or false";
    case Type::kTime: return "a TIME such as 2024-03-01";
    case Type::kDuration: return "a DURATION such as 90m";
    case Type::kMember: return "a MEMBER";
    case Type::kObject: return "an OBJECT";
    case Type::kMap: return "a MAP such as {\"sku\": \"A\", \"cents\": 120}";
  }
  return "a value";
}

bool IsText(Type type) {
  return type == Type::kString || type == Type::kMember ||
         type == Type::kObject;
}

std::optional<Value> ScalarIn(std::string_view text, Type type,
                              absl::TimeZone zone) {
  switch (type) {
    case Type::kInt:
      if (const auto v = IntIn(text)) return Value(*v);
      break;
    case Type::kDouble:
      if (const auto v = DoubleIn(text)) return Value(*v);
      break;
    case Type::kBool:
      if (text == "true" || text == "false") return Value(text == "true");
      break;
    case Type::kTime:
      if (const auto v = TimeIn(text, zone)) return Value(*v);
      break;
    case Type::kDuration:
      if (const auto v = DurationIn(text)) return Value(*v);
      break;
    case Type::kString:
    case Type::kMember:
    case Type::kObject: return Value(text);
    case Type::kMap: break;  // JSON
  }
  return std::nullopt;
}

absl::StatusOr<Value> FromJson(const nlohmann::json& json) {
  if (json.is_boolean()) return Value(json.get<bool>());
  if (json.is_number_unsigned() && json.get<uint64_t>() > INT64_MAX) {
    return absl::InvalidArgumentError("a number is beyond 64 bits");
  }
  if (json.is_number_integer()) return Value(json.get<int64_t>());
  if (json.is_number()) return Value(json.get<double>());
  if (json.is_string()) return Value(json.get<std::string>());
  if (json.is_array()) {
    Value::List list;
    for (const nlohmann::json& item : json) {
      absl::StatusOr<Value> value = FromJson(item);
      if (!value.ok()) return value;
      list.push_back(*std::move(value));
    }
    return Value(std::move(list));
  }
  if (!json.is_object()) {
    return absl::InvalidArgumentError("null is no value; leave it out");
  }
  Value::Map map;
  for (const auto& [name, item] : json.items()) {
    absl::StatusOr<Value> value = FromJson(item);
    if (!value.ok()) return value;
    map.emplace(name, *std::move(value));
  }
  return Value(std::move(map));
}

// An item of a JSON list: a text where a text can stand, else as written.
absl::StatusOr<Value> ItemOf(const nlohmann::json& json, Type type,
                             absl::TimeZone zone) {
  if (type == Type::kMap && json.is_object()) return FromJson(json);
  const bool is_text = json.is_string();
  const bool wants_text =
      IsText(type) || type == Type::kTime || type == Type::kDuration;
  if (is_text == wants_text) {
    const auto value =
        ScalarIn(is_text ? json.get<std::string>() : json.dump(), type, zone);
    if (value.has_value()) return *value;
  }
  return absl::InvalidArgumentError("expected each item to be " +
                                    std::string(NameOf(type)));
}

}  // namespace

std::optional<absl::Time> TimeIn(std::string_view text, absl::TimeZone zone) {
  if (text.size() > 1 && (text[0] == 'd' || text[0] == 'D')) {
    return CountedDay(text, zone);
  }
  if (const auto day = CalendarDay(text, zone)) return day;
  // Abseil's reader also takes blanks and infinities.
  absl::Time time;
  const bool ends_in_zone = text.ends_with('Z') || text.ends_with('z') ||
                            (text.size() > 6 && text[text.size() - 3] == ':');
  if (!ends_in_zone || text.find_first_of(" \t") != std::string_view::npos ||
      !absl::ParseTime(absl::RFC3339_full,
                       absl::string_view(text.data(), text.size()), &time,
                       nullptr)) {
    return std::nullopt;
  }
  return time;
}

absl::StatusOr<Value> TypedValue(const Word& word,
                                 const DeclaredAttribute& attribute,
                                 absl::TimeZone zone) {
  const std::string expected = std::string(NameOf(attribute.type));
  if (attribute.list) {
    const auto json = nlohmann::json::parse(word.text, nullptr, false);
    if (word.form != Word::Form::kJson || !json.is_array()) {
      return absl::InvalidArgumentError(
          "expected a JSON list, each item of it " + expected);
    }
    Value::List list;
    for (const nlohmann::json& item : json) {
      absl::StatusOr<Value> value = ItemOf(item, attribute.type, zone);
      if (!value.ok()) return value;
      list.push_back(*std::move(value));
    }
    return Value(std::move(list));
  }
  // 5 and "5" are both texts where a text is wanted, but "5" is no number.
  const bool is_number_in_quotes =
      word.form == Word::Form::kString &&
      (attribute.type == Type::kInt || attribute.type == Type::kDouble ||
       attribute.type == Type::kBool);
  if (!is_number_in_quotes) {
    auto value = ScalarIn(word.text, attribute.type, zone);
    if (value.has_value()) return *std::move(value);
  }
  return absl::InvalidArgumentError("expected " + expected);
}

absl::StatusOr<Value> ValueByLook(const Word& word) {
  if (word.form == Word::Form::kString) return Value(word.text);
  if (word.form == Word::Form::kJson) {
    return FromJson(nlohmann::json::parse(word.text, nullptr, false));
  }
  if (word.text == "true" || word.text == "false") {
    return Value(word.text == "true");
  }
  if (const auto number = IntIn(word.text)) return Value(*number);
  return Value(word.text);
}

}  // namespace loyalty::command
