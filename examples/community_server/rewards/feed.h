// SPDX-License-Identifier: Apache-2.0
//
// Feed: outcomes in commit order for many streams, each at its own place. What
// is new is read once for all of them.
#ifndef COMMUNITY_REWARDS_FEED_H_
#define COMMUNITY_REWARDS_FEED_H_

#include <loyalty/outcome.h>

#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "rewards/rewards.h"

namespace community {

// Thread-safe.
class Feed {
 public:
  explicit Feed(Rewards& rewards) : rewards_(rewards) {}

  using Item = std::shared_ptr<const loyalty::Outcome>;
  // At most `limit` after `seq`. THROWS: Refusal.
  std::vector<Item> After(int64_t seq, int limit);

  // The newest there is. THROWS: Refusal.
  int64_t Newest();

 private:
  std::vector<Item> ReadAfter(int64_t seq, int limit);

  static constexpr size_t kKept = 2000;
  Rewards& rewards_;
  std::mutex mutex_;
  std::deque<Item> newest_ = {};  // in order, and none left out
};

}  // namespace community

#endif  // COMMUNITY_REWARDS_FEED_H_
