// SPDX-License-Identifier: Apache-2.0
//
// Position: where in the journal a movement is.
#ifndef LOYALTY_LIB_MODEL_POSITION_H_
#define LOYALTY_LIB_MODEL_POSITION_H_

#include <compare>
#include <cstdint>
#include <utility>

namespace loyalty::model {

struct Position {
  int64_t seq = 0;  // of the event, from 1
  int32_t n = 0;    // within the event, from 0

  friend auto operator<=>(const Position&, const Position&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Position& p) {
    return H::combine(std::move(h), p.seq, p.n);
  }
};

}  // namespace loyalty::model

#endif  // LOYALTY_LIB_MODEL_POSITION_H_
