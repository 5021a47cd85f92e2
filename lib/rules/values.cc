// SPDX-License-Identifier: Apache-2.0
//
// See values.h.
#include "rules/values.h"

#include <absl/status/status.h>
#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>
#include <absl/strings/str_cat.h>
#include <absl/time/civil_time.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "base/status_macros.h"
#include "base/views.h"

namespace loyalty::rules {
namespace {

using base::av;
using model::Type;

std::string_view TypeName(Type type) {
  switch (type) {
    case Type::kInt: return "INT";
    case Type::kDouble: return "DOUBLE";
    case Type::kString: return "STRING";
    case Type::kBool: return "BOOL";
    case Type::kTime: return "TIME";
    case Type::kDuration: return "DURATION";
    case Type::kMember: return "MEMBER";
    case Type::kObject: return "OBJECT";
    case Type::kMap: return "MAP of texts, numbers, true and false";
    case Type::kUnspecified: break;
  }
  return "value of no type";
}

std::string KindName(const Value& value) {
  struct Namer {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(int64_t v) const {
      return absl::StrCat("the whole number ", v);
    }
    std::string operator()(double v) const {
      return absl::StrCat("the number ", v);
    }
    std::string operator()(const std::string& v) const {
      constexpr size_t kShown = 40;
      return v.size() <= kShown
                 ? absl::StrCat("the text \"", v, "\"")
                 : absl::StrCat("a text of ", v.size(), " bytes");
    }
    std::string operator()(absl::Time) const { return "a time"; }
    std::string operator()(absl::Duration) const { return "a duration"; }
    std::string operator()(const Value::List&) const { return "a list"; }
    std::string operator()(const Value::Map&) const { return "an object"; }
  };
  return std::visit(Namer{}, value.get());
}

absl::Status Unexpected(const Value& value, Type type, bool list) {
  const bool is_bare = std::holds_alternative<int64_t>(value.get()) ||
                       std::holds_alternative<double>(value.get()) ||
                       std::holds_alternative<bool>(value.get());
  const bool is_text =
      type == Type::kString || type == Type::kMember || type == Type::kObject;
  return absl::InvalidArgumentError(
      absl::StrCat("expected ", Describe(type, list), ", got ", KindName(value),
                   is_bare && is_text && !list ? ", without quotes" : ""));
}

// What Abseil's parsers forgive and we do not: blanks around, a plus sign,
// hexadecimal digits.
bool IsLax(std::string_view text) {
  return text.empty() || text.front() == '+' ||
         absl::ascii_isspace(static_cast<unsigned char>(text.front())) ||
         absl::ascii_isspace(static_cast<unsigned char>(text.back())) ||
         text.find_first_of("xX") != std::string_view::npos;
}

// Expressions hold a duration in nanoseconds: about 292 years each way.
bool FitsNanoseconds(absl::Duration duration) {
  return duration >= absl::Nanoseconds(INT64_MIN) &&
         duration <= absl::Nanoseconds(INT64_MAX);
}

// Cut to microseconds, which are what is kept.
absl::Duration InMicroseconds(absl::Duration duration) {
  return absl::Trunc(duration, absl::Microseconds(1));
}

absl::StatusOr<absl::Duration> ParsedDuration(const std::string& text) {
  absl::Duration duration;
  if (IsLax(text) || !absl::ParseDuration(text, &duration) ||
      !FitsNanoseconds(InMicroseconds(duration))) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a DURATION such as \"90m\" or \"1h30m\", got \"",
                     text, "\""));
  }
  return InMicroseconds(duration);
}

absl::StatusOr<absl::Time> ParsedTime(const std::string& text) {
  absl::Time time;
  std::string error;
  if (IsLax(text) ||
      !absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
      !IsInRange(time)) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected a TIME such as \"2026-03-01T12:00:00Z\", got \"",
                     text, "\""));
  }
  return Canonical(time);
}

absl::StatusOr<Value> CoerceText(const Value& value, Type type) {
  const auto* text = std::get_if<std::string>(&value.get());
  if (text == nullptr) return Unexpected(value, type, false);
  if (text->empty() && type != Type::kString) {
    return absl::InvalidArgumentError(absl::StrCat(
        "expected ", Describe(type, false), ", got an empty text"));
  }
  return value;
}

