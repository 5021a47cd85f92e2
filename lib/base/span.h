// SPDX-License-Identifier: Apache-2.0
//
// Span: a length of time as people say it, in days of the calendar and in
// hours, minutes and seconds of the clock.
#ifndef LOYALTY_LIB_BASE_SPAN_H_
#define LOYALTY_LIB_BASE_SPAN_H_

#include <absl/time/time.h>

#include <cstdint>
#include <optional>
#include <string_view>

namespace loyalty::base {

struct Span {
  int64_t days = 0;
  absl::Duration rest = absl::ZeroDuration();

  friend bool operator==(const Span&, const Span&) = default;
};

// "365d", "14d12h", "90m"; nullopt for what is no such text, is negative, or
// longer than a thousand years.
std::optional<Span> ParseSpan(std::string_view text);

// `when` and `span` later. A day later is the same time of day in `zone`, also
// where the clocks change in between; a time of day that they leave out is the
// one before it.
absl::Time After(absl::Time when, const Span& span, absl::TimeZone zone);

}  // namespace loyalty::base

#endif  // LOYALTY_LIB_BASE_SPAN_H_
