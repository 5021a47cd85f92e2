// SPDX-License-Identifier: Apache-2.0
//
// See feed.h.
#include "rewards/feed.h"

#include <algorithm>
#include <utility>

#include "http/json.h"

namespace community {

std::vector<Feed::Item> Feed::ReadAfter(int64_t seq, int limit) {
  std::vector<Item> items;
  for (loyalty::Outcome& outcome :
       OrRefuse(rewards_.Look()->Feed(seq, limit))) {
    items.push_back(
        std::make_shared<const loyalty::Outcome>(std::move(outcome)));
  }
  return items;
}

std::vector<Feed::Item> Feed::After(int64_t seq, int limit) {
  {
    const std::lock_guard lock(mutex_);
    // Who is at the end has more read; the others find it here.
    if (newest_.empty() || newest_.back()->seq <= seq) {
      if (newest_.empty() || newest_.back()->seq < seq) newest_.clear();
      for (Item& item : ReadAfter(seq, limit)) {
        newest_.push_back(std::move(item));
      }
      while (newest_.size() > kKept) newest_.pop_front();
    }
    if (!newest_.empty() && newest_.front()->seq <= seq + 1) {
      const auto first = std::lower_bound(
          newest_.begin(), newest_.end(), seq + 1,
          [](const Item& item, int64_t from) { return item->seq < from; });
      const auto count = std::min<std::ptrdiff_t>(limit, newest_.end() - first);
      return {first, first + count};
    }
  }
  return ReadAfter(seq, limit);  // who comes from far behind
}

int64_t Feed::Newest() { return OrRefuse(rewards_.Look()->Head()).seq; }

}  // namespace community