// A map of texts, numbers and bools: what expressions read of it has a bound.
bool IsFlat(const Value::Variant& v) {
  const auto* map = std::get_if<Value::Map>(&v);
  return map != nullptr &&
         std::all_of(map->begin(), map->end(), [](const auto& entry) {
           const Value::Variant& one = entry.second.get();
           return std::holds_alternative<bool>(one) ||
                  std::holds_alternative<int64_t>(one) ||
                  std::holds_alternative<double>(one) ||
                  std::holds_alternative<std::string>(one);
         });
}

absl::StatusOr<Value> CoerceOne(const Value& value, Type type) {
  const Value::Variant& v = value.get();
  switch (type) {
    case Type::kInt:
      if (std::holds_alternative<int64_t>(v)) return value;
      break;
    case Type::kDouble:
      if (const auto* d = std::get_if<double>(&v)) {
        if (std::isfinite(*d)) return value;
      } else if (const auto* i = std::get_if<int64_t>(&v)) {
        return Value(static_cast<double>(*i));
      }
      break;
    case Type::kBool:
      if (std::holds_alternative<bool>(v)) return value;
      break;
    case Type::kTime:
      if (const auto* t = std::get_if<absl::Time>(&v)) {
        if (IsInRange(*t)) return Value(Canonical(*t));
      } else if (const auto* s = std::get_if<std::string>(&v)) {
        ASSIGN_OR_RETURN(const absl::Time time, ParsedTime(*s));
        return Value(time);
      }
      break;
    case Type::kDuration:
      if (const auto* d = std::get_if<absl::Duration>(&v)) {
        const absl::Duration cut = InMicroseconds(*d);
        if (FitsNanoseconds(cut)) return Value(cut);
        return absl::InvalidArgumentError(
            "expected a DURATION of at most 292 years, got a longer one");
      } else if (const auto* s = std::get_if<std::string>(&v)) {
        ASSIGN_OR_RETURN(const absl::Duration duration, ParsedDuration(*s));
        return Value(duration);
      }
      break;
    case Type::kString:
    case Type::kMember:
    case Type::kObject: return CoerceText(value, type);
    case Type::kMap:
      if (IsFlat(v)) return value;
      break;
    case Type::kUnspecified: break;
  }
  return Unexpected(value, type, false);
}

}  // namespace

std::string Describe(Type type, bool list) {
  if (list) return absl::StrCat("a list of ", av(TypeName(type)), "s");
  const bool vowel = type == Type::kInt || type == Type::kObject;
  return absl::StrCat(vowel ? "an " : "a ", av(TypeName(type)));
}

absl::StatusOr<Value> ParseLiteral(std::string_view text, Type type) {
  const std::string expected = absl::StrCat("expected ", Describe(type, false),
                                            ", got \"", av(text), "\"");
  switch (type) {
    case Type::kInt: {
      int64_t i = 0;
      if (!IsLax(text) && absl::SimpleAtoi(av(text), &i)) return Value(i);
      break;
    }
    case Type::kDouble: {
      double d = 0;
      if (!IsLax(text) && absl::SimpleAtod(av(text), &d) && std::isfinite(d)) {
        return Value(d);
      }
      break;
    }
    case Type::kBool:
      if (text == "true") return Value(true);
      if (text == "false") return Value(false);
      break;
    case Type::kTime:
    case Type::kDuration: return CoerceOne(Value(text), type);
    case Type::kString: return Value(text);
    case Type::kMember:
    case Type::kObject:
    case Type::kMap:
    case Type::kUnspecified: break;
  }
  return absl::InvalidArgumentError(expected);
}

absl::StatusOr<Value> Coerce(const Value& value, Type type, bool list) {
  if (!list) return CoerceOne(value, type);
  const auto* items = std::get_if<Value::List>(&value.get());
  if (items == nullptr) return Unexpected(value, type, true);
  Value::List coerced;
  coerced.reserve(items->size());
  for (size_t i = 0; i < items->size(); ++i) {
    absl::StatusOr<Value> item = CoerceOne((*items)[i], type);
    if (!item.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("[", i, "]: ", item.status().message()));
    }
    coerced.push_back(*std::move(item));
  }
  return Value(std::move(coerced));
}

absl::Time Canonical(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

bool IsInRange(absl::Time time) {
  static const absl::Time kFirst =
      absl::FromCivil(absl::CivilSecond(1, 1, 1), absl::UTCTimeZone());
  static const absl::Time kEnd =
      absl::FromCivil(absl::CivilSecond(10000, 1, 1), absl::UTCTimeZone());
  return time >= kFirst && time < kEnd;
}

}  // namespace loyalty::rules
