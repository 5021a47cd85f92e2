// SPDX-License-Identifier: Apache-2.0
//
// See ratio.h.
#include "base/ratio.h"

#include <absl/strings/str_cat.h>

#include <limits>

namespace loyalty::base {
namespace {

// So that a part times the most units, or two parts of a quarter of the digits
// each, stay within 127 bits.
const absl::int128 kMostPart = absl::int128(1'000'000'000'000) * 1'000'000;

absl::int128 Gcd(absl::int128 a, absl::int128 b) {
  while (b != 0) {
    const absl::int128 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

}  // namespace

Ratio::Ratio(absl::int128 numerator, absl::int128 denominator) {
  const absl::int128 common = Gcd(numerator, denominator);
  numerator_ = numerator / common;
  denominator_ = denominator / common;
}

std::optional<Ratio> Ratio::Checked() const {
  if (numerator_ < 0 || numerator_ > kMostPart || denominator_ > kMostPart) {
    return std::nullopt;
  }
  return *this;
}

std::optional<Ratio> Ratio::Parse(std::string_view text) {
  constexpr size_t kMostDigits = 6;
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view whole = text.substr(0, point);
  const bool has_point = point < text.size();
  const std::string_view part = has_point ? text.substr(point + 1) : "";
  if (whole.empty() || whole.size() > kMostDigits ||
      part.size() > kMostDigits || (has_point && part.empty())) {
    return std::nullopt;
  }
  int64_t numerator = 0;
  int64_t denominator = 1;
  for (const std::string_view digits : {whole, part}) {
    for (const char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      numerator = numerator * 10 + (c - '0');
    }
  }
  for (size_t i = 0; i < part.size(); ++i) denominator *= 10;
  return Ratio(numerator, denominator);
}

// Parts are below 10^18, so that products of two are below 10^36.
std::optional<Ratio> Ratio::Times(const Ratio& other) const {
  return Ratio(numerator_ * other.numerator_, denominator_ * other.denominator_)
      .Checked();
}

std::optional<Ratio> Ratio::Plus(const Ratio& other) const {
  return Ratio(
             numerator_ * other.denominator_ + other.numerator_ * denominator_,
             denominator_ * other.denominator_)
      .Checked();
}

std::optional<Ratio> Ratio::Minus(const Ratio& other) const {
  const absl::int128 numerator =
      numerator_ * other.denominator_ - other.numerator_ * denominator_;
  if (numerator < 0) return std::nullopt;
  return Ratio(numerator, denominator_ * other.denominator_).Checked();
}

std::optional<int64_t> Ratio::Of(int64_t units, Rounding rounding) const {
  const absl::int128 product = absl::int128(units) * numerator_;
  const absl::int128 size = product < 0 ? -product : product;
  absl::int128 result = size / denominator_;
  const absl::int128 rest = size % denominator_;
  if ((rounding == Rounding::kUp && rest > 0) ||
      (rounding == Rounding::kNearest && 2 * rest >= denominator_)) {
    result += 1;
  }
  if (result > std::numeric_limits<int64_t>::max()) return std::nullopt;
  const auto whole = static_cast<int64_t>(result);
  return product < 0 ? -whole : whole;
}

std::string Ratio::ToString(int places) const {
  std::string text =
      absl::StrCat(static_cast<int64_t>(numerator_ / denominator_));
  absl::int128 rest = numerator_ % denominator_;
  std::string part;
  for (int i = 0; i < places && rest != 0; ++i) {
    rest *= 10;
    part += static_cast<char>('0' + static_cast<int>(rest / denominator_));
    rest %= denominator_;
  }
  while (!part.empty() && part.back() == '0') part.pop_back();
  return part.empty() ? text : absl::StrCat(text, ".", part);
}

bool operator<(const Ratio& a, const Ratio& b) {
  return a.numerator_ * b.denominator_ < b.numerator_ * a.denominator_;
}

}  // namespace loyalty::base
