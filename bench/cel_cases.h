// SPDX-License-Identifier: Apache-2.0
//
// The three conditions that CEL is measured by, and facts to ask them about:
// of peers/cases.json, which the peers read as well.
#ifndef LOYALTY_BENCH_CEL_CASES_H_
#define LOYALTY_BENCH_CEL_CASES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace loyalty::bench {

// What a condition reads, as a host would have it without CEL.
struct Facts {
  std::string type = {};
  int64_t words = 0;
  double amount = 0;
  std::string currency = {};
  std::vector<std::string> tags = {};
  std::string title = {};
  int64_t time = 0;  // seconds since 1970
  std::string tier = {};
  bool suspended = false;
  // Not the event's, but its actor's:
  int64_t level = 0;
  int64_t points_30d = 0;
  int64_t since = 0;
};

struct Case {
  Facts facts = {};
  bool holds = false;
};

struct Condition {
  std::string_view name = {};        // as in cases.json
  std::string_view event_type = {};  // the one it asks for
  std::string_view source = {};
  bool (*by_hand)(const Facts&) = nullptr;
};

const std::vector<Condition>& Conditions();

// Of the first case the condition holds. Ends the program if there is no such
// file.
std::vector<Case> CasesOf(const Condition& condition);

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_CEL_CASES_H_
