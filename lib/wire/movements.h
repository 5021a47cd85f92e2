// SPDX-License-Identifier: Apache-2.0
//
// Movements as a file keeps them: a JSON list of lists of integers, which SQL
// can take apart.
#ifndef LOYALTY_LIB_WIRE_MOVEMENTS_H_
#define LOYALTY_LIB_WIRE_MOVEMENTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/journal.h"

namespace loyalty::wire {

// One movement, its names as numbers; in the order in which they are written.
// The last three are left out where there is nothing to say.
struct MovementNumbers {
  int64_t kind = 0, member = 0, currency = 0, rule = 0, award = 0;
  int64_t asked = 0, limited = 0, units = 0, cut = 0, balance = 0, earned = 0;
  std::optional<int64_t> cap_window = {};
  int64_t cap_used = 0;
  std::vector<model::Position> reverses = {};
};

std::string TextOfMovements(const std::vector<MovementNumbers>& movements);

// nullopt if it is no such text.
std::optional<std::vector<MovementNumbers>> MovementsOfText(
    std::string_view text);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_MOVEMENTS_H_
