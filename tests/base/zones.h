// SPDX-License-Identifier: Apache-2.0
//
// Instants and windows as the tests of this folder write them.
#ifndef LOYALTY_TESTS_BASE_ZONES_H_
#define LOYALTY_TESTS_BASE_ZONES_H_

#include <absl/time/time.h>
#include <gtest/gtest.h>

#include <string>

#include "base/window.h"

namespace loyalty::base {

inline absl::TimeZone Zone(const std::string& name) {
  absl::TimeZone zone;
  EXPECT_TRUE(absl::LoadTimeZone(name, &zone)) << name;
  return zone;
}

// An instant, as "2026-03-29T01:00:00Z" or with an offset.
inline absl::Time At(const std::string& text) {
  absl::Time time;
  std::string error;
  EXPECT_TRUE(absl::ParseTime(absl::RFC3339_full, text, &time, &error))
      << text << ": " << error;
  return time;
}

// Where the window of `period` that holds `when` begins, by that zone's clock.
inline std::string Start(const std::string& when, Period period,
                         const std::string& zone) {
  const int64_t start = WindowStart(At(when), period, Zone(zone));
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", absl::FromUnixSeconds(start),
                          Zone(zone));
}

}  // namespace loyalty::base

#endif  // LOYALTY_TESTS_BASE_ZONES_H_
