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
// What comes behind `jump` is left out where there is nothing to say: nothing
// was cut or capped, nothing is undone, and there are no lots.
struct MovementNumbers {
  int64_t kind = 0, member = 0, currency = 0, rule = 0, award = 0;
  int64_t units = 0, balance = 0;
  int64_t earned_beyond = 0;  // what was earned, less the balance
  // How many entries ago the member's units were moved before, and in which
  // entry further back to look on (store/lines.h); 0 for nowhere.
  int64_t back = 0, jump = 0;
  int64_t asked = 0, limited = 0, cut = 0;
  std::optional<int64_t> cap_window = {};
  int64_t cap_used = 0;
  std::vector<model::Position> reverses = {};
  // Of currencies with lots. Microseconds; none for what never is.
  std::optional<int64_t> settled_at = {}, vests = {}, expires = {};
  std::optional<model::Position> of = {};

  int64_t earned() const;  // wraps where the bytes are none of ours
};

// Appends to `text`, which may keep its memory from call to call.
void AppendMovements(const std::vector<MovementNumbers>& movements,
                     std::string& text);

// False if it is no such text.
bool TakeMovements(std::string_view text,
                   std::vector<MovementNumbers>& movements);

}  // namespace loyalty::wire

#endif  // LOYALTY_LIB_WIRE_MOVEMENTS_H_
