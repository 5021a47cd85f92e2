// SPDX-License-Identifier: Apache-2.0
//
// Limits: what they leave of a gain, and what they have given out already.
#ifndef LOYALTY_LIB_CORE_LIMITS_H_
#define LOYALTY_LIB_CORE_LIMITS_H_

#include <absl/functional/function_ref.h>

#include <algorithm>
#include <cstdint>
#include <span>

#include "core/message.h"
#include "loyalty/outcome.h"
#include "model/entity.h"
#include "rules/compiled.h"

namespace loyalty::core {

// What limits have given out, wherever that is kept.
struct Spent {
  using See = absl::FunctionRef<void(int64_t second, int64_t used)>;

  absl::FunctionRef<int64_t(const model::CounterKey&)> in;
  // Calls `see` for each second from that of `first` to `last`, in any order.
  absl::FunctionRef<void(const model::CounterKey& first, int64_t last, See see)>
      each;
};

// Of a rolling limit: the most that any stretch of its length with the second
// of `counter` in it has.
int64_t MostAround(const rules::Limit& limit, const model::CounterKey& counter,
                   const Spent& spent);

// What `limit`, which counts in `counter`, has left for one more award: units,
// or times. Not below 0.
//
// A rolling limit of `most` in w seconds lets no stretch (s - w, s] have more
// than that. An award in second t lies in those with t <= s < t + w. In the
// order of time that is what the last w seconds have left; a late award must
// not fill a stretch that later ones have filled already.
inline int64_t RoomIn(const rules::Limit& limit,
                      const model::CounterKey& counter, const Spent& spent) {
  const int64_t used = limit.counter.rolling > 0
                           ? MostAround(limit, counter, spent)
                           : spent.in(counter);
  return std::max<int64_t>(0, limit.most - used);
}

struct LimitedGain {
  int64_t units = 0;
  CutReason cut = CutReason::kNone;
};

// What `limits`, in this order, leave of `asked`. Losses are left alone: nobody
// is spared one by a limit.
LimitedGain LimitGain(std::span<const LimitUse> limits, int64_t asked,
                      const Spent& spent);

// What an award of `limited` units adds to what `limit` counts in.
inline int64_t UseOf(const rules::Limit& limit, int64_t limited) {
  return limit.counts_times ? 1 : limited;
}

// Calls `use` with each counter of `limits`, once, and what an award of
// `limited` units, more than 0, adds to it.
template <typename Use>
void ForEachUse(std::span<const LimitUse> limits, int64_t limited,
                const Use& use) {
  for (const auto& [limit, counter] : limits) {
    if (!limit->comes_again) use(counter, UseOf(*limit, limited));
  }
}

// Calls `see` with each of `limits` that has too little left for `asked`.
template <typename See>
void ForEachShort(std::span<const LimitUse> limits, int64_t asked,
                  const Spent& spent, const See& see) {
  for (const LimitUse& use : limits) {
    const int64_t least = use.limit->counts_times ? 1 : asked;
    if (RoomIn(*use.limit, use.counter, spent) < least) see(use);
  }
}

}  // namespace loyalty::core

#endif  // LOYALTY_LIB_CORE_LIMITS_H_
