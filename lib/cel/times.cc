// SPDX-License-Identifier: Apache-2.0
//
// Reading and writing times by hand: the forms are few and fixed, and the
// distribution's parsers accept more than CEL does.
#include "cel/times.h"

#include <absl/strings/string_view.h>
#include <absl/time/civil_time.h>

#include <array>
#include <cctype>
#include <cstdio>
#include <cstdlib>

namespace loyalty::cel {
namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

// Wide enough for any sum on the way to an int64 of nanoseconds.
__extension__ typedef __int128 WideNanos;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Takes exactly `digits` digits from the front.
std::optional<int> TakeNumber(std::string_view& text, size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int number = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (!IsDigit(text[i])) return std::nullopt;
    number = number * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return number;
}

bool TakeChar(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// Takes ".5" as 500,000,000; no fraction is 0.
std::optional<uint32_t> TakeFraction(std::string_view& text) {
  if (!TakeChar(text, '.')) return 0;
  uint32_t nanos = 0;
  size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) {
    if (digits == 9) return std::nullopt;
    nanos = nanos * 10 + static_cast<uint32_t>(text[digits] - '0');
    ++digits;
  }
  if (digits == 0) return std::nullopt;
  text.remove_prefix(digits);
  for (; digits < 9; ++digits) nanos *= 10;
  return nanos;
}

// Takes "Z", "+02:00" or "-09:30", as seconds east of Greenwich.
std::optional<int> TakeOffset(std::string_view& text) {
  if (TakeChar(text, 'Z') || TakeChar(text, 'z')) return 0;
  const bool west = !text.empty() && text.front() == '-';
  if (!west && (text.empty() || text.front() != '+')) return std::nullopt;
  text.remove_prefix(1);
  const std::optional<int> hours = TakeNumber(text, 2);
  if (!hours.has_value() || *hours > 23 || !TakeChar(text, ':')) {
    return std::nullopt;
  }
  const std::optional<int> minutes = TakeNumber(text, 2);
  if (!minutes.has_value() || *minutes > 59) return std::nullopt;
  const int seconds = *hours * 3600 + *minutes * 60;
  return west ? -seconds : seconds;
}

// Takes the parts of `form`, where a digit 4 or 2 stands for so many digits
// and any other character for itself.
template <size_t N>
bool TakeForm(std::string_view& text, std::string_view form,
              std::array<int, N>& numbers) {
  size_t next = 0;
  for (const char c : form) {
    if (!IsDigit(c)) {
      if (!TakeChar(text, c)) return false;
      continue;
    }
    const std::optional<int> number =
        TakeNumber(text, static_cast<size_t>(c - '0'));
    if (!number.has_value()) return false;
    numbers[next++] = *number;
  }
  return true;
}

struct DurationUnit {
  std::string_view name;
  int64_t nanos;
};

// Longer names first: "ms" is not minutes.
constexpr std::array<DurationUnit, 8> kDurationUnits = {{
    {"ns", 1},
    {"us", 1'000},
    {"\xC2\xB5s", 1'000},
    {"\xCE\xBCs", 1'000},
    {"ms", 1'000'000},
    {"s", kNanosPerSecond},
    {"m", 60 * kNanosPerSecond},
    {"h", 3600 * kNanosPerSecond},
}};

// The fraction of a unit that `digits` (after the point) stand for; what is
// finer than a nanosecond is dropped.
int64_t FractionOf(std::string_view digits, int64_t unit) {
  WideNanos numerator = 0;
  WideNanos denominator = 1;
  for (const char c : digits.substr(0, 18)) {
    numerator = numerator * 10 + (c - '0');
    denominator *= 10;
  }
  return static_cast<int64_t>(numerator * unit / denominator);
}

// Takes "1.5h" and adds it to `total`, in nanoseconds; false if malformed or
// too large.
bool TakeDurationPart(std::string_view& text, WideNanos& total) {
  constexpr WideNanos kMost = WideNanos{1} << 64;
  WideNanos whole = 0;
  size_t digits = 0;
  while (digits < text.size() && IsDigit(text[digits])) {
    whole = whole * 10 + (text[digits] - '0');
    if (whole > kMost) return false;
    ++digits;
  }
  const bool has_whole = digits > 0;
  text.remove_prefix(digits);
  std::string_view fraction;
  if (TakeChar(text, '.')) {
    size_t size = 0;
    while (size < text.size() && IsDigit(text[size])) ++size;
    fraction = text.substr(0, size);
    text.remove_prefix(size);
  }
  if (!has_whole && fraction.empty()) return false;
  for (const DurationUnit& unit : kDurationUnits) {
    if (!text.starts_with(unit.name)) continue;
    text.remove_prefix(unit.name.size());
    total += whole * unit.nanos + FractionOf(fraction, unit.nanos);
    return total <= kMost;
  }
  return false;
}

// Writes "12.5" for 12.5 seconds.
std::string SecondsText(uint64_t seconds, uint32_t nanos) {
  std::string text = std::to_string(seconds);
  if (nanos == 0) return text;
  char fraction[16];
  std::snprintf(fraction, sizeof(fraction), ".%09u", nanos);
  text += fraction;
  while (text.back() == '0') text.pop_back();
  return text;
}

// "+02:00", "-9:30", "02:00" as seconds; nullopt if not of that form.
std::optional<int> ParseFixedOffset(std::string_view text) {
  const bool west = !text.empty() && text.front() == '-';
  if (west || (!text.empty() && text.front() == '+')) text.remove_prefix(1);
  const size_t colon = text.find(':');
  if (colon != 1 && colon != 2) return std::nullopt;
  const std::optional<int> hours = TakeNumber(text, colon);
  TakeChar(text, ':');
  const std::optional<int> minutes = TakeNumber(text, 2);
  if (!hours.has_value() || !minutes.has_value() || !text.empty()) {
    return std::nullopt;
  }
  if (*hours > 14 || *minutes > 59) return std::nullopt;
  const int seconds = *hours * 3600 + *minutes * 60;
  return west ? -seconds : seconds;
}

// The tz database is a directory: a name must not lead out of it.
bool IsZoneName(std::string_view name) {
  if (name.empty() || name.size() > 64) return false;
  if (std::isalpha(static_cast<unsigned char>(name.front())) == 0) return false;
  for (const char c : name) {
    const bool allowed = std::isalnum(static_cast<unsigned char>(c)) != 0 ||
                         c == '/' || c == '_' || c == '-' || c == '+';
    if (!allowed) return false;
  }
  return true;
}

}  // namespace

std::optional<Value> ParseTimestamp(std::string_view text) {
  std::array<int, 6> n{};
  if (!TakeForm(text, "4-2-2T2:2:2", n)) return std::nullopt;
  const std::optional<uint32_t> nanos = TakeFraction(text);
  if (!nanos.has_value()) return std::nullopt;
  const std::optional<int> offset = TakeOffset(text);
  if (!offset.has_value() || !text.empty()) return std::nullopt;
  const absl::CivilSecond civil(n[0], n[1], n[2], n[3], n[4], n[5]);
  // A civil time rolls over what does not exist, such as February 30th.
  const bool exists = civil.year() == n[0] && civil.month() == n[1] &&
                      civil.day() == n[2] && civil.hour() == n[3] &&
                      civil.minute() == n[4] && civil.second() == n[5];
  if (!exists) return std::nullopt;
  const int64_t seconds = (civil - absl::CivilSecond(1970)) - *offset;
  if (seconds < kFirstUnixSecond || seconds > kLastUnixSecond) {
    return std::nullopt;
  }
  return Value::Timestamp(seconds, *nanos);
}

std::string TimestampText(const Value& timestamp) {
  const absl::CivilSecond civil =
      absl::CivilSecond(1970) + timestamp.unix_seconds();
  char text[48];
  std::snprintf(text, sizeof(text),
                "%04d-%02d-%02dT%02d:%02d:", static_cast<int>(civil.year()),
                civil.month(), civil.day(), civil.hour(), civil.minute());
  std::string seconds =
      SecondsText(static_cast<uint64_t>(civil.second()), timestamp.nanos());
  if (civil.second() < 10) seconds.insert(0, "0");
  return std::string(text) + seconds + "Z";
}

std::optional<int64_t> ParseDuration(std::string_view text) {
  const bool negative = TakeChar(text, '-');
  if (!negative) TakeChar(text, '+');
  if (text == "0") return 0;
  if (text.empty()) return std::nullopt;
  WideNanos total = 0;
  while (!text.empty()) {
    if (!TakeDurationPart(text, total)) return std::nullopt;
  }
  if (negative) total = -total;
  if (total > INT64_MAX || total < INT64_MIN) return std::nullopt;
  return static_cast<int64_t>(total);
}

std::string DurationText(int64_t nanos) {
  const bool negative = nanos < 0;
  // Negating the least int64 in unsigned arithmetic is well defined.
  const uint64_t size = negative ? uint64_t{0} - static_cast<uint64_t>(nanos)
                                 : static_cast<uint64_t>(nanos);
  return (negative ? "-" : "") +
         SecondsText(size / kNanosPerSecond,
                     static_cast<uint32_t>(size % kNanosPerSecond)) +
         "s";
}

std::optional<absl::TimeZone> ParseZone(std::string_view name) {
  if (const std::optional<int> offset = ParseFixedOffset(name)) {
    return absl::FixedTimeZone(*offset);
  }
  if (!IsZoneName(name)) return std::nullopt;
  absl::TimeZone zone;
  if (!absl::LoadTimeZone(absl::string_view(name.data(), name.size()), &zone)) {
    return std::nullopt;
  }
  return zone;
}

}  // namespace loyalty::cel
