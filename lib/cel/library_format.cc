// SPDX-License-Identifier: Apache-2.0
//
// "...".format([...]) of the extension `strings`: %s %d %f %e %b %o %x %X, with
// a precision for %f and %e.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

#include "cel/library.h"
#include "cel/text.h"
#include "cel/times.h"

namespace loyalty::cel {
namespace {

constexpr int kDefaultPrecision = 6;
constexpr int kMaxPrecision = 1000;

Value BadFormat(std::string text) {
  return Value::Failure(absl::StatusCode::kInvalidArgument,
                        "format: " + std::move(text));
}

Value CannotFormat(char clause, const Value& value) {
  return BadFormat(std::string("%") + clause + " does not take a " +
                   value.TypeOfValue().ToString());
}

// NaN and infinities, or "".
std::string NonFiniteText(double number) {
  if (std::isnan(number)) return "NaN";
  if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
  return "";
}

std::string PlainDouble(double number) {
  const std::string special = NonFiniteText(number);
  if (!special.empty()) return special;
  std::array<char, 2000> text;  // 1.8e308 in full, or 5e-324
  const auto written = std::to_chars(text.data(), text.data() + text.size(),
                                     number, std::chars_format::fixed);
  return std::string(text.data(), written.ptr);
}

// Writes values as %s does, counting what is written and looked at.
class PlainWriter {
 public:
  explicit PlainWriter(CallContext& context) : context_(context) {}

  // A failure, or null once `value` is added to `text`.
  Value Write(const Value& value, std::string& text) {
    if (!context_.Spend(1)) return StepsUsedUp();
    if (text.size() > context_.limits.max_text_bytes) return TooLong();
    switch (value.kind()) {
      case Value::Kind::kNull: text += "null"; break;
      case Value::Kind::kBool:
        text += value.bool_value() ? "true" : "false";
        break;
      case Value::Kind::kInt: text += std::to_string(value.int_value()); break;
      case Value::Kind::kUint:
        text += std::to_string(value.uint_value());
        break;
      case Value::Kind::kDouble:
        text += PlainDouble(value.double_value());
        break;
      case Value::Kind::kString:
        if (!context_.SpendOnText(value.text())) return StepsUsedUp();
        text += value.text();
        break;
      case Value::Kind::kBytes:
        if (!context_.SpendOnText(value.text())) return StepsUsedUp();
        if (!IsUtf8(value.text())) return BadFormat("the bytes are not UTF-8");
        text += value.text();
        break;
      case Value::Kind::kTimestamp: text += TimestampText(value); break;
      case Value::Kind::kDuration:
        text += DurationText(value.duration_nanos());
        break;
      case Value::Kind::kType: text += NameOf(value.type()); break;
      case Value::Kind::kList: return WriteList(value, text);
      case Value::Kind::kMap: return WriteMap(value, text);
      default: return CannotFormat('s', value);
    }
    return Value::Null();
  }

  static Value TooLong() {
    return Value::Failure(absl::StatusCode::kResourceExhausted,
                          "the string is too large");
  }

 private:
  // Without parts: type([1]) is list.
  static std::string NameOf(const Type& type) {
    const std::string name = type.ToString();
    if (type.Is(Type::Kind::kTimestamp)) return "google.protobuf.Timestamp";
    if (type.Is(Type::Kind::kDuration)) return "google.protobuf.Duration";
    return name.substr(0, name.find('('));
  }

  Value WriteList(const Value& list, std::string& text) {
    const char* separator = "[";
    for (const Value& item : list.items()) {
      text += std::exchange(separator, ", ");
      Value failure = Write(item, text);
      if (failure.failed()) return failure;
    }
    text += list.items().empty() ? "[]" : "]";
    return Value::Null();
  }

