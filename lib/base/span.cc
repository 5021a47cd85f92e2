// SPDX-License-Identifier: Apache-2.0
//
// See span.h.
#include "base/span.h"

#include <absl/strings/ascii.h>
#include <absl/strings/numbers.h>

#include "base/views.h"

namespace loyalty::base {
namespace {

constexpr int64_t kMostDays = 365'250;

}  // namespace

std::optional<Span> ParseSpan(std::string_view text) {
  Span span;
  if (const size_t d = text.find('d'); d != std::string_view::npos) {
    if (d == 0 || !absl::ascii_isdigit(static_cast<unsigned char>(text[0])) ||
        !absl::SimpleAtoi(av(text.substr(0, d)), &span.days)) {
      return std::nullopt;
    }
    text.remove_prefix(d + 1);
    if (text.empty()) {
      if (span.days > kMostDays) return std::nullopt;
      return span;
    }
  }
  if (!absl::ParseDuration(av(text), &span.rest)) return std::nullopt;
  if (span.days > kMostDays || span.rest < absl::ZeroDuration() ||
      span.rest > absl::Hours(24 * kMostDays)) {
    return std::nullopt;
  }
  return span;
}

absl::Time After(absl::Time when, const Span& span, absl::TimeZone zone) {
  if (span.days == 0) return when + span.rest;
  const absl::TimeZone::CivilInfo civil = zone.At(when);
  const absl::CivilSecond later =
      absl::CivilSecond(absl::CivilDay(civil.cs) + span.days) +
      (civil.cs - absl::CivilSecond(absl::CivilDay(civil.cs)));
  return zone.At(later).pre + civil.subsecond + span.rest;
}

}  // namespace loyalty::base
