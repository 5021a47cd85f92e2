// SPDX-License-Identifier: Apache-2.0
//
// Rows: what a peer writes of an event. They are fixed, and made from the event
// alone: an event row and two posting rows, 150 bytes together as they are
// stored. What the engine decides does not come into it.
#ifndef LOYALTY_BENCH_ROWS_H_
#define LOYALTY_BENCH_ROWS_H_

#include <absl/container/flat_hash_map.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "loyalty/event.h"

namespace loyalty::bench {

struct PostingRow {
  int64_t account = 0;
  int64_t currency = 0;
  int64_t rule = 0;  // where the units come from
  int64_t units = 0;
};

struct EventRow {
  int64_t seq = 0;
  std::string id = {};
  int64_t type = 0;
  int64_t time = 0;
  int64_t recorded_at = 0;
  int64_t actor = 0;
  int64_t target = 0;
  std::string body = {};
  std::array<PostingRow, 2> postings = {};
};

// Numbers names in the order in which they come.
class RowMaker {
 public:
  EventRow Make(const Event& event);
  std::vector<EventRow> Make(std::span<const Event> events);

 private:
  using Numbers = absl::flat_hash_map<std::string, int64_t>;
  static int64_t NumberOf(Numbers& numbers, std::string_view name);

  int64_t seq_ = 0;
  Numbers types_ = {};
  Numbers members_ = {};
  Numbers objects_ = {};
};

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_ROWS_H_
