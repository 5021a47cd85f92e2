// SPDX-License-Identifier: Apache-2.0
//
// Random: numbers that are the same for the same seed on every machine. The
// standard's distributions are not, and floating point need not be, so all of
// it is in whole numbers.
#ifndef LOYALTY_TOOLS_RANDOM_H_
#define LOYALTY_TOOLS_RANDOM_H_

#include <array>
#include <cstdint>

namespace loyalty::command {

// xoshiro256**, seeded by splitmix64, both by Blackman and Vigna and in the
// public domain: https://prng.di.unimi.it
class Random {
 public:
  explicit Random(uint64_t seed);

  uint64_t Next();

  // 0 to `end` - 1. REQUIRES: 0 < end < 2^32.
  int64_t Below(int64_t end);

  // `first` to `last`. REQUIRES: first <= last, less than 2^32 apart.
  int64_t Between(int64_t first, int64_t last);

  // True `permille` times in a thousand.
  bool Chance(int64_t permille) { return Below(1000) < permille; }

  // From `shortest` to about `longest`, each doubling as likely as another:
  // most answers come soon, some come late. REQUIRES: 0 < shortest <= longest.
  int64_t Delay(int64_t shortest, int64_t longest);

 private:
  std::array<uint64_t, 4> state_;
};

}  // namespace loyalty::command

#endif  // LOYALTY_TOOLS_RANDOM_H_