  // In the order of the keys' texts.
  Value WriteMap(const Value& map, std::string& text) {
    std::vector<std::pair<std::string, const Value*>> entries;
    for (const MapEntry& entry : map.entries()) {
      entries.emplace_back("", &entry.value);
      Value failure = Write(entry.key, entries.back().first);
      if (failure.failed()) return failure;
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    text += "{";
    const char* separator = "";
    for (const auto& [key, value] : entries) {
      text += std::exchange(separator, ", ") + key + ": ";
      Value failure = Write(*value, text);
      if (failure.failed()) return failure;
    }
    text += "}";
    return Value::Null();
  }

  CallContext& context_;
};

std::string InBase(const Value& value, int base) {
  std::array<char, 66> text;
  char* const begin = text.data();
  char* const end = begin + text.size();
  const auto written =
      value.Is(Value::Kind::kInt)
          ? std::to_chars(begin, end, value.int_value(), base)
          : std::to_chars(begin, end, value.uint_value(), base);
  return std::string(begin, written.ptr);
}

bool IsInteger(const Value& value) {
  return value.Is(Value::Kind::kInt) || value.Is(Value::Kind::kUint);
}

std::string HexOfBytes(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4u];
    text += kDigits[byte & 15u];
  }
  return text;
}

std::string InUpperCase(std::string text) {
  for (char& c : text) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

std::string RoundedDouble(double number, char clause, int precision) {
  const std::string special = NonFiniteText(number);
  if (!special.empty()) return special;
  std::array<char, 2000> text;
  const auto written = std::to_chars(
      text.data(), text.data() + text.size(), number,
      clause == 'f' ? std::chars_format::fixed : std::chars_format::scientific,
      precision);
  return std::string(text.data(), written.ptr);
}

// One clause of a format: %.3f has the letter f and the precision 3.
struct Clause {
  char letter = '\0';
  int precision = kDefaultPrecision;
};

Value FormatDecimal(const Value& value, std::string& text) {
  if (value.Is(Value::Kind::kDouble)) {
    const std::string special = NonFiniteText(value.double_value());
    if (special.empty()) return CannotFormat('d', value);
    text += special;
    return Value::Null();
  }
  if (!IsInteger(value)) return CannotFormat('d', value);
  text += InBase(value, 10);
  return Value::Null();
}

Value FormatReal(const Clause& clause, const Value& value, std::string& text) {
  double number = value.double_value();
  if (value.Is(Value::Kind::kInt)) {
    number = static_cast<double>(value.int_value());
  } else if (value.Is(Value::Kind::kUint)) {
    number = static_cast<double>(value.uint_value());
  } else if (!value.Is(Value::Kind::kDouble)) {
    return CannotFormat(clause.letter, value);
  }
  text += RoundedDouble(number, clause.letter, clause.precision);
  return Value::Null();
}

Value FormatInBase(char letter, const Value& value, std::string& text) {
  const bool is_hex = letter == 'x' || letter == 'X';
  const bool is_text =
      value.Is(Value::Kind::kString) || value.Is(Value::Kind::kBytes);
  if (letter == 'b' && value.Is(Value::Kind::kBool)) {
    text += value.bool_value() ? "1" : "0";
    return Value::Null();
  }
  if (!IsInteger(value) && !(is_hex && is_text)) {
    return CannotFormat(letter, value);
  }
  int base = 16;
  if (letter == 'b') base = 2;
  if (letter == 'o') base = 8;
  const std::string digits =
      is_text ? HexOfBytes(value.text()) : InBase(value, base);
  text += letter == 'X' ? InUpperCase(digits) : digits;
  return Value::Null();
}

Value FormatClause(CallContext& context, const Clause& clause,
                   const Value& value, std::string& text) {
  switch (clause.letter) {
    case 's': return PlainWriter(context).Write(value, text);
    case 'd': return FormatDecimal(value, text);
    case 'f':
    case 'e': return FormatReal(clause, value, text);
    case 'b':
    case 'o':
    case 'x':
    case 'X': return FormatInBase(clause.letter, value, text);
    default: return BadFormat(std::string("there is no %") + clause.letter);
  }
}

// Takes a clause, past its '%', from the front of `format`; nullopt if it has
// no letter or an impossible precision.
std::optional<Clause> TakeClause(std::string_view& format) {
  Clause clause;
  if (format.starts_with('.')) {
    format.remove_prefix(1);
    const char* const end = format.data() + format.size();
    const auto read = std::from_chars(format.data(), end, clause.precision);
    if (read.ec != std::errc() || clause.precision < 0 ||
        clause.precision > kMaxPrecision) {
      return std::nullopt;
    }
    format.remove_prefix(static_cast<size_t>(read.ptr - format.data()));
  }
  if (format.empty()) return std::nullopt;
  clause.letter = format.front();
  format.remove_prefix(1);
  return clause;
}

Value FormatText(CallContext& context, const Value* a) {
  std::string_view format = a[0].text();
  const auto arguments = a[1].items();
  if (!context.SpendOnText(format)) return StepsUsedUp();
  std::string text;
  size_t used = 0;
  while (true) {
    const size_t mark = format.find('%');
    text += format.substr(0, mark);
    if (text.size() > context.limits.max_text_bytes) {
      return PlainWriter::TooLong();
    }
    if (mark == std::string_view::npos) break;
    format.remove_prefix(mark + 1);
    if (format.starts_with('%')) {
      text += '%';
      format.remove_prefix(1);
      continue;
    }
    const std::optional<Clause> clause = TakeClause(format);
    if (!clause.has_value()) {
      return BadFormat("a % without a clause, or with a precision beyond " +
                       std::to_string(kMaxPrecision));
    }
    if (used >= arguments.size()) {
      return BadFormat("index " + std::to_string(used) + " out of range");
    }
    Value failure = FormatClause(context, *clause, arguments[used++], text);
    if (failure.failed()) return failure;
  }
  if (!context.SpendOnText(text)) return StepsUsedUp();
  return Value::String(text);
}

constexpr std::array<LibraryRow, 1> kFormatRows = {{
    {"format", "string, list(dyn)", "string", FormatText, LibraryRow::kMethod},
}};

}  // namespace

std::span<const LibraryRow> FormatRows() { return kFormatRows; }

}  // namespace loyalty::cel
