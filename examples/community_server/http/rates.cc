// SPDX-License-Identifier: Apache-2.0
//
// See rates.h.
#include "http/rates.h"

#include <algorithm>
#include <cmath>

namespace community {

int Rates::Take(const std::string& who) {
  if (per_second_ <= 0) return 0;
  const auto now = std::chrono::steady_clock::now();
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= forget_at_) Forget(now);
  const auto [found, is_new] =
      buckets_.try_emplace(who, Bucket{.left = at_once_, .at = now});
  Bucket& bucket = found->second;
  const std::chrono::duration<double> passed = now - bucket.at;
  bucket.left = std::min(at_once_, bucket.left + passed.count() * per_second_);
  bucket.at = now;
  if (bucket.left >= 1) {
    bucket.left -= 1;
    return 0;
  }
  return std::max(1,
                  static_cast<int>(std::ceil((1 - bucket.left) / per_second_)));
}

void Rates::Forget(std::chrono::steady_clock::time_point now) {
  std::erase_if(buckets_, [&](const auto& entry) {
    const std::chrono::duration<double> passed = now - entry.second.at;
    return entry.second.left + passed.count() * per_second_ >= at_once_;
  });
  forget_at_ = std::max<size_t>(1024, 2 * buckets_.size());
}

}  // namespace community
