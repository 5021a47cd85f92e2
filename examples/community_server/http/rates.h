// SPDX-License-Identifier: Apache-2.0
//
// Rates: how much of something each of many callers may do, by token buckets.
#ifndef COMMUNITY_HTTP_RATES_H_
#define COMMUNITY_HTTP_RATES_H_

#include <chrono>
#include <mutex>
#include <string>
#include <unordered_map>

namespace community {

// Thread-safe.
class Rates {
 public:
  // So many at once, and `per_second` more as time passes; 0: any number.
  Rates(double per_second, double at_once)
      : per_second_(per_second), at_once_(at_once) {}

  // Takes one for `who`. Returns 0, or the seconds until there will be one.
  int Take(const std::string& who);

 private:
  struct Bucket {
    double left = 0;
    std::chrono::steady_clock::time_point at = {};
  };

  // Forgets those whose bucket is full again, so that who has been here is not
  // kept for ever.
  void Forget(std::chrono::steady_clock::time_point now);

  const double per_second_;
  const double at_once_;
  std::mutex mutex_;
  std::unordered_map<std::string, Bucket> buckets_;
  size_t forget_at_ = 1024;  // buckets
};

}  // namespace community

#endif  // COMMUNITY_HTTP_RATES_H_
