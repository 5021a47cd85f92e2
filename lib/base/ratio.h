// SPDX-License-Identifier: Apache-2.0
//
// Ratio: an exact factor, such as 1.5 or 0.05. Whole numbers only: units are
// never a floating-point number on their way.
#ifndef LOYALTY_LIB_BASE_RATIO_H_
#define LOYALTY_LIB_BASE_RATIO_H_

#include <absl/numeric/int128.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace loyalty::base {

enum class Rounding {
  kDown,     // towards 0
  kNearest,  // a half away from 0
  kUp,       // away from 0
};

// Not below 0, in lowest terms.
class Ratio {
 public:
  Ratio() = default;  // 1

  // "1.5", "3", "0.05": at most six digits on either side of the point.
  static std::optional<Ratio> Parse(std::string_view text);

  // nullopt where numbers would be needed that leave no room for units: that
  // takes more than three factors of six digits each.
  std::optional<Ratio> Times(const Ratio& other) const;
  std::optional<Ratio> Plus(const Ratio& other) const;
  // nullopt likewise, and where it would be below 0.
  std::optional<Ratio> Minus(const Ratio& other) const;

  // `units` times this. nullopt where it leaves int64.
  //
  // REQUIRES: |units| <= kMaxAmount.
  std::optional<int64_t> Of(int64_t units, Rounding rounding) const;

  bool IsOne() const { return numerator_ == denominator_; }
  // As a decimal of at most `places` places, cut off behind them.
  std::string ToString(int places = 6) const;

  friend bool operator==(const Ratio&, const Ratio&) = default;
  friend bool operator<(const Ratio& a, const Ratio& b);

 private:
  Ratio(absl::int128 numerator, absl::int128 denominator);
  std::optional<Ratio> Checked() const;

  absl::int128 numerator_ = 1;
  absl::int128 denominator_ = 1;
};

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_RATIO_H_
