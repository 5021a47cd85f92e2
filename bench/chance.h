// SPDX-License-Identifier: Apache-2.0
//
// Chance: what is drawn when a workload is made. The standard library's
// distributions differ between implementations, so it is a generator of our
// own, SplitMix64: the same numbers on every machine.
#ifndef LOYALTY_BENCH_CHANCE_H_
#define LOYALTY_BENCH_CHANCE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace loyalty::bench {

class Chance {
 public:
  explicit Chance(uint64_t seed) : state_(seed) {}

  uint64_t Next() {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  // From 0 to `n` - 1.
  int Below(int n) {
    return static_cast<int>(Next() % static_cast<uint64_t>(n));
  }

 private:
  uint64_t state_;
};

// Draws ranks from 0: rank r is drawn in proportion to 1 / (r + 1).
class Zipf {
 public:
  explicit Zipf(int ranks) {
    up_to_.reserve(static_cast<size_t>(ranks));
    double sum = 0;
    for (int rank = 1; rank <= ranks; ++rank) {
      sum += 1.0 / rank;
      up_to_.push_back(sum);
    }
  }

  int Draw(Chance& chance) const {
    // 53 bits, as many as a double holds.
    const double point = static_cast<double>(chance.Next() >> 11) * 0x1p-53;
    const auto found =
        std::upper_bound(up_to_.begin(), up_to_.end(), point * up_to_.back());
    return static_cast<int>(std::min<std::ptrdiff_t>(
        found - up_to_.begin(),
        static_cast<std::ptrdiff_t>(up_to_.size()) - 1));
  }

 private:
  std::vector<double> up_to_;  // sums of the weights
};

}  // namespace loyalty::bench

#endif  // LOYALTY_BENCH_CHANCE_H_
