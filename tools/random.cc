// SPDX-License-Identifier: Apache-2.0
//
// See random.h.
#include "random.h"

#include <bit>

namespace loyalty::command {

Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) {
    seed += 0x9E3779B97F4A7C15;
    uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    word = z ^ (z >> 31);
  }
}

uint64_t Random::Next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

int64_t Random::Below(int64_t end) {
  // The upper 32 bits scaled: uneven by less than one in a billion.
  const uint64_t upper = Next() >> 32;
  return static_cast<int64_t>((upper * static_cast<uint64_t>(end)) >> 32);
}

int64_t Random::Between(int64_t first, int64_t last) {
  return first + Below(last - first + 1);
}

int64_t Random::Delay(int64_t shortest, int64_t longest) {
  const int doublings =
      std::bit_width(static_cast<uint64_t>(longest / shortest));
  const int64_t least = shortest << Below(doublings);
  return Between(least, 2 * least - 1);
}

}  // namespace loyalty::command
