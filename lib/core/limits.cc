// SPDX-License-Identifier: Apache-2.0
//
// See limits.h.
#include "core/limits.h"

#include <absl/container/inlined_vector.h>

#include <algorithm>
#include <utility>

namespace loyalty::core {

int64_t MostAround(const rules::Limit& limit, const model::CounterKey& counter,
                   const Spent& spent) {
  const int64_t now = counter.window;
  const int64_t length = limit.counter.rolling;
  absl::InlinedVector<std::pair<int64_t, int64_t>, 8> used;
  model::CounterKey first = counter;
  first.window = now - length + 1;
  spent.each(first, now + length - 1, [&](int64_t second, int64_t units) {
    used.emplace_back(second, units);
  });
  std::sort(used.begin(), used.end());
  // The stretch that ends now, and then those that end with a later award.
  int64_t sum = 0;
  auto next = used.begin();
  for (; next != used.end() && next->first <= now; ++next) sum += next->second;
  int64_t most = sum;
  auto oldest = used.begin();
  for (; next != used.end(); ++next) {
    sum += next->second;
    for (; oldest->first <= next->first - length; ++oldest) {
      sum -= oldest->second;
    }
    most = std::max(most, sum);
  }
  return most;
}

LimitedGain LimitGain(std::span<const LimitUse> limits, int64_t asked,
                      const Spent& spent) {
  LimitedGain gain{.units = asked};
  if (asked <= 0) return gain;
  for (const auto& [limit, counter] : limits) {
    const int64_t room = RoomIn(*limit, counter, spent);
    if (room == 0) return {.units = 0, .cut = limit->reason};
    if (limit->counts_times || room >= gain.units) continue;
    gain = {.units = room, .cut = limit->reason};
  }
  return gain;
}

}  // namespace loyalty::core
